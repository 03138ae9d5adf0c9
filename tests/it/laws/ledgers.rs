//! Usage never goes down and is never counted twice, whatever happens to a panel's counters.

use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks::planner::{Verb, Waiting};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;
use std::num::NonZeroU64;

const GIB: u64 = 1 << 30;

fn one() -> (World, AccountId, ServerId) {
    let world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    (world, account, server)
}

/// What can happen to a counter between two passes.
#[derive(Debug, Clone)]
enum Event {
    Traffic(u64),
    ToZero,
    Rewound(u64),
    NewRow,
    NewIdentity,
    DeletedByHand,
    Pause(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (1..GIB).prop_map(Event::Traffic),
        1 => Just(Event::ToZero),
        1 => (1..GIB).prop_map(Event::Rewound),
        1 => Just(Event::NewRow),
        1 => Just(Event::NewIdentity),
        1 => Just(Event::DeletedByHand),
        2 => (1..40_u64).prop_map(Event::Pause),
    ];
    proptest::collection::vec(event, 1..40)
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn usage_never_falls_and_never_exceeds_what_flowed(events in events()) {
        let (mut world, account, server) = one();
        let (mut flowed, mut identities) = (0_u64, 0);
        let mut used = Bytes(0);
        for event in events {
            let panel = world.panels.get_mut(&server).unwrap();
            match event {
                Event::Traffic(bytes) => {
                    let before = panel.clients.get(&email(account)).map_or(0, |c| c.counter.0);
                    panel.traffic(&email(account), bytes);
                    let after = panel.clients.get(&email(account)).map_or(0, |c| c.counter.0);
                    flowed += after - before;
                }
                Event::ToZero => if let Some(c) = panel.clients.get_mut(&email(account)) {
                    c.counter = Bytes(0);
                },
                Event::Rewound(by) => if let Some(c) = panel.clients.get_mut(&email(account)) {
                    c.counter = c.counter - Bytes(by);
                },
                Event::NewRow => panel.new_row(&email(account), world.now),
                Event::NewIdentity => {
                    identities += 1;
                    panel.reidentify(&format!("guid-{identities}"));
                }
                Event::DeletedByHand => { panel.clients.remove(&email(account)); }
                Event::Pause(minutes) => world.wait(DurationMs(minutes * MINUTE_MS)),
            }
            world.wait(DurationMs(MINUTE_MS));
            world.pass(&server);
            let now_used = world.snapshot.used(account);
            prop_assert!(now_used >= used, "fell from {used} to {now_used}");
            prop_assert!(now_used.0 <= flowed, "{now_used} counted, {} flowed", Bytes(flowed));
            used = now_used;
        }
    }

    #[test]
    fn a_cap_that_is_written_never_exceeds_the_counter_and_what_is_left(events in events()) {
        let (mut world, account, server) = one();
        for event in events {
            match event {
                Event::Traffic(bytes) => {
                    world.panels.get_mut(&server).unwrap().traffic(&email(account), bytes);
                }
                Event::ToZero | Event::Rewound(_) => {
                    let panel = world.panels.get_mut(&server).unwrap();
                    if let Some(c) = panel.clients.get_mut(&email(account)) {
                        c.counter = Bytes(c.counter.0 / 2);
                        c.cap = Cap::Unlimited;
                    }
                }
                Event::NewRow => {
                    let now = world.now;
                    world.panels.get_mut(&server).unwrap().new_row(&email(account), now);
                }
                Event::DeletedByHand => {
                    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
                }
                Event::NewIdentity => world.renew(0, "basic-30", account),
                Event::Pause(minutes) => world.wait(DurationMs(minutes * MINUTE_MS)),
            }
            world.wait(DurationMs(MINUTE_MS));
            let counter = world.panels[&server].clients.get(&email(account))
                .map_or(Bytes(0), |c| c.counter);
            let held = world.panels[&server].clients.get(&email(account)).map(|c| c.cap);
            let pass = world.pass(&server);
            // A cap that is left as the panel holds it, while its cut waits, is not written anew.
            let anew = |c: &&nebulalinks::planner::Change| Some(c.want.cap) != held;
            for change in pass.sent().iter().filter(|c| c.want.enable).filter(anew) {
                // Ledgers first, then the change: what is left was stored when it was sent.
                let stored = world.entitlement(account);
                let Quota::Bytes(left) = stored.left else { unreachable!() };
                let unsaved = unsaved(&world, account, &server, counter);
                let most = counter + (left - unsaved);
                let Cap::Bytes(cap) = change.want.cap else { panic!("no cap") };
                prop_assert!(cap.get() <= most.0.max(1), "{cap} > {most}");
                prop_assert!(!End::at(stored.ends_at).is_before(change.want.end));
            }
        }
    }
}

