//! `nebulalinks history` and `rollback`: which files were in force, since when and by whom, and how an edit is
//! taken back. Neither writes anything: git has the last word.

use super::out;
use super::tables::absolute;
use crate::catalog::{Commit, DesiredFile};
use crate::config::Places;
use crate::watch::{Taken, commits_between, files_at, history};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Stands behind a commit whose files were edited since.
const EDITED: &str = "*";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A line a revision.
    Table,
    /// All there is, for tools.
    Json,
}

/// Which revisions of the files were in force, the newest first.
#[derive(Debug, Args)]
pub struct HistoryCommand {
    /// How to show it
    #[arg(short = 'o', long = "output", value_enum, default_value = "table", value_name = "FORM")]
    form: Form,
    #[command(flatten)]
    places: Places,
}

/// How to take the files back to an earlier revision. Writes nothing: it says the command for git.
#[derive(Debug, Args)]
pub struct RollbackCommand {
    /// The revision or the commit to go back to, or how it begins [default: the one before]
    to: Option<String>,
    #[command(flatten)]
    places: Places,
}

impl HistoryCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let known = known(&self.places)?;
        let taken = seen(&self.places, &known);
        out::print(&match self.form {
            Form::Table => table(&taken),
            Form::Json => {
                let rows: Vec<Value> = taken.iter().map(row).collect();
                format!("{:#}\n", json!({ "revisions": rows }))
            }
        })
    }
}

fn known(places: &Places) -> Result<Vec<Taken>, String> {
    let taken = history(&places.state);
    if taken.is_empty() {
        return Err(format!(
            "{} has no files that were in force: is it the state folder, and this its user?",
            places.state.display()
        ));
    }
    Ok(taken)
}

/// A revision, and whether its commit has these very files; `None` where nobody can say.
struct Seen<'t> {
    taken: &'t Taken,
    as_committed: Option<bool>,
}

/// The commit that is noted is the one that was checked out, also where files were edited after it.
fn seen<'t>(places: &Places, all: &'t [Taken]) -> Vec<Seen<'t>> {
    let mut asked: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let seen = all.iter().map(|taken| {
        let committed = taken.commit.as_ref().and_then(|commit| {
            let revision = || Some(files_at(&places.desired, &commit.id).ok()?.revision());
            asked.entry(&commit.id).or_insert_with(revision).clone()
        });
        Seen { taken, as_committed: committed.map(|revision| revision == taken.revision) }
    });
    seen.collect()
}

fn row(Seen { taken, as_committed }: &Seen<'_>) -> Value {
    json!({
        "revision": taken.revision,
        "since_ms": taken.since_ms,
        "commit": taken.commit,
        "as_committed": as_committed,
    })
}

fn table(all: &[Seen<'_>]) -> String {
    let mut out = String::from(
        "REVISION      IN FORCE SINCE             COMMIT      AUTHOR           SUBJECT\n",
    );
    for Seen { taken, as_committed } in all {
        let since = taken
            .since_ms
            .map_or_else(|| "before it was noted".to_owned(), |ms| absolute(&json!(ms)));
        let commit = taken.commit.as_ref();
        let (id, author, subject) = commit.map_or(("-", "-", "-"), |c| {
            (c.short(), c.author.as_deref().unwrap_or("-"), c.subject.as_deref().unwrap_or("-"))
        });
        let author: String = author.chars().take(16).collect();
        let edited = if *as_committed == Some(false) { EDITED } else { "" };
        let id = format!("{id}{edited}");
        let _ = writeln!(out, "{:<13} {since:<26} {id:<11} {author:<16} {subject}", taken.revision);
    }
    if all.iter().any(|seen| seen.as_committed == Some(false)) {
        let _ = writeln!(out, "{EDITED} edited by hand after that commit");
    }
    out
}

impl RollbackCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let all = known(&self.places)?;
        let Some((current, earlier)) = all.split_first() else { return Ok(()) };
        let target = match &self.to {
            None => earlier.first().ok_or("there is no revision before the one in force")?,
            Some(asked) => found(asked, earlier)?,
        };
        out::print(&self.advice(current, target))
    }

    fn advice(&self, current: &Taken, target: &Taken) -> String {
        let dir = &self.places.desired;
        let mut out = format!("in force: {}\nback to:  {}\n\n", line(current), line(target));
        // What was edited by hand after a commit is not what that commit has.
        let has_it = |commit: &&Commit| {
            files_at(dir, &commit.id).is_ok_and(|files| files.revision() == target.revision)
        };
        let Some(then) = target.commit.as_ref().filter(has_it) else {
            let kept = self.kept(target);
            let _ = writeln!(
                out,
                "No commit here has exactly these files. They are kept in {kept}; look at what going back would do:\n\
                 \x20   nebulalinks diff {kept}\nthen, in the folder of these files in a clone where you work:"
            );
            let there = |folder: &Path| {
                DesiredFile::ALL
                    .map(DesiredFile::name)
                    .map(|name| folder.join(name).exists().then_some(name))
            };
            let (then, now) = (there(Path::new(&kept)), there(dir));
            for name in then.into_iter().flatten() {
                let _ = writeln!(out, "    cp {kept}/{name} .");
            }
            for name in now.into_iter().flatten().filter(|name| !then.contains(&Some(name))) {
                let _ = writeln!(out, "    rm {name}");
            }
            let _ = writeln!(out, "and commit and push.");
            return out;
        };
        let undone = current.commit.as_ref().and_then(|now| {
            commits_between(dir, &then.id, &now.id).ok().filter(|commits| !commits.is_empty())
        });
        if let Some(commits) = undone {
            let _ = writeln!(out, "what that takes back, the newest first:");
            for commit in &commits {
                let subject = commit.subject.as_deref().unwrap_or("-");
                let _ = writeln!(out, "    {}  {subject}", commit.short());
            }
            out.push('\n');
        }
        let _ = writeln!(
            out,
            "what that would do:\n    nebulalinks diff {} --to {short}\nthe commands, in the folder of these files in a clone where \
             you work:\n    git restore --source={} --staged --worktree -- .\n    git commit -m \"Go back to {short}\" && git push",
            dir.display(),
            then.id,
            short = then.short()
        );
        out
    }

    fn kept(&self, taken: &Taken) -> String {
        self.places.state.join("last-good-catalog").join(&taken.revision).display().to_string()
    }
}

