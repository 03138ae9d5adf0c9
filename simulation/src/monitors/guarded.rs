//! P11: what is taken without an explanation stays within the budget of an hour, and who is missing is
//! made again only after two full lists. Counted from what the panels hold and from what was sent to
//! them, without the guard's own lines.

use super::{Monitors, Party, cap_of, end_of};
use nebulalinks::model::*;
use nebulalinks::ports::Precondition;
use nebulalinks_model_panel::ClientSnapshot;
use std::collections::{BTreeMap, BTreeSet};

/// Two full lists that lack a client are at least so far apart before it is made again, but for what
/// the panel takes to answer.
const APART: DurationMs = DurationMs(29 * SECOND_MS);
/// A clock that was set moves what is counted by it for so long.
const SETTLED: DurationMs = DurationMs(5 * MINUTE_MS);

#[derive(Default)]
pub(super) struct Guarded {
    /// The most that was ever sent to a client, and how it was sent last.
    sent: BTreeMap<(ServerId, AccountId), Sent>,
    /// Since when full lists lack somebody, and how many.
    missing: BTreeMap<(ServerId, AccountId), (UnixMs, u32)>,
    /// What an operator confirmed.
    confirmed: BTreeSet<(ServerId, AccountId)>,
}

#[derive(Clone, Copy)]
struct Sent {
    end: End,
    cap: Cap,
    enable: bool,
    at: UnixMs,
}

impl Monitors {
    /// An operator confirms what is held on a server.
    pub(in super::super) fn confirmed(&self, server: &ServerId, held: &HeldChanges) {
        let items = held.items.iter().map(|item| (server.clone(), item.account));
        self.seen.lock().unwrap().guarded.confirmed.extend(items);
    }

    /// Just before a client that is there is written, or deleted.
    pub(super) fn check_unexplained(
        &self,
        snapshot: &Snapshot,
        server: &ServerId,
        client: &ClientSnapshot,
        (account, want): (AccountId, Option<&DesiredClient>),
    ) {
        let key = (server.clone(), account);
        let (sent, confirmed) = {
            let guarded = &self.seen.lock().unwrap().guarded;
            (guarded.sent.get(&key).copied(), guarded.confirmed.contains(&key))
        };
        let Some(sent) = sent.filter(|_| !confirmed) else { return };
        let off = want.is_none_or(|want| !want.enable);
        let (end, cap) = (end_of(client), cap_of(client));
        let shortens = want.is_some_and(|want| want.end.is_before(end));
        let lowers = want.is_some_and(|want| want.cap.is_below(cap));
        let takes = (sent.end.is_before(end) && (off || shortens))
            || (sent.cap.is_below(cap) && (off || lowers))
            || (off && !sent.enable && client.enabled_in_settings);
        if takes && !decided_since(snapshot, account, sent.at) {
            let what = format!("{account} loses what nobody decided to take");
            self.spend(server, account, "P11", &what);
        }
    }

    /// A client is written: what the panel holds up to this is ours.
    pub(super) fn note_sent(
        &self,
        server: &ServerId,
        account: AccountId,
        (client, want): (Option<&ClientSnapshot>, &DesiredClient),
    ) {
        let now = self.time.now();
        let mut seen = self.seen.lock().unwrap();
        let sent = &mut seen.guarded.sent;
        let new = Sent { end: want.end, cap: want.cap, enable: want.enable, at: now };
        let known = sent.entry((server.clone(), account)).or_insert(new);
        // What is left as somebody else set it does not become ours by that.
        let (end_is_left, cap_is_left) =
            client.map_or((false, false), |c| (end_of(c) == want.end, cap_of(c) == want.cap));
        if known.end.is_before(want.end) && !end_is_left {
            known.end = want.end;
        }
        if known.cap.is_below(want.cap) && !cap_is_left {
            known.cap = want.cap;
        }
        (known.enable, known.at) = (want.enable, now);
    }

    /// A list was read, as the gateway sent it.
    pub(super) fn note_missing(&self, list: &Observation, stored: &Snapshot) {
        let now = self.time.now();
        let missing = &mut self.seen.lock().unwrap().guarded.missing;
        for (binding, records) in stored.served_by(&list.server) {
            let status = records.binding_status(&list.server);
            let key = (list.server.clone(), binding.account);
            let applied = status.is_some_and(|status| status.applied.is_some());
            let lacks = applied && !list.ours.contains_key(&binding.account);
            if lacks && list.coverage == Coverage::Full {
                missing.entry(key).or_insert((now, 0)).1 += 1;
            } else {
                missing.remove(&key);
            }
        }
    }

    /// Just before a client is made that was there once.
    pub(super) fn check_refill(
        &self,
        snapshot: &Snapshot,
        server: &ServerId,
        account: AccountId,
        before: Precondition,
    ) {
        let status = snapshot.binding_status(account, server);
        let applied = status.is_some_and(|status| status.applied.is_some());
        let settled = self.time.since_set(&Party::Controller) > SETTLED;
        if before != Precondition::Absent || !applied || !settled {
            return;
        }
        let key = (server.clone(), account);
        let seen = self.seen.lock().unwrap().guarded.missing.get(&key).copied();
        let proven =
            seen.is_some_and(|(since, lists)| lists > 1 && self.time.now().since(since) >= APART);
        if !proven {
            let what = format!("{account} is made again on {server} after {seen:?}");
            self.breach("P11", &what);
        }
    }
}

/// A reversal, a move or an end by somebody's decision that came after what was sent.
fn decided_since(snapshot: &Snapshot, account: AccountId, at: UnixMs) -> bool {
    let moved = snapshot
        .bindings(account)
        .any(|b| matches!(b.disposition, Disposition::Tombstoned { since } if since >= at))
        && snapshot.bindings(account).count() > 1;
    moved || snapshot.reversals(account).any(|reversal| reversal.at >= at)
}
