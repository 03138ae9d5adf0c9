//! Which server an account gets, against every way to hand the places out.

use crate::random::cases;
use nebulalinks::catalog::{Catalog, ServerLifecycle};
use nebulalinks::intent::Reply;
use nebulalinks::model::*;
use nebulalinks::planner::{Scheduled, schedule};
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::{catalog, server};
use nebulalinks_testkit::world::World;
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

const NAMES: [&str; 3] = ["fra-1", "ams-1", "nyc-1"];

/// One server, as small numbers.
#[derive(Debug, Clone)]
struct Host {
    capacity: u32,
    weight: u32,
    lifecycle: u8,
    down: bool,
}

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Ordered or paid: a place is promised.
    Promised,
    /// Approved in time, and without a server yet.
    Approved,
    /// Approved after the promise had lapsed: in line.
    InLine,
}

fn hosts() -> impl Strategy<Value = Vec<Host>> {
    let host = (0..4_u32, 1..4_u32, 0..6_u8, proptest::bool::weighted(0.2))
        .prop_map(|(capacity, weight, lifecycle, down)| Host { capacity, weight, lifecycle, down });
    proptest::collection::vec(host, 3)
}

fn buyers() -> impl Strategy<Value = Vec<(usize, Stage)>> {
    let stage = prop_oneof![Just(Stage::Promised), Just(Stage::Approved), Just(Stage::InLine)];
    proptest::collection::vec((0..3_usize, stage), 1..8)
}

/// Anywhere; Frankfurt; whatever lies in Europe.
fn selector(n: usize) -> Selector {
    match n {
        0 => Selector::Any,
        1 => Selector::Ids(BTreeSet::from([server("fra-1")])),
        _ => Selector::Labels(BTreeMap::from([("region".to_owned(), "eu".to_owned())])),
    }
}

/// The servers that such a selector means, by their places in [`NAMES`].
const MEANT: [&[usize]; 3] = [&[0, 1, 2], &[0], &[0, 1]];

const PLANS: [&str; 3] = ["basic-30", "fra-30", "basic-90"];

fn shop() -> Catalog {
    let mut catalog = catalog();
    let mut third = catalog.servers[&server("ams-1")].clone();
    third.id = server("nyc-1");
    third.labels = BTreeMap::from([("region".to_owned(), "us".to_owned())]);
    catalog.servers.insert(third.id.clone(), third);
    for plan in &mut catalog.plans {
        if let Some(n) = PLANS.iter().position(|id| *id == plan.id.as_str()) {
            plan.servers = selector(n);
        }
    }
    with_room(catalog, 1_000)
}

fn with_room(mut catalog: Catalog, capacity: u32) -> Catalog {
    for server in catalog.servers.values_mut() {
        server.capacity = capacity;
    }
    catalog
}

/// Everybody orders, and comes as far as their stage; then the hosts are as they are.
fn world_of(hosts: &[Host], buyers: &[(usize, Stage)]) -> (World, Vec<Option<AccountId>>) {
    let mut world = World::empty(shop());
    let mut orders = vec![None; buyers.len()];
    let order = |world: &mut World, n: usize| {
        let who = n as u64;
        let placed = world.submit(&people::place(who, PLANS[buyers[n].0], Target::New, who));
        let Ok(Reply::Placed(order)) = placed else { panic!("{placed:?}") };
        order
    };
    let approve = |world: &mut World, order: OrderId| {
        let Ok(Reply::Approved(_, account)) = world.submit(&people::approve(order)) else {
            panic!("not approved")
        };
        account
    };
    let late: Vec<usize> = (0..buyers.len()).filter(|n| buyers[*n].1 == Stage::InLine).collect();
    for n in &late {
        orders[*n] = Some(order(&mut world, *n));
    }
    world.now = world.now + DurationMs(30 * DAY_MS);
    let roomy = world.catalog.clone();
    world.catalog = with_room(roomy.clone(), 0);
    let mut accounts = vec![None; buyers.len()];
    for n in &late {
        let order = orders[*n].unwrap();
        world.submit(&people::pay(*n as u64, order, *n as u64)).unwrap();
        accounts[*n] = Some(approve(&mut world, order));
        world.now = world.now + DurationMs(1);
    }
    world.catalog = roomy;
    for n in (0..buyers.len()).filter(|n| buyers[*n].1 != Stage::InLine) {
        let order = order(&mut world, n);
        world.submit(&people::pay(n as u64, order, n as u64)).unwrap();
        if buyers[n].1 == Stage::Approved {
            accounts[n] = Some(approve(&mut world, order));
        }
    }
    for (name, host) in NAMES.iter().zip(hosts) {
        let definition = world.catalog.servers.get_mut(&server(name)).unwrap();
        (definition.capacity, definition.weight) = (host.capacity, host.weight);
        definition.lifecycle = match host.lifecycle {
            0 => ServerLifecycle::Cordoned,
            1 => ServerLifecycle::Retired,
            _ => ServerLifecycle::Active,
        };
        if host.down {
            let mut status = ServerStatus::new(server(name));
            let (kind, reason, since) = (ConditionKind::Stalled, String::new(), world.now);
            status.conditions.push(Condition { kind, reason, since });
            world.put(status);
        }
    }
    (world, accounts)
}