/// What the counter shows beyond the stored ledger of its row.
fn unsaved(world: &World, account: AccountId, server: &ServerId, counter: Bytes) -> Bytes {
    let client = world.panels[server].clients.get(&email(account));
    let Some(client) = client else { return Bytes(0) };
    let ledger =
        world.snapshot.ledgers(account).find(|l| l.incarnation == client.incarnation).cloned();
    counter - ledger.map_or(Bytes(0), |l| l.baseline)
}

#[test]
fn a_ledger_is_written_at_most_every_quarter_of_an_hour_while_little_flows() {
    let (mut world, account, server) = one();
    let mut writes = 0;
    for _ in 0..60 {
        world.panels.get_mut(&server).unwrap().traffic(&email(account), GIB / 128);
        world.wait(DurationMs(MINUTE_MS));
        writes += world.pass(&server).guarded.proposal.ledgers.len();
    }
    assert!((3..=5).contains(&writes), "{writes}");
}

#[test]
fn the_same_row_of_a_panel_under_another_identity_is_not_counted_again() {
    let (mut world, account, server) = one();
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 10 * GIB);
    world.wait(DurationMs(20 * MINUTE_MS));
    world.pass(&server);
    assert_eq!(world.snapshot.used(account), Bytes(10 * GIB));
    for identity in ["restored-elsewhere", "and-again", "restored-elsewhere", "guid-ams-1"] {
        world.panels.get_mut(&server).unwrap().reidentify(identity);
        world.wait(DurationMs(MINUTE_MS));
        world.pass(&server);
        assert_eq!(world.snapshot.used(account), Bytes(10 * GIB), "{identity}");
    }
}

#[test]
fn an_inflated_counter_is_held_for_one_list_then_disputed_and_not_billed() {
    let (mut world, account, server) = one();
    world.client_mut(account).counter = Bytes(40 << 40);
    world.client_mut(account).enable = false;
    let first = world.pass(&server);
    assert!(first.sent().is_empty(), "nothing follows from a counter in doubt");
    assert!(first.guarded.proposal.report.of(account).any(|w| w == Waiting::ImplausibleCounter));
    assert_eq!(world.snapshot.used(account), Bytes(0));
    world.now = world.now + DurationMs(MINUTE_MS);
    let second = world.pass(&server);
    assert!(has(second.sent(), account, Verb::Enable), "the cap follows the counter");
    let ledger = world.snapshot.ledgers(account).next().unwrap();
    assert_eq!((ledger.total, ledger.disputed), (Bytes(0), Bytes(40 << 40)));
    let cap = NonZeroU64::new((40 << 40) + 50 * GIB).unwrap();
    assert_eq!(world.client(account).cap, Cap::Bytes(cap));
}

#[test]
fn a_jump_that_goes_away_leaves_no_trace() {
    let (mut world, account, server) = one();
    world.client_mut(account).counter = Bytes(40 << 40);
    world.pass(&server);
    world.client_mut(account).counter = Bytes(GIB);
    world.now = world.now + DurationMs(20 * MINUTE_MS);
    world.pass(&server);
    let ledger = world.snapshot.ledgers(account).next().unwrap();
    assert_eq!((ledger.total, ledger.disputed), (Bytes(GIB), Bytes(0)));
    let status = world.snapshot.binding_status(account, &server).unwrap();
    assert_eq!(status.implausible, None);
}

#[test]
fn an_implausible_counter_delays_no_cut_off_by_time() {
    let (mut world, account, server) = one();
    world.now = world.entitlement(account).ends_at;
    world.client_mut(account).counter = Bytes(4000 << 40);
    assert!(has(world.pass(&server).sent(), account, Verb::Disable));
}
