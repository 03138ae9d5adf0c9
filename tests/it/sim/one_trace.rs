//! The simulation is worth its name only if a seed decides everything: a failing one is run again.

use axum::body::Body;
use axum::http::Request;
use nebulalinks::controller::Cadence;
use nebulalinks_model_panel::{Fault, ModelPanel, NoAnswer, PanelConfig, PanelVersion};
use nebulalinks_simulation::cadences::Cadences;
use nebulalinks_simulation::mutation::Mutation;
use nebulalinks_simulation::plan::Plan;
use nebulalinks_simulation::run::{paused, run};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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

/// So many wait at once: whom chance wakes is hardly ever in order.
const WAITING: usize = 12;

#[test]
fn whoever_follows_the_cadence_hears_of_it_in_the_order_in_which_they_came() {
    let heard: Arc<Mutex<Vec<usize>>> = Arc::default();
    paused(async {
        let cadences = Cadences::default();
        for n in 0..WAITING {
            let (mut follower, heard) = (cadences.follow(), Arc::clone(&heard));
            tokio::spawn(async move {
                follower.changed().await.unwrap();
                heard.lock().unwrap().push(n);
            });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        cadences.set(Cadence::quiet());
        tokio::time::sleep(Duration::from_secs(1)).await;
    });
    assert_eq!(*heard.lock().unwrap(), (0..WAITING).collect::<Vec<_>>());
}

#[test]
fn calls_that_a_dying_panel_cuts_end_in_the_order_in_which_they_came() {
    let cut: Arc<Mutex<Vec<usize>>> = Arc::default();
    paused(async {
        let panel = ModelPanel::new(PanelConfig::new("guid", "token", Arc::new(|| 1)));
        panel.faults().set(Fault::SlowAfterCommit(Duration::from_secs(60)));
        let process = Arc::new(panel.serve_in_process());
        for n in 0..WAITING {
            let (process, cut) = (Arc::clone(&process), Arc::clone(&cut));
            tokio::spawn(async move {
                let call = Request::get("/").body(Body::empty()).unwrap();
                assert_eq!(process.call(call).await.err(), Some(NoAnswer::Cut));
                cut.lock().unwrap().push(n);
            });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        panel.faults().set(Fault::Down);
        tokio::time::sleep(Duration::from_secs(1)).await;
    });
    assert_eq!(*cut.lock().unwrap(), (0..WAITING).collect::<Vec<_>>());
}
