//! What `git` itself answers when it is asked, for commands and for following a repository. It runs as the
//! user who asks, with that user's configuration, and without anything that a repository may bring to be run:
//! no hooks, no file monitor, no prompt.

use crate::catalog::{Commit, DesiredFile, Files, MAX_FILE_BYTES, Source};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A `git` in a folder.
pub(super) fn git(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(dir);
    git.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
    // A host that accepts and says nothing is left by git's own helpers.
    git.args(["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30"]);
    // Inside of a hook these name another repository than the folder's.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        git.env_remove(name);
    }
    for (name, value) in
        [("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0"), ("LC_ALL", "C")]
    {
        git.env(name, value);
    }
    git.stdin(Stdio::null());
    git
}

/// What it prints.
pub(super) fn ask<W: AsRef<OsStr>>(
    dir: &Path,
    words: impl IntoIterator<Item = W>,
) -> Result<Vec<u8>, String> {
    let output = git(dir).args(words).output();
    let output = output.map_err(|error| format!("`git` cannot be run: {error}"))?;
    if output.status.success() { Ok(output.stdout) } else { Err(said(&output)) }
}

/// Its first words, on one line: the cause comes first, advice after it. Who signs in stands in no address.
pub(super) fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.take(3).collect::<Vec<_>>().join("; ");
    if first.is_empty() { format!("git ended with {}", output.status) } else { nameless(&first) }
}

/// A text without the user names, tokens among them, of the addresses in it.
fn nameless(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(after.len());
        let (host, path) = after.split_at_checked(end).unwrap_or((after, ""));
        out.push_str(host.rsplit_once('@').map_or(host, |(_, host)| host));
        rest = path;
    }
    out + rest
}

/// The four files of a folder as a revision of its repository has them.
///
/// # Errors
/// When there is no such revision, or no repository, or no `git`.
pub fn files_at(dir: &Path, revision: &str) -> Result<Files, String> {
    let commit = commit_of(dir, revision)?;
    let mut files = Files { commit: Some(commit.clone()), ..Files::default() };
    for file in DesiredFile::ALL {
        // Below the folder that is asked in, wherever it lies in the repository.
        let object = format!("{}:./{}", commit.id, file.name());
        let size = match ask(dir, ["cat-file", "-s", &object]) {
            Ok(size) => size,
            // Git's words for a path that a commit has not; anything else is no answer.
            Err(why) if why.contains("does not exist in") || why.contains("but not in") => continue,
            Err(why) => return Err(format!("{} of {revision} cannot be read: {why}", file.name())),
        };
        let size: u64 = String::from_utf8_lossy(&size).trim().parse().unwrap_or(u64::MAX);
        if size > MAX_FILE_BYTES {
            files.set(file, Source::TooLarge);
            continue;
        }
        files.set(file, Source::from_bytes(ask(dir, ["cat-file", "blob", &object])?));
    }
    Ok(files)
}

/// A commit by any name that git knows for it.
pub(super) fn commit_of(dir: &Path, revision: &str) -> Result<Commit, String> {
    let named = format!("{revision}^{{commit}}");
    let id = ask(dir, ["rev-parse", "--verify", "--end-of-options", &named]).map_err(|why| {
        format!("`{revision}` is no commit of the repository around {}: {why}", dir.display())
    })?;
    let id = String::from_utf8_lossy(&id).trim().to_owned();
    let said = ask(dir, ["log", "-1", "--no-show-signature", "--format=%an%x00%s", &id])?;
    let said = String::from_utf8_lossy(&said);
    let (author, subject) = said.split_once('\0').unwrap_or_default();
    Ok(Commit::of_id(id).saying(author, subject))
}

/// The commits that changed a folder after one and up to another, the newest first; none where the first is not
/// behind the second.
///
/// # Errors
/// When git knows one of them not, or there is no repository, or no `git`.
pub fn commits_between(dir: &Path, after: &str, up_to: &str) -> Result<Vec<Commit>, String> {
    let ends = [commit_of(dir, after)?.id, commit_of(dir, up_to)?.id];
    let [after, up_to] = &ends;
    if ask(dir, ["merge-base", "--is-ancestor", after, up_to]).is_err() {
        return Ok(Vec::new());
    }
    let range = format!("{after}..{up_to}");
    let words = [
        "log",
        "--no-merges",
        "--no-show-signature",
        "--format=%H%x00%an%x00%s",
        &range,
        "--",
        ".",
    ];
    let log = ask(dir, words)?;
    let commit = |line: &str| {
        let mut parts = line.splitn(3, '\0');
        let (id, author, subject) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Commit::of_id(id.to_owned()).saying(author, subject))
    };
    Ok(String::from_utf8_lossy(&log).lines().filter_map(commit).collect())
}

