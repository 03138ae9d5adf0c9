//! The audit: append-only, one intent and at least one outcome per effect.

use super::{Actor, UnixMs};
use serde::{Deserialize, Serialize};

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The edits were committed.
    Done,
    /// About to be sent.
    Started,
    /// Refused or failed, with a bounded code.
    Failed(String),
    /// It may have been sent, and whoever sent it ended before an answer was written down. What the
    /// panel holds says the next list.
    Interrupted,
}

/// One line of the audit. What a person asked is one line, committed with its edits. A write to a panel
/// is two: its intent, durable before the write is sent, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Unique among the lines: a ULID's text in lower case.
    pub id: String,
    /// The person, host user or loop that acted.
    pub actor: Actor,
    /// What was asked, as a bounded verb such as `approve` or `put`.
    pub verb: String,
    /// Of what, such as `order:<id>` or `client:<server>/<account>`.
    pub subject: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The line of the intent that this is the outcome of. Absent in lines that stand alone, and in
    /// those of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Why, in the words of who did it, where the verb asks for a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The catalog's revision in force.
    pub catalog: String,
    /// The git commit that it came from, in hex. None where there was none, and in lines of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When it was done, by our clock.
    pub at: UnixMs,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_before_commits_were_kept_is_read_and_written_as_it_was() {
        let old = r#"{"id":"01","actor":"controller","verb":"put","subject":"client:a/b","outcome":"done","catalog":"abc","at":7}"#;
        let line: Audit = serde_json::from_str(old).unwrap();
        assert_eq!(line.commit, None);
        assert_eq!(serde_json::to_string(&line).unwrap(), old);
        let new = Audit { commit: Some("4be1f0".to_owned()), ..line };
        let text = serde_json::to_string(&new).unwrap();
        assert_eq!(serde_json::from_str::<Audit>(&text).unwrap(), new);
    }
}
