//! The monitors: what must hold after every effect. A breach is noted, never healed.

mod addresses;
mod adopted;
mod audited;
mod books;
mod forgotten;
mod guarded;
mod keys;
mod news;
mod notices;
mod orphans;
mod places;
mod released;
mod restored;
mod served;
mod sessions;
mod strangers;
mod timed;
mod told;
mod touched;
mod trials;
mod usage;
mod waits;

pub use restored::Knows;
use told::is_kept;
use touched::Touched;
pub(super) use usage::left;
pub(super) use waits::P99;

use super::time::{Party, Time};
use super::trace::Trace;
use nebulalinks::catalog::Catalog;
use nebulalinks::intent::{Intent, Reply};
use nebulalinks::model::*;
use nebulalinks::ports::Precondition;
use nebulalinks_model_panel::{ClientSnapshot, ModelPanel};
use nebulalinks_testkit::world::email;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Who has left a server is off there by then, if that answers.
const LEFT_WITHIN: DurationMs = DurationMs(3 * MINUTE_MS);

#[derive(Default)]
struct Seen {
    breaches: Vec<String>,
    ends: BTreeMap<AccountId, UnixMs>,
    totals: BTreeMap<Key, Bytes>,
    told: Vec<Reply>,
    /// Which term each source gave, by its account and number.
    sources: BTreeMap<TermSource, (AccountId, u32)>,
    /// The account that each customer's trial opened.
    trials: BTreeMap<CustomerId, AccountId>,
    /// The next look after a commit is at everybody: some commits before it nobody saw, or they were of
    /// another store.
    looks_at_all: bool,
    /// Whom commits touch that nobody has looked at yet, by their numbers: whoever waits for a commit may
    /// give up before it is durable.
    under_way: BTreeMap<u64, Touched>,
    /// The last commit's number.
    commits: u64,
    /// Which order each payment's number backed last.
    payments: BTreeMap<(MethodId, String), OrderId>,
    usage: usage::Usage,
    restored: restored::Restored,
    places: places::Kept,
    orphans: orphans::Orphans,
    served: served::Looks,
    audited: audited::Audited,
    guarded: guarded::Guarded,
    keys: keys::Keys,
    addresses: addresses::Addresses,
    adoptions: adopted::Adoptions,
    news: news::News,
    notices: notices::Notices,
    gone: forgotten::Gone,
    released: released::Released,
    homes: strangers::Homes,
    sessions: sessions::Sessions,
    waits: waits::Waits,
    /// What was taken from active clients where a budget allows some of it.
    taken: BTreeMap<ServerId, BTreeMap<AccountId, UnixMs>>,
}

/// What was seen, against what must hold.
pub struct Monitors {
    seen: Mutex<Seen>,
    pub(super) panels: BTreeMap<ServerId, ModelPanel>,
    time: Arc<Time>,
    catalog: Arc<Catalog>,
    words: addresses::Words,
    pub(super) trace: Arc<Trace>,
}

impl Monitors {
    pub(super) fn new(
        panels: BTreeMap<ServerId, ModelPanel>,
        time: Arc<Time>,
        catalog: Arc<Catalog>,
        trace: Arc<Trace>,
    ) -> Self {
        let words = addresses::Words::of(&catalog);
        Self { seen: Mutex::default(), panels, time, catalog, words, trace }
    }

    /// Notes that something did not hold.
    pub(super) fn breach(&self, law: &str, what: &str) {
        let breach = format!("{law}: {what}");
        let mut seen = self.seen.lock().unwrap();
        // What stays broken is seen after every commit.
        if !seen.breaches.contains(&breach) {
            self.trace.note(|| format!("BREACH {breach}"));
            seen.breaches.push(breach);
        }
    }

    /// Everything that did not hold so far, each with its promise in front.
    pub fn breaches(&self) -> Vec<String> {
        self.seen.lock().unwrap().breaches.clone()
    }

    /// Whether this promise was broken; any, of an empty name.
    pub(super) fn has_breach_of(&self, law: &str) -> bool {
        self.seen.lock().unwrap().breaches.iter().any(|breach| is_of(breach, law))
    }

    /// Somebody asks again what was told of an account may not be so any more, whatever the answer.
    pub(super) fn asked(&self, intent: &Intent) {
        self.note_accepted(intent);
        if let Intent::Suspend(of) | Intent::Resume(of) = intent {
            let about = |reply: &Reply| matches!(reply, Reply::Suspended(id) | Reply::Resumed(id) if *id == of.account);
            self.seen.lock().unwrap().told.retain(|reply| !about(reply));
        }
    }