#[cfg(test)]
mod tests {
    use super::super::git_object::testing::{commit, git, repository};
    use super::*;

    #[test]
    fn the_files_of_a_revision_are_those_that_were_committed_then() {
        let (root, _) = repository();
        let desired = root.path().join("shop/desired");
        std::fs::create_dir_all(&desired).unwrap();
        std::fs::write(desired.join("plans.yaml"), "one").unwrap();
        git(root.path(), &["add", "."]);
        let first = commit(root.path(), "One");
        std::fs::write(desired.join("plans.yaml"), "two").unwrap();
        std::fs::write(desired.join("shop.yaml"), [0xff]).unwrap();
        git(root.path(), &["add", "."]);
        commit(root.path(), "Two");
        let before = files_at(&desired, "HEAD~1").unwrap();
        assert_eq!(before.plans, Source::from("one"));
        assert_eq!((before.shop, before.servers), (Source::Missing, Source::Missing));
        let by = before.commit.unwrap();
        assert_eq!((&*by.id, by.subject.as_deref()), (&*first, Some("One")));
        let after = files_at(&desired, "HEAD").unwrap();
        assert_eq!(after.plans, Source::from("two"));
        assert!(matches!(after.shop, Source::NotUtf8 { .. }));
    }

    #[test]
    fn the_commits_between_are_those_that_changed_the_folder_the_newest_first() {
        let (root, _) = repository();
        let file = root.path().join("plans.yaml");
        let edit = |text: &str| {
            std::fs::write(&file, text).unwrap();
            git(root.path(), &["add", "."]);
            commit(root.path(), text)
        };
        let ids = [edit("One"), edit("Two"), commit(root.path(), "Elsewhere"), edit("Three")];
        let said = |a: &str, b: &str| -> Vec<String> {
            commits_between(root.path(), a, b)
                .unwrap()
                .into_iter()
                .filter_map(|c| c.subject)
                .collect()
        };
        assert_eq!(said(&ids[0], &ids[3]), ["Three", "Two"]);
        assert_eq!(said(&ids[3], &ids[0]), [""; 0], "it is not behind");
    }

    #[test]
    fn what_git_says_begins_with_the_cause_and_names_no_token() {
        let output = |text: &str| Output {
            status: std::process::ExitStatus::default(),
            stdout: Vec::new(),
            stderr: text.as_bytes().to_vec(),
        };
        let ssh = "ssh: connect to host git port 22: Connection refused\nfatal: Could not read\n\nPlease \
                   make sure\nand the repository exists.";
        assert!(
            said(&output(ssh))
                .starts_with("ssh: connect to host git port 22: Connection refused; fatal")
        );
        let token =
            "fatal: could not read Password for 'https://ghp_SECRET@git.example:8443/x y://z@w'";
        let said = said(&output(token));
        assert_eq!(said, "fatal: could not read Password for 'https://git.example:8443/x y://w'");
    }

    #[test]
    fn the_environment_of_a_hook_and_a_bare_repository_are_told_from_a_missing_file() {
        let (root, _) = repository();
        commit(root.path(), "One");
        assert_eq!(files_at(root.path(), "HEAD").unwrap().plans, Source::Missing);
        let bare = tempfile::tempdir().unwrap();
        let from = root.path().to_string_lossy();
        git(bare.path(), &["clone", "--quiet", "--bare", &from, "."]);
        let why = files_at(bare.path(), "HEAD").unwrap_err();
        assert!(why.starts_with("plans.yaml of HEAD cannot be read: "), "{why}");
        let hook = super::git(root.path());
        let gone = hook.get_envs().filter(|(_, value)| value.is_none());
        assert!(gone.map(|(name, _)| name).any(|name| name == "GIT_DIR"));
    }

    #[test]
    fn what_is_no_revision_is_no_option_either() {
        let (root, _) = repository();
        commit(root.path(), "One");
        for bad in ["nothing", "--help", "-n1", "HEAD^{tree}", ""] {
            let why = files_at(root.path(), bad).unwrap_err();
            assert!(why.contains("is no commit") && !why.contains('\n'), "{bad}: {why}");
        }
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(files_at(elsewhere.path(), "HEAD").is_err());
    }
}
