//! `plan_server` over 10,000 accounts, without drift and with 1 %, beside the least that any
//! planner must do: walk two sorted maps and compare three fields.
//!
//! `cargo bench --bench plan_server`
#![allow(missing_docs, reason = "the macros of criterion make public functions")]
#![allow(clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, criterion_group, criterion_main};
use nebulalinks::model::{AccountId, Cap, End, Observation, ServerId};
use nebulalinks::planner::Counters;
use nebulalinks_testkit::world::World;
use std::collections::BTreeMap;
use std::hint::black_box;

const ACCOUNTS: u64 = 10_000;

fn bench(criterion: &mut Criterion) {
    let server: ServerId = nebulalinks_testkit::shop::server("fra-1");
    let calm = World::of_many(ACCOUNTS);
    let mut drifted = calm.clone();
    for n in (0..ACCOUNTS).step_by(100) {
        let account = drifted.account(usize::try_from(n).unwrap_or(0));
        drifted.client_mut(account).enable = false;
    }
    let desired = desired(&calm, &server);
    let mut group = criterion.benchmark_group("10,000 accounts");
    for (name, world, changes) in [("no drift", &calm, 0), ("1 % drift", &drifted, 100)] {
        let observation = world.panels[&server].observe(world.now);
        let mut before = Counters::default();
        before.note(&observation, world.now);
        let plan = || world.plan_seen(&observation, &before);
        assert_eq!(plan().changes.changes.len(), changes);
        assert_eq!(walk(&desired, &observation).len(), changes);
        group.bench_function(format!("plan_server, {name}"), |b| b.iter(|| black_box(plan())));
        group.bench_function(format!("plain walk, {name}"), |b| {
            b.iter(|| black_box(walk(&desired, &observation)));
        });
    }
    group.finish();
}

type Desired = BTreeMap<AccountId, (bool, End, Cap)>;

/// What each client must be, worked out beforehand.
fn desired(world: &World, server: &ServerId) -> Desired {
    let clients = world.panels[server].observe(world.now).ours;
    clients.into_iter().filter_map(|(id, c)| Some((id, (c.enable, c.end?, c.cap)))).collect()
}

/// The baseline: who differs.
fn walk(desired: &Desired, observation: &Observation) -> Vec<AccountId> {
    let differs = |(id, (enable, end, cap)): (&AccountId, &(bool, End, Cap))| {
        let same = observation
            .ours
            .get(id)
            .is_some_and(|seen| (seen.enable, seen.end, seen.cap) == (*enable, Some(*end), *cap));
        (!same).then_some(*id)
    };
    desired.iter().filter_map(differs).collect()
}

criterion_group!(benches, bench);
criterion_main!(benches);