/// The most of these who can have a place together, by trying everything.
fn most(free: &[i64], claims: &[usize]) -> usize {
    let Some((first, rest)) = claims.split_first() else { return 0 };
    let mut best = most(free, rest);
    for at in MEANT[*first] {
        if free[*at] > 0 {
            let mut left = free.to_vec();
            left[*at] -= 1;
            best = best.max(1 + most(&left, rest));
        }
    }
    best
}

/// Where the n-th buyer, who has no server yet, belongs.
fn expected(
    hosts: &[Host],
    buyers: &[(usize, Stage)],
    bound: &[Option<usize>],
    n: usize,
) -> Option<usize> {
    let free: Vec<i64> = hosts
        .iter()
        .enumerate()
        .map(|(at, host)| {
            let taken = bound.iter().filter(|b| **b == Some(at)).count();
            let active = host.lifecycle > 1;
            if active { (i64::from(host.capacity) - taken as i64).max(0) } else { 0 }
        })
        .collect();
    let (kind, stage) = buyers[n];
    let waits_in_line = stage == Stage::InLine;
    // All to whom a place was promised; of those in line whoever came before somebody in line.
    let others: Vec<usize> = (0..buyers.len()).filter(|m| *m != n && bound[*m].is_none()).collect();
    let before = others.into_iter().filter(|m| match buyers[*m].1 {
        Stage::InLine => waits_in_line && *m < n,
        Stage::Promised | Stage::Approved => true,
    });
    let claims: Vec<usize> = before.map(|m| buyers[m].0).collect();
    let all = most(&free, &claims);
    let mut choices = Vec::new();
    for at in MEANT[kind].iter().copied().filter(|at| free[*at] > 0) {
        let mut left = free.clone();
        left[at] -= 1;
        let kept = most(&left, &claims);
        if waits_in_line && kept < all {
            continue;
        }
        let host = &hosts[at];
        let share = free[at] * 1_000 * i64::from(host.weight) / i64::from(host.capacity);
        choices.push((kept, !host.down, share, Reverse(NAMES[at]), at));
    }
    choices.into_iter().max().map(|choice| choice.4)
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn an_account_goes_where_trying_everything_would_put_it(
        hosts in hosts(), buyers in buyers(), turns in proptest::collection::vec(0..8_usize, 8),
    ) {
        let (mut world, accounts) = world_of(&hosts, &buyers);
        let mut bound: Vec<Option<usize>> = vec![None; buyers.len()];
        for turn in turns {
            let n = turn % buyers.len();
            let Some(account) = accounts[n] else { continue };
            let asked = schedule(&world.snapshot, &world.catalog, account, world.now);
            prop_assert_eq!(
                &asked, &schedule(&world.snapshot, &world.catalog, account, world.now), "twice");
            if bound[n].is_some() {
                prop_assert_eq!(asked, Scheduled::Settled, "whoever has a server keeps it");
                continue;
            }
            let to = expected(&hosts, &buyers, &bound, n);
            match (&asked, to) {
                (Scheduled::NoRoom, None) => {}
                (Scheduled::Bind(edits), Some(to)) => {
                    prop_assert!(edits.puts.contains_key(&Key::Binding(account, server(NAMES[to]))),
                        "not {}: {:?}", NAMES[to], edits.puts.keys());
                    prop_assert!(world.commit(edits));
                    bound[n] = Some(to);
                }
                (asked, to) => prop_assert!(false, "{:?}, and not {:?}", asked, to),
            }
        }
        for (at, host) in hosts.iter().enumerate() {
            let taken = bound.iter().filter(|b| **b == Some(at)).count();
            prop_assert!(taken <= host.capacity as usize, "{} is oversold", NAMES[at]);
        }
    }
}
