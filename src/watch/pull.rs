//! The repository of `desired/`, followed: fetched every so often and moved forward to what the branch's
//! upstream has. Never rewritten, never merged: where the two went apart a person has to act. What is checked
//! out is read by the watcher like any edit, so files that are invalid leave the last good ones in force.

use super::git_program::{git, said};
use super::settle::NowMs;
use rustix::process::{Pid, Signal, kill_process_group};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A `git` that takes longer is ended: a server that says nothing must not keep the next try.
const AT_MOST: Duration = Duration::from_secs(60);

/// How the repository is followed.
#[derive(Debug, Clone)]
pub struct PullSettings {
    /// The folder with the four files, in a work tree of the repository.
    pub dir: PathBuf,
    /// How often.
    pub every: Duration,
    /// The deploy key for `ssh`; git's own configuration where there is none.
    pub key: Option<PathBuf>,
    /// The hosts that `ssh` believes; its own list where there is none.
    pub known_hosts: Option<PathBuf>,
    /// Whether the newest commit must carry a signature that git believes.
    pub verify: bool,
}

/// Why what the upstream has is not checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPulled {
    /// Since when, in ms since 1970.
    pub since_ms: u64,
    /// What was tried, and what git said.
    pub why: String,
    /// What a person has to do.
    pub remedy: &'static str,
}

/// What went wrong at one try.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trouble {
    why: String,
    remedy: &'static str,
}

const REACH: &str = "see that this host reaches the repository with the deploy key (--git-key, --git-known-hosts): \
                     `git fetch` as the service's user says more; it is tried again by itself";
const UPSTREAM: &str = "set what the branch follows: `git branch --set-upstream-to=origin/main`, in a clone that is \
                        the service's own";
const APART: &str = "somebody rewrote the branch, or committed in the service's clone: look at both, then \
                     `git reset --hard @{upstream}` there if the upstream is right";
const SIGNATURE: &str = "have the commit signed by somebody whom git believes here (`git verify-commit` says whom), or \
                         push one that is; without --git-verify every commit is taken";
const LOCK: &str = "a git was ended in the middle of its work: see that none runs in the service's clone, then remove the \
                    lock file that git names";
const WORK_TREE: &str = "the service's clone has changes of its own: `git status` there shows them; commit them elsewhere and \
                         `git checkout -- .`";

/// Follows the repository until `shutdown`; says what is wrong while something is.
#[must_use]
pub fn follow(
    settings: PullSettings,
    now: NowMs,
    shutdown: CancellationToken,
) -> watch::Receiver<Option<NotPulled>> {
    let (say, said) = watch::channel(None::<NotPulled>);
    tokio::spawn(async move {
        let work = async {
            loop {
                let trouble = pull(&settings).await.err();
                if let Some(trouble) = &trouble {
                    tracing::warn!(
                        "the repository cannot be followed: {}; {}",
                        trouble.why,
                        trouble.remedy
                    );
                }
                say.send_modify(|known| {
                    *known = trouble.map(|Trouble { why, remedy }| {
                        let since_ms = known.as_ref().map_or_else(|| now(), |known| known.since_ms);
                        NotPulled { since_ms, why, remedy }
                    });
                });
                tokio::time::sleep(settings.every).await;
            }
        };
        shutdown.run_until_cancelled(work).await;
    });
    said
}

/// One look at the upstream, and what it has, checked out.
async fn pull(settings: &PullSettings) -> Result<(), Trouble> {
    let dir = &settings.dir;
    run(settings, &["rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"], UPSTREAM)
        .await?;
    // What is gone there is gone here: a branch that was renamed is not followed in silence.
    run(settings, &["fetch", "--quiet", "--prune", "--no-tags", "--no-recurse-submodules"], REACH)
        .await?;
    let here = run(settings, &["rev-parse", "HEAD"], UPSTREAM).await?;
    let there = run(settings, &["rev-parse", "@{upstream}^{commit}"], UPSTREAM).await?;
    if here == there {
        return Ok(());
    }
    run(settings, &["merge-base", "--is-ancestor", &here, &there], APART).await.map_err(|_| {
        Trouble {
            why: format!(
                "HEAD ({here}) of {} is not behind its upstream ({there}): the two went apart",
                dir.display()
            ),
            remedy: APART,
        }
    })?;
    if settings.verify {
        run(settings, &["verify-commit", &there], SIGNATURE).await.map_err(|trouble| Trouble {
            why: format!("the signature of {there} is not believed: {}", trouble.why),
            ..trouble
        })?;
    }
    run(settings, &["merge", "--ff-only", "--quiet", "--no-autostash", &there], WORK_TREE).await?;
    tracing::info!(from = %here, to = %there, "the repository was followed");
    Ok(())
}

