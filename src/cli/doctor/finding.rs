//! What `doctor` found, and what mends it.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// All is well.
    Ok,
    /// It works, and will not for long.
    Warning,
    /// Something does not work.
    Failed,
}

/// What was looked at, and how it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, as a word for tools.
    pub what: String,
    /// How it is.
    pub weight: Weight,
    /// In a sentence.
    pub found: String,
    /// The command, or what else a person does.
    pub mend: Option<String>,
}

impl Finding {
    pub(super) fn ok(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), weight: Weight::Ok, found: found.into(), mend: None }
    }

    pub(super) fn warning(
        what: impl Into<String>,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        let (what, found, mend) = (what.into(), found.into(), Some(mend.into()));
        Self { what, weight: Weight::Warning, found, mend }
    }

    pub(super) fn failed(
        what: impl Into<String>,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { weight: Weight::Failed, ..Self::warning(what, found, mend) }
    }
}