    /// Somebody got this answer: it must be so for ever.
    pub(super) fn told(&self, reply: &Reply) {
        self.seen.lock().unwrap().told.push(reply.clone());
    }

    /// P13, after a restart and at the end: every answer that somebody got is still true.
    pub(super) fn check_told(&self, snapshot: &Snapshot) {
        let lost: Vec<String> = {
            let told = &self.seen.lock().unwrap().told;
            let lost = told.iter().filter(|reply| !is_kept(snapshot, reply));
            lost.map(|reply| format!("told and lost: {reply:?}")).collect()
        };
        lost.iter().for_each(|what| self.breach("P13", what));
        for (server, panel) in &self.panels {
            for client in panel.clients() {
                let Some(mark) = Mark::parse(&client.email) else { continue };
                let known = snapshot.account(mark.account).is_some();
                if !known && !self.was_lost_on_purpose(mark.account) {
                    self.breach("P5", &format!("{} on {server} has no record", client.email));
                }
            }
        }
    }

    /// Just before these edits are applied, with nothing in between. Gives the commit's number.
    pub(super) fn about_to_apply(&self, edits: &Edits) -> u64 {
        self.note_adoptions(edits);
        self.note_releases(edits);
        let mut seen = self.seen.lock().unwrap();
        seen.commits += 1;
        let number = seen.commits;
        seen.under_way.insert(number, Touched::by(edits));
        number
    }

    /// After every commit, at whom it touched: the longer a run, the less of all there is that is. What
    /// was applied before it is durable with it, so that it looks at whom these touched, too.
    pub(super) fn committed(&self, snapshot: &Snapshot, number: u64) {
        let (touched, at_all) = {
            let mut seen = self.seen.lock().unwrap();
            let later = seen.under_way.split_off(&(number + 1));
            let mut touched = Touched::default();
            for one in std::mem::replace(&mut seen.under_way, later).into_values() {
                touched.add(one);
            }
            (touched, std::mem::take(&mut seen.looks_at_all))
        };
        if at_all || touched.all {
            return self.check_all(snapshot);
        }
        for id in &touched.accounts {
            self.check_account(snapshot, *id);
        }
        for order in touched.orders.iter().filter_map(|id| snapshot.order(*id)) {
            self.check_order(snapshot, order);
        }
        self.check_amnesia(snapshot);
        self.check_places(snapshot);
    }

    /// Everybody at once: after a restart, and at the end.
    pub(super) fn check_all(&self, snapshot: &Snapshot) {
        for account in snapshot.accounts() {
            self.check_account(snapshot, account.id);
        }
        for order in snapshot.orders() {
            self.check_order(snapshot, order);
        }
        self.check_amnesia(snapshot);
        self.check_places(snapshot);
    }

    fn check_account(&self, snapshot: &Snapshot, id: AccountId) {
        for term in snapshot.terms(id) {
            let place = (id, term.seq);
            let source = term.source.clone();
            let first = *self.seen.lock().unwrap().sources.entry(source).or_insert(place);
            if first != place {
                self.breach("P4", &format!("two terms of {}", term.source));
            }
        }
        if let Some(account) = snapshot.account(id) {
            self.note_keys(account);
            self.note_address(account);
        }
        let Some(entitlement) = Entitlement::of(snapshot, id) else { return };
        let before = self.seen.lock().unwrap().ends.insert(id, entitlement.ends_at);
        let reversed = snapshot.reversals(id).next().is_some();
        if !reversed && before.is_some_and(|b| b > entitlement.ends_at) {
            self.breach("P6", &format!("E({id}) fell"));
        }
        self.check_ledgers(snapshot, id);
        self.was_sold(id, entitlement.ends_at);
        self.check_compensations(snapshot, id);
        self.check_trial(snapshot, id);
    }

    fn check_order(&self, snapshot: &Snapshot, order: &Order) {
        self.check_promise(order);
        let Some(decision) = &order.decision else { return };
        let Verdict::Approved { reference, account } = &decision.verdict else { return };
        let source = TermSource::Order(order.id);
        if !snapshot.terms(*account).any(|t| t.source == source) {
            self.breach("P4", &format!("{} is approved and has no term", order.id));
        }
        let Some(reference) = reference else { return };
        let payment = (order.method.method.clone(), reference.clone());
        // Kept, because an approved order leaves the snapshot after a week.
        let before = self.seen.lock().unwrap().payments.insert(payment, order.id);
        let other = before.filter(|other| *other != order.id);
        // A backup of before knows nothing of it.
        let there = |id| snapshot.order(id).is_some() || snapshot.archived_order(id).is_some();
        if other.is_some_and(there) {
            self.breach("P4", "one payment backs two orders");
        }
    }

