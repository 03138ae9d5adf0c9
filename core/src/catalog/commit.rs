//! The commit that the files come from, as people and pages may be shown it.

use super::characters::is_seen;
use serde::{Deserialize, Serialize};

/// The most characters of an author and of a subject that are kept.
const MAX_CHARS: usize = 100;

/// A git commit. Author and subject are whoever's who wrote it: text that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id in hex.
    pub id: String,
    /// The name of who wrote it, where that is known.
    pub author: Option<String>,
    /// The first line of its message, where that is known.
    pub subject: Option<String>,
}

impl Commit {
    /// A commit of which no more than its id is known.
    #[must_use]
    pub const fn of_id(id: String) -> Self {
        Self { id, author: None, subject: None }
    }

    /// The first characters of its id, as git shows it.
    #[must_use]
    pub fn short(&self) -> &str {
        self.id.get(..10).unwrap_or(&self.id)
    }

    /// The same with what it says of itself: one line each, without characters that nobody sees, and
    /// cut off where it is long.
    #[must_use]
    pub fn saying(self, author: &str, subject: &str) -> Self {
        Self { author: shown(author), subject: shown(subject), ..self }
    }
}

fn shown(text: &str) -> Option<String> {
    let line = text.trim().lines().next()?;
    let seen: String = line.chars().filter(|c| is_seen(*c)).take(MAX_CHARS).collect();
    (!seen.is_empty()).then_some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn author_and_subject_are_one_short_line_each_of_what_people_see() {
        let said = |author: &str, subject: &str| {
            let commit = Commit::of_id("ab".into()).saying(author, subject);
            (commit.author, commit.subject)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(said("Nadia", "Raise prices\n\nWhy."), (some("Nadia"), some("Raise prices")));
        assert_eq!(said("\u{1b}[31mN\u{202e}", " a\tb\r"), (some("[31mN"), some("ab")));
        assert_eq!(said("", " \n"), (None, None));
        assert_eq!(said(&"é".repeat(101), "x").0, Some("é".repeat(100)));
    }
}
