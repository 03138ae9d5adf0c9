//! Whose a key is.

/// Who asks. A key has one role, so that one that leaks opens one door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The controller: `/v1/…` and nothing else.
    Controller,
    /// The operator's scripts: `/api/…` and nothing else.
    Scripts,
}

impl Role {
    /// Both roles.
    pub const ALL: [Self; 2] = [Self::Controller, Self::Scripts];

    /// The bounded word for metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Scripts => "scripts",
        }
    }

    /// What the two lines of a pair begin with, and what keys are derived with.
    pub(crate) const fn lines(self) -> (&'static str, &'static str) {
        match self {
            Self::Controller => ("request", "response"),
            Self::Scripts => ("script-request", "script-response"),
        }
    }
}