    /// P4: an outage is made up for at most twice a run, and once more for each time that the run
    /// would have ended while its enable was refused.
    fn check_compensations(&self, snapshot: &Snapshot, account: AccountId) {
        for run in snapshot.runs(account) {
            let terms = || snapshot.terms(account).filter(|t| t.run == run.seq);
            let made_up: Vec<UnixMs> =
                terms().filter(|t| t.is_compensation()).map(|t| t.at).collect();
            let last = made_up.iter().max().copied().unwrap_or(run.start);
            let sold = terms().filter(|t| t.sets_service()).map(|t| t.length).min();
            let lengths = last.since(run.start).0 / sold.map_or(u64::MAX, |length| length.0.max(1));
            if made_up.len() as u64 > 2 + lengths {
                self.breach("P4", &format!("{account} was compensated again and again"));
            }
        }
    }

    /// Just before a client is written.
    pub(super) fn about_to_put(
        &self,
        snapshot: &Snapshot,
        server: &ServerId,
        (before, want): (Precondition, &DesiredClient),
    ) {
        self.check_clock_of(server);
        let now = self.now();
        let Some(account) = self.ours(snapshot, &want.email) else { return };
        // Until it is renamed an adopted one is there under its own name.
        let named = want.from.as_ref().unwrap_or(&want.email);
        let client = self.panels.get(server).and_then(|p| p.client(named));
        let Some(entitlement) = Entitlement::of(snapshot, account.id) else {
            return self.breach("P5", &format!("{} has no durable term", want.email));
        };
        // The half of a change that only gives leaves an end that is beyond as the panel holds it.
        let held = client.as_ref().is_some_and(|c| want.end == end_of(c));
        if End::at(entitlement.ends_at).is_before(want.end) && !held {
            self.breach("P6", &format!("the end of {} is beyond E(a)", want.email));
        }
        self.check_keys(snapshot, account, client.as_ref(), want);
        let (counter, left) = left(snapshot, account.id, server, client.as_ref());
        let calm = self.is_calm(account.id);
        let held = client.as_ref().is_some_and(|c| want.cap == cap_of(c));
        if let (Cap::Bytes(cap), Quota::Bytes(left)) = (want.cap, left)
            && calm
            && want.enable
            && !held
            && cap.get() > (counter + left).0.max(1)
        {
            self.breach("P6", &format!("a cap of {cap} over {counter} + {left} left"));
        }
        if want.enable {
            self.goes_on(account.id);
        } else {
            self.check_cut(snapshot, account.id, server, left, now, "disabled");
        }
        if let Some(client) = &client {
            self.check_taken(server, account.id, client, Some(want));
            self.check_unexplained(snapshot, server, client, (account.id, Some(want)));
        }
        self.check_refill(snapshot, server, account.id, before);
        let stays_off = !want.enable && client.as_ref().is_some_and(|client| !client.is_on());
        self.forget_session(server, account.id, stays_off);
        self.note_turn(snapshot, account.id);
        self.note_sent(server, account.id, (client.as_ref(), want));
    }

    /// Just before a client is deleted.
    pub(super) fn about_to_delete(&self, snapshot: &Snapshot, server: &ServerId, email: &str) {
        self.check_clock_of(server);
        if let Some(account) = self.ours(snapshot, email) {
            let left = Entitlement::of(snapshot, account.id).map_or(Quota::Unlimited, |e| e.left);
            self.check_cut(snapshot, account.id, server, left, self.now(), "deleted");
            if let Some(client) = self.panels.get(server).and_then(|p| p.client(email)) {
                self.check_taken(server, account.id, &client, None);
                self.goes(snapshot, (server, account.id), &client);
                self.check_unexplained(snapshot, server, &client, (account.id, None));
            }
        }
    }

    fn check_cut(
        &self,
        snapshot: &Snapshot,
        account: AccountId,
        server: &ServerId,
        left: Quota,
        now: UnixMs,
        how: &str,
    ) {
        let Some(entitlement) = Entitlement::of(snapshot, account) else { return };
        // A renewal that became durable while the write was on its way: the next round mends it.
        let fresh = snapshot
            .terms(account)
            .any(|t| now.since(t.at) < DurationMs(SECOND_MS) && !t.is_compensation());
        let active = now < entitlement.ends_at && !left.is_empty() && !entitlement.suspended;
        if !active || fresh || self.is_on_elsewhere(snapshot, account, server) {
            return;
        }
        if self.is_deceived() {
            self.spend(server, account, "P17", &format!("{account} is active and {how}"));
        } else if self.is_wrong() {
            self.breach("P17", &format!("{account} is active and {how} by a wrong clock"));
        } else {
            self.breach("P7", &format!("{account} is active and {how}"));
        }
    }

