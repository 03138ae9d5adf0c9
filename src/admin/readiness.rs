//! `/readyz`: whether the shop is as it should be, and if not, each reason with what to do.
//!
//! Whoever knows of a trouble is a [`ReasonSource`](super::ReasonSource); the composition hands them
//! over. What the records alone tell (amnesia) is asked here.

use super::sources::{Admin, StateDisk};
use crate::model::{ClockVerdict, Reason, ReasonCode, UnixMs, Witness};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
            "author": catalog.author,
            "subject": catalog.subject,
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

    #[test]
    fn a_time_is_written_so_that_people_and_tools_read_it() {
        assert_eq!(date(UnixMs(1_795_255_200_999)), "2026-11-21T10:00:00Z");
    }
}
