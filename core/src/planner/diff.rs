//! Desired against observed, field by field.

use super::changes::Verb;
use super::compile::{Limits, is_note};
use crate::model::{Account, Credentials, ObservedClient};
use std::collections::BTreeSet;

/// What must be done to a client that is there. Empty: nothing. `on_wanted`: the panel's numbers of
/// the inbounds that are wanted; `None` when clients cannot be on one of them.
pub(super) fn diff(
    want: &Limits,
    account: &Account,
    seen: &ObservedClient,
    on_wanted: Option<&BTreeSet<i64>>,
) -> BTreeSet<Verb> {
    // Every field is named, so that a new one cannot be forgotten here.
    let Limits { enable, end, cap, ip_limit } = want;
    let Credentials { uuid, sub_id, secret: _, version: _ } = &account.credentials;
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
    let on_others = |wanted: &BTreeSet<i64>| {
        let all = wanted.iter().all(|number| seen.inbounds.contains(number));
        !all || seen.inbounds.iter().any(|number| !wanted.contains(number))
    };
    if seen.ip_limit != *ip_limit
        || !is_note(&seen.comment, account)
        || !seen.consistent
        || on_wanted.is_some_and(on_others)
    {
        verbs.insert(Verb::Update);
    }
    verbs
}