    /// Whether an account has left a server for another that serves it, so that nothing is taken.
    fn is_on_elsewhere(&self, snapshot: &Snapshot, id: AccountId, server: &ServerId) -> bool {
        let left = snapshot.binding(id, server);
        let serves = |binding: &Binding| {
            let client = self.panels.get(&binding.server).and_then(|p| p.client(&email(id)));
            binding.disposition == Disposition::Serving && client.is_some_and(|c| c.is_on())
        };
        left.is_some_and(|b| matches!(b.disposition, Disposition::Tombstoned { .. }))
            && snapshot.bindings(id).any(serves)
    }

    /// Something is taken where that is allowed as far as the budget of an hour goes.
    fn spend(&self, server: &ServerId, account: AccountId, law: &str, what: &str) {
        let now = self.time.now();
        let total = {
            let mut seen = self.seen.lock().unwrap();
            let taken = seen.taken.entry(server.clone()).or_default();
            // A minute less: the budget's own lines are of whole minutes.
            taken.retain(|_, at| now.since(*at) < DurationMs(59 * MINUTE_MS));
            taken.entry(account).or_insert(now);
            taken.len()
        };
        if total > self.catalog.shop.guard.destructive_floor as usize {
            self.breach(law, &format!("{total} within an hour on {server}; {what}"));
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
        let mut places: BTreeMap<AccountId, usize> = BTreeMap::new();
        let mut on: BTreeMap<AccountId, u32> = BTreeMap::new();
        self.forget_orphans(snapshot);
        self.check_adopted(snapshot);
        self.check_released();
        for (server, panel) in &self.panels {
            for client in panel.clients() {
                if client.email.starts_with("friend") && client.comment.starts_with("nl:") {
                    self.breach("P9", "a foreign client was written");
                }
                let Some(mark) = Mark::parse(&client.email) else { continue };
                let is_counted = !self.is_an_orphan(server, mark.account);
                let count = places.entry(mark.account).or_default();
                *count += usize::from(is_counted);
                let on = on.entry(mark.account).or_default();
                *on += u32::from(is_counted && client.is_on());
                let may_be_on = if self.leaves_one(snapshot, mark.account) { 2 } else { 1 };
                if *count > snapshot.bindings(mark.account).count().max(1)
                    || *on > may_be_on
                    || client.entries > client.inbounds.len().max(1)
                {
                    self.breach("P3", &format!("two clients of {}", mark.account));
                }
                let Some(account) = snapshot.account(mark.account) else { continue };
                self.check_client(account, &client);
            }
        }
    }

    /// Whether an account may be on at two servers: it leaves one, or has just left it, or that does not
    /// answer or may not be told.
    fn leaves_one(&self, snapshot: &Snapshot, id: AccountId) -> bool {
        let now = self.time.now();
        let down = |server| self.panels.get(server).is_some_and(|panel| panel.faults().is_down());
        snapshot.bindings(id).any(|binding| match binding.disposition {
            Disposition::Serving => false,
            Disposition::Leaving => true,
            Disposition::Tombstoned { since } => {
                now.since(since) < LEFT_WITHIN || down(&binding.server) || snapshot.in_amnesia()
            }
        })
    }

    /// Each account's client as the panel holds it.
    pub(super) fn client(&self, snapshot: &Snapshot, id: AccountId) -> Option<ClientSnapshot> {
        let binding = snapshot.home(id)?;
        self.panels.get(&binding.server)?.client(&email(id))
    }
}

/// Whether a breach is of this promise; any is of `""`.
pub(super) fn is_of(breach: &str, law: &str) -> bool {
    law.is_empty() || breach.split(':').next() == Some(law)
}

/// The end that a panel holds.
fn end_of(client: &ClientSnapshot) -> End {
    let ms = u64::try_from(client.expiry_ms).ok().and_then(std::num::NonZeroU64::new);
    ms.map_or(End::Never, End::At)
}

/// The cap that a panel holds.
fn cap_of(client: &ClientSnapshot) -> Cap {
    let bytes = u64::try_from(client.total).ok().and_then(std::num::NonZeroU64::new);
    bytes.map_or(Cap::Unlimited, Cap::Bytes)
}
