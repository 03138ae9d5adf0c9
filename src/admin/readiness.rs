//! `/readyz`: whether the shop is as it should be, and if not, each reason with what to do.
//!
//! Whoever knows of a trouble is a [`ReasonSource`](crate::ports::ReasonSource); the composition hands them
//! over.

use super::sources::Admin;
use crate::alerts::reasons_of_records;
use crate::model::{Reason, ReasonCode, UnixMs, Witness};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Admin {
    /// Everything that is wrong now, in the order of the codes: what `/readyz` says.
    #[must_use]
    pub fn reasons_now(&self) -> Vec<Reason> {
        reasons(self).into_iter().map(|(reason, _)| reason).collect()
    }
}

/// Everything that is wrong now, each with its time, in the order of the codes.
pub(super) fn reasons(admin: &Admin) -> Vec<(Reason, UnixMs)> {
    let mut found: Vec<Reason> = admin.reasons.iter().flat_map(|source| source()).collect();
    let time = admin.time.reading();
    let now = time.now;
    found.extend(reasons_of_records(&admin.store.snapshot(), time));
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
