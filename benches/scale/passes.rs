//! Passes over servers whose panels agree with the records, and the memory of the process.

use crate::shop::{NOW, observation};
use nebulalinks_core::catalog::Catalog;
use nebulalinks_core::model::{ClockVerdict, Observation, Snapshot};
use nebulalinks_core::planner::{Counters, GuardInput, PlanInput, guard, plan_server};
use std::time::{Duration, Instant};

/// One pass over one server, guard included. Says how many changes it wants.
pub(crate) fn pass(
    snapshot: &Snapshot,
    catalog: &Catalog,
    seen: &Observation,
    before: &Counters,
) -> usize {
    let cooling_down = Default::default();
    let proposal = plan_server(&PlanInput {
        snapshot,
        catalog,
        observation: seen,
        before,
        cooling_down: &cooling_down,
        now: NOW,
    });
    let clock = ClockVerdict::Trusted { vouched: true };
    let guarded = guard(GuardInput { snapshot, catalog, now: NOW, clock }, proposal);
    guarded.pass.set().changes.len()
}

/// A pass over every server: the time of all, without that of making up what panels say.
pub(crate) fn round(snapshot: &Snapshot, catalog: &Catalog) -> Duration {
    let mut took = Duration::ZERO;
    for server in catalog.servers.keys() {
        let seen = observation(snapshot, server);
        let mut before = Counters::default();
        before.note(&seen, NOW);
        let begun = Instant::now();
        let changes = pass(snapshot, catalog, &seen, &before);
        took += begun.elapsed();
        assert_eq!(changes, 0, "the panels agree with the records");
    }
    took
}

/// Memory that the process holds, in MiB, as the kernel counts it.
pub(crate) fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
