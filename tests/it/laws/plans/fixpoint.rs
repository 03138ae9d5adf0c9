//! Plan, apply, plan again at the same moment: nothing is left to do.

use super::*;
use nebulalinks::planner::{Proposal, Verb, Waiting};
use nebulalinks_testkit::pure_loop::Pass;

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn what_was_applied_is_not_planned_again_at_the_same_moment(
        acts in acts(20), floor in prop_oneof![Just(0), Just(1), Just(1_000_u32)],
    ) {
        let mut world = world_with_floor(floor);
        for act in &acts {
            happen(&mut world, act);
        }
        for account in ids(&world) {
            world.bind(account);
        }
        for server in servers(&world) {
            let mut passes: Vec<Pass> = Vec::new();
            for _ in 0..5 {
                let pass = world.pass(&server);
                for change in pass.sent() {
                    let Some(before) = passes.last() else { continue };
                    let Proposal { compensate, report, .. } = &before.guarded.proposal;
                    // Only what had to be durable first comes a plan later: time that is given
                    // back; and whoever is to be deleted was seen switched off before.
                    let given_back = compensate.contains(&change.account);
                    let was_off = report.of(change.account).any(|w| w == Waiting::Tombstone);
                    let deleted = was_off && change.verbs.contains(&Verb::Delete);
                    prop_assert!(given_back || deleted, "{:?} again", change);
                }
                passes.push(pass);
            }
            let [.., second, third] = passes.as_slice() else { unreachable!() };
            prop_assert!(third.sent().is_empty(), "{}", third.guarded.pass.set());
            // What is held stays held, by the same name.
            prop_assert_eq!(&third.guarded.held, &second.guarded.held);
        }
    }
}
