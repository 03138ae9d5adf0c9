//! Whatever people ask in whatever order: terms follow approvals, ends never fall, places suffice.

use crate::random::cases;
use nebulalinks::intent::{Intent, Reply};
use nebulalinks::model::*;
use nebulalinks_testkit::people::{self, cancel, decline, pay_with, place};
use nebulalinks_testkit::shop::{catalog_with_room, server};
use nebulalinks_testkit::world::World;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Op {
    Place { who: u64, renew: bool, pro: bool, interaction: u64 },
    Pay { who: u64, order: usize, proof: u64, stated: u64 },
    Approve { order: usize, reference: Option<u64> },
    Outsider { order: usize },
    Decline { order: usize },
    Cancel { who: u64, order: usize },
    Bind,
    Serve,
    Wait(u64),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        6 => (0..6_u64, any::<bool>(), any::<bool>(), 0..40_u64).prop_map(
            |(who, renew, pro, interaction)| Op::Place { who, renew, pro, interaction }),
        6 => (0..6_u64, 0..12_usize, 0..40_u64, 0..8_u64)
            .prop_map(|(who, order, proof, stated)| Op::Pay { who, order, proof, stated }),
        6 => (0..12_usize, proptest::option::of(0..8_u64))
            .prop_map(|(order, reference)| Op::Approve { order, reference }),
        1 => (0..12_usize).prop_map(|order| Op::Outsider { order }),
        1 => (0..12_usize).prop_map(|order| Op::Decline { order }),
        1 => (0..6_u64, 0..12_usize).prop_map(|(who, order)| Op::Cancel { who, order }),
        4 => Just(Op::Bind),
        2 => Just(Op::Serve),
        2 => (1..20 * DAY_MS).prop_map(Op::Wait),
    ];
    proptest::collection::vec(op, 1..80)
}

fn number(n: u64) -> String {
    format!("tx {n:04}")
}

fn intent(world: &World, op: &Op) -> Option<Intent> {
    let some = |n: usize| {
        let count = world.snapshot.orders().count().max(1);
        world.snapshot.orders().nth(n % count)
    };
    let order = |n: usize| some(n).map(|o| o.id);
    Some(match *op {
        Op::Place { who, renew, pro, interaction } => {
            let own = people::accounts_of(&world.snapshot, who).next();
            let target = own.filter(|_| renew).map_or(Target::New, |a| Target::Renew(a.id));
            place(who, if pro { "pro-30" } else { "basic-30" }, target, interaction)
        }
        Op::Pay { who, order: n, proof, stated } => {
            // Most pay what is theirs.
            let theirs = people::number(&world.snapshot, some(n)?.customer);
            let who = if who < 4 { theirs } else { who };
            pay_with(who, order(n)?, proof, &number(stated))
        }
        Op::Approve { order: n, reference } => {
            let (by, reference) = (reference.unwrap_or(0) % 2, reference.map(number));
            Intent::Approve { order: order(n)?, staff: people::staff(by), reference }
        }
        Op::Outsider { order: n } => {
            Intent::Approve { order: order(n)?, staff: people::outsider().into(), reference: None }
        }
        Op::Decline { order: n } => decline(order(n)?),
        Op::Cancel { who, order: n } => cancel(who, order(n)?),
        Op::Bind | Op::Serve | Op::Wait(_) => return None,
    })
}

