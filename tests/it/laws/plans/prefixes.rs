//! A process that ends anywhere in a plan and starts again ends where one that went on ends.

use super::*;

type Outcome = (Vec<(ServerId, String, Seen)>, Vec<(UnixMs, Quota, Bytes)>);

/// What is on all panels, and what everybody may have.
fn outcome(world: &World) -> Outcome {
    let clients = world.panels.iter().flat_map(|(id, panel)| {
        panel.clients.values().map(|c| (id.clone(), c.email.clone(), seen(c)))
    });
    let entitled = |id: &AccountId| Entitlement::of(&world.snapshot, *id);
    let due = ids(world).iter().filter_map(entitled).map(|e| (e.ends_at, e.left, e.over)).collect();
    (clients.collect(), due)
}

/// Another process: it remembers nothing but records.
fn started_again(mut world: World, server: &ServerId) -> World {
    world.counters.clear();
    for _ in 0..2 {
        world.pass(server);
    }
    settle_down(&mut world);
    world
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn after_any_prefix_of_a_plan_a_new_process_ends_as_if_all_had_gone_well(acts in acts(20)) {
        let mut before = world();
        for act in &acts {
            happen(&mut before, act);
        }
        for account in ids(&before) {
            before.bind(account);
        }
        for server in servers(&before) {
            let mut learnt = before.clone();
            let changes = learnt.prepare(&server).sent().to_vec();
            let mut whole = learnt.clone();
            for change in &changes {
                whole.carry_out(&server, change);
            }
            let whole = outcome(&started_again(whole, &server));
            // Ended before what was learnt was durable, or after so many writes of which the last
            // one's answer was lost.
            prop_assert_eq!(&outcome(&started_again(before.clone(), &server)), &whole, "unlearnt");
            for done in 0..=changes.len() {
                for lost in [false, true] {
                    let mut ended = learnt.clone();
                    for (n, change) in changes.iter().take(done).enumerate() {
                        if lost && n + 1 == done {
                            arrives_unheard(&mut ended, &server, change);
                        } else {
                            ended.carry_out(&server, change);
                        }
                    }
                    let ended = started_again(ended, &server);
                    prop_assert_eq!(&outcome(&ended), &whole, "{} done, lost: {}", done, lost);
                    assert_as_recorded(&ended)?;
                }
            }
        }
    }
}

#[test]
fn what_flowed_before_a_runs_enable_is_not_billed_though_the_process_ended_before_it() {
    let mut world = world();
    for act in [Act::Hand(0, Hand::Traffic(1)), Act::Reverse(0), Act::Hand(0, Hand::Renew)] {
        happen(&mut world, &act);
    }
    let account = world.account(0);
    let server = world.server_of(account);
    assert!(!world.prepare(&server).sent().is_empty(), "learnt, and not sent");
    let world = started_again(world, &server);
    let entitlement = world.entitlement(account);
    assert_eq!((entitlement.left, entitlement.over), (entitlement.granted, Bytes(1)));
}
