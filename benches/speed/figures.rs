//! A figure, what stands beside it in the same run, and the goal.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How long each of many took.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl FromIterator<Duration> for Times {
    fn from_iter<T: IntoIterator<Item = Duration>>(times: T) -> Self {
        let mut all: Vec<Duration> = times.into_iter().collect();
        all.sort_unstable();
        Self(all)
    }
}

impl Times {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those of two turns.
    pub(crate) fn and(self, more: Self) -> Self {
        self.0.into_iter().chain(more.0).collect()
    }

    /// So many per cent took at most this, in ms.
    pub(crate) fn at(&self, part: usize) -> f64 {
        let last = self.0.len() - 1;
        self.0[(self.0.len() * part / 100).min(last)].as_secs_f64() * 1e3
    }
}

/// One line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Which part of the benchmark measured it.
    #[serde(default)]
    pub(crate) part: String,
    what: String,
    unit: String,
    ours: f64,
    /// What was measured by turns with it.
    beside: Option<(String, f64)>,
    at_most: Option<f64>,
    /// Processes that wanted a processor while it was measured, over a minute.
    #[serde(default)]
    load: f64,
    #[serde(default)]
    day: String,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, unit: &str) -> Self {
        let (what, unit) = (what.into(), unit.to_owned());
        let (part, day) = (String::new(), String::new());
        Self { part, what, unit, ours: f64::NAN, beside: None, at_most: None, load: 0.0, day }
    }

    pub(crate) fn ours(self, ours: f64) -> Self {
        Self { ours: rounded(ours), ..self }
    }

    pub(crate) fn beside(self, what: &str, figure: f64) -> Self {
        Self { beside: Some((what.to_owned(), rounded(figure))), ..self }
    }

    pub(crate) fn at_most(self, limit: f64) -> Self {
        Self { at_most: Some(rounded(limit)), ..self }
    }

    /// When it was measured, and while how many processes wanted a processor.
    pub(crate) fn of(self, part: &str, load: f64, day: String) -> Self {
        Self { part: part.to_owned(), load, day, ..self }
    }

    pub(crate) const HEAD: &str = "| what | ours | beside it | ours ÷ that | goal | |\n\
                                   | --- | --- | --- | --- | --- | --- |";
}

/// To three figures, or whole numbers.
fn rounded(figure: f64) -> f64 {
    let digits = if figure.abs() >= 100.0 { 1.0 } else { 100.0 };
    (figure * digits).round() / digits
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, unit, ours, beside, at_most, .. } = self;
        write!(f, "| {what} | {ours} {unit} | ")?;
        match beside {
            Some((name, figure)) => {
                write!(f, "{figure} {unit}: {name} | {:.2} | ", ours / figure)?;
            }
            None => f.write_str("| | ")?,
        }
        match at_most {
            Some(limit) if ours <= limit => write!(f, "≤ {limit} {unit} | met |"),
            Some(limit) => write!(f, "≤ {limit} {unit} | **missed** |"),
            None => f.write_str("| |"),
        }
    }
}
