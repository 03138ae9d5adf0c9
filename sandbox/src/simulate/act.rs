//! Seeds of one act: its fault on purpose, in more ways than its test plays.

use super::args::Simulate;
use super::pool;
use nebulalinks_simulation::acts::{Act, played};
use nebulalinks_simulation::mutation::Mutation;
use std::process::ExitCode;

/// Plays the seeds that were asked for, up to the first that breaks a promise.
pub(super) fn seeds(args: &Simulate, act: &Act) -> ExitCode {
    let bar = pool::progress(args.seeds);
    let (mut times, mut failed): (u64, Option<(u64, Vec<String>)>) = (0, None);
    pool::each(
        args.seeds(),
        args.jobs(),
        |seed| played(act.play, seed, Mutation::None),
        |seed, (breaches, met)| {
            bar.inc(1);
            times += met.get(act.fault).copied().unwrap_or(0);
            let earlier = failed.as_ref().is_none_or(|(first, _)| seed < *first);
            if !breaches.is_empty() && earlier {
                failed = Some((seed, breaches));
            }
            failed.is_none()
        },
    );
    let (done, seconds) = (bar.position(), bar.elapsed().as_secs_f64());
    bar.finish_and_clear();
    say!(
        "{done} seeds of `{}` in {seconds:.1} s: {:.2} seeds/s; {times} times {}",
        act.name,
        pool::per(done, seconds),
        act.fault
    );
    if let Some((seed, breaches)) = failed {
        complain!("seed {seed} breaks a promise:\n  {}", breaches.join("\n  "));
        complain!("run it again: simulate --act \"{}\" --seed {seed} --seeds 1", act.name);
        return ExitCode::FAILURE;
    }
    if times == 0 {
        complain!("that never met the system, so nothing is proven");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
