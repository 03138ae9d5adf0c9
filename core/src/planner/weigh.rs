//! All counters of one list together: what each comes to, and whether the server's line explains it.

use super::ledger::{Books, Counted, LEDGER_EVERY, Tally, tally};
use super::line::{Growth, Line};
use crate::catalog::Server;
use crate::model::{
    AccountId, AccountRecords, Bytes, Coverage, DurationMs, Entitlement, Incarnation, Leap,
    MINUTE_MS, Observation, ObservedClient, Quota, Snapshot, Standing, StillConnected, UnixMs,
    UsageLedger,
};
use std::collections::{BTreeMap, BTreeSet};

/// Of those who are used up at once the line must explain all but what a poll and a list may be late.
const LATE: DurationMs = DurationMs(MINUTE_MS);

/// Two lists' worth at the rate that was seen: who has less left is close to the cap.
const NEAR: DurationMs = DurationMs(2 * MINUTE_MS);

/// The counters of a server as they were listed last. A process that has just started knows none, and
/// goes by the ledgers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters(BTreeMap<AccountId, Read>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Read {
    incarnation: Incarnation,
    counter: Bytes,
    at: UnixMs,
    /// It was listed as switched off since then.
    off_since: Option<UnixMs>,
}

impl Counters {
    /// Takes in what was listed at `now`. What is read between two lists is held against the last
    /// one, so it is not kept.
    pub fn note(&mut self, observation: &Observation, now: UnixMs) {
        if observation.coverage != Coverage::Full {
            return;
        }
        let before = std::mem::take(&mut self.0);
        for (account, seen) in &observation.ours {
            let (incarnation, counter) = (seen.incarnation.clone(), seen.counter);
            let known = before.get(account).filter(|read| read.incarnation == incarnation);
            let off_since = known.and_then(|read| read.off_since).unwrap_or(now);
            let off_since = (!seen.enable).then_some(off_since);
            self.0.insert(*account, Read { incarnation, counter, at: now, off_since });
        }
    }

    /// By how much the counter of one that is off grew since the last list, and when that was: that list
    /// had counted all that flowed before it was switched off.
    pub(super) fn grew_while_off(
        &self,
        account: AccountId,
        seen: &ObservedClient,
    ) -> Option<(Bytes, UnixMs)> {
        let read = self.0.get(&account).filter(|read| read.incarnation == seen.incarnation)?;
        let was_off = read.at.since(read.off_since?) >= StillConnected::COUNTED_WITHIN;
        (was_off && !seen.enable && seen.counter > read.counter)
            .then(|| (seen.counter - read.counter, read.at))
    }

    /// A row's counter when it was listed last, and when that was.
    pub(super) fn last(
        &self,
        account: AccountId,
        incarnation: &Incarnation,
    ) -> Option<(Bytes, UnixMs)> {
        let read = self.0.get(&account).filter(|read| read.incarnation == *incarnation)?;
        Some((read.counter, read.at))
    }
}

/// One client's counter, weighed.
pub(super) struct Weighed {
    pub(super) counted: Counted,
    /// By the ledgers as they would be with this one.
    pub(super) entitlement: Option<Entitlement>,
    /// The baseline and the time of the ledger that is stored.
    pub(super) stored: (Bytes, UnixMs),
    /// It is used up in this list, with others, by more than the line carries: so much it grew by.
    pub(super) leapt: Option<Bytes>,
    /// How long what is left lasts at the rate since the last list, where that is less than two
    /// lists.
    pub(super) lasts: Option<DurationMs>,
}

/// What a list's counters come to.
pub(super) struct List {
    /// In the order of their accounts; one is taken out when it is planned.
    clients: Vec<(AccountId, Option<Weighed>)>,
    /// Clients of ours of which no record speaks there.
    strangers: Vec<AccountId>,
    /// What of it the line does not explain.
    pub(super) leap: Option<Leap>,
}

impl List {
    /// Takes out what one client's counter comes to.
    pub(super) fn take(&mut self, account: AccountId) -> Option<Weighed> {
        let at = self.clients.binary_search_by_key(&account, |(id, _)| *id).ok()?;
        self.clients.get_mut(at)?.1.take()
    }

    /// Takes out the clients of ours of which no record speaks there.
    pub(super) fn take_strangers(&mut self) -> Vec<AccountId> {
        std::mem::take(&mut self.strangers)
    }

    fn leapt(&mut self, growth: &Growth) {
        let at = self.clients.binary_search_by_key(&growth.account, |(id, _)| *id).ok();
        let client = at.and_then(|at| self.clients.get_mut(at)?.1.as_mut());
        if let Some(weighed) = client {
            weighed.leapt = Some(growth.by);
        }
    }

    /// Who is close to the cap, the closest first.
    pub(super) fn near(&self) -> Vec<AccountId> {
        let lasting = |(id, client): &(_, Option<Weighed>)| Some((client.as_ref()?.lasts?, *id));
        let mut near: Vec<(DurationMs, AccountId)> =
            self.clients.iter().filter_map(lasting).collect();
        near.sort_unstable();
        near.into_iter().map(|(_, id)| id).collect()
    }
}

