//! What the guard lets through in hours of random proposals, against a plain count.

use crate::random::cases;
use nebulalinks::catalog::Mode;
use nebulalinks::model::*;
use nebulalinks::planner::{Change, ChangeSet, GuardInput, Proposal, Verb, Waiting, guard};
use nebulalinks_testkit::world::World;
use proptest::prelude::*;
use std::collections::BTreeSet;

const CLIENTS: u64 = 30;

/// One client's change.
#[derive(Debug, Clone)]
struct Wanted {
    who: usize,
    verbs: BTreeSet<Verb>,
    explained: bool,
    timed: bool,
}

/// One pass.
#[derive(Debug, Clone)]
struct Pass {
    wait: u64,
    wanted: Vec<Wanted>,
    state: State,
    /// The file names what is held now.
    confirm: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    NobodyVouches,
    Doubt,
    Amnesia,
    Observe,
}

fn passes() -> impl Strategy<Value = Vec<Pass>> {
    let verbs = proptest::sample::subsequence(Verb::ALL.to_vec(), 1..4);
    let wanted = (0..CLIENTS as usize, verbs, proptest::bool::weighted(0.3), any::<bool>())
        .prop_map(|(who, verbs, explained, timed)| {
            let verbs = verbs.into_iter().collect();
            Wanted { who, verbs, explained, timed }
        });
    let state = prop_oneof![
        6 => Just(State::Well),
        1 => Just(State::NobodyVouches),
        1 => Just(State::Doubt),
        1 => Just(State::Amnesia),
        1 => Just(State::Observe),
    ];
    let pass = (
        0..70 * MINUTE_MS,
        proptest::collection::vec(wanted, 0..8),
        state,
        proptest::bool::weighted(0.2),
    );
    let pass =
        pass.prop_map(|(wait, wanted, state, confirm)| Pass { wait, wanted, state, confirm });
    proptest::collection::vec(pass, 1..14)
}

fn takes(verbs: &BTreeSet<Verb>) -> bool {
    verbs.iter().any(|v| [Verb::Shorten, Verb::Disable, Verb::Delete].contains(v))
}

/// The change and, where it gives and takes, its giving half.
fn change(like: &Change, world: &World, wanted: &Wanted) -> Change {
    let account = world.account(wanted.who);
    let Wanted { verbs, explained, timed, .. } = wanted.clone();
    let giving: BTreeSet<Verb> =
        verbs.iter().copied().filter(|v| !takes(&BTreeSet::from([*v]))).collect();
    let half = (takes(&verbs) && !giving.is_empty()).then(|| {
        Box::new(Change { account, verbs: giving, explained: true, gives: None, ..like.clone() })
    });
    Change { account, verbs, explained, timed, gives: half, ..like.clone() }
}

