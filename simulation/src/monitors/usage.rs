//! P14: what flows is counted once, none of it is forgotten, and what a panel lets through beyond
//! an allowance is forgiven, and nothing else is.

use super::Monitors;
use nebulalinks::model::*;
use nebulalinks_model_panel::{ClientSnapshot, ModelPanel};
use nebulalinks_testkit::world::email;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Usage {
    /// What really flowed.
    flowed: BTreeMap<AccountId, u64>,
    /// What of it flowed beyond the cap that the panel held.
    beyond: BTreeMap<AccountId, u64>,
    /// When a counter was last set by hand.
    tampered: BTreeMap<AccountId, UnixMs>,
    /// Whose counter somebody set back by hand, at any time: a backup of before may bring it back.
    set_back: BTreeSet<AccountId>,
    /// Of each server the counters of the last two lists that this process read.
    lists: BTreeMap<ServerId, [BTreeMap<AccountId, u64>; 2]>,
    /// What may be forgotten: it flowed after the list before last, or is less than a hundredth, or it
    /// flowed on a counter that had fallen and stood below what had been read of it.
    may_forget: BTreeMap<AccountId, u64>,
    /// What may be counted a second time: a counter that was set by hand and read so came back with its
    /// panel's backup.
    may_count: BTreeMap<AccountId, u64>,
    /// Whose counter was set to a number that nobody used.
    invented: BTreeSet<AccountId>,
    /// Whose counter leapt further than a line carries.
    leapt: BTreeSet<AccountId>,
    /// What somebody used since being switched off: what of it flows between a last list and a delete nobody
    /// counts.
    while_off: BTreeMap<AccountId, u64>,
    /// What flowed within the last two lists.
    recent: Vec<(UnixMs, AccountId, u64)>,
}

/// A line of 1 Gbit/s carries 7 GiB from one list to the next: what leaps further is disputed.
const LEAP: u64 = 6 << 30;

impl Monitors {
    /// Traffic, over a client as it was just before.
    pub(in super::super) fn flowed(
        &self,
        snapshot: &Snapshot,
        (server, account): (&ServerId, AccountId),
        before: &ClientSnapshot,
        bytes: u64,
    ) {
        let counter = u64::try_from(before.up + before.down).unwrap_or(0);
        let cap = u64::try_from(before.total).unwrap_or(0);
        let now = self.time.now();
        let ledger = ledger_of(snapshot, account, server, before);
        let read = ledger.map_or(0, |ledger| ledger.baseline.0);
        let mut seen = self.seen.lock().unwrap();
        let usage = &mut seen.usage;
        *usage.flowed.entry(account).or_default() += bytes;
        // Up to what was read of a counter before it fell, nobody can tell what flows from the fall.
        let unseen = (counter + bytes).min(read) - counter.min(read);
        *usage.may_forget.entry(account).or_default() += unseen;
        usage.recent.retain(|(at, ..)| now.since(*at) < DurationMs(130 * SECOND_MS));
        usage.recent.push((now, account, bytes));
        if usage.recent.iter().map(|(.., bytes)| bytes).sum::<u64>() > LEAP {
            usage.leapt.extend(usage.recent.iter().map(|(_, account, _)| account));
        }
        if cap > 0 {
            let beyond = (counter + bytes).saturating_sub(cap.max(counter));
            *seen.usage.beyond.entry(account).or_default() += beyond;
        }
    }

    /// It flowed before its client was adopted.
    pub(super) fn flowed_before(&self, account: AccountId, bytes: u64) {
        *self.seen.lock().unwrap().usage.flowed.entry(account).or_default() += bytes;
    }

    /// It flowed through a connection that outlived the cut-off.
    pub(in super::super) fn flowed_while_off(&self, account: AccountId, bytes: u64) {
        *self.seen.lock().unwrap().usage.while_off.entry(account).or_default() += bytes;
    }

    /// Whoever is switched on uses nothing while off any more.
    pub(super) fn goes_on(&self, account: AccountId) {
        self.seen.lock().unwrap().usage.while_off.remove(&account);
    }

    /// Just before a client is deleted: what flowed since the last list goes with it.
    pub(super) fn goes(
        &self,
        snapshot: &Snapshot,
        place: (&ServerId, AccountId),
        client: &ClientSnapshot,
    ) {
        let flowed = self.seen.lock().unwrap().usage.while_off.remove(&place.1);
        if let Some(flowed) = flowed {
            self.falls_by(snapshot, place, client, flowed);
        }
    }

    /// A counter is about to be set to something less, or its client to vanish.
    pub(in super::super) fn falls(
        &self,
        snapshot: &Snapshot,
        place: (&ServerId, AccountId),
        client: &ClientSnapshot,
    ) {
        self.falls_by(snapshot, place, client, u64::MAX);
    }

