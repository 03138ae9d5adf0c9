//! Who moves, who has no place, who is served no more.

use super::edit::{Edit, by, counted, effect};
use super::fates::{Fate, Fates};
use super::types::Effect;
use super::types::Weight::{Info, Notice, Warning};
use crate::catalog::{ServerLifecycle, written_length};
use crate::model::{AccountId, DurationMs, ServerId};
use crate::planner::{MOVES_EVERY, moves_at_once};
use std::collections::BTreeMap;

pub(super) fn effects(edit: &Edit<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let news = news(edit.then, edit.anyway);
    for (fate, accounts) in &news {
        effects.push(came(edit, fate, accounts));
    }
    for (fate, accounts) in self::news(edit.anyway, edit.then) {
        // Who has another fate now is told of by that.
        let spared: Vec<_> = accounts.iter().filter(|a| !edit.then.of.contains_key(a)).collect();
        effects.extend((!spared.is_empty()).then(|| spared_of(edit, &fate, spared.len())));
    }
    let left = left_alone(edit);
    effects.extend(left.iter().map(|(server, count)| retired(server, *count)));
    let without: usize = news
        .iter()
        .filter(|(fate, _)| matches!(fate, Fate::NoRoom { lost: true, .. }))
        .map(|(_, accounts)| accounts.len())
        .sum();
    let all = edit.snapshot.accounts().next().is_some();
    if all && without == 0 && left.is_empty() {
        effects.push(effect(Info, "nobody_cut_off", 0, None, "nobody is cut off".to_owned()));
    }
    effects
}

/// The fates that one side has and the other has not, each with its accounts.
fn news(one: &Fates, other: &Fates) -> BTreeMap<Fate, Vec<AccountId>> {
    let mut news: BTreeMap<Fate, Vec<AccountId>> = BTreeMap::new();
    for (account, fate) in &one.of {
        if other.of.get(account) != Some(fate) {
            news.entry(fate.clone()).or_default().push(*account);
        }
    }
    news
}

fn came(edit: &Edit<'_>, fate: &Fate, accounts: &[AccountId]) -> Effect {
    let count = accounts.len();
    let who = counted(count, "account");
    match fate {
        Fate::Moves { from, to, lost } => {
            let how = if *lost {
                "at once, without waiting for it".to_owned()
            } else {
                "each keeps both links until the new server serves, and the old one for a day"
                    .to_owned()
            };
            let text = format!(
                "{who} {} {from} → {to}: {how}; {}",
                by(count, "moves", "move"),
                takes(edit, from, count)
            );
            effect(Notice, "move", count, Some(from), text)
        }
        Fate::NoRoom { from, lost: true } => {
            let text = format!(
                "{who} of {from} {} nowhere to go: no other server that {} has room and works now; without \
                 service until one does",
                by(count, "has", "have"),
                by(count, "its plan allows", "their plans allow")
            );
            effect(Warning, "no_room", count, Some(from), text)
        }
        Fate::NoRoom { from, lost: false } => {
            let text = format!(
                "{who} {} on {from}, which is to be left: no other server that {} has room and works now",
                by(count, "stays", "stay"),
                by(count, "its plan allows", "their plans allow")
            );
            effect(Warning, "no_room", count, Some(from), text)
        }
        Fate::Placed { to } => {
            let text =
                format!("{who} that waited for a place {} one on {to}", by(count, "gets", "get"));
            effect(Notice, "placed", count, Some(to), text)
        }
    }
}

/// How long the moves take at least.
fn takes(edit: &Edit<'_>, from: &ServerId, count: usize) -> String {
    let Some(server) = edit.after.servers.get(from) else { return "soon".to_owned() };
    let at_once = moves_at_once(server);
    let turns = u64::try_from(count.div_ceil(at_once)).unwrap_or(u64::MAX).saturating_sub(1);
    let length = DurationMs(turns.saturating_mul(MOVES_EVERY.0));
    if length.0 == 0 {
        return "all of them together".to_owned();
    }
    format!("{at_once} every {}, {} in all", written_length(MOVES_EVERY), written_length(length))
}

fn spared_of(edit: &Edit<'_>, fate: &Fate, count: usize) -> Effect {
    let who = counted(count, "account");
    match fate {
        Fate::Moves { from, .. } | Fate::NoRoom { from, .. } => {
            let why = edit.after.servers.get(from).map(|s| s.lifecycle);
            let why = match why {
                Some(ServerLifecycle::Active | ServerLifecycle::Cordoned) => "is not left any more",
                _ => "moves nobody any more",
            };
            let text = format!("{who} {} on {from}, which {why}", by(count, "stays", "stay"));
            effect(Notice, "stays", count, Some(from), text)
        }
        Fate::Placed { to } => {
            let text = format!(
                "{who} that would get a place on {to} {} on: nothing else that {} has room",
                by(count, "waits", "wait"),
                by(count, "its plan allows", "their plans allow")
            );
            effect(Warning, "no_place", count, Some(to), text)
        }
    }
}

/// Those whom servers stop serving because they are retired while in use, by server.
fn left_alone(edit: &Edit<'_>) -> BTreeMap<ServerId, usize> {
    let mut left = BTreeMap::new();
    for server in edit.after.servers.values() {
        let newly = server.lifecycle == ServerLifecycle::Retired
            && edit.before.served(&server.id).is_some();
        if !newly {
            continue;
        }
        let bound = super::fates::serving(edit.snapshot, &server.id);
        let count = bound.filter(|id| edit.is_active(*id)).count();
        if count > 0 {
            left.insert(server.id.clone(), count);
        }
    }
    left
}

fn retired(server: &ServerId, count: usize) -> Effect {
    let text = format!(
        "{} on {server} {} left alone when it is retired: no link, no renewal and no cut-off reaches {} any \
         more; set `lifecycle: draining` first, and retire it when nobody is left",
        counted(count, "account"),
        by(count, "is", "are"),
        by(count, "it", "them"),
    );
    effect(Warning, "retired_in_use", count, Some(server), text)
}
