//! The queue under random use: one entry and one run per key, the earliest ask wins, none is lost.

use crate::random::cases;
use nebulalinks::controller::{Lane, Queue, WorkKey};
use nebulalinks::model::UnixMs;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Op {
    Add(usize, u64),
    Take,
    Done(usize, Option<u64>),
    Wait(u64),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (0..6_usize, 0..50_u64).prop_map(|(k, after)| Op::Add(k, after)),
        4 => Just(Op::Take),
        3 => (0..6_usize, proptest::option::of(0..50_u64)).prop_map(|(k, n)| Op::Done(k, n)),
        2 => (1..20_u64).prop_map(Op::Wait),
    ];
    proptest::collection::vec(op, 1..120)
}

fn key(n: usize) -> WorkKey {
    WorkKey::Server(format!("s-{n}").parse().unwrap())
}

/// Even keys are slow, so that the small lane fills.
fn lane(k: &WorkKey) -> Lane {
    if ["s-0", "s-2", "s-4"].iter().any(|s| k.to_string().ends_with(s)) {
        Lane::Slow
    } else {
        Lane::Panels
    }
}

/// The same in the plainest way: when each key is wanted, and which run.
#[derive(Default)]
struct Model {
    wanted: BTreeMap<WorkKey, u64>,
    running: BTreeMap<WorkKey, Option<u64>>,
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_key_runs_once_at_a_time_in_order_of_deadlines_and_no_ask_is_lost(ops in ops()) {
        let (mut queue, mut model, mut now) = (Queue::default(), Model::default(), 0_u64);
        for op in ops {
            match op {
                Op::Wait(ms) => now += ms,
                Op::Add(n, after) => {
                    queue.add(key(n), UnixMs(now + after));
                    let asked = match model.running.get_mut(&key(n)) {
                        Some(again) => again,
                        None => {
                            let at = model.wanted.entry(key(n)).or_insert(now + after);
                            *at = (*at).min(now + after);
                            continue;
                        }
                    };
                    *asked = Some(asked.map_or(now + after, |a| a.min(now + after)));
                }
                Op::Take => {
                    let due = model.wanted.iter().filter(|(_, at)| **at <= now);
                    let earliest = due.map(|(k, at)| (*at, k.clone())).min();
                    let taken = queue.take(UnixMs(now), lane);
                    prop_assert_eq!(taken.clone().map(|(k, at)| (at.0, k)), earliest);
                    if let Some((k, _)) = taken {
                        prop_assert!(model.running.insert(k.clone(), None).is_none(), "two runs");
                        model.wanted.remove(&k);
                    }
                }
                Op::Done(n, next) => {
                    let Some(again) = model.running.remove(&key(n)) else { continue };
                    let next = next.map(|after| now + after);
                    queue.done(&key(n), next.map(UnixMs));
                    let at = [next, again].into_iter().flatten().min();
                    if let Some(at) = at {
                        model.wanted.insert(key(n), at);
                    }
                }
            }
            prop_assert_eq!(queue.depth(), model.wanted.len());
            prop_assert_eq!(queue.running(), model.running.len());
            prop_assert_eq!(queue.next_due().map(|a| a.0), model.wanted.values().min().copied());
            let later = model.wanted.values().filter(|at| **at > now).min().copied();
            prop_assert_eq!(queue.next_after(UnixMs(now)).map(|a| a.0), later);
        }
    }
}

#[test]
fn what_falls_due_later_is_not_forgotten_behind_a_full_lane() {
    let mut queue = Queue::default();
    for n in 0..Lane::Slow.workers() + 3 {
        queue.add(WorkKey::Server(format!("dead-{n}").parse().unwrap()), UnixMs(0));
    }
    queue.add(WorkKey::Server("good".parse().unwrap()), UnixMs(5_000));
    while queue.take(UnixMs(0), |_| Lane::Slow).is_some() {}
    assert_eq!(queue.next_due(), Some(UnixMs(0)), "due, and no worker for it");
    assert_eq!(queue.next_after(UnixMs(0)), Some(UnixMs(5_000)));
}