/// A client's counter beside its ledger, and what it was found with.
struct Found<'a> {
    tally: Tally,
    /// The baseline and the time of the ledger that is stored.
    stored: (Bytes, UnixMs),
    records: &'a AccountRecords,
    seen: &'a ObservedClient,
    /// The counter when it was listed last.
    last: Option<(Bytes, UnixMs)>,
}

/// Weighs the counters of a list against the ledgers, the list before, and the line.
pub(super) fn weigh(
    snapshot: &Snapshot,
    server: &Server,
    observation: &Observation,
    before: &Counters,
    now: UnixMs,
) -> List {
    let mut strangers = Vec::new();
    // One that lies in the future was before the clock was set back: it was just now at the latest.
    let listed = snapshot.last_list(&server.id).map(|at| at.min(now));
    let moved_since = listed.map(|at| UnixMs(at.0.saturating_sub(LEDGER_EVERY.0)));
    let mut all = Vec::with_capacity(observation.ours.len());
    for (id, seen) in &observation.ours {
        let records = snapshot.records_of(*id);
        let bound = records.and_then(|records| Some((records, records.binding(&server.id)?)));
        let Some((records, binding)) = bound else {
            strangers.push(*id);
            continue;
        };
        // What was listed before the account was bound here, nobody has counted.
        let last = before.last(*id, &seen.incarnation).filter(|(_, at)| *at >= binding.bound_at);
        let books = Books {
            account: *id,
            server: &server.id,
            records,
            bound_at: binding.bound_at,
            suspected: records.binding_status(&server.id).and_then(|s| s.implausible),
            last,
            moved_since,
        };
        let stored = books.ledger(&seen.incarnation);
        let stored = stored.map_or((Bytes(0), binding.bound_at), |l| (l.baseline, l.at));
        all.push(Found { tally: tally(&books, seen), stored, records, seen, last });
    }
    let line = Line { bits_per_second: server.line_bits_per_second, now };
    let growths: Vec<Growth> = all.iter().map(|found| found.tally.growth).collect();
    let doubted = line.doubtful(&growths);
    let (mut clients, mut used_up) = (Vec::with_capacity(all.len()), Vec::new());
    for Found { tally, stored, records, seen, last } in all {
        let growth = tally.growth;
        let id = growth.account;
        let counted = tally.count(doubted.contains(&id), now);
        let entitlement = entitlement(records, &counted.ledger);
        if entitlement.as_ref().is_some_and(|e| is_used_up_now(records, e, now)) {
            used_up.push(growth);
        }
        let last = last.filter(|_| seen.enable && !counted.implausible);
        let lasts = last
            .zip(entitlement.as_ref())
            .and_then(|(last, entitlement)| lasts(entitlement, seen.counter, last, now));
        clients.push((id, Some(Weighed { counted, entitlement, stored, leapt: None, lasts })));
    }
    let at_once = if used_up.len() > 1 {
        line.together(used_up.iter().collect(), LATE)
    } else {
        BTreeSet::new()
    };
    let mut list = List { clients, strangers, leap: None };
    for growth in used_up.iter().filter(|g| at_once.contains(&g.account)) {
        list.leapt(growth);
    }
    let beyond = |g: &&Growth| doubted.contains(&g.account) || at_once.contains(&g.account);
    let beyond: Vec<&Growth> = growths.iter().filter(beyond).collect();
    list.leap = (!beyond.is_empty()).then(|| Leap {
        at: now,
        clients: u32::try_from(beyond.len()).unwrap_or(u32::MAX),
        by: beyond.iter().map(|g| g.by).sum(),
    });
    list
}

/// How long what an active account has left lasts at the rate at which its counter grew, if that
/// is not long.
fn lasts(
    entitlement: &Entitlement,
    counter: Bytes,
    (listed, at): (Bytes, UnixMs),
    now: UnixMs,
) -> Option<DurationMs> {
    let Quota::Bytes(left) = entitlement.left else { return None };
    let grew = u128::from((counter - listed).0);
    let active = entitlement.standing(now) == Standing::Active;
    let ms = (u128::from(left.0) * u128::from(now.since(at).0)).checked_div(grew)?;
    let lasts = DurationMs(u64::try_from(ms).ok()?);
    (active && lasts < NEAR).then_some(lasts)
}

/// Whether an account that had something left by what is stored has nothing left by what is seen.
fn is_used_up_now(records: &AccountRecords, seen: &Entitlement, now: UnixMs) -> bool {
    let had = |e: Entitlement| e.run == seen.run && !e.left.is_empty();
    matches!(seen.granted, Quota::Bytes(_))
        && seen.standing(now) == Standing::Depleted
        && Entitlement::by_records(records).is_some_and(had)
}

/// The entitlement by the ledgers as they would be with this one.
fn entitlement(records: &AccountRecords, ledger: &UsageLedger) -> Option<Entitlement> {
    let others: Bytes = records
        .ledgers()
        .filter(|l| (&l.server, &l.incarnation) != (&ledger.server, &ledger.incarnation))
        .map(|l| l.total)
        .sum();
    Entitlement::with_used(records, others + ledger.total)
}
