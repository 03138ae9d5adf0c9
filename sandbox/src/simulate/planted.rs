//! How many seeds show each planted bug: a monitor that misses its own is blind.

use super::args::Simulate;
use super::pool;
use nebulalinks_simulation::planted::{PLANTED, Planted};
use std::process::ExitCode;

/// Prints the table, a line each, as a table of Markdown.
pub(super) fn table(args: &Simulate) -> ExitCode {
    let is_meant =
        |planted: &&Planted| args.plant.is_none_or(|one| one.mutation == planted.mutation);
    let all: Vec<&Planted> = PLANTED.iter().filter(is_meant).collect();
    let bar = pool::progress(args.seeds.saturating_mul(all.len() as u64));
    let mut blind = Vec::new();
    say!("| | planted bug | where | seeds that show it |\n| --- | --- | --- | --- |");
    for planted in all {
        let Planted { mutation, law, act, first } = planted;
        let (mut seen, mut seeds) = (0, 0);
        pool::each(
            args.seeds(),
            args.jobs(),
            // Of an act only every so many shows it.
            |n| planted.is_seen(first + n * planted.period()).is_ok(),
            |_, is_seen| {
                bar.inc(1);
                seeds += 1;
                seen += u64::from(is_seen);
                true
            },
        );
        let place = act.map_or_else(|| "ordinary days".to_owned(), |act| format!("act: {act}"));
        bar.suspend(|| say!("| {law} | `{mutation:?}` | {place} | {seen} of {seeds} |"));
        if seen == 0 {
            blind.push(format!("{mutation:?}"));
        }
    }
    bar.finish_and_clear();
    if blind.is_empty() {
        return ExitCode::SUCCESS;
    }
    complain!("nobody saw {}", blind.join(", "));
    ExitCode::FAILURE
}