/// What a git command prints, in a time that is bounded.
async fn run(
    settings: &PullSettings,
    words: &[&str],
    remedy: &'static str,
) -> Result<String, Trouble> {
    let verb = words.first().copied().unwrap_or_default();
    let trouble = |why: String| {
        let remedy = if why.contains(".lock'") { LOCK } else { remedy };
        Trouble { why: format!("git {verb}: {why}"), remedy }
    };
    let mut git = Command::from(git(&settings.dir));
    if let Some(ssh) = ssh(settings.key.as_deref(), settings.known_hosts.as_deref()) {
        git.env("GIT_SSH_COMMAND", ssh);
    }
    // A group of its own: git's helpers, which speak to the other side, end with it.
    git.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = git.spawn().map_err(|error| trouble(format!("`git` cannot be run: {error}")))?;
    let group = Group(child.id());
    let output = match tokio::time::timeout(AT_MOST, child.wait_with_output()).await {
        Ok(output) => {
            group.has_ended();
            output.map_err(|error| trouble(format!("`git` cannot be run: {error}")))?
        }
        Err(_) => return Err(trouble(format!("no answer within {} s", AT_MOST.as_secs()))),
    };
    if !output.status.success() {
        return Err(trouble(said(&output)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A git and its helpers: told to end when nobody waits for them any more, so that git takes its locks
/// away.
struct Group(Option<u32>);

impl Group {
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let id = self.0.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            // One that has ended by itself meanwhile is fine.
            let _ = kill_process_group(id, Signal::TERM);
        }
    }
}

/// The `ssh` that knows one key and asks nobody; `None` where git is to use its own.
fn ssh(key: Option<&Path>, known_hosts: Option<&Path>) -> Option<String> {
    if key.is_none() && known_hosts.is_none() {
        return None;
    }
    let quoted = |path: &Path| format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"));
    let key = key.map(|key| format!(" -i {} -o IdentitiesOnly=yes", quoted(key)));
    let hosts = known_hosts.map(|file| format!(" -o UserKnownHostsFile={}", quoted(file)));
    Some(format!(
        "ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o StrictHostKeyChecking=yes{}{}",
        key.unwrap_or_default(),
        hosts.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::super::git_object::testing::{commit, git, repository};
    use super::*;

    /// An upstream and the service's clone of it.
    fn clone() -> (tempfile::TempDir, tempfile::TempDir, PullSettings) {
        let (upstream, _) = repository();
        git(upstream.path(), &["checkout", "--quiet", "-b", "main"]);
        std::fs::write(upstream.path().join("plans.yaml"), "one").unwrap();
        push(upstream.path(), "One");
        let clone = tempfile::tempdir().unwrap();
        git(clone.path(), &["clone", "--quiet", upstream.path().to_str().unwrap(), "."]);
        let every = Duration::from_millis(30);
        let dir = clone.path().to_owned();
        let settings = PullSettings { dir, every, key: None, known_hosts: None, verify: false };
        (upstream, clone, settings)
    }

    fn push(dir: &Path, subject: &str) -> String {
        git(dir, &["add", "."]);
        commit(dir, subject)
    }

    fn text(dir: &Path) -> String {
        std::fs::read_to_string(dir.join("plans.yaml")).unwrap()
    }

    #[tokio::test]
    async fn what_the_upstream_has_is_checked_out_and_what_cannot_be_is_said_until_it_can() {
        let (upstream, clone, settings) = clone();
        assert_eq!(pull(&settings).await, Ok(()));
        std::fs::write(upstream.path().join("plans.yaml"), "two").unwrap();
        push(upstream.path(), "Two");
        assert_eq!(pull(&settings).await, Ok(()));
        assert_eq!(text(clone.path()), "two");
        // Gone for a while.
        let (stop, path) = (CancellationToken::new(), upstream.path().to_owned());
        let away = path.with_extension("away");
        std::fs::rename(&path, &away).unwrap();
        let mut said = follow(settings.clone(), std::sync::Arc::new(|| 7), stop.clone());
        let deadline = Duration::from_secs(20);
        let failed = tokio::time::timeout(deadline, said.wait_for(Option::is_some)).await;
        let trouble = failed.unwrap().unwrap().clone().unwrap();
        assert!(trouble.why.starts_with("git fetch: ") && trouble.since_ms == 7, "{trouble:?}");
        assert_eq!(text(clone.path()), "two", "the last good one stays");
        std::fs::rename(&away, &path).unwrap();
        tokio::time::timeout(deadline, said.wait_for(Option::is_none)).await.unwrap().unwrap();
        stop.cancel();
    }

    #[tokio::test]
    async fn a_rewritten_branch_and_changes_of_its_own_are_left_to_a_person() {
        let (upstream, clone, settings) = clone();
        std::fs::write(clone.path().join("plans.yaml"), "by hand").unwrap();
        std::fs::write(upstream.path().join("plans.yaml"), "two").unwrap();
        push(upstream.path(), "Two");
        let trouble = pull(&settings).await.unwrap_err();
        assert!(
            trouble.why.starts_with("git merge: ") && trouble.remedy == WORK_TREE,
            "{trouble:?}"
        );
        assert_eq!(text(clone.path()), "by hand");
        git(clone.path(), &["checkout", "--quiet", "--", "."]);
        assert_eq!(pull(&settings).await, Ok(()));
        git(upstream.path(), &["commit", "--quiet", "--amend", "-m", "Two, again"]);
        let trouble = pull(&settings).await.unwrap_err();
        assert!(trouble.why.contains("went apart") && trouble.remedy == APART, "{trouble:?}");
        assert_eq!(text(clone.path()), "two");
    }

    #[tokio::test]
    async fn with_verify_a_commit_that_nobody_signed_is_not_taken() {
        let (upstream, clone, settings) = clone();
        let settings = PullSettings { verify: true, ..settings };
        assert_eq!(pull(&settings).await, Ok(()), "nothing is new");
        std::fs::write(upstream.path().join("plans.yaml"), "two").unwrap();
        push(upstream.path(), "Two");
        let trouble = pull(&settings).await.unwrap_err();
        assert!(
            trouble.why.contains("is not believed") && trouble.remedy == SIGNATURE,
            "{trouble:?}"
        );
        assert_eq!(text(clone.path()), "one");
    }

    #[tokio::test]
    async fn an_upstream_that_is_gone_is_said() {
        let (upstream, _clone, settings) = clone();
        git(upstream.path(), &["branch", "--move", "elsewhere"]);
        assert_eq!(pull(&settings).await.unwrap_err().remedy, UPSTREAM);
    }

    #[tokio::test]
    async fn a_lock_that_was_left_behind_is_named() {
        let (upstream, clone, settings) = clone();
        std::fs::write(upstream.path().join("plans.yaml"), "two").unwrap();
        push(upstream.path(), "Two");
        std::fs::write(clone.path().join(".git/index.lock"), "").unwrap();
        let trouble = pull(&settings).await.unwrap_err();
        assert!(trouble.remedy == LOCK && trouble.why.contains("index.lock"), "{trouble:?}");
    }

    /// A host that accepts and says nothing.
    #[tokio::test]
    async fn whoever_stops_waiting_for_git_leaves_none_of_its_processes_behind() {
        let (_upstream, clone, settings) = clone();
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", silent.local_addr().unwrap());
        git(clone.path(), &["remote", "set-url", "origin", &url]);
        let waiting = tokio::spawn(async move { pull(&settings).await });
        let there = || {
            let all = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
            let lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
            lines.filter(|line| String::from_utf8_lossy(line).contains(&url)).count()
        };
        let until = async |wanted: &dyn Fn(usize) -> bool| {
            while !wanted(there()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let deadline = Duration::from_secs(20);
        tokio::time::timeout(deadline, until(&|n| n > 0)).await.expect("its helper asks");
        waiting.abort();
        tokio::time::timeout(deadline, until(&|n| n == 0)).await.expect("its helper has ended");
    }

    #[tokio::test]
    async fn a_folder_without_an_upstream_says_what_to_set() {
        let (alone, _) = repository();
        commit(alone.path(), "One");
        let dir = alone.path().to_owned();
        let every = Duration::from_secs(1);
        let settings = PullSettings { dir, every, key: None, known_hosts: None, verify: false };
        assert_eq!(pull(&settings).await.unwrap_err().remedy, UPSTREAM);
    }

    #[test]
    fn the_deploy_key_is_the_only_one_and_its_path_is_one_word_for_the_shell() {
        assert_eq!(ssh(None, None), None);
        let ssh = ssh(Some(Path::new("/k/it's")), Some(Path::new("/k/hosts"))).unwrap();
        assert!(ssh.contains(r"-i '/k/it'\''s' -o IdentitiesOnly=yes"), "{ssh}");
        assert!(
            ssh.contains("BatchMode=yes") && ssh.ends_with("UserKnownHostsFile='/k/hosts'"),
            "{ssh}"
        );
    }
}
