//! What a failing seed is reduced to still fails, and without what it does not need.

use nebulalinks_simulation::mutation::Mutation;
use nebulalinks_simulation::plan::{ACTS, Plan};
use nebulalinks_simulation::run::run;
use nebulalinks_simulation::shrink::shrink;

#[test]
fn a_failing_plan_shrinks_to_the_few_acts_that_break_the_same_promise() {
    let (plan, mutation) = (Plan::of(0), Mutation::DoublesTerms);
    let broken = run(&plan, mutation, Some(""), false);
    assert_eq!(broken.law(), Some("P4"));
    let (small, tries) = shrink(&plan, mutation, &broken, 120, |_| {});
    let acts = small.only.clone().unwrap();
    // A term is doubled once somebody ordered, paid and was approved.
    assert!(acts.len() <= 5, "{acts:?} of {ACTS} after {tries} runs");
    let again = run(&small, mutation, Some(""), false);
    assert_eq!(again.law(), Some("P4"));
    assert_eq!(run(&small, Mutation::None, Some(""), false).law(), None, "it is the mutation's");
}
