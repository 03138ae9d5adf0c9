//! P8: a session that outlives its cut-off is said, and one restart of Xray ends it: in the hours that
//! servers.yaml names, once in them, and only where lists showed one.

use super::{Monitors, Party};
use nebulalinks::model::*;
use std::collections::{BTreeMap, BTreeSet};

/// What flowed before a cut-off stands on the counter by then.
const COUNTED: DurationMs = DurationMs(20 * SECOND_MS);
/// A list that finds nobody to have used anything for so long says that nobody is connected.
const QUIET: DurationMs = DurationMs(155 * SECOND_MS);
/// A clock that was set moves what is counted by it for so long.
const SETTLED: DurationMs = DurationMs(5 * MINUTE_MS);
/// After such a list nobody knows for so long what the controller goes by.
const UNSURE: DurationMs = DurationMs(4 * MINUTE_MS);
/// The controller's clock and the true one differ by less where nothing is wrong.
const CLOCKS: DurationMs = DurationMs(MINUTE_MS);

/// What lists have shown of clients that are off.
#[derive(Default)]
pub(super) struct Sessions {
    off: BTreeMap<(ServerId, AccountId), Off>,
    /// From the list before the first that showed growth to the last that did.
    grew: BTreeMap<(ServerId, AccountId), (UnixMs, UnixMs)>,
    /// Of whom the next list's records must say it, by the last list of this process.
    due: BTreeMap<ServerId, BTreeSet<AccountId>>,
    /// When this process read the last full list.
    listed: BTreeMap<ServerId, UnixMs>,
    /// Since when every list is taken in here: what one before it showed, the controller may know alone.
    followed: BTreeMap<ServerId, UnixMs>,
    /// When a list was read last that may have been put away.
    unsure: BTreeMap<ServerId, UnixMs>,
    /// When each Xray was started anew for it.
    restarts: BTreeMap<ServerId, Vec<UnixMs>>,
}

/// A client as the last list shows it.
struct Off {
    row: Incarnation,
    counter: Bytes,
    since: UnixMs,
    at: UnixMs,
    /// When this process first listed it as off.
    seen: Option<UnixMs>,
}

impl Sessions {
    /// A new process has read no list yet.
    pub(super) fn begin_anew(&mut self) {
        self.due.clear();
        self.listed.clear();
        self.off.values_mut().for_each(|off| off.seen = None);
    }

    /// A store of before knows of no restart since.
    pub(super) fn restored(&mut self) {
        *self = Self::default();
    }

    fn is_sure(&self, server: &ServerId, now: UnixMs) -> bool {
        self.unsure.get(server).is_none_or(|at| now.since(*at) > UNSURE)
    }

    fn note(
        &mut self,
        server: &ServerId,
        (id, client): (AccountId, &ObservedClient),
        over: bool,
        now: UnixMs,
    ) {
        let key = (server.clone(), id);
        let known = self.off.remove(&key).filter(|off| off.row == client.incarnation);
        if client.enable {
            return;
        }
        if let Some(off) = known.as_ref().filter(|off| client.counter > off.counter) {
            let (from, _) = *self.grew.get(&key).unwrap_or(&(off.at, now));
            self.grew.insert(key.clone(), (from, now));
            // A new process needs as long as the first one did. It may know of lists that were not taken in here.
            let long = |since: UnixMs| off.at.since(since) >= COUNTED;
            let known = long(off.since) && off.seen.is_some_and(long);
            if known && over && self.is_sure(server, now) {
                self.due.entry(server.clone()).or_default().insert(id);
            }
        }
        let seen = known.as_ref().and_then(|off| off.seen).or(Some(now));
        let since = known.map_or(now, |off| off.since);
        let (row, counter) = (client.incarnation.clone(), client.counter);
        self.off.insert(key, Off { row, counter, since, at: now, seen });
    }
}

impl Monitors {
    /// A list was read, and what the one before it said is written down.
    pub(super) fn note_sessions(&self, list: &Observation, stored: &Snapshot) {
        let (now, server) = (self.time.now(), &list.server);
        let due = self.seen.lock().unwrap().sessions.due.remove(server).unwrap_or_default();
        if list.coverage != Coverage::Full {
            return;
        }
        if !self.is_settled(server) {
            let sessions = &mut self.seen.lock().unwrap().sessions;
            sessions.listed.remove(server);
            sessions.followed.remove(server);
            return;
        }
        for id in due.into_iter().filter(|id| is_over(stored, *id, now)) {
            let status = stored.binding_status(id, server);
            if status.is_some_and(|status| status.still_connected.is_none()) {
                self.breach("P8", &format!("nobody says that {id} is connected to {server}"));
            }
        }
        let before = {
            let sessions = &mut self.seen.lock().unwrap().sessions;
            // A list that is read meanwhile may be taken in or put away.
            if self.just_woke_up() {
                sessions.unsure.insert(server.clone(), now);
            }
            let followed = *sessions.followed.entry(server.clone()).or_insert(now);
            let before = sessions.listed.insert(server.clone(), now);
            before.filter(|at| sessions.is_sure(server, now) && at.since(followed) >= QUIET)
        };
        for id in before.map(|at| self.quiet(server, stored, at)).unwrap_or_default() {
            self.breach("P8", &format!("{id} is said to be connected to {server}, and is quiet"));
        }
        let mut seen = self.seen.lock().unwrap();
        for (id, client) in &list.ours {
            seen.sessions.note(server, (*id, client), is_over(stored, *id, now), now);
        }
    }

