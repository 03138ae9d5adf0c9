//! What terms add up to: whatever the order in which facts are committed; and no fact but a reversal
//! takes anything.

use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks_testkit::shop::{catalog, server};
use nebulalinks_testkit::world::World;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const GIB: u64 = 1 << 30;

/// One term, as small numbers.
#[derive(Debug, Clone)]
struct Paid {
    run: u32,
    compensates: bool,
    days: u64,
    gib: u64,
    devices: u32,
    only_fra: bool,
    reversed: bool,
}

/// All that is known of one account.
#[derive(Debug, Clone)]
struct Facts {
    /// Of each run: what had been used before.
    runs: Vec<u64>,
    unlimited: bool,
    terms: Vec<Paid>,
    /// Of each server and row: what was used.
    used: Vec<(bool, u64)>,
    served: BTreeSet<u32>,
    over: Vec<u64>,
    /// Of which run, and how much.
    forgiven: Vec<(u32, u64)>,
    /// What was last read back, of which run, on either server.
    applied: [Option<(u32, u64)>; 2],
    suspended: bool,
}

fn facts() -> impl Strategy<Value = Facts> {
    let paid =
        (0..3_u32, any::<bool>(), 0..40_u64, 0..9_u64, 0..5_u32, any::<bool>(), any::<bool>())
            .prop_map(|(run, compensates, days, gib, devices, only_fra, reversed)| Paid {
                run,
                compensates,
                days,
                gib,
                devices,
                only_fra,
                reversed,
            });
    let applied = || proptest::option::of((0..3_u32, 0..20_u64));
    let (terms, used) = (vec(paid, 1..7), vec((any::<bool>(), 0..12_u64), 0..4));
    let served = proptest::collection::btree_set(0..3_u32, 0..3);
    let of_runs = (vec(0..9_u64, 1..4), any::<bool>(), served, vec(0..6_u64, 0..3));
    let of_all = (vec((0..3_u32, 0..4_u64), 0..3), [applied(), applied()], any::<bool>());
    (of_runs, terms, used, of_all).prop_map(|(of_runs, terms, used, of_all)| {
        let (runs, unlimited, served, over) = of_runs;
        let (forgiven, applied, suspended) = of_all;
        Facts { runs, unlimited, terms, used, served, over, forgiven, applied, suspended }
    })
}

fn start(run: u32) -> UnixMs {
    UnixMs(u64::from(run) * 1_000 * DAY_MS + 7)
}

impl Facts {
    fn last(&self) -> u32 {
        u32::try_from(self.runs.len() - 1).unwrap()
    }

    /// The plain sum, in whole days and GiB.
    fn model(&self) -> (i128, Option<i128>, i128, i128, u32, bool, bool) {
        let run = self.last();
        let (mut days, mut granted, mut devices, mut fra, mut stands) = (0, 0, 0, false, false);
        for term in self.terms.iter().filter(|t| t.run == run && !t.reversed) {
            days += i128::from(term.days);
            granted += i128::from(term.gib);
            if !term.compensates {
                (devices, fra, stands) = (term.devices, term.only_fra, true);
            }
        }
        let of_run = |(of, n): &(u32, u64)| (*of == run).then_some(i128::from(*n));
        let all: i128 = self.used.iter().map(|(_, n)| i128::from(*n)).sum();
        let before = i128::from(*self.runs.last().unwrap());
        let forgiven: i128 = self.forgiven.iter().filter_map(of_run).sum();
        let used = (all - before).max(0);
        let used = (used - forgiven).max(0);
        if self.unlimited {
            return (days, None, used, 0, devices, fra, stands);
        }
        let read_back = self.applied.iter().flatten().filter_map(of_run).max();
        let unknown = if self.served.contains(&run) { i128::MAX } else { 0 };
        let allowed = granted.min(read_back.unwrap_or(unknown));
        let stored = self.over.get(run as usize).map_or(0, |n| i128::from(*n));
        let over = stored.max(used - allowed);
        let billed = (used - over).max(0);
        (days, Some((granted - billed).max(0)), billed, over, devices, fra, stands)
    }

