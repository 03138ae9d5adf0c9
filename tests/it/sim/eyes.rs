//! The monitors: what must hold after every effect. A breach is noted, never healed.

use crate::support::world::email;
use nebulalinks::intent::{LeapOf, Reply};
use nebulalinks::model::*;
use nebulalinks_sandbox::panel::{ClientSnapshot, ModelPanel};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

#[derive(Default)]
struct Seen {
    breaches: Vec<String>,
    ends: BTreeMap<AccountId, UnixMs>,
    totals: BTreeMap<Key, Bytes>,
    told: Vec<Reply>,
    /// What really flowed, by account.
    flowed: BTreeMap<AccountId, u64>,
    /// When a counter was last set by hand.
    tampered: BTreeMap<AccountId, UnixMs>,
}

pub(super) struct Eyes {
    seen: Mutex<Seen>,
    pub(super) panels: BTreeMap<ServerId, ModelPanel>,
}

impl Eyes {
    pub(super) fn new(panels: BTreeMap<ServerId, ModelPanel>) -> Self {
        Self { seen: Mutex::default(), panels }
    }

    pub(super) fn breach(&self, law: &str, what: &str) {
        self.seen.lock().unwrap().breaches.push(format!("{law}: {what}"));
    }

    pub(super) fn breaches(&self) -> Vec<String> {
        self.seen.lock().unwrap().breaches.clone()
    }

    pub(super) fn flowed(&self, account: AccountId, bytes: u64) {
        *self.seen.lock().unwrap().flowed.entry(account).or_default() += bytes;
    }

    pub(super) fn tampered(&self, account: AccountId, now: UnixMs) {
        self.seen.lock().unwrap().tampered.insert(account, now);
    }

    /// Somebody was told something: it must be so for ever.
    pub(super) fn told(&self, reply: &Reply) {
        self.seen.lock().unwrap().told.push(reply.clone());
    }

    /// P13, after a restart and at the end: what was told is still so.
    pub(super) fn check_told(&self, snapshot: &Snapshot) {
        let told = self.seen.lock().unwrap().told.clone();
        for reply in told {
            let kept = match &reply {
                Reply::Placed(id) | Reply::AlreadyOpen(id) => snapshot.order(*id).is_some(),
                Reply::Cancelled(id) => snapshot.order(*id).is_some_and(|o| o.cancelled.is_some()),
                Reply::ProofTaken(id) => {
                    snapshot.order(*id).is_some_and(|o| !o.evidence.is_empty())
                }
                Reply::Approved(id, account) => {
                    snapshot.order(*id).is_some_and(|o| o.approved_account() == Some(*account))
                        && snapshot.terms(*account).any(|t| t.source == TermSource::Order(*id))
                }
                Reply::Declined(id) => snapshot
                    .order(*id)
                    .is_some_and(|o| o.decision.is_some() || o.reopened.is_some()),
                Reply::Reopened(id, _) => snapshot.order(*id).is_some_and(|o| o.reopened.is_some()),
                Reply::Reversed(id, account) => {
                    snapshot.order(*id).is_some_and(|o| o.reversed.is_some())
                        && snapshot.reversals(*account).next().is_some()
                }
                Reply::Granted(account) | Reply::AlreadyGranted(account) => {
                    snapshot.terms(*account).any(|t| matches!(t.source, TermSource::Grant(_)))
                }
                Reply::Forgiven { of: LeapOf::Account(account), .. } => {
                    snapshot.forgivenesses(*account).next().is_some()
                }
                Reply::Forgiven { .. } | Reply::AlreadyForgiven(_) => true,
                Reply::LinkShown(_, account) => snapshot.delivery(*account).is_some(),
                Reply::AlreadyDone(..) => true,
            };
            if !kept {
                self.breach("P13", &format!("told and lost: {reply:?}"));
            }
        }
        for (server, panel) in &self.panels {
            for client in panel.clients() {
                let Some(mark) = Mark::parse(&client.email) else { continue };
                if snapshot.account(mark.account).is_none() {
                    self.breach("P5", &format!("{} on {server} has no record", client.email));
                }
            }
        }
    }