    /// Who is said to be connected after a list of this time, and used nothing for long.
    fn quiet(&self, server: &ServerId, stored: &Snapshot, listed: UnixMs) -> Vec<AccountId> {
        let grew = &mut self.seen.lock().unwrap().sessions.grew;
        grew.retain(|(of, _), (_, last)| of != server || listed.since(*last) < QUIET);
        let said = stored.served_by(server).filter(|(binding, records)| {
            let status = records.binding_status(server);
            status.is_some_and(|status| status.still_connected.is_some())
                && !grew.contains_key(&(server.clone(), binding.account))
        });
        said.map(|(binding, _)| binding.account).collect()
    }

    fn is_settled(&self, server: &ServerId) -> bool {
        let parties = [Party::Controller, Party::Server(server.clone())];
        parties.iter().all(|party| self.time.since_set(party) > SETTLED) && !self.time.is_silent()
    }

    /// A client was written: what was known of its sessions begins anew, unless it was off and stays so.
    pub(super) fn forget_session(&self, server: &ServerId, account: AccountId, stays_off: bool) {
        let sessions = &mut self.seen.lock().unwrap().sessions;
        if !stays_off {
            sessions.off.remove(&(server.clone(), account));
        }
        if let Some(due) = sessions.due.get_mut(server) {
            due.remove(&account);
        }
    }

    /// Just before Xray is asked to start anew.
    pub(in super::super) fn about_to_restart(&self, server: &ServerId) {
        let rule = self.catalog.servers.get(server).and_then(|server| server.cut_open_sessions);
        let Some(rule) = rule else {
            return self.breach("P8", &format!("{server} is restarted, and no file says so"));
        };
        if !self.is_settled(server) {
            return;
        }
        let now = self.time.now();
        let is_sure = {
            let sessions = &self.seen.lock().unwrap().sessions;
            // Of a cut-off before that, the controller may have known for as long as it takes.
            let known = DurationMs(rule.after.0 + QUIET.0);
            let follows = |since: &UnixMs| now.since(*since) >= known;
            sessions.is_sure(server, now) && sessions.followed.get(server).is_some_and(follows)
        };
        let began = |at| rule.between.began(at, &self.catalog.shop.time_zone);
        if [now, now + CLOCKS, now - CLOCKS].into_iter().all(|at| began(at).is_none()) {
            self.breach("P8", &format!("{server} is restarted outside of its hours"));
        }
        // Nobody reconnects for one who pauses: it grew up to the list that this follows.
        let long = {
            let sessions = &self.seen.lock().unwrap().sessions;
            let listed = sessions.listed.get(server).copied();
            let lasts = |(of, (from, to)): (&ServerId, &(UnixMs, UnixMs))| {
                of == server && Some(*to) == listed && to.since(*from) >= rule.after
            };
            listed.is_none() || sessions.grew.iter().any(|((of, _), grew)| lasts((of, grew)))
        };
        if is_sure && !long {
            self.breach(
                "P8",
                &format!("{server} is restarted, and nobody is connected who is off"),
            );
        }
    }

    /// A gateway says that Xray was started anew.
    pub(in super::super) fn restarted(&self, server: &ServerId) {
        let now = self.time.now();
        let rule = self.catalog.servers.get(server).and_then(|server| server.cut_open_sessions);
        let began = rule.and_then(|rule| rule.between.began(now, &self.catalog.shop.time_zone));
        let before = {
            let all = &mut self.seen.lock().unwrap().sessions.restarts;
            let all = all.entry(server.clone()).or_default();
            all.push(now);
            all.iter().rev().nth(1).copied()
        };
        if self.is_settled(server) && before.zip(began).is_some_and(|(at, began)| at >= began) {
            self.breach("P8", &format!("{server} is restarted twice in its hours"));
        }
    }

    /// How often a server's Xray was started anew for open sessions.
    pub(in super::super) fn restarts(&self, server: &ServerId) -> usize {
        self.seen.lock().unwrap().sessions.restarts.get(server).map_or(0, Vec::len)
    }
}

/// Whether an account is to be off, for longer than anybody needs to see it.
fn is_over(stored: &Snapshot, account: AccountId, now: UnixMs) -> bool {
    Entitlement::of(stored, account).is_some_and(|e| e.standing(now) != Standing::Active)
}