    /// The same as records, each in a transaction of its own.
    fn records(&self) -> Vec<Record> {
        let world = World::settled(catalog(), 1, "basic-30");
        let id = world.account(0);
        let gib = |n: u64| Bytes(n * GIB);
        let mut account = world.snapshot.account(id).unwrap().clone();
        account.runs = self.last() + 1;
        account.terms = u32::try_from(self.terms.len()).unwrap();
        let since = UnixMs(1);
        account.suspension =
            self.suspended.then(|| Box::new(Suspension { reason: "asked for".into(), since }));
        let mut all: Vec<Record> = vec![account.into()];
        let kind = if self.unlimited { RunKind::Unlimited } else { RunKind::Capped };
        for (seq, before) in (0..).zip(&self.runs) {
            let used_before = gib(*before);
            all.push(Run { account: id, seq, start: start(seq), kind, used_before }.into());
        }
        for (seq, term) in (0..).zip(&self.terms) {
            let source = match term.compensates {
                true => TermSource::Compensation(Box::new(MadeGood {
                    account: id,
                    run: term.run,
                    n: seq,
                })),
                false => TermSource::Grant(OrderId::new(ulid::Ulid(u128::from(seq)))),
            };
            let only = Selector::Ids(BTreeSet::from([server("fra-1")]));
            all.push(
                Term {
                    account: id,
                    seq,
                    run: term.run,
                    source,
                    length: DurationMs(term.days * DAY_MS),
                    quota: match self.unlimited {
                        true => Quota::Unlimited,
                        false => Quota::Bytes(gib(term.gib)),
                    },
                    devices: term.devices,
                    selector: Arc::new(if term.only_fra { only } else { Selector::Any }),
                    price: None,
                    revision: "abc".into(),
                    at: start(term.run),
                }
                .into(),
            );
            if term.reversed {
                let reason = "charge back".to_owned();
                all.push(Reversal { account: id, term: seq, at: start(9), reason }.into());
            }
        }
        for (row, (fra, used)) in (0..).zip(&self.used) {
            let incarnation = Incarnation { panel: "guid".into(), row, created_at: 1 };
            let server = server(if *fra { "fra-1" } else { "ams-1" });
            let (baseline, total) = (Bytes(1), gib(*used));
            let (disputed, at) = (gib(99), start(0));
            all.push(
                UsageLedger { account: id, server, incarnation, baseline, total, disputed, at }
                    .into(),
            );
        }
        for run in self.served.iter().copied() {
            all.push(Served { account: id, run, at: start(run) + DurationMs(5) }.into());
        }
        for (run, over) in (0..).zip(&self.over) {
            all.push(Overrun { account: id, run, over: gib(*over) }.into());
        }
        for (n, (run, by)) in (0..).zip(&self.forgiven) {
            let id_of = OrderId::new(ulid::Ulid(900 + n));
            let (by, at, leap) = (gib(*by), start(0), None);
            all.push(Forgiveness { account: id, id: id_of, run: *run, by, leap, at }.into());
        }
        for (name, applied) in ["fra-1", "ams-1"].into_iter().zip(&self.applied) {
            let Some((run, granted)) = applied else { continue };
            let granted =
                if self.unlimited { Quota::Unlimited } else { Quota::Bytes(gib(*granted)) };
            let (server, disposition, bound_at) = (server(name), Disposition::Serving, start(0));
            all.push(Binding { account: id, server: server.clone(), disposition, bound_at }.into());
            let of = world.server_of(id);
            let known = world.snapshot.binding_status(id, &of).unwrap().applied.clone().unwrap();
            let applied = Some(LastApplied { run: *run, granted, ..known });
            all.push(BindingStatus { applied, ..BindingStatus::new(id, server) }.into());
        }
        all
    }
}