/// The one that is meant.
fn found<'t>(asked: &str, earlier: &'t [Taken]) -> Result<&'t Taken, String> {
    let asked = asked.trim().to_ascii_lowercase();
    let is_meant = |taken: &&Taken| {
        let commit = taken.commit.as_ref().map(|c| c.id.as_str());
        asked.len() >= 4
            && (taken.revision.starts_with(&asked)
                || commit.is_some_and(|id| id.starts_with(&asked)))
    };
    let mut meant = earlier.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(format!("`{asked}` begins several revisions: type more of one")),
        (None, _) => Err(format!(
            "no earlier revision begins with `{asked}`: `nebulalinks history` lists those that are kept"
        )),
    }
}

fn line(taken: &Taken) -> String {
    let commit = taken.commit.as_ref();
    let commit = commit.map(|c| {
        let subject = c.subject.as_deref().unwrap_or("-");
        format!(" (commit {} \"{subject}\" by {})", c.short(), c.author.as_deref().unwrap_or("-"))
    });
    format!("{}{}", taken.revision, commit.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::process::Command;

    fn git(dir: &std::path::Path, words: &[&str]) -> String {
        let me = ["-c", "user.name=Nadia", "-c", "user.email=n@example.com"];
        let out = Command::new("git").current_dir(dir).args(me).args(words).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn what_was_edited_after_its_commit_is_marked() {
        let desired = tempfile::tempdir().unwrap();
        git(desired.path(), &["init", "--quiet"]);
        std::fs::write(desired.path().join("plans.yaml"), "plans: []\n").unwrap();
        git(desired.path(), &["add", "."]);
        git(desired.path(), &["commit", "--quiet", "-m", "First prices"]);
        let commit = Commit::of_id(git(desired.path(), &["rev-parse", "HEAD"]));
        let committed = files_at(desired.path(), "HEAD").unwrap().revision();
        let of = |revision: &str, commit: &Commit| Taken {
            revision: revision.to_owned(),
            since_ms: Some(1_795_255_200_000),
            commit: Some(commit.clone()),
        };
        let elsewhere = Commit::of_id("ab".repeat(20));
        let all = [of("5e839d1e4ec1", &commit), of(&committed, &commit), of("17e20f", &elsewhere)];
        let places = Places { desired: desired.path().to_owned(), state: PathBuf::new() };
        let seen = seen(&places, &all);
        let marks: Vec<_> = seen.iter().map(|seen| seen.as_committed).collect();
        assert_eq!(marks, [Some(false), Some(true), None]);
        let table = table(&seen);
        assert_eq!(table.matches(&format!("{}* ", commit.short())).count(), 1, "{table}");
        assert!(table.ends_with("* edited by hand after that commit\n"), "{table}");
    }
}
