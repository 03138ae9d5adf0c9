//! What a start begins with: the story is told once, in a state that is new. One that was broken off is
//! told again from its beginning, in the state as it was before: time never goes back, and a new Discord
//! knows no messages of before.

use crate::system::private_folder;
use crate::trouble::Trouble;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// The file that lies in the sandbox's folder from before the story until it was told.
const BEGUN: &str = "story-begun";

/// What a start begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// The story, in a state that is new, or that was so until a story which was broken off.
    Story(Begun),
    /// Nothing, as was asked for.
    Quiet,
    /// Nothing: this state has had its story.
    Known,
    /// Nothing: it has the beginning of one, beside things of before, or another sandbox tells it now.
    BrokenOff,
}

/// What is remembered of a story that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    /// The process that tells it.
    pid: u32,
    /// What lay in the state's folder before, by name.
    before: Vec<String>,
}

impl Begun {
    /// Nothing of a store lay there before: only what a fresh clone has.
    fn was_new(&self) -> bool {
        self.before.iter().all(|name| name.starts_with('.') || name == "README.md")
    }

    fn is_told_now(&self) -> bool {
        self.pid != std::process::id() && Path::new("/proc").join(self.pid.to_string()).exists()
    }

    /// Makes the state as it was before, and remembers that the story begins.
    pub(super) fn begin(&self, state: &Path) -> Result<(), Trouble> {
        let root = state.join("sandbox");
        if root.join(BEGUN).exists() {
            clear(state, &self.before).map_err(Trouble::while_doing("make the state new again"))?;
        }
        private_folder(&root)?;
        let text = serde_json::to_string(&Self { pid: std::process::id(), ..self.clone() });
        text.map_err(io::Error::other)
            .and_then(|text| fs::write(root.join(BEGUN), text))
            .map_err(Trouble::while_doing("begin the story"))
    }
}

impl Opening {
    /// Only a state that is new can begin in the past, and end now.
    pub(super) fn of(quiet: bool, state: &Path) -> Self {
        let root = state.join("sandbox");
        if quiet {
            return Self::Quiet;
        }
        if !root.exists() {
            return Self::Story(Begun { pid: 0, before: names(state) });
        }
        let begun = match fs::read(root.join(BEGUN)) {
            Ok(text) => serde_json::from_slice::<Begun>(&text).ok(),
            Err(_) => return Self::Known,
        };
        match begun {
            Some(begun) if begun.was_new() && !begun.is_told_now() => Self::Story(begun),
            _ => Self::BrokenOff,
        }
    }

    /// What there is to say of it.
    pub(super) fn says(&self) -> Option<&'static str> {
        match self {
            Self::Story(Begun { pid: 0, .. }) | Self::Quiet => None,
            Self::Story(_) => {
                Some("The story was broken off: it is told again, in a state as new.")
            }
            Self::Known => Some("The story is told when the state is new; --fresh tells it again."),
            Self::BrokenOff => Some(
                "The story was broken off: whom it sold something to has that still, or it has ended \
                 since.\n--fresh tells the story again, in a state that is thrown away at the end.",
            ),
        }
    }
}

/// The story was told, or said why not: it is not told again.
pub(super) fn told(state: &Path) {
    let _ = fs::remove_file(state.join("sandbox").join(BEGUN));
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Takes away what came into a folder since it had these.
fn clear(folder: &Path, before: &[String]) -> io::Result<()> {
    for name in names(folder).iter().filter(|name| !before.contains(name)) {
        let path = folder.join(name);
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(path)?;
        } else {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(folder.path().join(name), "").unwrap();
        }
        folder
    }

    fn begun(state: &Path) -> Begun {
        match Opening::of(false, state) {
            Opening::Story(begun) => begun,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_story_that_was_broken_off_is_told_again_in_the_state_as_it_was() {
        let folder = state(&["README.md", ".gitignore"]);
        let state = folder.path();
        assert_eq!(Opening::of(false, state).says(), None);
        begun(state).begin(state).unwrap();
        fs::create_dir(state.join("journal")).unwrap();
        fs::write(state.join("lock"), "").unwrap();
        assert!(Opening::of(false, state).says().is_some());
        begun(state).begin(state).unwrap();
        let mut left = names(state);
        left.sort();
        assert_eq!(left, [".gitignore", "README.md", "sandbox"]);
        told(state);
        assert_eq!(Opening::of(false, state), Opening::Known);
    }

    #[test]
    fn what_was_there_before_a_story_or_is_told_elsewhere_is_not_touched() {
        let folder = state(&["lineage"]);
        begun(folder.path()).begin(folder.path()).unwrap();
        assert_eq!(Opening::of(false, folder.path()), Opening::BrokenOff);

        let folder = state(&[]);
        begun(folder.path()).begin(folder.path()).unwrap();
        let other = Begun { pid: 1, before: Vec::new() };
        let text = serde_json::to_string(&other).unwrap();
        fs::write(folder.path().join("sandbox").join(BEGUN), text).unwrap();
        assert_eq!(Opening::of(false, folder.path()), Opening::BrokenOff);
    }

    #[test]
    fn who_wants_no_story_hears_nothing_of_it() {
        let folder = state(&[]);
        assert_eq!(Opening::of(true, folder.path()), Opening::Quiet);
        assert_eq!(Opening::Quiet.says(), None);
    }
}
