//! The simulation is worth its name only if a seed decides everything: a failing one is run again.

use nebulalinks_model_panel::PanelVersion;
use nebulalinks_simulation::mutation::Mutation;
use nebulalinks_simulation::run::{Plan, run};

fn trace_of(seed: u64) -> Vec<String> {
    run(&Plan::of(seed), Mutation::None, None, true).trace
}

#[test]
fn every_panel_that_a_gateway_can_work_with_is_drawn() {
    let drawn: Vec<_> = (0..30).flat_map(|seed| Plan::of(seed).panels).collect();
    for version in PanelVersion::SUPPORTED {
        assert!(drawn.contains(&version), "{}", version.label());
    }
}

#[test]
fn one_seed_gives_one_trace() {
    for seed in [3, 4, 5] {
        // On another thread, so that nothing of the first run is there.
        let other = std::thread::spawn(move || trace_of(seed));
        let (first, second) = (trace_of(seed), other.join().unwrap());
        if let Some(at) = first.iter().zip(&second).position(|(a, b)| a != b) {
            panic!("seed {seed}, line {at}:\n{}\nand then\n{}", first[at], second[at]);
        }
        assert_eq!(first.len(), second.len(), "seed {seed}");
        assert!(first.len() > 300, "seed {seed}: only {} lines", first.len());
    }
    assert_ne!(trace_of(3), trace_of(4), "another seed is another run");
}
