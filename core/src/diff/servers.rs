//! What becomes of servers, and of those who stay on them.

use super::edit::{Edit, by, counted, effect, number};
use super::fates::serving;
use super::types::Effect;
use super::types::Weight::{Info, Notice, Warning};
use crate::catalog::{Mode, Server, ServerLifecycle};
use crate::model::{Disposition, Entitlement};

type Part = fn(&Edit<'_>, &Server, &Server) -> Option<Effect>;

/// What may be said of a server that is in both catalogs.
const PARTS: &[Part] = &[oversold, no_longer_matching, mode, confirmed, keys, lifecycle];

pub(super) fn effects(edit: &Edit<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for is in edit.after.servers.values() {
        let id = &is.id;
        let newly_retained =
            edit.after.retained_servers.contains(id) && !edit.before.retained_servers.contains(id);
        if newly_retained {
            effects.push(removed_in_use(edit, is));
            continue;
        }
        match edit.before.servers.get(id) {
            Some(was) => effects.extend(PARTS.iter().filter_map(|part| part(edit, was, is))),
            None => {
                let text = format!(
                    "{id} is new: its panel is asked from now on, and it takes up to {}",
                    counted(is.capacity as usize, "account")
                );
                effects.push(effect(Info, "server_added", is.capacity as usize, Some(id), text));
            }
        }
    }
    for gone in edit.before.servers.values().filter(|s| !edit.after.servers.contains_key(&s.id)) {
        let text = format!("{} is removed, and nobody is bound to it", gone.id);
        effects.push(effect(Info, "server_removed", 0, Some(&gone.id), text));
    }
    effects.extend(tombstones(edit));
    effects
}

fn removed_in_use(edit: &Edit<'_>, server: &Server) -> Effect {
    let id = &server.id;
    let count = edit.snapshot.bound_count(id);
    let served = serving(edit.snapshot, id).count();
    let text = format!(
        "{id} is removed while {} bound to it: {} served on by its last definition, and it takes nobody \
         new; to empty it, put it back with `lifecycle: draining`",
        by(count, "1 account is", &format!("{} are", counted(count, "account"))),
        match served {
            0 => "nobody is".to_owned(),
            1 => "1 is".to_owned(),
            many => format!("{} are", number(many)),
        }
    );
    effect(Warning, "server_removed_in_use", count, Some(id), text)
}

fn oversold(edit: &Edit<'_>, was: &Server, is: &Server) -> Option<Effect> {
    let bound = edit.then.settled.bound_count(&is.id);
    let over = bound.saturating_sub(is.capacity as usize);
    if was.capacity <= is.capacity || over == 0 || is.lifecycle == ServerLifecycle::Retired {
        return None;
    }
    let text = format!(
        "{} has {} and room for {}: nobody is moved for it, and nobody new comes before {} gone",
        is.id,
        counted(bound, "account"),
        number(is.capacity as usize),
        by(over, "1 is", &format!("{} are", number(over)))
    );
    Some(effect(Notice, "oversold", over, Some(&is.id), text))
}

fn no_longer_matching(edit: &Edit<'_>, was: &Server, is: &Server) -> Option<Effect> {
    if was.labels == is.labels {
        return None;
    }
    let accounts = serving(edit.snapshot, &is.id);
    let count = accounts
        .filter_map(|id| Entitlement::of(edit.snapshot, id))
        .filter(|e| {
            e.selector.matches(&was.id, &was.labels) && !e.selector.matches(&is.id, &is.labels)
        })
        .count();
    let text = format!(
        "{} on {} {} a plan that its labels no longer match: {} there until {}",
        counted(count, "account"),
        is.id,
        by(count, "has", "have"),
        by(count, "it stays", "they stay"),
        by(count, "it ends or is moved", "they end or are moved")
    );
    (count > 0).then(|| effect(Notice, "labels", count, Some(&is.id), text))
}

fn mode(edit: &Edit<'_>, was: &Server, is: &Server) -> Option<Effect> {
    let count = edit.snapshot.bound_count(&is.id);
    let who = counted(count, "account");
    let (id, weight, text) = match (was.mode, is.mode) {
        (Mode::Manage, Mode::Observe) => (
            &is.id,
            Warning,
            format!(
                "nothing is written to {} any more: {who} there {} what the panel has; sales, renewals and \
                 cut-offs are worked out and not done",
                is.id,
                by(count, "keeps", "keep")
            ),
        ),
        (Mode::Observe, Mode::Manage) => (
            &is.id,
            Notice,
            format!(
                "{} is written to: what its panel has otherwise for {who} is put right, what takes away within \
                 the guard's budget (`nebulalinks get passes --server {}` shows what is wanted)",
                is.id, is.id
            ),
        ),
        _ => return None,
    };
    Some(effect(weight, "mode", count, Some(id), text))
}

/// A `confirm:` that names what is held now.
fn confirmed(edit: &Edit<'_>, was: &Server, is: &Server) -> Option<Effect> {
    let confirm = is.confirm.as_ref().filter(|c| was.confirm.as_ref() != Some(c))?;
    let held = edit.snapshot.server_status(&is.id).and_then(|s| s.held.as_ref());
    let (id, line) =
        (&is.id, |weight, count, text| effect(weight, "confirm", count, Some(&is.id), text));
    Some(match held.filter(|held| held.fingerprint == *confirm) {
        Some(held) => {
            let count = held.items.len();
            line(
                Warning,
                count,
                format!(
                    "{} on {id} that the guard holds {} done: `nebulalinks describe server {id}` lists {}",
                    counted(count, "destructive change"),
                    by(count, "is", "are"),
                    by(count, "it", "them")
                ),
            )
        }
        None => line(
            Notice,
            0,
            format!("`confirm: {confirm}` names nothing that is held on {id} now: no effect"),
        ),
    })
}

fn keys(edit: &Edit<'_>, was: &Server, is: &Server) -> Option<Effect> {
    if was.keys == is.keys && was.gateway == is.gateway {
        return None;
    }
    let count = edit.snapshot.bound_count(&is.id);
    let text = format!(
        "{} is asked {}: if that does not work, what is to change for {} waits, and who is connected stays so",
        is.id,
        if was.gateway == is.gateway { "with other keys" } else { "at another address" },
        counted(count, "account")
    );
    Some(effect(Notice, "asked_otherwise", count, Some(&is.id), text))
}

/// What a lifecycle means for who is not there yet.
fn lifecycle(edit: &Edit<'_>, was: &Server, is: &Server) -> Option<Effect> {
    use ServerLifecycle::{Active, Cordoned, Draining, Lost, Retired};
    if was.lifecycle == is.lifecycle {
        return None;
    }
    let count = serving(edit.snapshot, &is.id).count();
    let id = &is.id;
    let leaving = edit.snapshot.bound_to(id).filter(|b| b.disposition == Disposition::Leaving);
    let leaving = leaving.count();
    let text = match is.lifecycle {
        Active => format!("{id} takes new accounts again"),
        Cordoned => format!("{id} takes nobody new; {} there stay", counted(count, "account")),
        Draining | Lost if count > 0 && is.mode == Mode::Observe => {
            format!("nobody moves from {id}: it has `mode: observe`")
        }
        Lost if leaving > 0 => format!(
            "{} on the way from {id} {} it now, before the day that the old link is kept for",
            counted(leaving, "account"),
            by(leaving, "loses", "lose")
        ),
        Draining | Lost if count == 0 => {
            format!("nobody is served on {id}: nobody moves, nobody new comes")
        }
        Retired if edit.snapshot.bound_count(id) == 0 => {
            format!("{id} is asked for nothing any more; nobody is bound to it")
        }
        Draining | Lost | Retired => return None,
    };
    Some(effect(Info, "lifecycle", count, Some(id), text))
}

/// Clients that are off and become due to be deleted by a shorter time of keeping them.
fn tombstones(edit: &Edit<'_>) -> Option<Effect> {
    let (was, is) = (edit.before.shop.retention.tombstones, edit.after.shop.retention.tombstones);
    if is >= was {
        return None;
    }
    let due = |since, kept| since + kept <= edit.now;
    let bound = edit.after.servers.keys().flat_map(|id| edit.snapshot.bound_to(id));
    let count = bound
        .filter(|b| match b.disposition {
            Disposition::Tombstoned { since } => due(since, is) && !due(since, was),
            Disposition::Serving | Disposition::Leaving => false,
        })
        .count();
    let text = format!(
        "{} that {} off for long enough {} deleted on the panels now",
        counted(count, "client"),
        by(count, "is", "are"),
        by(count, "is", "are")
    );
    (count > 0).then(|| effect(Notice, "tombstones", count, None, text))
}
