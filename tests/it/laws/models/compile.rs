//! What a panel is told against what the panel's own rule makes of it: the two never disagree.

use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks::planner::Verb;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;

const MIB: u64 = 1 << 20;
const QUOTA: u64 = 64 * MIB;
const LENGTH: u64 = 30 * DAY_MS;

#[derive(Debug, Clone)]
enum Step {
    /// So many hundredths of what is left flow.
    Flow(u64),
    Wait(u64),
    /// To so many milliseconds around the end.
    NearEnd(u64),
    Renew,
    NewRow,
    Rewind,
    Pass,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..130_u64).prop_map(Step::Flow),
        2 => (1..10 * DAY_MS).prop_map(Step::Wait),
        2 => (0..40 * SECOND_MS).prop_map(Step::NearEnd),
        3 => Just(Step::Renew),
        1 => Just(Step::NewRow),
        1 => Just(Step::Rewind),
        3 => Just(Step::Pass),
    ];
    proptest::collection::vec(step, 1..24)
}

/// 3x-ui's rule, on its own numbers: 0 is without end, and without cap.
fn panel_cuts(now: u64, expiry: u64, total: u64, used: u64) -> bool {
    (expiry > 0 && expiry <= now) || (total > 0 && used >= total)
}

fn numbers(client: &ObservedClient) -> (u64, u64, u64) {
    let expiry = match client.end.unwrap() {
        End::At(at) => at.get(),
        End::Never => 0,
    };
    let total = match client.cap {
        Cap::Bytes(cap) => cap.get(),
        Cap::Unlimited => 0,
    };
    (expiry, total, client.counter.0)
}

/// A list, so long after the one before that what it shows is written down.
fn list_and_count(world: &mut World, server: &ServerId) {
    world.wait(DurationMs(16 * MINUTE_MS));
    world.pass(server);
}

/// What was sold and what flowed, as plain numbers.
struct Sold {
    end: u64,
    granted: u64,
    flowed: u64,
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn what_is_written_is_what_the_panels_own_rule_leaves_alone(steps in steps()) {
        let mut catalog = catalog();
        for plan in catalog.plans.iter_mut().filter(|p| p.traffic != Quota::Unlimited) {
            plan.traffic = Quota::Bytes(Bytes(QUOTA));
        }
        let mut world = World::settled(catalog, 1, "basic-30");
        let account = world.account(0);
        let server = world.server_of(account);
        let start = world.now.0 - HOUR_MS;
        let mut sold = Sold { end: start + LENGTH, granted: QUOTA, flowed: 0 };
        for step in steps {
            let before = world.client(account).counter.0;
            match step {
                Step::Flow(hundredths) => {
                    let left = sold.granted.saturating_sub(sold.flowed);
                    let panel = world.panels.get_mut(&server).unwrap();
                    panel.traffic(&email(account), left * hundredths / 100);
                    sold.flowed += world.client(account).counter.0 - before;
                }
                Step::Wait(ms) => world.wait(DurationMs(ms)),
                Step::NearEnd(ms) => {
                    let at = (sold.end - 20 * SECOND_MS + ms).max(world.now.0);
                    world.wait(UnixMs(at).since(world.now));
                }
                Step::Renew => {
                    let ended = world.now.0 >= sold.end;
                    world.pass(&server);
                    world.renew(0, "basic-30", account);
                    let (end, granted, flowed) = match ended {
                        true => (world.now.0, 0, 0),
                        false => (sold.end, sold.granted, sold.flowed),
                    };
                    sold = Sold { end: end + LENGTH, granted: granted + QUOTA, flowed };
                }
                // What was listed is counted; what was not is lost with its row.
                Step::NewRow => {
                    list_and_count(&mut world, &server);
                    let now = world.now;
                    world.panels.get_mut(&server).unwrap().new_row(&email(account), now);
                }
                Step::Rewind => {
                    list_and_count(&mut world, &server);
                    world.client_mut(account).counter = Bytes(before / 2);
                }
                Step::Pass => {}
            }
            // The panel polls all the time, so also just before we ask it.
            world.wait(DurationMs(MINUTE_MS));
            let now = world.now.0;
            let polled = world.client(account).enable;
            let pass = world.pass(&server);
            let active = now < sold.end && sold.flowed < sold.granted;
            let near_end = active && sold.end - now < 15 * SECOND_MS;
            let client = world.client(account);
            let (expiry, total, used) = numbers(client);
            if active && !near_end {
                prop_assert!(client.enable, "sold, and off");
                prop_assert!(!panel_cuts(now, expiry, total, used), "the next poll would cut it");
                prop_assert_eq!(expiry, sold.end);
                prop_assert_eq!(total - used, sold.granted - sold.flowed);
            }
            if !active {
                prop_assert!(!client.enable, "nothing sold, and on");
                // Had the panel's rule not cut it, something else would be wrong.
                let cut_by_us = pass.sent().iter().any(|c| c.verbs.contains(&Verb::Disable));
                prop_assert!(!cut_by_us || !polled, "the panel's rule had cut it already");
            }
        }
    }
}
