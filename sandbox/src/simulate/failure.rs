//! What a failing seed tells: the promise, the smallest run that still breaks it, and how to run that
//! again.

use super::args::{Simulate, options};
use nebulalinks_model_panel::PanelVersion;
use nebulalinks_simulation::mutation::Mutation;
use nebulalinks_simulation::run::{Outcome, run};
use nebulalinks_simulation::shrink::shrink;

/// Runs that the search for the smallest plan may take.
const TRIES: u32 = 200;
/// Breaches that are shown.
const SHOWN: usize = 5;
/// Lines of a trace that are shown without being asked for.
const LINES: usize = 300;

pub(super) fn report(args: &Simulate, seed: u64, mutation: Mutation, outcome: &Outcome) {
    let plan = args.plan(seed);
    let panels = plan.panels.map(PanelVersion::label).join(" and ");
    say!(
        "\n{} does not hold in seed {seed}, with panels of {panels}:",
        outcome.law().unwrap_or_default()
    );
    for breach in outcome.breaches.iter().take(SHOWN) {
        say!("  {breach}");
    }
    let bar = indicatif::ProgressBar::new_spinner();
    let (small, tries) = shrink(&plan, mutation, outcome, TRIES, |smaller| {
        bar.set_message(format!("{} acts still break it", smaller.only.iter().flatten().count()));
        bar.tick();
    });
    bar.finish_and_clear();
    let plant = args.plant.map_or_else(String::new, |p| format!(" --plant {:?}", p.mutation));
    let again = run(&small, mutation, Some(""), true);
    let acts = small.only.as_ref().map_or(outcome.acts as usize, Vec::len);
    say!("\nof {} acts {acts} are needed, found in {tries} runs:", outcome.acts);
    print_trace(seed, &again, LINES);
    say!("\nrun it again, whole and as small as above:");
    for plan in [&plan, &small] {
        let options = options(plan);
        say!("  cargo run -p nebulalinks-sandbox -- simulate {options}{plant} --trace");
    }
}

/// The last lines of what happened.
pub(super) fn print_trace(seed: u64, outcome: &Outcome, most: usize) {
    let skipped = outcome.trace.len().saturating_sub(most);
    if skipped > 0 {
        say!("… {skipped} lines before these; --trace shows them");
    }
    for line in outcome.trace.iter().skip(skipped) {
        say!("{line}");
    }
    let (lines, hash) = (outcome.trace.len(), outcome.trace_hash());
    say!("trace of seed {seed}: {lines} lines, #{hash:016x}");
}