/// Whatever has been committed: these hold.
fn check(world: &World, ends: &mut BTreeMap<AccountId, UnixMs>) -> Result<(), TestCaseError> {
    let approved: Vec<&Order> =
        world.snapshot.orders().filter(|o| o.approved_account().is_some()).collect();
    let mut sources = BTreeSet::new();
    let mut families = BTreeMap::new();
    for account in world.snapshot.accounts() {
        for term in world.snapshot.terms(account.id) {
            prop_assert!(sources.insert(term.source.clone()), "two terms of one source");
            let TermSource::Order(order) = &term.source else { continue };
            let order = world.snapshot.order(*order).unwrap();
            prop_assert_eq!(order.approved_account(), Some(account.id));
            prop_assert_eq!(&order.plan.family, &account.family);
            let kind = matches!(term.quota, Quota::Unlimited);
            prop_assert_eq!(*families.entry(account.id).or_insert(kind), kind, "kinds mix");
        }
        let end = world.entitlement(account.id).ends_at;
        let before = ends.insert(account.id, end).unwrap_or_default();
        prop_assert!(end >= before, "E(a) fell from {before:?} to {end:?}");
    }
    prop_assert_eq!(sources.len(), approved.len(), "one term per approved order");
    let references: Vec<_> = approved
        .iter()
        .filter_map(|o| match &o.decision.as_ref()?.verdict {
            Verdict::Approved { reference, .. } => reference.clone(),
            Verdict::Declined { .. } => None,
        })
        .collect();
    let distinct: BTreeSet<_> = references.iter().collect();
    prop_assert_eq!(references.len(), distinct.len(), "one reference, one order");
    let mut known = BTreeSet::new();
    for customer in world.snapshot.customers_after(None) {
        for identity in &customer.identities {
            prop_assert!(known.insert(*identity), "two customers are {identity}");
            prop_assert_eq!(world.snapshot.customer_of(*identity), Some(customer.id));
        }
    }
    let bought = world.snapshot.orders().map(|order| order.customer);
    for customer in bought.chain(world.snapshot.accounts().map(|account| account.customer)) {
        prop_assert!(world.snapshot.reached_at(customer).is_some(), "{customer} is nobody");
    }
    for id in ["fra-1", "ams-1"] {
        let capacity = world.catalog.servers[&server(id)].capacity as usize;
        prop_assert!(world.snapshot.bound_to(&server(id)).count() <= capacity, "oversold");
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn whatever_is_asked_terms_follow_approvals_ends_never_fall_and_places_suffice(
        ops in ops(), room in (1..4_u32, 0..3_u32),
    ) {
        let mut world = World::empty(catalog_with_room(room.0, room.1));
        let mut ends = BTreeMap::new();
        for op in &ops {
            match op {
                Op::Wait(ms) => world.now = world.now + DurationMs(*ms),
                Op::Bind => {
                    let ids: Vec<_> = world.snapshot.accounts().map(|a| a.id).collect();
                    for id in ids { world.bind(id); }
                }
                Op::Serve => {
                    let ids: Vec<_> = world.snapshot.accounts().map(|a| (a.id, a.runs)).collect();
                    for (account, runs) in ids {
                        world.put(Served { account, run: runs - 1, at: world.now });
                    }
                }
                _ => if let Some(intent) = intent(&world, op) {
                    let before = world.snapshot.revision();
                    let outsider = matches!(op, Op::Outsider { .. });
                    let answer = world.submit(&intent);
                    let same = world.snapshot.revision() == before;
                    prop_assert!(!outsider || (answer.is_err() && same), "an outsider decided");
                    prop_assert!(answer.is_ok() || same, "refused, and changed something");
                    // Asked once more, the same changes nothing more.
                    let after = world.snapshot.revision();
                    let again = world.submit(&intent);
                    let idle = matches!(again, Err(_) | Ok(Reply::Placed(_) | Reply::AlreadyOpen(_)
                        | Reply::AlreadyDone(..)));
                    prop_assert!(idle, "{again:?}");
                    prop_assert_eq!(world.snapshot.revision(), after, "a second effect");
                },
            }
            check(&world, &mut ends)?;
        }
    }

    #[test]
    fn of_two_decisions_on_one_snapshot_about_one_thing_one_conflicts(
        ops in ops(), split in 0..60_usize,
    ) {
        // Two handlers decide every pair of neighbours on the same snapshot, and both try to commit.
        let mut world = World::empty(catalog_with_room(2, 1));
        let mut ends = BTreeMap::new();
        for (n, pair) in ops.chunks(2).enumerate() {
            let decided: Vec<_> = pair.iter().filter_map(|op| {
                if let Op::Wait(ms) = op { world.now = world.now + DurationMs(*ms); }
                let intent = intent(&world, op)?;
                world.decide(&intent).ok()
            }).collect();
            for (edits, _) in &decided {
                world.commit(edits);
            }
            if n >= split {
                let ids: Vec<_> = world.snapshot.accounts().map(|a| a.id).collect();
                for id in ids { world.bind(id); }
            }
            check(&world, &mut ends)?;
            let open = world.snapshot.orders()
                .filter(|o| o.placed_at == o.pay_by - DurationMs(24 * HOUR_MS))
                .filter(|o| o.state(world.now) == OrderState::AwaitingPayment)
                .map(|o| o.customer).collect::<Vec<_>>();
            let customers: BTreeSet<_> = open.iter().collect();
            prop_assert_eq!(open.len(), customers.len(), "two unpaid orders of one customer");
        }
    }
}