    /// The same, where no more than so much of it was not listed yet.
    fn falls_by(
        &self,
        snapshot: &Snapshot,
        (server, account): (&ServerId, AccountId),
        client: &ClientSnapshot,
        most: u64,
    ) {
        let counter = u64::try_from(client.up + client.down).unwrap_or(0);
        let entitlement = Entitlement::of(snapshot, account);
        let is_capped = entitlement.is_some_and(|e| e.granted != Quota::Unlimited);
        let written = ledger_of(snapshot, account, server, client).map_or(0, |l| l.baseline.0);
        let mut seen = self.seen.lock().unwrap();
        let lists = seen.usage.lists.get(server);
        // The lower of both: the last list may have shown an earlier fall.
        let of_list = |n: usize| lists.and_then(|lists| lists[n].get(&account)).copied();
        let listed = of_list(0).min(of_list(1)).unwrap_or(0);
        // Without an allowance nothing of it is a hundredth: a list's is written every 15 min.
        let known = if is_capped { listed } else { listed.min(written) };
        let hundredth = (50 << 30) / 100;
        *seen.usage.may_forget.entry(account).or_default() +=
            counter.saturating_sub(known).min(most) + hundredth;
    }

    /// Somebody is about to set a counter back by hand.
    pub(in super::super) fn set_back(&self, account: AccountId) {
        self.seen.lock().unwrap().usage.set_back.insert(account);
    }

    /// A counter was set to what nobody used: what flows beside it may be disputed with it.
    pub(in super::super) fn invented(&self, account: AccountId) {
        self.seen.lock().unwrap().usage.invented.insert(account);
    }

    pub(in super::super) fn tampered(&self, account: AccountId, now: UnixMs) {
        self.seen.lock().unwrap().usage.tampered.insert(account, now);
    }

    /// No counter was set by hand within the last lists.
    pub(super) fn is_calm(&self, account: AccountId) -> bool {
        let tampered = self.seen.lock().unwrap().usage.tampered.get(&account).copied();
        tampered.is_none_or(|at| self.now().since(at) > DurationMs(90 * SECOND_MS))
    }

    /// A new process has read no list yet.
    pub(in super::super) fn began(&self) {
        {
            let mut seen = self.seen.lock().unwrap();
            seen.usage.lists.clear();
            seen.sessions.begin_anew();
            // What was committed while the last one died nobody saw.
            seen.looks_at_all = true;
        }
        self.looks_anew();
    }

    pub(super) fn counters(&self, list: &Observation) {
        let now = list.ours.iter().map(|(id, client)| (*id, client.counter.0)).collect();
        let mut seen = self.seen.lock().unwrap();
        let lists = seen.usage.lists.entry(list.server.clone()).or_default();
        lists.swap(0, 1);
        lists[1] = now;
    }

    /// An older store is put in place, that does not know of a counter that it was set by hand. What the
    /// counter shows beyond its ledger may be traffic for all that this store can know.
    pub(super) fn knows_only_counters(&self, store: &Snapshot) {
        let doubted: Vec<AccountId> = {
            let usage = &self.seen.lock().unwrap().usage;
            usage.invented.union(&usage.leapt).copied().collect()
        };
        for account in doubted {
            let mut shown: u64 = store.ledgers(account).map(|ledger| ledger.total.0).sum();
            for (server, panel) in &self.panels {
                let Some(client) = panel.client(&email(account)) else { continue };
                let counter = u64::try_from(client.up + client.down).unwrap_or(0);
                let ledger = ledger_of(store, account, server, &client);
                shown += counter.saturating_sub(ledger.map_or(0, |ledger| ledger.baseline.0));
            }
            let mut seen = self.seen.lock().unwrap();
            let flowed = seen.usage.flowed.entry(account).or_default();
            *flowed = shown.max(*flowed);
        }
    }

    pub(super) fn check_ledgers(&self, snapshot: &Snapshot, account: AccountId) {
        let mut sum = 0;
        for ledger in snapshot.ledgers(account) {
            sum += ledger.total.0;
            let key = Record::from(ledger.clone()).key();
            let before = self.seen.lock().unwrap().totals.insert(key, ledger.total);
            if before.is_some_and(|b| b > ledger.total) {
                self.breach("P14", &format!("a ledger of {account} fell"));
            }
        }
        let (flowed, may) = {
            let usage = &self.seen.lock().unwrap().usage;
            let of = |map: &BTreeMap<AccountId, u64>| map.get(&account).copied().unwrap_or(0);
            (of(&usage.flowed), of(&usage.may_count))
        };
        if sum > flowed + may {
            let what = format!("{account}: {sum} counted, {flowed} flowed, {may} may count again");
            self.breach("P14", &what);
        }
    }

