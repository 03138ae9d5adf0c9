//! What becomes of accounts whose server's inbounds are not as its file names them.

use nebulalinks::model::*;
use nebulalinks::planner::{Change, Counters, Proposal, Verb, Waiting};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};

fn settled() -> (World, AccountId, ServerId) {
    let world = World::settled(catalog(), 3, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    (world, account, server)
}

/// What the panel says, with its one inbound changed.
fn observed(
    world: &World,
    server: &ServerId,
    change: impl FnOnce(&mut InboundFacts),
) -> Observation {
    let mut observation = world.panels[server].observe(world.now);
    change(&mut observation.inbounds[0]);
    observation
}

/// What the panel says while an inbound that is not ours cannot be read.
fn partial(world: &World, server: &ServerId) -> Observation {
    let (id, remark) = (9, "theirs".to_owned());
    let why = "its settings are not JSON".to_owned();
    let coverage = Coverage::Except(vec![UnreadableInbound { id, remark, why }]);
    Observation { coverage, ..world.panels[server].observe(world.now) }
}

fn planned(world: &World, seen: &Observation) -> Proposal {
    world.plan_seen(seen, &Counters::default())
}

/// Plans from such a list, and stores what was learnt.
fn pass(world: &mut World, server: &ServerId) -> Proposal {
    let seen = partial(world, server);
    let proposal = planned(world, &seen);
    for status in &proposal.seen {
        world.put(status.clone());
    }
    proposal
}

#[test]
fn a_list_that_lacks_an_inbound_proves_nobody_gone() {
    let (mut world, account, server) = settled();
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    for _ in 0..10 {
        let proposal = pass(&mut world, &server);
        assert!(proposal.changes.is_empty(), "{}", proposal.changes);
        assert!(proposal.report.of(account).any(|w| w == Waiting::NotObserved));
        let status = world.snapshot.binding_status(account, &server).unwrap();
        assert!(status.unseen_since.is_some() && status.missing_since.is_none());
        world.wait(DurationMs(MINUTE_MS));
    }
    // Mended: it takes two full lists, as ever.
    assert!(world.pass(&server).sent().is_empty());
    let status = world.snapshot.binding_status(account, &server).unwrap();
    assert!(status.unseen_since.is_none() && status.missing_since.is_some());
    world.wait(DurationMs(MINUTE_MS));
    assert!(has(world.pass(&server).sent(), account, Verb::Create));
}

#[test]
fn a_look_at_a_full_list_counts_no_more_after_one_that_lacks_an_inbound() {
    let (mut world, account, server) = settled();
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    assert!(world.pass(&server).sent().is_empty());
    world.wait(DurationMs(MINUTE_MS));
    pass(&mut world, &server);
    world.wait(DurationMs(MINUTE_MS));
    assert!(world.pass(&server).sent().is_empty(), "two full lists, one after the other");
}

#[test]
fn a_list_that_lacks_an_inbound_still_extends_and_switches_off_whom_it_shows() {
    let (mut world, account, server) = settled();
    world.renew(0, "basic-30", account);
    assert!(has(&pass(&mut world, &server).changes.changes, account, Verb::Extend));
    world.now = world.entitlement(account).ends_at;
    assert!(has(&pass(&mut world, &server).changes.changes, account, Verb::Disable));
}

#[test]
fn a_list_that_lacks_an_inbound_makes_nobody_and_removes_nobody() {
    let (mut world, account, server) = settled();
    let fresh = world.sell(7, "basic-30");
    let binding = world.snapshot.binding(account, &server).unwrap().clone();
    world.put(Binding { account: fresh, bound_at: world.now, ..binding });
    let mut binding = world.snapshot.binding(account, &server).unwrap().clone();
    binding.disposition = Disposition::Tombstoned { since: world.now };
    world.put(binding);
    world.client_mut(account).enable = false;
    world.now = world.entitlement(account).ends_at + DurationMs(30 * DAY_MS);
    let proposal = pass(&mut world, &server);
    assert!(!has(&proposal.changes.changes, account, Verb::Delete));
    assert!(proposal.forget.is_empty());
    assert!(!has(&proposal.changes.changes, fresh, Verb::Create));
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    assert!(pass(&mut world, &server).forget.is_empty(), "gone is not proven");
}

#[test]
fn a_blank_in_a_remark_keeps_nobody_from_being_extended() {
    let (mut world, account, server) = settled();
    world.renew(0, "basic-30", account);
    let seen = observed(&world, &server, |inbound| inbound.remark.push(' '));
    let proposal = planned(&world, &seen);
    assert!(has(&proposal.changes.changes, account, Verb::Extend));
}

#[test]
fn a_renamed_or_switched_off_inbound_keeps_nobody_from_being_switched_off() {
    let (mut world, account, server) = settled();
    world.now = world.entitlement(account).ends_at;
    let changes: [fn(&mut InboundFacts); 2] =
        [|inbound| inbound.remark = "renamed".into(), |inbound| inbound.enable = false];
    for change in changes {
        let seen = observed(&world, &server, change);
        let proposal = planned(&world, &seen);
        let of = |c: &&Change| c.account == account;
        let off = proposal.changes.changes.iter().find(of).unwrap();
        assert!(off.verbs.contains(&Verb::Disable));
        assert_eq!(off.want.inbounds, ["1"], "it is switched off where it is");
    }
}

#[test]
fn who_needs_a_write_waits_for_the_named_inbound() {
    let (mut world, account, server) = settled();
    world.renew(0, "basic-30", account);
    let changes: [fn(&mut InboundFacts); 2] =
        [|inbound| inbound.remark = "renamed".into(), |inbound| inbound.enable = false];
    for change in changes {
        let seen = observed(&world, &server, change);
        let proposal = planned(&world, &seen);
        assert!(proposal.changes.is_empty(), "{}", proposal.changes);
        assert!(proposal.report.of(account).any(|w| w == Waiting::NoInbound));
    }
}
