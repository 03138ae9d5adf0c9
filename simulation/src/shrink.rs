//! The smallest plan that still breaks a promise: what has nothing to do with it is taken out.

use super::mutation::Mutation;
use super::plan::Plan;
use super::run::{Outcome, run};

/// Takes out of a plan what it does not need to break this promise, in at most `tries` runs, and says
/// how many it took. `look` hears of each smaller plan.
pub fn shrink(
    plan: &Plan,
    mutation: Mutation,
    broken: &Outcome,
    tries: u32,
    mut look: impl FnMut(&Plan),
) -> (Plan, u32) {
    let Some(law) = broken.law().map(str::to_owned) else { return (plan.clone(), 0) };
    let mut taken = 0;
    let mut best = plan.clone();
    let mut fails = |candidate: &Plan| {
        if taken >= tries {
            return false;
        }
        taken += 1;
        run(candidate, mutation, Some(""), false).law() == Some(law.as_str())
    };
    // What comes after the breach had no part in it.
    let kept = plan.chosen(broken.acts);
    let calmer = [
        Plan { only: Some(kept.clone()), ..plan.clone() },
        Plan { only: Some(kept.clone()), lossy: false, ..plan.clone() },
        Plan { only: Some(kept), moody: false, ..plan.clone() },
    ];
    for calm in calmer {
        let candidate =
            Plan { lossy: calm.lossy && best.lossy, moody: calm.moody && best.moody, ..calm };
        if fails(&candidate) {
            look(&candidate);
            best = candidate;
        }
    }
    // Halves, then quarters, down to single acts.
    let mut acts = best.chosen(broken.acts);
    let mut size = acts.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < acts.len() {
            let rest: Vec<u32> = [&acts[..at], &acts[(at + size).min(acts.len())..]].concat();
            let candidate = Plan { only: Some(rest.clone()), ..best.clone() };
            if fails(&candidate) {
                look(&candidate);
                (acts, best) = (rest, candidate);
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    (best, taken)
}
