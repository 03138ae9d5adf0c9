//! One pass over one server: the one pure call between observing and applying.

use super::adopted::with_adopted;
use super::changes::{Change, Verb, Why};
use super::compensate::owed;
use super::compile::{Limits, client, compile, moving_cap};
use super::covered::{brought_back, covered, is_to_be_noted, named, orphans};
use super::cut_sessions::cut_sessions;
use super::diff::diff;
use super::explain::{Evidence, record_of};
use super::fields::fields;
use super::guard::in_order;
use super::ledger::LEDGER_EVERY;
use super::moves::is_ready;
use super::opening::{as_arrived, grew, opening};
use super::proposal::{PlanInput, Proposal};
use super::report::Waiting;
use super::weigh::{Weighed, weigh};
use crate::catalog::{Catalog, Drift, Server};
use crate::model::{
    Account, AccountRecords, Binding, BindingStatus, Bytes, Coverage, DesiredClient, Disposition,
    DurationMs, Entitlement, Key, Leapt, Observation, ObservedClient, Overrun, SECOND_MS, Snapshot,
    Standing, StillConnected, UnixMs,
};
use nebulalinks_protocol::CLIENT_MARK;
use std::collections::BTreeSet;

/// Two polls of a panel (5 s each) and the clocks' difference: so close to an end or a cap the
/// panel's own rule may have acted already, and a write would fight it.
const PANEL_RULE: DurationMs = DurationMs(15 * SECOND_MS);
/// How long after a first look a second one counts.
pub(super) const SECOND_LOOK: DurationMs = DurationMs(30 * SECOND_MS);

/// Plans one server. The same input gives the same proposal.
#[must_use]
pub fn plan_server(input: &PlanInput<'_>) -> Proposal {
    let PlanInput { snapshot, catalog, observation, before, cooling_down, now } = *input;
    let observation = &*with_adopted(snapshot, observation);
    let mut proposal = Proposal::empty(observation.server.clone(), now);
    let Some(server) = catalog.servers.get(&observation.server) else {
        return proposal;
    };
    let mut list = weigh(snapshot, server, observation, before, now);
    proposal.leap = list.leap;
    proposal.near = list.near();
    proposal.last_list = is_to_be_noted(snapshot, observation, now).then_some(now);
    let is_first = snapshot.server_home(&server.id).is_none();
    let is_full = observation.coverage == Coverage::Full;
    proposal.home = (is_first && is_full).then(|| observation.panel.identity.clone());
    let named = named(snapshot, server, observation);
    let (back, strangers) = brought_back(snapshot, &server.id, list.take_strangers());
    let pass = |binding, records| {
        let account = AccountRecords::account(records)?;
        let seen = observation.ours.get(&account.id);
        let grew_while_off = seen.and_then(|seen| before.grew_while_off(account.id, seen));
        Some(Pass {
            snapshot,
            catalog,
            observation,
            named: named.as_ref(),
            server,
            records,
            account,
            binding,
            cools_until: cooling_down.get(&account.id).copied(),
            grew_while_off,
            now,
        })
    };
    for (binding, records) in covered(snapshot, observation) {
        if let Some(pass) = pass(binding, records) {
            pass.plan(list.take(pass.account.id), &mut proposal);
        }
    }
    proposal.cut_sessions = cut_sessions(snapshot, catalog, server, &proposal.still_connected, now);
    proposal.orphans = orphans(snapshot, observation, strangers);
    for binding in back.iter().filter(|_| is_full) {
        let id = binding.account;
        let pass = snapshot.records_of(id).and_then(|records| pass(binding, records));
        if let Some((pass, seen)) = pass.zip(observation.ours.get(&id)) {
            pass.give_back(seen, &mut proposal);
        }
    }
    in_order(&mut proposal.changes.changes);
    proposal
}

pub(super) struct Pass<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) catalog: &'a Catalog,
    pub(super) observation: &'a Observation,
    pub(super) named: Option<&'a BTreeSet<i64>>,
    pub(super) server: &'a Server,
    pub(super) records: &'a AccountRecords,
    pub(super) account: &'a Account,
    pub(super) binding: &'a Binding,
    /// Nothing may be written to the client before this moment.
    cools_until: Option<UnixMs>,
    /// What its counter grew by since the last list, and when that was, though it is off.
    grew_while_off: Option<(Bytes, UnixMs)>,
    pub(super) now: UnixMs,
}

