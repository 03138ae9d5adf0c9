//! What a change does to a client that is there, field by field, as people read it. Credentials are
//! never told, only that they differ.

use super::changes::{Change, FieldChange, Verb};
use crate::model::{Bytes, Cap, End, ObservedClient};
use std::collections::BTreeSet;

/// The fields in which a client differs from what is wanted of it. One that is off and stays off keeps
/// its limits: they matter again when it is switched on.
pub(super) fn fields(
    change: &Change,
    seen: &ObservedClient,
    on_wanted: Option<&BTreeSet<i64>>,
    names: &[String],
) -> Vec<FieldChange> {
    let want = &change.want;
    let mut all = Vec::new();
    let mut add = |field, differs: bool, before: String, after: String| {
        if differs {
            all.push(FieldChange { field, before, after });
        }
    };
    if change.verbs.contains(&Verb::Delete) {
        add("client", true, on_or_off(seen.enable), "gone".to_owned());
        return all;
    }
    add("switch", seen.enable != want.enable, on_or_off(seen.enable), on_or_off(want.enable));
    let name = want.to.as_ref().unwrap_or(&want.email);
    add("name", seen.email != *name, format!("{:?}", seen.email), format!("{name:?}"));
    let (theirs, ours) = ("another".to_owned(), "the account's".to_owned());
    add("uuid", seen.uuid != Some(want.uuid), theirs.clone(), ours.clone());
    add("subscription key", seen.sub_id != want.sub_id, theirs, ours);
    if !want.enable {
        return all;
    }
    add("end", seen.end != Some(want.end), end(seen.end), end(Some(want.end)));
    add("cap", seen.cap != want.cap, cap(seen.cap), cap(want.cap));
    let devices = |n: u32| if n == 0 { "any".to_owned() } else { n.to_string() };
    let (has, gets) = (devices(seen.ip_limit), devices(want.ip_limit));
    add("devices", seen.ip_limit != want.ip_limit, has, gets);
    let quoted = |text: &str| format!("{:?}", text.chars().take(40).collect::<String>());
    let (has, gets) = (quoted(&seen.comment), quoted(&want.comment));
    add("comment", seen.comment != want.comment, has, gets);
    let on: BTreeSet<i64> = seen.inbounds.iter().copied().collect();
    let numbers = |on: &BTreeSet<i64>| {
        let all: Vec<String> = on.iter().map(i64::to_string).collect();
        if all.is_empty() { "none".to_owned() } else { all.join("+") }
    };
    let gets = || on_wanted.map_or_else(|| names.join("+"), numbers);
    add("inbounds", on_wanted.is_some_and(|wanted| *wanted != on), numbers(&on), gets());
    add("tables", !seen.consistent, "disagreeing".to_owned(), "agreeing".to_owned());
    all
}

fn on_or_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

/// `None` is what we never write, such as an end that starts with the first use.
fn end(end: Option<End>) -> String {
    match end {
        None => "at first use".to_owned(),
        Some(End::Never) => "never".to_owned(),
        Some(End::At(at)) => {
            let ms = i64::try_from(at.get()).ok();
            let at = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            at.map_or_else(|| "far away".to_owned(), |at| format!("{at:.0}"))
        }
    }
}

fn cap(cap: Cap) -> String {
    match cap {
        Cap::Unlimited => "none".to_owned(),
        Cap::Bytes(cap) => Bytes(cap.get()).to_string(),
    }
}
