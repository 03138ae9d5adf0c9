//! Desired against observed, field by field.

use super::changes::Verb;
use crate::model::{DesiredClient, InboundFacts, ObservedClient};
use std::collections::BTreeSet;

/// What must be done to a client that is there. Empty: nothing.
pub(super) fn diff(
    want: &DesiredClient,
    seen: &ObservedClient,
    inbounds: &[InboundFacts],
) -> BTreeSet<Verb> {
    // Every field is named, so that a new one cannot be forgotten here.
    let DesiredClient {
        email: _,
        uuid,
        sub_id,
        secret: _,
        enable,
        end,
        cap,
        ip_limit,
        comment,
        inbounds: wanted_inbounds,
    } = want;
    let mut verbs = BTreeSet::new();
    if seen.uuid != Some(*uuid) || seen.sub_id != *sub_id {
        verbs.insert(Verb::Update);
    }
    match (*enable, seen.enable) {
        (true, false) => {
            verbs.insert(Verb::Enable);
        }
        (false, true) => {
            verbs.insert(Verb::Disable);
        }
        // Off and meant to be off: limits matter again when it is switched on.
        (false, false) => return verbs,
        (true, true) => {}
    }
    if !*enable {
        return verbs;
    }
    match seen.end {
        None => {
            verbs.insert(Verb::Update);
        }
        Some(seen) if seen.is_before(*end) => {
            verbs.insert(Verb::Extend);
        }
        Some(seen) if end.is_before(seen) => {
            verbs.insert(Verb::Shorten);
        }
        Some(_) => {}
    }
    if seen.cap.is_below(*cap) {
        verbs.insert(Verb::Extend);
    } else if cap.is_below(seen.cap) {
        verbs.insert(Verb::Shorten);
    }
    let on: BTreeSet<i64> = seen.inbounds.iter().copied().collect();
    if seen.ip_limit != *ip_limit
        || seen.comment != *comment
        || !seen.consistent
        || resolve(wanted_inbounds, inbounds).is_some_and(|wanted| wanted != on)
    {
        verbs.insert(Verb::Update);
    }
    verbs
}

/// The panel's numbers of the inbounds that a server names; `None` when one is missing.
pub(super) fn resolve(names: &[String], inbounds: &[InboundFacts]) -> Option<BTreeSet<i64>> {
    names
        .iter()
        .map(|name| {
            let by_remark = inbounds.iter().find(|i| i.remark == *name);
            let found = by_remark.or_else(|| {
                let id: i64 = name.parse().ok()?;
                inbounds.iter().find(|i| i.id == id)
            });
            found.map(|i| i.id)
        })
        .collect()
}