/// The records, committed one by one in the order of these numbers.
fn committed(records: &[Record], order: &[u32]) -> Snapshot {
    let mut places: Vec<_> = records.iter().zip(order.iter().cycle()).collect();
    places.sort_by_key(|(_, place)| **place);
    let mut snapshot = Snapshot::default();
    for (record, _) in places {
        let mut edits = Edits::new();
        edits.put(record.clone());
        snapshot = snapshot.after(&edits, snapshot.revision() + 1);
    }
    snapshot
}

fn entitled(snapshot: &Snapshot) -> Entitlement {
    Entitlement::of(snapshot, snapshot.accounts().next().unwrap().id).unwrap()
}

fn check(facts: &Facts, sum: &Entitlement, order: &str) -> Result<(), TestCaseError> {
    let (days, left, billed, over, devices, only_fra, stands) = facts.model();
    let bytes = |n: i128| Bytes(u64::try_from(n).unwrap() * GIB);
    let ends_at = start(facts.last()) + DurationMs(u64::try_from(days).unwrap() * DAY_MS);
    prop_assert_eq!(sum.ends_at, ends_at, "{}", order);
    prop_assert_eq!(sum.left, left.map_or(Quota::Unlimited, |n| Quota::Bytes(bytes(n))));
    prop_assert_eq!((sum.used, sum.over), (bytes(billed), bytes(over)));
    prop_assert_eq!(sum.devices, devices);
    prop_assert_eq!(matches!(&*sum.selector, Selector::Ids(_)), only_fra);
    let served = facts.served.contains(&facts.last());
    for now in [start(facts.last()), ends_at - DurationMs(1), ends_at, ends_at + DurationMs(1)] {
        let expected = if !stands || (served && now >= ends_at) {
            Standing::Expired
        } else if facts.suspended {
            Standing::Suspended
        } else if left == Some(0) {
            Standing::Depleted
        } else {
            Standing::Active
        };
        prop_assert_eq!(sum.standing(now), expected, "{:?} of {:?}", now, ends_at);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn whatever_the_order_of_commits_the_sum_is_that_of_plain_numbers(
        facts in facts(), order in proptest::collection::vec(any::<u32>(), 40),
    ) {
        let records = facts.records();
        let written: Vec<u32> = (0..40).collect();
        check(&facts, &entitled(&committed(&records, &written)), "as written")?;
        check(&facts, &entitled(&committed(&records, &order)), "shuffled")?;
    }

    #[test]
    fn an_end_falls_and_less_is_left_by_a_reversal_only_or_what_was_used(
        facts in facts(), days in 0..40_u64, gib in 0..9_u64, compensates: bool, more in 0..9_u64,
    ) {
        let sum = |facts: &Facts| entitled(&committed(&facts.records(), &[0]));
        let before = sum(&facts);
        let run = facts.last();
        let (devices, only_fra) = (3, false);
        let gib = if compensates { 0 } else { gib };
        let mut paid = facts.clone();
        let term = Paid { run, compensates, days, gib, devices, only_fra, reversed: false };
        paid.terms.push(term.clone());
        let after = sum(&paid);
        prop_assert_eq!(after.ends_at, before.ends_at + DurationMs(days * DAY_MS));
        prop_assert!(after.left >= before.left, "a term took something");

        let mut taken_back = paid.clone();
        taken_back.terms.last_mut().unwrap().reversed = true;
        let reversed = sum(&taken_back);
        prop_assert_eq!((reversed.ends_at, reversed.left), (before.ends_at, before.left));

        let mut used = facts.clone();
        used.used.push((true, more));
        let after = sum(&used);
        prop_assert!(after.left <= before.left, "usage gave something");
        prop_assert_eq!(after.ends_at, before.ends_at);

        let mut forgiven = facts.clone();
        forgiven.forgiven.push((run, more));
        let after = sum(&forgiven);
        prop_assert!(after.left >= before.left, "forgiving took something");
        prop_assert_eq!(after.ends_at, before.ends_at);

        let mut served = facts.clone();
        served.served.insert(run);
        prop_assert_eq!(sum(&served).ends_at, before.ends_at);
    }
}
