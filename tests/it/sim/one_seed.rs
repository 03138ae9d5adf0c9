//! The simulation is worth its name only if a seed decides everything: a failing one is run again.

use super::cluster::Cluster;
use super::mutation::Mutation;
use super::{live, paused};

/// What happened, line by line: every commit, each change on each panel, and what Discord shows in
/// the end.
fn log_of(seed: u64) -> Vec<String> {
    paused(async {
        let mut cluster = Cluster::new(seed, Mutation::None).await;
        cluster.monitors.record();
        live(&mut cluster, seed, None).await;
        let mut lines = cluster.monitors.recorded();
        for (server, panel) in &cluster.panels {
            lines.extend(panel.journal().into_iter().map(|entry| format!("{server}: {entry:?}")));
        }
        lines.extend(cluster.discord.shown());
        lines.iter().map(|line| without_ports(line)).collect()
    })
}

/// Panels listen on ports that the machine gives out, and errors name them.
fn without_ports(line: &str) -> String {
    let mut parts = line.split("127.0.0.1:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += "127.0.0.1:…";
        out += part.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out
}

#[test]
fn one_seed_gives_one_log() {
    for seed in [3, 4] {
        let (first, second) = (log_of(seed), log_of(seed));
        if let Some(at) = first.iter().zip(&second).position(|(a, b)| a != b) {
            panic!("seed {seed}, line {at}:\n{}\nand then\n{}", first[at], second[at]);
        }
        assert_eq!(first.len(), second.len(), "seed {seed}");
        assert!(first.len() > 100, "seed {seed}: only {} lines", first.len());
    }
    assert_ne!(log_of(3), log_of(4), "another seed is another run");
}