fn proposal(world: &World, changes: Vec<Change>) -> Proposal {
    let server = world.panels.keys().next().unwrap().clone();
    let mut proposal = world.plan(&server);
    assert!(proposal.changes.is_empty(), "settled");
    proposal.changes = ChangeSet { server, planned_at: world.now, changes };
    proposal
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn what_gives_always_passes_and_an_hours_unexplained_takes_share_a_budget(
        passes in passes(), floor in 0..5_u32, percent in 0..20_u32,
    ) {
        let mut world = World::of_many(CLIENTS);
        world.catalog.shop.guard.destructive_floor = floor;
        world.catalog.shop.guard.destructive_percent = percent;
        let server = world.panels.keys().next().unwrap().clone();
        let like = {
            let mut lacking = world.clone();
            let account = lacking.account(0);
            lacking.client_mut(account).enable = false;
            lacking.plan(&server).changes.changes[0].clone()
        };
        let allowed = (CLIENTS * u64::from(percent) / 100).max(u64::from(floor));
        let mut spent: Vec<(u64, u64)> = Vec::new();
        let mut held: BTreeSet<(AccountId, Verb)> = BTreeSet::new();
        let mut confirmed: Option<(u64, BTreeSet<(AccountId, Verb)>)> = None;
        for pass in &passes {
            world.now = world.now + DurationMs(pass.wait);
            let now = world.now.0;
            let mut seen = BTreeSet::new();
            let wanted: Vec<&Wanted> = pass.wanted.iter().filter(|w| seen.insert(w.who)).collect();
            let changes: Vec<Change> = wanted.iter().map(|w| change(&like, &world, w)).collect();
            let before = world.snapshot.server_status(&server).cloned();
            let fingerprint = before.as_ref().and_then(|s| Some(s.held.as_ref()?.fingerprint.clone()));
            let definition = world.catalog.servers.get_mut(&server).unwrap();
            definition.confirm = fingerprint.filter(|_| pass.confirm);
            definition.mode = if pass.state == State::Observe { Mode::Observe } else { Mode::Manage };
            if pass.confirm && !held.is_empty() {
                confirmed = Some((now, held.clone()));
            }
            confirmed = confirmed.filter(|(at, _)| now - at < HOUR_MS);
            let clock = match pass.state {
                State::Doubt => ClockVerdict::Doubt { reason: ClockDoubt::Stepped, since: world.now },
                State::NobodyVouches => ClockVerdict::Trusted { vouched: false },
                _ => ClockVerdict::Trusted { vouched: true },
            };
            let mut world_now = world.clone();
            if pass.state == State::Amnesia {
                let (since, server) = (world.now, server.clone());
                world_now.put(Amnesia { ours: 1, seen: 2, server: Some(server), since, lacking: Vec::new(),
                    resolved_at: None });
            }
            let input = GuardInput { snapshot: &world_now.snapshot, catalog: &world.catalog,
                now: world.now, clock };
            let guarded = guard(input, proposal(&world, changes.clone()));

            // The plain count.
            let within = |ms: u64| -> u64 {
                spent.iter().filter(|(at, _)| now - at < ms).map(|(_, n)| n).sum()
            };
            // Nothing is forgotten before its hour is over, and nothing is kept a minute longer.
            let room = (allowed.saturating_sub(within(HOUR_MS + MINUTE_MS)),
                allowed.saturating_sub(within(HOUR_MS)));
            let mut unexplained = Vec::new();
            let mut stopped = Vec::new();
            let passed = |who: &Change, verbs: &BTreeSet<Verb>| guarded.pass.set().changes.iter()
                .any(|c| c.account == who.account && c.verbs == *verbs);
            for change in &changes {
                let main = *change.verbs.iter().rfind(|v| takes(&BTreeSet::from([**v])))
                    .unwrap_or(change.verbs.first().unwrap());
                let of = |waiting| guarded.proposal.report.of(change.account).any(|w| w == waiting);
                let free = match pass.state {
                    State::Observe => { prop_assert!(of(Waiting::ObserveOnly)); false }
                    // What may have been taken in again since is not given back.
                    State::Amnesia if change.verbs.contains(&Verb::Release) => {
                        prop_assert!(of(Waiting::Amnesia));
                        false
                    }
                    _ if !takes(&change.verbs) => true,
                    State::Amnesia => { prop_assert!(of(Waiting::Amnesia)); false }
                    State::Doubt => { prop_assert!(of(Waiting::ClockDoubt)); false }
                    State::Well | State::NobodyVouches => {
                        let vouched = pass.state == State::Well || !change.timed;
                        let named = |(_, list): &(u64, BTreeSet<_>)|
                            list.contains(&(change.account, main));
                        if (change.explained && vouched) || confirmed.as_ref().is_some_and(named) {
                            true
                        } else {
                            unexplained.push((change, main));
                            continue;
                        }
                    }
                };
                prop_assert_eq!(passed(change, &change.verbs), free, "{:?}", change.verbs);
                if !free {
                    stopped.push(change);
                }
            }
            let let_through =
                unexplained.iter().filter(|(c, _)| passed(c, &c.verbs)).count() as u64;
            let wanted = unexplained.len() as u64;
            prop_assert!(let_through >= room.0.min(wanted), "{} of {:?}", let_through, room);
            prop_assert!(let_through <= room.1, "{} of {:?}", let_through, room);
            spent.push((now, let_through));
            let kept = unexplained.iter().filter(|(c, _)| !passed(c, &c.verbs));
            held = kept.clone().map(|(c, main)| (c.account, *main)).collect();
            stopped.extend(kept.map(|(c, _)| *c));
            // What gives of a change that was stopped is not stopped.
            for change in stopped.iter().filter(|_| pass.state != State::Observe) {
                if let Some(half) = &change.gives {
                    prop_assert!(passed(change, &half.verbs));
                }
            }
            let listed: BTreeSet<(AccountId, String)> = guarded.held.iter()
                .flat_map(|h| h.items.iter().map(|i| (i.account, i.verb.clone()))).collect();
            let named = held.iter().map(|(id, verb)| (*id, verb.name().to_owned())).collect();
            prop_assert_eq!(listed, named);
            // What gives goes first.
            let order: Vec<bool> =
                guarded.pass.set().changes.iter().map(|c| takes(&c.verbs)).collect();
            prop_assert!(order.is_sorted(), "{:?}", order);
            let mut status = before.unwrap_or_else(|| ServerStatus::new(server.clone()));
            (status.unexplained, status.held, status.confirmed) =
                (guarded.unexplained, guarded.held, guarded.confirmed);
            world.put(status);
        }
    }
}
