//! What the records and the clock tell of the shop as a whole.

use crate::model::{ClockVerdict, Reason, ReasonCode, Snapshot, TimeReading};

/// Why the shop is not as it should be, as far as the records and the clock tell.
#[must_use]
pub fn reasons_of_records(snapshot: &Snapshot, time: TimeReading) -> Vec<Reason> {
    [clock(time), damaged(snapshot), amnesia(snapshot)].into_iter().flatten().collect()
}

fn clock(time: TimeReading) -> Option<Reason> {
    let ClockVerdict::Doubt { reason, since } = time.verdict else { return None };
    Some(Reason {
        code: ReasonCode::ClockInDoubt,
        since: Some(since),
        detail: format!(
            "{} ({}): no order, approval, notice or compensation, and nobody is cut off",
            reason.detail(),
            reason.name()
        ),
        remedy: reason.remedy().to_owned(),
    })
}

fn damaged(snapshot: &Snapshot) -> Option<Reason> {
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

fn amnesia(snapshot: &Snapshot) -> Option<Reason> {
    let amnesia = snapshot.amnesia().filter(|a| a.resolved_at.is_none())?;
    Some(Reason {
        code: ReasonCode::Amnesia,
        since: Some(amnesia.since),
        detail: match &amnesia.server {
            Some(server) => format!(
                "this store is at revision {}, and the gateway of {server} has seen {}: nothing \
                 is shortened, disabled or deleted",
                amnesia.ours, amnesia.seen
            ),
            None => format!(
                "this store was restored at revision {}: nothing is shortened, disabled or deleted",
                amnesia.ours
            ),
        },
        remedy: "find out which orders are missing (docs/OPERATIONS.md, StoreAmnesia), grant what \
                 was paid for, then run `nebulalinks resolve-amnesia`"
            .to_owned(),
    })
}
