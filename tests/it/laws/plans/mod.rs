//! What holds of every plan, whatever had happened: six laws over small worlds at random.
//!
//! Nothing here knows how a plan is made; each law compares worlds that went different ways.

mod amnesia;
mod determinism;
mod fixpoint;
mod ownership;
mod prefixes;
mod stale;

use super::hands::{Hand, do_it, hand};
use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks::planner::Change;
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;

/// What happens to a small world.
#[derive(Debug, Clone)]
enum Act {
    /// Somebody's hand on a client, or a renewal.
    Hand(usize, Hand),
    Sell(bool),
    Reverse(usize),
    Grant(usize, u64),
    Suspend(usize, bool),
    Rotate(usize),
    NewRow(usize),
    Rewind(usize, u64),
    NewIdentity(usize),
    /// The account's own key: a server, or a tombstone.
    Bind(usize),
    /// The first write arrives, and nobody hears of it.
    LostAnswer(usize),
    Wait(u64),
    Round,
}

fn act() -> impl Strategy<Value = Act> {
    let n = 0..4_usize;
    prop_oneof![
        8 => (n.clone(), hand()).prop_map(|(n, hand)| Act::Hand(n, hand)),
        1 => any::<bool>().prop_map(Act::Sell),
        1 => n.clone().prop_map(Act::Reverse),
        1 => (n.clone(), 1..40_u64).prop_map(|(n, days)| Act::Grant(n, days)),
        1 => (n.clone(), any::<bool>()).prop_map(|(n, on)| Act::Suspend(n, on)),
        1 => n.clone().prop_map(Act::Rotate),
        1 => n.clone().prop_map(Act::NewRow),
        1 => (n.clone(), 0..1_u64 << 30).prop_map(|(n, to)| Act::Rewind(n, to)),
        1 => (0..2_usize).prop_map(Act::NewIdentity),
        2 => n.prop_map(Act::Bind),
        1 => (0..2_usize).prop_map(Act::LostAnswer),
        2 => (1..20 * MINUTE_MS).prop_map(Act::Wait),
        1 => (1..40 * DAY_MS).prop_map(Act::Wait),
        2 => Just(Act::Round),
    ]
}

fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    proptest::collection::vec(act(), 0..most)
}

/// Three accounts on two servers, with a guard that lets so many through.
fn world_with_floor(floor: u32) -> World {
    let mut catalog = catalog();
    catalog.shop.guard.destructive_floor = floor;
    World::settled(catalog, 3, "basic-30")
}

/// The same where the guard holds nothing.
fn world() -> World {
    world_with_floor(1_000)
}

fn servers(world: &World) -> Vec<ServerId> {
    world.panels.keys().cloned().collect()
}

fn ids(world: &World) -> Vec<AccountId> {
    world.snapshot.accounts().map(|a| a.id).collect()
}

fn happen(world: &mut World, act: &Act) {
    let all = ids(world);
    let nth = |n: usize| all[n % all.len()];
    let index = |n: usize| n % all.len();
    let bound = |world: &World, n: usize| world.snapshot.bindings(nth(n)).next().is_some();
    match act {
        Act::Hand(n, hand) if bound(world, *n) => do_it(world, index(*n), hand),
        Act::NewRow(n) if bound(world, *n) => {
            let (server, now) = (world.server_of(nth(*n)), world.now);
            world.panels.get_mut(&server).unwrap().new_row(&email(nth(*n)), now);
        }
        Act::Rewind(n, to) if bound(world, *n) => {
            let server = world.server_of(nth(*n));
            let panel = world.panels.get_mut(&server).unwrap();
            if let Some(client) = panel.clients.get_mut(&email(nth(*n))) {
                client.counter = client.counter.min(Bytes(*to));
            }
        }
        Act::Hand(..) | Act::NewRow(_) | Act::Rewind(..) => {}
        Act::Sell(pro) => {
            let buyer = all.len() as u64;
            world.sell(buyer, if *pro { "pro-30" } else { "basic-30" });
        }
        Act::Reverse(n) => {
            let whose = |o: &&Order| o.approved_account() == Some(nth(*n)) && o.reversed.is_none();
            let order = world.snapshot.orders().find(whose).map(|o| o.id);
            if let Some(order) = order {
                world.submit(&people::reverse(order)).unwrap();
            }
        }
        Act::Grant(n, days) => {
            // Its own id each time; refused where nothing would be granted.
            let id = world.snapshot.revision();
            let _ = world.submit(&people::grant(id, nth(*n), *days, None));
        }
        Act::Suspend(n, on) => {
            let asked = if *on { people::suspend } else { people::resume };
            world.submit(&asked(nth(*n))).unwrap();
        }
        Act::Rotate(n) => {
            let version = world.snapshot.account(nth(*n)).unwrap().credentials.version;
            world.submit(&people::rotate(nth(*n), version)).unwrap();
        }
        Act::NewIdentity(n) => {
            let server = servers(world)[*n].clone();
            let identity = format!("guid-{}", world.snapshot.revision());
            world.panels.get_mut(&server).unwrap().reidentify(&identity);
            // An operator has looked at it: until then creates wait.
            world.put(ServerHome { server, panel: identity, since: world.now });
        }
        Act::Bind(n) => {
            world.bind(nth(*n));
        }
        Act::LostAnswer(n) => {
            let server = servers(world)[*n].clone();
            let pass = world.prepare(&server);
            if let Some(change) = pass.sent().first() {
                arrives_unheard(world, &server, change);
            }
        }
        Act::Wait(ms) => world.wait(DurationMs(*ms)),
        Act::Round => {
            world.round();
        }
    }
}

/// The panel does it, and the answer is lost.
fn arrives_unheard(world: &mut World, server: &ServerId, change: &Change) {
    let now = world.now;
    world.panels.get_mut(server).unwrap().apply(change, now);
}

/// What a customer can see of a client: all but the row that counts it.
type Seen = (bool, Option<End>, Cap, u32, Option<uuid::Uuid>, String, String, Vec<i64>, Bytes);

fn seen(client: &ObservedClient) -> Seen {
    let ObservedClient { enable, end, cap, ip_limit, uuid, .. } = client;
    let words = (client.sub_id.clone(), client.comment.clone());
    let on = client.inbounds.clone();
    (*enable, *end, *cap, *ip_limit, *uuid, words.0, words.1, on, client.counter)
}

/// Every account is served as its records say, and nobody else.
fn assert_as_recorded(world: &World) -> Result<(), TestCaseError> {
    for account in world.snapshot.accounts() {
        let Some(entitlement) = Entitlement::of(&world.snapshot, account.id) else { continue };
        let active = entitlement.standing(world.now) == Standing::Active;
        let Some(binding) = world.snapshot.bindings(account.id).next() else {
            prop_assert!(!active, "{} has no server", account.id);
            continue;
        };
        let client = world.panels[&binding.server].clients.get(&email(account.id));
        if active {
            let Some(client) = client else {
                return Err(TestCaseError::fail(format!("{} is missing", account.id)));
            };
            prop_assert!(client.enable, "{} is off", account.id);
            prop_assert_eq!(client.end, Some(End::at(entitlement.ends_at)));
            prop_assert_eq!(client.uuid, Some(account.credentials.uuid));
        } else {
            prop_assert!(client.is_none_or(|c| !c.enable), "{} is on", account.id);
        }
    }
    Ok(())
}

/// Three rounds, each with a second look's time before it.
fn settle_down(world: &mut World) {
    for _ in 0..4 {
        world.wait(DurationMs(40 * SECOND_MS));
        world.round();
    }
}