    /// After every commit.
    pub(super) fn committed(&self, snapshot: &Snapshot) {
        let mut sources = BTreeSet::new();
        for account in snapshot.accounts() {
            for term in snapshot.terms(account.id) {
                if !sources.insert(term.source.clone()) {
                    self.breach("P4", &format!("two terms of {}", term.source));
                }
            }
            let Some(entitlement) = Entitlement::of(snapshot, account.id) else { continue };
            let before = self.seen.lock().unwrap().ends.insert(account.id, entitlement.ends_at);
            if before.is_some_and(|b| b > entitlement.ends_at) {
                self.breach("P6", &format!("E({}) fell", account.id));
            }
            self.check_ledgers(snapshot, account.id);
        }
        if snapshot.amnesia().is_some() {
            self.breach("P15", "this store forgot nothing, and believes it did");
        }
        let mut references = BTreeSet::new();
        for order in snapshot.orders() {
            let Some(decision) = &order.decision else { continue };
            if let Verdict::Approved { reference, account } = &decision.verdict {
                let source = TermSource::Order(order.id);
                if !snapshot.terms(*account).any(|t| t.source == source) {
                    self.breach("P4", &format!("{} is approved and has no term", order.id));
                }
                if let Some(reference) = reference
                    && !references.insert((order.method.method.clone(), reference.clone()))
                {
                    self.breach("P4", "one payment backs two orders");
                }
            }
        }
    }

    fn check_ledgers(&self, snapshot: &Snapshot, account: AccountId) {
        let mut sum = 0;
        for ledger in snapshot.ledgers(account) {
            sum += ledger.total.0;
            let key = Record::from(ledger.clone()).key();
            let before = self.seen.lock().unwrap().totals.insert(key, ledger.total);
            if before.is_some_and(|b| b > ledger.total) {
                self.breach("P14", &format!("a ledger of {account} fell"));
            }
        }
        let flowed = self.seen.lock().unwrap().flowed.get(&account).copied().unwrap_or(0);
        if sum > flowed {
            self.breach("P14", &format!("{account}: {sum} counted, {flowed} flowed"));
        }
    }

    /// Just before a client is written.
    pub(super) fn about_to_put(
        &self,
        snapshot: &Snapshot,
        server: &ServerId,
        want: &DesiredClient,
        now: UnixMs,
    ) {
        let Some(account) = self.ours(snapshot, &want.email) else { return };
        let Some(entitlement) = Entitlement::of(snapshot, account.id) else {
            return self.breach("P5", &format!("{} has no durable term", want.email));
        };
        if End::at(entitlement.ends_at).is_before(want.end) {
            self.breach("P6", &format!("the end of {} is beyond E(a)", want.email));
        }
        if (want.uuid, &want.sub_id) != (account.credentials.uuid, &account.credentials.sub_id) {
            self.breach("P3", &format!("other credentials for {}", want.email));
        }
        let client = self.panels.get(server).and_then(|p| p.client(&want.email));
        let (counter, left) = left(snapshot, account.id, server, client.as_ref());
        let tampered = self.seen.lock().unwrap().tampered.get(&account.id).copied();
        let calm = tampered.is_none_or(|at| now.since(at) > DurationMs(90 * SECOND_MS));
        if let (Cap::Bytes(cap), Quota::Bytes(left)) = (want.cap, left)
            && calm
            && want.enable
            && cap.get() > (counter + left).0.max(1)
        {
            self.breach("P6", &format!("a cap of {cap} over {counter} + {left} left"));
        }
        if !want.enable {
            self.check_cut(snapshot, account.id, left, now, "disabled");
        }
    }

    /// Just before a client is deleted.
    pub(super) fn about_to_delete(&self, snapshot: &Snapshot, email: &str, now: UnixMs) {
        if let Some(account) = self.ours(snapshot, email) {
            let left = Entitlement::of(snapshot, account.id).map_or(Quota::Unlimited, |e| e.left);
            self.check_cut(snapshot, account.id, left, now, "deleted");
        }
    }