    /// A panel was put back. A counter shows more again than was read of it after somebody had set it:
    /// that may be traffic for all that anybody can know.
    pub(in super::super) fn counters_came_back(&self, snapshot: &Snapshot, server: &ServerId) {
        for client in self.panels.get(server).into_iter().flat_map(ModelPanel::clients) {
            let Some(mark) = Mark::parse(&client.email) else { continue };
            if !self.seen.lock().unwrap().usage.set_back.contains(&mark.account) {
                continue;
            }
            let Some(ledger) = ledger_of(snapshot, mark.account, server, &client) else { continue };
            let counter = u64::try_from(client.up + client.down).unwrap_or(0);
            let again = counter.saturating_sub(ledger.baseline.0);
            *self.seen.lock().unwrap().usage.may_count.entry(mark.account).or_default() += again;
        }
    }

    /// An older store is put in place: what neither it nor a panel shows is gone with the history that
    /// was put away, such as the last weeks of a client that was deleted since.
    pub(super) fn forgets_what_nobody_shows(&self, store: &Snapshot) {
        let flowed = self.seen.lock().unwrap().usage.flowed.clone();
        for (account, flowed) in flowed {
            let gone = flowed.saturating_sub(self.counted(store, account));
            let mut seen = self.seen.lock().unwrap();
            let may = seen.usage.may_forget.entry(account).or_default();
            *may = gone.max(*may);
        }
    }

    /// What is in an account's ledgers, or stands on a counter that they go on from.
    fn counted(&self, snapshot: &Snapshot, account: AccountId) -> u64 {
        // A leap that the line cannot carry is kept apart, and not forgotten.
        let disputed: u64 = snapshot.ledgers(account).map(|l| l.disputed.0).sum();
        let mut counted = snapshot.used(account).0 + disputed;
        for binding in snapshot.bindings(account) {
            let panel = self.panels.get(&binding.server);
            let Some(client) = panel.and_then(|p| p.client(&email(account))) else { continue };
            let counter = u64::try_from(client.up + client.down).unwrap_or(0);
            let last = ledger_of(snapshot, account, &binding.server, &client);
            counted += counter.saturating_sub(last.map_or(0, |l| l.baseline.0));
        }
        counted
    }

    /// When all is calm: what flowed is in the ledgers, or stands on a counter that they go on from.
    pub fn check_nothing_forgotten(&self, snapshot: &Snapshot) {
        for account in snapshot.accounts().map(|a| a.id) {
            let (flowed, may, invented) = {
                let usage = &self.seen.lock().unwrap().usage;
                let of = |map: &BTreeMap<AccountId, u64>| map.get(&account).copied().unwrap_or(0);
                (of(&usage.flowed), of(&usage.may_forget), usage.invented.contains(&account))
            };
            let counted = self.counted(snapshot, account);
            if counted + may < flowed && !invented {
                let lost = flowed - counted;
                self.breach(
                    "P14",
                    &format!("{lost} of {account} forgotten, and at most {may} may"),
                );
            }
        }
    }

    /// Where nobody edits a cap: forgiven is what flowed beyond it, and no byte else.
    pub(in super::super) fn check_forgiven(&self, snapshot: &Snapshot) {
        for account in snapshot.accounts() {
            let beyond = {
                let seen = self.seen.lock().unwrap();
                seen.usage.beyond.get(&account.id).copied().unwrap_or(0)
            };
            let of_run = |run: &Run| snapshot.overrun(account.id, run.seq).0;
            let forgiven: u64 = snapshot.runs(account.id).map(of_run).sum();
            if forgiven != beyond {
                let what = format!("{}: {forgiven} forgiven, {beyond} flowed beyond", account.id);
                self.breach("P14", &what);
            }
        }
    }
}

/// The ledger that goes on with a client's counter. A panel that was put back gives the numbers of rows
/// a second time, so that a row alone does not say whose it is; and one row may have been counted
/// under several identities of its panel, the last of which goes on.
fn ledger_of<'s>(
    snapshot: &'s Snapshot,
    account: AccountId,
    server: &ServerId,
    client: &ClientSnapshot,
) -> Option<&'s UsageLedger> {
    let row = (client.row_id?, client.created_at);
    snapshot
        .ledgers(account)
        .filter(|l| l.server == *server && (l.incarnation.row, l.incarnation.created_at) == row)
        .max_by_key(|l| l.at)
}

/// The panel's counter and what is left, counted here and not by the planner.
pub(in super::super) fn left(
    snapshot: &Snapshot,
    account: AccountId,
    server: &ServerId,
    client: Option<&ClientSnapshot>,
) -> (Bytes, Quota) {
    let counter = client.map_or(0, |c| u64::try_from(c.up + c.down).unwrap_or(0));
    let Some(entitlement) = Entitlement::of(snapshot, account) else {
        return (Bytes(counter), Quota::Bytes(Bytes(0)));
    };
    let run = snapshot.runs(account).next_back();
    let (runs_before, seq) = run.map_or((Bytes(0), 0), |r| (r.used_before, r.seq));
    let ledger = client.and_then(|client| ledger_of(snapshot, account, server, client));
    let fresh = counter.saturating_sub(ledger.map_or(0, |ledger| ledger.baseline.0));
    let used = snapshot.ledgers(account).map(|l| l.total.0).sum::<u64>() + fresh;
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
