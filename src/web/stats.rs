//! What was asked and how it ended, counted.

use crate::view::Format;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With ways in.
    Served,
    /// With one entry that says why there are none.
    Told,
    /// The app had it already.
    Unchanged,
    /// No account has this address.
    Unknown,
    /// Its address asked too often.
    Limited,
    /// It asked for a form that there is not.
    BadFormat,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Served, Self::Told, Self::Unchanged, Self::Unknown, Self::Limited, Self::BadFormat];

    /// The word in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Told => "told",
            Self::Unchanged => "unchanged",
            Self::Unknown => "unknown",
            Self::Limited => "limited",
            Self::BadFormat => "bad-format",
        }
    }
}

/// Requests by form and outcome.
#[derive(Debug, Default)]
pub struct SubscriptionStats {
    /// The last row is of those that never came to a form.
    counts: [[AtomicU64; Outcome::ALL.len()]; Format::ALL.len() + 1],
}

impl SubscriptionStats {
    pub(super) fn count(&self, format: Option<Format>, outcome: Outcome) {
        let row = format.map_or(Format::ALL.len(), |format| format as usize);
        let count = self.counts.get(row).and_then(|row| row.get(outcome as usize));
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What was counted so far: form, outcome, how often.
    #[must_use]
    pub fn counted(&self) -> Vec<(&'static str, &'static str, u64)> {
        let forms = Format::ALL.into_iter().map(Format::name).chain(["none"]);
        let rows = forms.zip(&self.counts).flat_map(|(format, row)| {
            Outcome::ALL
                .into_iter()
                .zip(row)
                .map(move |(outcome, n)| (format, outcome.name(), n.load(Ordering::Relaxed)))
        });
        rows.filter(|(_, _, n)| *n > 0).collect()
    }
}