impl Pass<'_> {
    fn plan(&self, weighed: Option<Weighed>, out: &mut Proposal) {
        let id = self.account.id;
        let stored = self.records.binding_status(&self.server.id);
        let new = || BindingStatus::new(id, self.server.id.clone());
        let mut status = stored.cloned().unwrap_or_else(new);
        // Whoever sent it is gone: its outcome was awaited before this look.
        status.sending = None;
        match self.observation.ours.get(&id).zip(weighed) {
            Some((seen, _)) if self.is_released() => self.give_back(seen, out),
            Some((seen, weighed)) => self.present(seen, weighed, &mut status, out),
            None if self.observation.coverage.unreadable().is_empty() => {
                self.absent(&mut status, out);
            }
            None => {
                self.unseen(&mut status);
                out.report.wait(id, Waiting::NotObserved);
            }
        }
        let worth_storing = stored.is_some()
            || status.applied.is_some()
            || status.opening.is_some()
            || status.missing_since.is_some()
            || status.unseen_since.is_some()
            || status.implausible.is_some()
            || status.leapt.is_some()
            || status.still_connected.is_some();
        if stored != Some(&status) && worth_storing {
            out.seen.push(status);
        }
    }

    pub(super) fn due(&self, at: UnixMs, out: &mut Proposal) {
        if at > self.now {
            out.next_due = Some(out.next_due.map_or(at, |due| due.min(at)));
        }
    }

    pub(super) fn tombstone(&self) -> Option<UnixMs> {
        match self.binding.disposition {
            Disposition::Tombstoned { since } => Some(since),
            Disposition::Serving | Disposition::Leaving => None,
        }
    }

    /// Whether another binding serves the account, or is to.
    fn is_served_elsewhere(&self) -> bool {
        self.records.serving().is_some()
    }

    /// Whether the account is served by two servers for a while.
    fn is_moving(&self) -> bool {
        self.records.leaving().is_some()
    }

    /// Whether a tombstone is about to be revived by the account's own key.
    fn is_revived(&self, standing: Standing) -> bool {
        standing != Standing::Expired && !self.is_served_elsewhere()
    }

    /// Whether it stays on though its binding is a tombstone: a server that is lost, and answers, serves on
    /// until the new one does.
    fn is_missed_elsewhere(&self, seen: &ObservedClient, entitlement: &Entitlement) -> bool {
        let is_missed = |b| !is_ready(self.snapshot, b, entitlement);
        seen.enable && self.records.serving().is_some_and(is_missed)
    }

    /// Whether a tombstone is ripe: old enough, on a full list, and neither a new term nor an open
    /// renewal is about to bring it back.
    pub(super) fn may_go(&self, entitlement: &Entitlement, out: &mut Proposal) -> bool {
        let Some(since) = self.tombstone() else { return false };
        let id = self.account.id;
        let elsewhere = self.is_served_elsewhere();
        if self.is_revived(entitlement.standing(self.now)) {
            return false;
        }
        let old = since + self.catalog.shop.retention.tombstones;
        let kept = self.snapshot.renewal_keeps_place_until(id).filter(|_| !elsewhere);
        let ripe = kept.map_or(old, |until| old.max(until));
        self.due(ripe, out);
        ripe <= self.now && self.observation.coverage == Coverage::Full
    }

    /// The client is there.
    fn present(
        &self,
        seen: &ObservedClient,
        weighed: Weighed,
        status: &mut BindingStatus,
        out: &mut Proposal,
    ) {
        let id = self.account.id;
        (status.missing_since, status.unseen_since) = (None, None);
        status.incarnation = Some(seen.incarnation.clone());
        let Weighed { counted, entitlement, stored: (baseline, counted_at), leapt, .. } = weighed;
        status.implausible = counted.implausible.then_some(seen.counter);
        let Some(entitlement) = entitlement else { return };
        let entitlement = as_arrived(entitlement, status, seen);
        let standing = entitlement.standing(self.now);
        let used_up =
            |leapt: &Leapt| leapt.run == entitlement.run && standing == Standing::Depleted;
        status.leapt = leapt
            .map(|by| Box::new(Leapt { run: entitlement.run, by, at: self.now }))
            .or_else(|| status.leapt.take())
            .filter(|leapt| used_up(leapt));
        self.due(entitlement.ends_at, out);
        if entitlement.served && owed(&entitlement, self.now).is_some() {
            out.compensate.push(id);
        }
        let mut want = compile(&entitlement, seen.counter, self.now);
        if self.is_moving() {
            want.cap = moving_cap(want.cap, seen.cap, entitlement.granted);
        }
        // One that a new term, or a clock that is right again, brings back is not switched off first.
        want.enable &= self.tombstone().is_none()
            || self.is_revived(standing)
            || self.is_missed_elsewhere(seen, &entitlement);
        self.note_open_sessions(&want, seen, status, out);
        let mut verbs = diff(&want, self.account, seen, self.named);
        let adopts = !seen.email.starts_with(CLIENT_MARK);
        if adopts {
            verbs.insert(Verb::Update);
        }
        let running = seen.enable && !seen.end.is_some_and(|e| e.reached(self.now));
        // One that runs on as the run before left it, or as a backup of the panel brought it back, is
        // not served by this run yet: what it uses until its enable arrives is beyond the allowance.
        let applied = status.applied.as_ref();
        let is_this_run = verbs.is_empty() || applied.is_some_and(|a| a.run == entitlement.run);
        if running && standing == Standing::Active && !entitlement.served && is_this_run {
            out.served.push((id, entitlement.run));
        }
        if counted.implausible {
            out.report.wait(id, Waiting::ImplausibleCounter);
            // Whoever was cut for it by the panel's own rule waits for the second list.
            self.due(self.now + SECOND_LOOK, out);
            if want.enable {
                // The cap follows the counter, and that is in doubt: nothing is written until a
                // second list confirms it. A cut-off does not wait.
                verbs.clear();
            }
        } else if verbs.is_empty() {
            // That is as good as a write that was read back, so that a write whose answer was lost
            // is known to be done.
            status.problem = None;
            status.opening = None;
            if want.enable && entitlement.over > self.records.overrun(entitlement.run) {
                let (run, over) = (entitlement.run, entitlement.over);
                out.overruns.push(Overrun { account: id, run, over });
            }
            let agreed = self.evidence(&entitlement, standing, &want, seen, status).agreement();
            status.applied = agreed.or_else(|| status.applied.take());
        }
        let mut why = Why::of(standing);
        if self.tombstone().is_some() {
            if standing != Standing::Expired {
                why = Why::MovedAway;
            }
            if self.may_go(&entitlement, out) && verbs.is_empty() && !seen.enable {
                verbs.insert(Verb::Delete);
            } else {
                out.report.wait(id, Waiting::Tombstone);
            }
        }
        let moved = counted.ledger.baseline != baseline;
        let boundary = standing != Standing::Active || entitlement.opening;
        let old = self.now.since(counted_at) >= LEDGER_EVERY;
        let much = grew(&entitlement, counted.ledger.baseline - baseline);
        let last = verbs.contains(&Verb::Delete);
        if counted.must_write || last || (moved && (boundary || old || much)) {
            out.ledgers.push(counted.ledger.clone());
        }
        if verbs.is_empty() || self.waits(&entitlement, seen, &want, &verbs, status, out) {
            return;
        }
        status.opening = opening(&entitlement, &want);
        let evidence = self.evidence(&entitlement, standing, &want, seen, status);
        // The counters say it of many at once, and the line does not.
        let by_a_leap = status.leapt.is_some() && verbs.contains(&Verb::Disable);
        let explained = evidence.explain(&verbs) && !by_a_leap;
        let mut client = match want.enable {
            true => self.client(&want),
            // Whatever became of the names in the file: it is switched off where it is.
            false => {
                let inbounds = seen.inbounds.iter().map(i64::to_string).collect();
                client(self.catalog, self.account, &want, inbounds)
            }
        };
        client.from = adopts.then(|| seen.email.clone());
        let wanted = (&want, client);
        let mut change = self.change(verbs, why, seen.uuid, wanted, &entitlement, explained);
        change.fields = fields(&change, seen, self.named, &self.server.inbounds);
        change.gives = evidence.giving_half(&change).map(Box::new);
        out.changes.changes.push(change);
    }

    /// Whether somebody uses it though it is off, as it should be. Nothing follows from a look at
    /// single clients.
    fn note_open_sessions(
        &self,
        want: &Limits,
        seen: &ObservedClient,
        status: &mut BindingStatus,
        out: &mut Proposal,
    ) {
        let before = status.still_connected.take().filter(|_| !want.enable && !seen.enable);
        let grew = self.grew_while_off.filter(|_| !want.enable);
        let is_list = self.observation.coverage == Coverage::Full;
        let open = match before.as_deref().copied() {
            before if is_list => StillConnected::listed(before, grew, self.now),
            before => before,
        };
        status.still_connected = open.map(Box::new);
        out.still_connected.extend(open.map(|open| (self.account.id, open)));
    }

    fn evidence<'e>(
        &'e self,
        entitlement: &'e Entitlement,
        standing: Standing,
        want: &'e Limits,
        seen: &'e ObservedClient,
        status: &'e BindingStatus,
    ) -> Evidence<'e> {
        Evidence {
            snapshot: self.snapshot,
            records: self.records,
            account: self.account,
            binding: self.binding,
            entitlement,
            standing,
            want,
            seen,
            applied: status.applied.as_ref(),
            now: self.now,
        }
    }

    /// Whether a change that would be due must wait, and for what.
    fn waits(
        &self,
        entitlement: &Entitlement,
        seen: &ObservedClient,
        want: &Limits,
        verbs: &BTreeSet<Verb>,
        status: &BindingStatus,
        out: &mut Proposal,
    ) -> bool {
        let id = self.account.id;
        if want.enable && owed(entitlement, self.now).is_some() {
            out.compensate.push(id);
            out.report.wait(id, Waiting::Compensation);
            return true;
        }
        if seen.uuid.is_none() {
            out.report.wait(id, Waiting::Malformed);
            return true;
        }
        if want.enable && self.named.is_none() {
            out.report.wait(id, Waiting::NoInbound);
            return true;
        }
        let near_end = entitlement.served
            && entitlement.ends_at.since(self.now) < PANEL_RULE
            && self.now < entitlement.ends_at;
        if verbs.contains(&Verb::Enable) && near_end {
            self.due(entitlement.ends_at, out);
            out.report.wait(id, Waiting::PanelRule);
            return true;
        }
        let same_as_applied = status.applied.as_ref().is_some_and(|a| {
            a.enable == want.enable
                && a.end == want.end
                && a.granted == entitlement.granted
                && a.ip_limit == want.ip_limit
                && a.credentials == self.account.credentials.version
        });
        let drift = same_as_applied && !verbs.contains(&Verb::Delete);
        if self.server.drift == Drift::Report && drift {
            out.report.wait(id, Waiting::DriftReported);
            return true;
        }
        self.cools_down(out)
    }

    /// Whether nothing may be written to the client yet: the report says so, and the pass comes back
    /// when that ends. What an enable on its way gives stays as it was stored for that one.
    pub(super) fn cools_down(&self, out: &mut Proposal) -> bool {
        let Some(until) = self.cools_until else { return false };
        self.due(until, out);
        out.report.wait(self.account.id, Waiting::CoolingDown);
        true
    }

    /// The client on the server's inbounds.
    pub(super) fn client(&self, want: &Limits) -> DesiredClient {
        client(self.catalog, self.account, want, self.server.inbounds.clone())
    }

    pub(super) fn change(
        &self,
        verbs: BTreeSet<Verb>,
        why: Why,
        before: Option<uuid::Uuid>,
        (limits, want): (&Limits, DesiredClient),
        entitlement: &Entitlement,
        explained: bool,
    ) -> Change {
        let id = self.account.id;
        let timed = verbs.contains(&Verb::Delete) || entitlement.is_over(self.now);
        Change {
            account: id,
            verbs,
            why,
            before,
            record: record_of(self.snapshot, self.account, entitlement, limits, self.now),
            want,
            run: entitlement.run,
            over: entitlement.over,
            fields: Vec::new(),
            gives: None,
            decided_on: (
                self.snapshot.version(&Key::Account(id)),
                self.snapshot.version(&Key::Binding(id, self.server.id.clone())),
            ),
            explained,
            timed,
        }
    }
}
