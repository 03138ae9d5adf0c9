//! `plan_server` over 10,000 accounts, without drift and with 1 %, beside the least that any
//! planner must do: walk two sorted maps and compare three fields.
//!
//! `cargo bench --bench plan_server`
#![allow(clippy::indexing_slicing, reason = "a benchmark fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use nebulalinks::model::{AccountId, Cap, End, Observation, ServerId};
use nebulalinks::planner::Counters;
use nebulalinks_testkit::world::World;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ACCOUNTS: u64 = 10_000;
/// How long each is measured, after it was warmed up for a tenth of this.
const LONG: Duration = Duration::from_secs(4);

fn main() {
    let server: ServerId = nebulalinks_testkit::shop::server("fra-1");
    let calm = World::of_many(ACCOUNTS);
    let mut drifted = calm.clone();
    for n in (0..ACCOUNTS).step_by(100) {
        let account = drifted.account(usize::try_from(n).unwrap_or(0));
        drifted.client_mut(account).enable = false;
    }
    let desired = desired(&calm, &server);
    for (name, world, changes) in [("no drift", &calm, 0), ("1 % drift", &drifted, 100)] {
        let observation = world.panels[&server].observe(world.now);
        let mut before = Counters::default();
        before.note(&observation, world.now);
        let plan = || world.plan_seen(&observation, &before);
        assert_eq!(plan().changes.changes.len(), changes);
        assert_eq!(walk(&desired, &observation).len(), changes);
        report("plan_server", name, plan);
        report("plain walk", name, || walk(&desired, &observation));
    }
}

/// How long it takes, each time measured on its own.
fn report<T>(what: &str, name: &str, run: impl Fn() -> T) {
    times(LONG / 10, &run);
    let mut took = times(LONG, &run);
    took.sort();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "{what:<11} of 10,000 accounts, {name:<9}: median {:.3} ms, 5 % under {:.3}, 5 % over {:.3}, \
         {} times",
        at(50),
        at(5),
        at(95),
        took.len()
    );
}

fn times<T>(long: Duration, run: impl Fn() -> T) -> Vec<Duration> {
    let started = Instant::now();
    let mut took = Vec::new();
    while started.elapsed() < long || took.is_empty() {
        let begun = Instant::now();
        black_box(run());
        took.push(begun.elapsed());
    }
    took
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
