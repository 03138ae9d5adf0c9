//! Why *not*: what was left alone and what it waits for. People ask that more often than the rest.

use crate::model::{AccountId, ServerId};
use std::fmt;

/// What an account, or the server, waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waiting {
    /// The run was not served for too long: its compensation must be durable first.
    Compensation,
    /// The client was on the panel and a list lacks it: a second list, 30 s later, must agree.
    SecondLook,
    /// Close to an end or a cap the panel's own rule acts; a write now would fight it.
    PanelRule,
    /// The outcome of its last write is unknown, or the panel refused it: no second write yet.
    CoolingDown,
    /// A counter jumped faster than the line carries: a second list must confirm it.
    ImplausibleCounter,
    /// The list did not cover this client.
    NotObserved,
    /// The file says to report changes by hand, not to undo them.
    DriftReported,
    /// The file says to compute and not to change.
    ObserveOnly,
    /// The panel is another one than the server's clients belong on.
    AnotherPanel,
    /// The guard holds it.
    Held,
    /// The store lacks a history that a gateway has seen.
    Amnesia,
    /// Our clock is in doubt.
    ClockDoubt,
    /// The panel lacks an inbound that the file names.
    NoInbound,
    /// The client's uuid on the panel is not a uuid: it cannot be named in a write.
    Malformed,
    /// The tombstone is not old enough.
    Tombstone,
}

impl Waiting {
    /// The word for conditions, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compensation => "compensation",
            Self::SecondLook => "second_look",
            Self::PanelRule => "panel_rule",
            Self::CoolingDown => "cooling_down",
            Self::ImplausibleCounter => "implausible_counter",
            Self::NotObserved => "not_observed",
            Self::DriftReported => "drift_reported",
            Self::ObserveOnly => "observe_only",
            Self::AnotherPanel => "another_panel",
            Self::Held => "held",
            Self::Amnesia => "amnesia",
            Self::ClockDoubt => "clock_doubt",
            Self::NoInbound => "no_inbound",
            Self::Malformed => "malformed",
            Self::Tombstone => "tombstone",
        }
    }
}

/// What is said of a server whose panel is another one than its clients belong on, everywhere in the same
/// words: as its condition, of its accounts, on the page and in the runbook.
#[must_use]
pub fn another_panel(server: &ServerId, identity: &str) -> String {
    // A panel's own word, in a line that people copy into a shell.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    let identity = match identity.chars().all(plain) {
        true => identity.to_owned(),
        false => format!("'{}'", identity.replace('\'', r"'\''")),
    };
    format!(
        "{server} answers as another panel than the one its accounts were made on, and nobody is \
         made there; if it is the right one: nebulalinks accept-panel {server} --panel {identity} \
         --reason WHY"
    )
}

/// One thing that was left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whose; none for the whole server.
    pub account: Option<AccountId>,
    /// What it waits for.
    pub waiting: Waiting,
}

/// What was left alone in one pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "an unread report is not actionable"]
pub struct Report {
    /// One note per account and reason, in the order of the accounts.
    pub notes: Vec<Note>,
}

impl Report {
    /// Notes that an account waits.
    pub(super) fn wait(&mut self, account: AccountId, waiting: Waiting) {
        self.notes.push(Note { account: Some(account), waiting });
    }
    /// How many notes say that an account waits for this.
    #[must_use]
    pub fn count(&self, waiting: Waiting) -> usize {
        self.notes.iter().filter(|n| n.waiting == waiting).count()
    }
    /// What an account waits for.
    pub fn of(&self, account: AccountId) -> impl Iterator<Item = Waiting> {
        debug_assert!(self.notes.is_sorted_by_key(|n| n.account), "{self}");
        let first = self.notes.partition_point(|n| n.account < Some(account));
        let from = self.notes.get(first..).unwrap_or_default();
        from.iter().take_while(move |n| n.account == Some(account)).map(|n| n.waiting)
    }
    /// Brings what was noted late to its account.
    pub(super) fn sort(&mut self) {
        self.notes.sort_by_key(|n| n.account);
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.account {
            Some(account) => write!(f, "{account} waits: {}", self.waiting.name()),
            None => write!(f, "waits: {}", self.waiting.name()),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, note) in self.notes.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{note}")?;
        }
        Ok(())
    }
}