    fn check_cut(
        &self,
        snapshot: &Snapshot,
        account: AccountId,
        left: Quota,
        now: UnixMs,
        how: &str,
    ) {
        let Some(entitlement) = Entitlement::of(snapshot, account) else { return };
        // A renewal that became durable while the write was on its way: the next round mends it.
        let fresh = snapshot
            .terms(account)
            .any(|t| now.since(t.at) < DurationMs(SECOND_MS) && t.sets_service());
        let active = now < entitlement.ends_at && !left.is_empty() && !entitlement.suspended;
        if active && !fresh {
            self.breach("P7", &format!("{account} is active and {how}"));
        }
    }

    /// P9: our mark and our record, or it is not touched.
    fn ours<'s>(&self, snapshot: &'s Snapshot, email: &str) -> Option<&'s Account> {
        let account = Mark::parse(email).filter(|m| m.shop.as_str() == "main").map(|m| m.account);
        let Some(id) = account else {
            self.breach("P9", &format!("{email} is not ours"));
            return None;
        };
        let account = snapshot.account(id);
        if account.is_none() {
            self.breach("P5", &format!("{email} has no durable record"));
        }
        account
    }

    /// P12: what a gateway did to its panel.
    pub(super) fn wrote(&self, fence: u64, newest: u64, expires_ms: u64, arrived: UnixMs) {
        if fence < newest {
            self.breach("P12", &format!("a write with fence {fence} after {newest}"));
        }
        if arrived.0 > expires_ms {
            self.breach("P12", "a write whose signature had expired");
        }
    }

    /// P3 and P9, over all panels at once.
    pub(super) fn look_over(&self, snapshot: &Snapshot) {
        let mut places: BTreeMap<AccountId, u32> = BTreeMap::new();
        for panel in self.panels.values() {
            for client in panel.clients() {
                if client.email.starts_with("friend") && client.comment.starts_with("nl:") {
                    self.breach("P9", "a foreign client was written");
                }
                let Some(mark) = Mark::parse(&client.email) else { continue };
                let count = places.entry(mark.account).or_default();
                *count += 1;
                if *count > 1 || client.entries > client.inbounds.len().max(1) {
                    self.breach("P3", &format!("two clients of {}", mark.account));
                }
                let Some(account) = snapshot.account(mark.account) else { continue };
                if client.uuid != account.credentials.uuid.to_string() {
                    self.breach("P3", &format!("another uuid for {}", mark.account));
                }
            }
        }
    }

    /// Each account's client as the panel holds it.
    pub(super) fn client(&self, snapshot: &Snapshot, id: AccountId) -> Option<ClientSnapshot> {
        let binding = snapshot.bindings(id).next()?;
        self.panels.get(&binding.server)?.client(&email(id))
    }
}

/// The panel's counter and what is left, counted here and not by the planner.
pub(super) fn left(
    snapshot: &Snapshot,
    account: AccountId,
    server: &ServerId,
    client: Option<&ClientSnapshot>,
) -> (Bytes, Quota) {
    let counter = client.map_or(0, |c| u64::try_from(c.up + c.down).unwrap_or(0));
    let row = client.and_then(|c| c.row_id);
    let Some(entitlement) = Entitlement::of(snapshot, account) else {
        return (Bytes(counter), Quota::Bytes(Bytes(0)));
    };
    let run = snapshot.runs(account).next_back();
    let (runs_before, seq) = run.map_or((Bytes(0), 0), |r| (r.used_before, r.seq));
    let mut used = 0;
    let mut counted = false;
    for ledger in snapshot.ledgers(account) {
        used += ledger.total.0;
        if &ledger.server == server && Some(ledger.incarnation.row) == row {
            counted = true;
            used += counter.saturating_sub(ledger.baseline.0);
        }
    }
    if !counted {
        used += counter;
    }
    let left = match entitlement.granted {
        Quota::Unlimited => Quota::Unlimited,
        Quota::Bytes(granted) => {
            let used = Bytes(used) - runs_before;
            let opened = granted.min(snapshot.opened(account, seq));
            let over = snapshot.overrun(account, seq).max(used - opened);
            Quota::Bytes(granted - (used - over))
        }
    };
    (Bytes(counter), left)
}
