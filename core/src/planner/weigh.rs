//! All counters of one list together: what each comes to, and whether the server's line explains it.

use super::ledger::{Books, Counted, tally};
use super::line::{Growth, Line};
use crate::catalog::Server;
use crate::model::{
    AccountId, Bytes, Coverage, DurationMs, Entitlement, Incarnation, Leap, MINUTE_MS, Observation,
    Quota, Snapshot, Standing, UnixMs, UsageLedger,
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
}

impl Counters {
    /// Takes in what was listed at `now`. What is read between two lists is held against the last
    /// one, so it is not kept.
    pub fn note(&mut self, observation: &Observation, now: UnixMs) {
        if observation.coverage != Coverage::Full {
            return;
        }
        self.0.clear();
        for (account, seen) in &observation.ours {
            let (incarnation, counter) = (seen.incarnation.clone(), seen.counter);
            self.0.insert(*account, Read { incarnation, counter, at: now });
        }
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
    pub(super) clients: BTreeMap<AccountId, Weighed>,
    /// What of it the line does not explain.
    pub(super) leap: Option<Leap>,
}

/// Weighs the counters of a list against the ledgers, the list before, and the line.
pub(super) fn weigh(
    snapshot: &Snapshot,
    server: &Server,
    observation: &Observation,
    before: &Counters,
    now: UnixMs,
) -> List {
    let mut tallies = Vec::new();
    for (id, seen) in &observation.ours {
        let Some(binding) = snapshot.binding(*id, &server.id) else { continue };
        let ledgers: Vec<&UsageLedger> =
            snapshot.ledgers(*id).filter(|l| l.server == server.id).collect();
        let books = Books {
            account: *id,
            server: &server.id,
            ledgers: &ledgers,
            bound_at: binding.bound_at,
            suspected: snapshot.binding_status(*id, &server.id).and_then(|s| s.implausible),
            last: before.last(*id, &seen.incarnation),
        };
        let stored = ledgers.iter().find(|l| l.incarnation == seen.incarnation);
        let stored = stored.map_or((Bytes(0), binding.bound_at), |l| (l.baseline, l.at));
        tallies.push((tally(&books, seen), stored));
    }
    let line = Line { bits_per_second: server.line_bits_per_second, now };
    let growths: Vec<Growth> = tallies.iter().map(|(tally, _)| tally.growth).collect();
    let doubted = line.doubtful(&growths);
    let (mut clients, mut used_up) = (BTreeMap::new(), Vec::new());
    for (tally, stored) in tallies {
        let growth = tally.growth;
        let id = growth.account;
        let counted = tally.count(doubted.contains(&id), now);
        let entitlement = entitlement(snapshot, id, &counted.ledger);
        if entitlement.as_ref().is_some_and(|e| is_used_up_now(snapshot, id, e, now)) {
            used_up.push(growth);
        }
        let seen = observation.ours.get(&id).filter(|seen| seen.enable && !counted.implausible);
        let last = seen.and_then(|seen| Some((seen, before.last(id, &seen.incarnation)?)));
        let lasts = last
            .zip(entitlement.as_ref())
            .and_then(|((seen, last), entitlement)| lasts(entitlement, seen.counter, last, now));
        clients.insert(id, Weighed { counted, entitlement, stored, leapt: None, lasts });
    }
    let at_once = if used_up.len() > 1 {
        line.together(used_up.iter().collect(), LATE)
    } else {
        BTreeSet::new()
    };
    for growth in used_up.iter().filter(|g| at_once.contains(&g.account)) {
        if let Some(weighed) = clients.get_mut(&growth.account) {
            weighed.leapt = Some(growth.by);
        }
    }
    let beyond = |g: &&Growth| doubted.contains(&g.account) || at_once.contains(&g.account);
    let beyond: Vec<&Growth> = growths.iter().filter(beyond).collect();
    let leap = (!beyond.is_empty()).then(|| Leap {
        at: now,
        clients: u32::try_from(beyond.len()).unwrap_or(u32::MAX),
        by: beyond.iter().map(|g| g.by).sum(),
    });
    List { clients, leap }
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
fn is_used_up_now(snapshot: &Snapshot, id: AccountId, seen: &Entitlement, now: UnixMs) -> bool {
    let had = |e: Entitlement| e.run == seen.run && !e.left.is_empty();
    matches!(seen.granted, Quota::Bytes(_))
        && seen.standing(now) == Standing::Depleted
        && Entitlement::of(snapshot, id).is_some_and(had)
}

/// The entitlement by the ledgers as they would be with this one.
fn entitlement(snapshot: &Snapshot, id: AccountId, ledger: &UsageLedger) -> Option<Entitlement> {
    let others: Bytes = snapshot
        .ledgers(id)
        .filter(|l| (&l.server, &l.incarnation) != (&ledger.server, &ledger.incarnation))
        .map(|l| l.total)
        .sum();
    Entitlement::with_used(snapshot, id, others + ledger.total)
}
