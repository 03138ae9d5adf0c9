//! The same inputs give the same plan, in whatever order they come.

use super::*;
use nebulalinks::planner::{GuardInput, guard, schedule};
use std::collections::BTreeMap;

/// Every record of the snapshot, found by what the records themselves name.
fn records(world: &World) -> Vec<(Key, Versioned<Record>)> {
    let snapshot = &world.snapshot;
    let mut keys = vec![Key::Reservations()];
    keys.extend(servers(world).into_iter().map(Key::ServerStatus));
    keys.extend(servers(world).into_iter().map(Key::LastList));
    keys.extend(servers(world).into_iter().map(Key::ServerHome));
    for order in snapshot.orders() {
        keys.push(Key::Order(order.id));
        keys.push(Key::UnpaidOrder(order.customer));
        keys.push(Key::Customer(order.customer));
        keys.extend(snapshot.reached_at(order.customer).map(Key::CustomerIdentity));
    }
    for account in snapshot.accounts() {
        let id = account.id;
        keys.push(Key::Account(id));
        keys.extend(snapshot.terms(id).map(|t| Key::Term(id, t.seq)));
        keys.extend(snapshot.reversals(id).map(|r| Key::Reversal(id, r.term)));
        for run in snapshot.runs(id) {
            keys.extend([
                Key::Run(id, run.seq),
                Key::Served(id, run.seq),
                Key::Overrun(id, run.seq),
            ]);
        }
        for server in servers(world) {
            keys.push(Key::Binding(id, server.clone()));
            keys.push(Key::BindingStatus(id, server));
        }
        for ledger in snapshot.ledgers(id) {
            keys.push(Record::from(ledger.clone()).key());
        }
    }
    let found: BTreeMap<Key, _> =
        keys.into_iter().filter_map(|key| Some((key.clone(), snapshot.get(&key)?))).collect();
    found.into_iter().collect()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn in_whatever_order_records_and_clients_come_the_plan_is_the_same(
        acts in acts(20), order in proptest::collection::vec(any::<u32>(), 256),
    ) {
        let mut world = world_with_floor(2);
        for act in &acts {
            happen(&mut world, act);
        }
        // A snapshot stands at its last commit, which may have been a removal.
        let taken = world.snapshot.reservations().map_or(0, |r| r.taken);
        world.put(Reservations { taken });
        let mut shuffled: Vec<_> = records(&world).into_iter().zip(order.iter().cycle()).collect();
        shuffled.sort_by_key(|(_, place)| **place);
        let loaded = shuffled.into_iter().map(|(record, _)| Ok::<_, TestCaseError>(record));
        let loaded = Snapshot::load(loaded)?;
        prop_assert_eq!(loaded.len(), world.snapshot.len(), "a kind of record is left out here");
        for server in servers(&world) {
            let here = world.plan_guarded(&server).guarded;
            let mut observation = world.panels[&server].observe(world.now);
            let mut clients: Vec<_> = world.panels[&server].clients.values().cloned().collect();
            clients.sort_by_key(|c| order[c.email.len() % 7 + c.sub_id.len() % 100]);
            clients.reverse();
            (observation.ours, observation.foreign) =
                Observation::sort_clients(&world.catalog.shop.id, clients);
            let mut there = world.clone();
            there.snapshot = loaded.clone();
            there.catalog.plans.reverse();
            there.catalog.methods.reverse();
            let before = world.counters.get(&server).cloned().unwrap_or_default();
            let proposal = there.plan_seen(&observation, &before);
            let (snapshot, catalog, clock) = (&there.snapshot, &there.catalog, there.clock);
            let input = GuardInput { snapshot, catalog, now: there.now, clock };
            let there = guard(input, proposal);
            // Revisions are what records were written at, so they are the same, too.
            prop_assert_eq!(&there.proposal.report, &here.proposal.report);
            prop_assert_eq!(there, here);
        }
        for account in ids(&world) {
            let now = world.now;
            prop_assert_eq!(
                schedule(&loaded, &world.catalog, account, now),
                schedule(&world.snapshot, &world.catalog, account, now)
            );
        }
    }
}
