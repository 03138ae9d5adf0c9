//! `/readyz`: whether the shop is as it should be, and if not, each reason with what to do.
//!
//! Whoever knows of a trouble is a [`ReasonSource`]; the composition hands them over. What the
//! records alone tell (amnesia) is asked here.

use super::Admin;
use crate::model::{ClockVerdict, Reason, ReasonCode, UnixMs, Witness};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Says what is wrong now; called at each look, so it must not wait for anything.
pub type ReasonSource = Arc<dyn Fn() -> Vec<Reason> + Send + Sync>;

/// The catalog in force, and what is wrong with the files beside it.
#[derive(Debug, Clone, Default)]
pub struct CatalogPage {
    /// The revision in force.
    pub revision: String,
    /// The commit in force, where there is one.
    pub commit: Option<String>,
    /// Each problem as an object with file, line, column, message and help; empty while the files
    /// are valid.
    pub problems: Vec<Value>,
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
    fn reason(self) -> Option<Reason> {
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
    fn date(&self, reasons: Vec<Reason>, now: UnixMs) -> Vec<(Reason, UnixMs)> {
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

/// Everything that is wrong now, each with its time, in the order of the codes.
pub(super) fn reasons(admin: &Admin) -> Vec<(Reason, UnixMs)> {
    let mut found: Vec<Reason> = admin.reasons.iter().flat_map(|source| source()).collect();
    let time = admin.time.reading();
    let now = time.now;
    if let ClockVerdict::Doubt { reason, since } = time.verdict {
        found.push(Reason {
            code: ReasonCode::ClockInDoubt,
            since: Some(since),
            detail: format!(
                "{} ({}): no order, approval, notice or compensation, and nobody is cut off",
                reason.detail(),
                reason.name()
            ),
            remedy: reason.remedy().to_owned(),
        });
    }
    found.extend(damaged(admin));
    found.extend(amnesia(admin));
    found.extend((admin.state_disk)().and_then(StateDisk::reason));
    if (admin.discord_connected)() == Some(false) {
        found.push(Reason {
            code: ReasonCode::DiscordDisconnected,
            since: None,
            detail: "Discord does not accept the bot: nobody can order; what was sold is served"
                .to_owned(),
            remedy: "nothing for a minute after a start; then see the log, which says why"
                .to_owned(),
        });
    }
    found.sort_by_key(|reason| reason.code);
    admin.first_seen.date(found, now)
}

/// Everybody who tells the time, and how far their clocks are ahead of ours.
fn clocks(admin: &Admin) -> Value {
    let verdict = admin.time.reading().verdict;
    let name = |witness| match witness {
        Witness::Discord => "discord".to_owned(),
        Witness::Gateway(server) => format!("gateway of {server}"),
    };
    let ahead: BTreeMap<String, i64> =
        admin.time.differences().into_iter().map(|(who, ms)| (name(who), ms)).collect();
    json!({
        "believed": verdict.doubt().is_none(),
        "vouched": verdict.is_vouched(),
        "ahead_of_ours_ms": ahead,
    })
}

fn damaged(admin: &Admin) -> Option<Reason> {
    let snapshot = admin.store.snapshot();
    let damage = snapshot.damaged()?;
    let lost: Vec<String> = damage.lost.iter().map(ToString::to_string).collect();
    let kept = if damage.kept.is_empty() {
        String::new()
    } else {
        format!(" The damaged files are kept in {} of the state folder.", damage.kept.join(", "))
    };
    Some(Reason {
        code: ReasonCode::Damaged,
        since: Some(damage.since),
        detail: format!(
            "the store is damaged: {}. Nothing is sold, and nothing is shortened, disabled or \
             deleted.{kept}",
            lost.join("; ")
        ),
        remedy: "restore a backup that has what is missing, or go on without it by `nebulalinks \
                 resolve-amnesia` (docs/OPERATIONS.md, StoreDamaged)"
            .to_owned(),
    })
}

fn amnesia(admin: &Admin) -> Option<Reason> {
    let snapshot = admin.store.snapshot();
    let amnesia = snapshot.amnesia().filter(|a| a.resolved_at.is_none())?;
    Some(Reason {
        code: ReasonCode::Amnesia,
        since: Some(amnesia.since),
        detail: format!(
            "this store is at revision {}, and the gateway of {} has seen {}: nothing is \
             shortened, disabled or deleted",
            amnesia.ours, amnesia.server, amnesia.seen
        ),
        remedy: "find out which orders are missing (docs/OPERATIONS.md, StoreAmnesia), grant what \
                 was paid for, then run `nebulalinks resolve-amnesia`"
            .to_owned(),
    })
}

/// The body of `/readyz`.
pub(super) fn page(admin: &Admin) -> Value {
    let reasons: Vec<Value> = reasons(admin)
        .into_iter()
        .map(|(reason, since)| {
            json!({
                "code": reason.code.name(),
                "since": date(since),
                "detail": reason.detail,
                "do": reason.remedy,
            })
        })
        .collect();
    let catalog = (admin.catalog)();
    json!({
        "ready": reasons.is_empty(),
        "reasons": reasons,
        "catalog": {
            "revision": catalog.revision,
            "commit": catalog.commit,
            "valid": catalog.problems.is_empty(),
            "problems": catalog.problems,
        },
        "clock": clocks(admin),
        "discord": { "connected": (admin.discord_connected)() },
        "store": { "revision": admin.store.snapshot().revision() },
    })
}

/// A moment as RFC 3339 in UTC, to the second.
fn date(at: UnixMs) -> String {
    let seconds = i64::try_from(at.0 / 1000).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| at.0.to_string(), |t| t.to_string())
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

    #[test]
    fn a_time_is_written_so_that_people_and_tools_read_it() {
        assert_eq!(date(UnixMs(1_795_255_200_999)), "2026-11-21T10:00:00Z");
    }
}
