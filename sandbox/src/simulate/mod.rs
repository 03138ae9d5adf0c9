//! Seeds of the simulation, as many at once as there are cores; on a failure, the smallest run of it.

mod act;
mod args;
mod failure;
mod planted;
mod pool;

pub(crate) use args::Simulate;

use nebulalinks_simulation::mutation::Mutation;
use nebulalinks_simulation::run::{FAULTS, Met, Outcome, run};
use std::process::ExitCode;

/// Of so many seeds it is expected that every fault met the system.
const ENOUGH: u64 = 60;

/// Runs the seeds that were asked for.
pub(crate) fn simulate(args: &Simulate) -> ExitCode {
    if args.planted {
        return planted::table(args);
    }
    if let Some(act) = args.act {
        return act::seeds(args, act);
    }
    if let Some(act) = args.plant.and_then(|planted| planted.act) {
        complain!("the act `{act}` shows this bug, and ordinary days may not: add --planted");
        return ExitCode::FAILURE;
    }
    let mutation = args.plant.map_or(Mutation::None, |planted| planted.mutation);
    let bar = pool::progress(args.seeds);
    let (mut met, mut failed): (Met, Option<(u64, Outcome)>) = (Met::new(), None);
    let mut simulated_ms = 0;
    pool::each(
        args.seeds(),
        args.jobs(),
        |seed| run(&args.plan(seed), mutation, Some(""), args.trace),
        |seed, outcome| {
            bar.inc(1);
            simulated_ms += outcome.simulated.0;
            for (what, n) in &outcome.met {
                *met.entry(what).or_default() += n;
            }
            if args.trace {
                bar.suspend(|| failure::print_trace(seed, &outcome, usize::MAX));
            }
            let earlier = failed.as_ref().is_none_or(|(first, _)| seed < *first);
            if !outcome.breaches.is_empty() && earlier {
                failed = Some((seed, outcome));
            }
            failed.is_none()
        },
    );
    let (done, seconds) = (bar.position(), bar.elapsed().as_secs_f64());
    bar.finish_and_clear();
    say!(
        "{done} seeds in {seconds:.1} s: {:.2} seeds/s, {:.1} simulated days",
        pool::per(done, seconds),
        pool::per(simulated_ms, 86_400_000.0)
    );
    if let Some((seed, outcome)) = failed {
        failure::report(args, seed, mutation, &outcome);
        return ExitCode::FAILURE;
    }
    let missing: Vec<_> = FAULTS.iter().filter(|fault| !met.contains_key(*fault)).collect();
    if done >= ENOUGH && args.is_whole() && !missing.is_empty() {
        complain!("these faults never met the system, so nothing is proven of them: {missing:?}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
