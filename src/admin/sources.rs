//! What the pages are drawn from, and who is asked for it.

use crate::catalog::Catalog;
use crate::controller::{LookNow, LoopStats, RecentPasses, WorkKey};
use crate::model::{DurationMs, Reason, ReasonCode, UnixMs};
use crate::ports::{Entropy, IntentHandler, ReasonSource, Store, Timekeeper};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is shown.
#[derive(Clone)]
pub struct Admin {
    /// The records, for pages and metrics.
    pub store: Arc<dyn Store>,
    /// Where operators' intents are decided.
    pub intents: Arc<dyn IntentHandler>,
    /// What the loop counts.
    pub stats: Arc<LoopStats>,
    /// What the last passes over each server came to.
    pub passes: Arc<RecentPasses>,
    /// What the loop takes up next of accounts and orders, so many of each at most.
    pub ahead: Arc<dyn Fn(usize) -> Vec<(UnixMs, WorkKey)> + Send + Sync>,
    /// Where somebody asks the loop for a look now.
    pub look_now: LookNow,
    /// The time, and whether it is believed.
    pub time: Arc<dyn Timekeeper>,
    /// The catalog in force, and what is wrong with the files.
    pub catalog: Arc<dyn Fn() -> CatalogPage + Send + Sync>,
    /// The catalog in force: plans and servers as the files have them.
    pub in_force: Arc<dyn Fn() -> Arc<Catalog> + Send + Sync>,
    /// Who else knows of a reason why the shop is not as it should be.
    pub reasons: Vec<ReasonSource>,
    /// Room on the disk of the state folder; `None` when nobody can tell.
    pub state_disk: Arc<dyn Fn() -> Option<StateDisk> + Send + Sync>,
    /// How the service's own backups went; `None` where none are wanted.
    pub backups: Option<Arc<dyn Fn() -> Backups + Send + Sync>>,
    /// Whether Discord has accepted the bot; `None` without a bot.
    pub discord_connected: Arc<dyn Fn() -> Option<bool> + Send + Sync>,
    /// When a reason was first seen; starts empty.
    pub first_seen: Arc<FirstSeen>,
    /// Where the audit's ids come from.
    pub entropy: Arc<dyn Entropy>,
    /// What customers' apps asked for: form, outcome, how often.
    pub subscriptions: Arc<dyn Fn() -> Vec<(&'static str, &'static str, u64)> + Send + Sync>,
}

/// The catalog in force, and what is wrong with the files beside it.
#[derive(Debug, Clone, Default)]
pub struct CatalogPage {
    /// The revision in force.
    pub revision: String,
    /// The commit in force, where there is one.
    pub commit: Option<String>,
    /// Who wrote that commit, where it is known.
    pub author: Option<String>,
    /// The first line of its message, where it is known.
    pub subject: Option<String>,
    /// Each problem as an object with file, line, column, message and help; empty while the files
    /// are valid.
    pub problems: Vec<Value>,
}

/// How the service's own backups went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backups {
    /// How often one is to be made.
    pub every: DurationMs,
    /// When the newest good one was made.
    pub last: Option<UnixMs>,
    /// Since when backups are looked after: without any good one it counts from here.
    pub since: UnixMs,
    /// How many failed since the start.
    pub failures: u64,
}

/// Room on the disk of the state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateDisk {
    /// Bytes that may still be written.
    pub free: u64,
    /// Below this many free bytes new orders are refused.
    pub refuses_orders_below: u64,
    /// Below this many free bytes nothing is written at all.
    pub refuses_all_below: u64,
}

impl StateDisk {
    /// How much above the mark at which orders are refused it is already said.
    const EARLY: u64 = 2;

    /// The reason, when the disk is nearly full.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        let mib = |bytes: u64| bytes >> 20;
        let Self { free, refuses_orders_below, refuses_all_below } = self;
        if free >= refuses_orders_below.saturating_mul(Self::EARLY) {
            return None;
        }
        let now = if free < refuses_all_below {
            "nothing is written any more"
        } else if free < refuses_orders_below {
            "new orders are refused"
        } else {
            "everything works still"
        };
        Some(Reason {
            code: ReasonCode::DiskNearlyFull,
            since: None,
            detail: format!(
                "{} MiB are free on the disk of the state folder: {now}. Below {} MiB new orders \
                 are refused, below {} MiB everything",
                mib(free),
                mib(refuses_orders_below),
                mib(refuses_all_below)
            ),
            remedy: "free space on that disk, or give it more; nothing has to be restarted"
                .to_owned(),
        })
    }
}

/// When a reason that nobody dated was first seen.
#[derive(Debug, Default)]
pub struct FirstSeen(Mutex<BTreeMap<ReasonCode, UnixMs>>);

impl FirstSeen {
    /// Every reason with its time; what ended is forgotten.
    pub(super) fn date(&self, reasons: Vec<Reason>, now: UnixMs) -> Vec<(Reason, UnixMs)> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|code, _| reasons.iter().any(|r| r.code == *code));
        reasons
            .into_iter()
            .map(|reason| {
                let first = *seen.entry(reason.code).or_insert(now);
                let since = reason.since.unwrap_or(first);
                (reason, since)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn reason(code: ReasonCode, since: Option<u64>) -> Reason {
        let (detail, remedy) = (String::new(), String::new());
        Reason { code, since: since.map(UnixMs), detail, remedy }
    }

    #[test]
    fn a_reason_that_nobody_dated_counts_from_the_first_look_until_it_ends() {
        let seen = FirstSeen::default();
        let at = |reasons: Vec<Reason>, now| -> Vec<u64> {
            seen.date(reasons, UnixMs(now)).into_iter().map(|(_, since)| since.0).collect()
        };
        let undated = || reason(ReasonCode::DiskNearlyFull, None);
        assert_eq!(at(vec![undated()], 10), [10]);
        assert_eq!(at(vec![undated(), reason(ReasonCode::Amnesia, Some(3))], 20), [10, 3]);
        assert_eq!(at(Vec::new(), 30), [0_u64; 0]);
        assert_eq!(at(vec![undated()], 40), [40]);
    }

    #[test]
    fn a_disk_is_said_to_be_nearly_full_before_anything_is_refused() {
        let disk = |mib: u64| StateDisk {
            free: mib * MIB,
            refuses_orders_below: 512 * MIB,
            refuses_all_below: 32 * MIB,
        };
        assert_eq!(disk(1024).reason(), None);
        for (mib, says) in [
            (1023, "1023 MiB are free on the disk of the state folder: everything works still"),
            (511, "511 MiB are free on the disk of the state folder: new orders are refused"),
            (31, "31 MiB are free on the disk of the state folder: nothing is written any more"),
        ] {
            let reason = disk(mib).reason().unwrap();
            assert!(reason.detail.starts_with(says), "{}", reason.detail);
        }
    }
}
