//! What is wrong with the files: every finding has a place, a message and a way out.

use super::files::DesiredFile;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The files are refused.
    Error,
    /// The files are taken, and something of them has no effect.
    Warning,
}

impl Severity {
    /// As tools call it: `error` or `warning`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file's name, with the folder where [`Problems::in_folder`] gave one.
    pub file: String,
    /// Where in the file; 1:1 for the file as a whole.
    #[serde(flatten)]
    pub at: Spot,
    /// Whether the files are refused for it.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The other place that it is about, such as where the same id stood first; in the same file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
}

/// A place in a file, and the line that stands there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The column behind the last character that is meant; the same as `column` where it is the place alone.
    pub end_column: usize,
    /// The line as it stands in the file, without what is far behind the place; nothing for a missing
    /// file, or where the place itself is too far to the right to be shown.
    pub source: Option<String>,
}

/// Another place that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Beside {
    /// Where.
    #[serde(flatten)]
    pub at: Spot,
    /// What stands there.
    pub label: String,
}

impl Problem {
    /// A finding about a file as a whole: 1:1, without a source line.
    #[must_use]
    pub fn whole_file(file: DesiredFile, message: String, help: String) -> Self {
        Self {
            file: file.name().into(),
            at: Spot::default(),
            severity: Severity::Error,
            message,
            help,
            beside: None,
        }
    }

    /// `file:line:column`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.file, self.at.line, self.at.column)
    }

    /// What is wrong and what to do, on one line.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self { message, help, .. } = self;
        if help.is_empty() { message.clone() } else { format!("{message}; {help}") }
    }
}

impl Default for Spot {
    fn default() -> Self {
        Self { line: 1, column: 1, end_column: 1, source: None }
    }
}

impl fmt::Display for Problem {
    /// One line: `file:line:column: message; what to do`. A warning says that it is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warning = if self.severity == Severity::Warning { "warning: " } else { "" };
        write!(f, "{}: {warning}{}", self.place(), self.in_words())
    }
}

/// Everything that is wrong with the files, in the order of files and lines. Never empty as an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The findings; `None` when there is none.
    #[must_use]
    pub fn new(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }
    /// A single finding.
    #[must_use]
    pub fn one(problem: Problem) -> Self {
        Self(vec![problem])
    }
    /// Each finding.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
    /// The same, with the files' names below a folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &str) -> Self {
        let folder = folder.trim_end_matches('/');
        if !folder.is_empty() {
            self.0.iter_mut().for_each(|p| p.file = format!("{folder}/{}", p.file));
        }
        self
    }
}

impl std::error::Error for Problems {}
