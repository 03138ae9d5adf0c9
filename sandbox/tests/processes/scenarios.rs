//! Plays every scenario through the real binaries: each must end as its file says.
//!
//! The crash points: a part of them by default, all of them with `NEBULALINKS_ALL_CRASH_POINTS=1`
//! (about ten minutes on two cores).

use crate::systems::{all_succeed, sandbox};
use nebulalinks_model_panel::PanelVersion;
use std::path::{Path, PathBuf};

/// Points that `crash-points.scn` does not pass: they are in the way of a client that is moved between
/// inbounds or deleted after its tombstone, of panels that switch on apart from updating, and of
/// many clients at once (those are in `batches.rs`); and those of [`AT_A_RESTART`].
const NOT_ON_THE_WAY: [&str; 7] = [
    "gateway.attach.",
    "gateway.detach.",
    "gateway.delete.",
    "gateway.enable.",
    "gateway.bulk_create.",
    "gateway.bulk_delete.",
    "gateway.batch.",
];

/// On the way of a restart of Xray for sessions that outlive a cut-off.
const AT_A_RESTART: [&str; 4] = [
    "executor.before_restart",
    "executor.after_restart",
    "gateway.restart_xray.before_panel",
    "gateway.restart_xray.after_panel",
];

/// The crash points of every day: one of each kind of effect, before or after it is durable.
const EVERY_DAY: [&str; 10] = [
    "store.after_apply",
    "store.after_flush",
    "intents.after_commit",
    "account.after_bind",
    "executor.after_call",
    "notify.after_link",
    "discord.after_thread",
    "discord.after_post",
    "gateway.add.after_panel",
    "gateway.claim.after_fsync",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios")
}

/// A picture of a payment.
pub(crate) fn receipt(name: &str) -> PathBuf {
    folder().join("../fixtures/receipts").join(name)
}

fn job(file: &str, crash_at: Option<&str>) -> Vec<String> {
    let path = folder().join(file).to_string_lossy().into_owned();
    let mut job = vec!["play".to_owned(), path];
    if let Some(point) = crash_at {
        job.extend(["--crash-at".to_owned(), point.to_owned()]);
    }
    job
}

fn on_panel(version: PanelVersion, mut job: Vec<String>) -> Vec<String> {
    job.extend(["--panel".to_owned(), version.label().to_owned()]);
    job
}

#[test]
fn every_scenario_ends_as_its_file_says() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut files: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
    files.retain(|name| name.ends_with(".scn"));
    files.sort();
    assert!(files.len() >= 24, "scenarios are missing: {files:?}");
    files.push("../../docs/story.scn".to_owned());
    all_succeed(files.iter().map(|file| job(file, None)).collect());
}

/// The way of a client through its life, and what people do to it on a panel.
const ON_EVERY_PANEL: [&str; 4] = [
    "order-to-link.scn",
    "renewal-early.scn",
    "client-deleted-by-hand.scn",
    "cutoff-by-traffic.scn",
];

#[test]
fn what_people_see_is_the_same_whatever_version_their_panel_has() {
    // The newest plays all of them above.
    let versions = PanelVersion::SUPPORTED.into_iter().filter(|v| *v != PanelVersion::Head);
    let jobs: Vec<Vec<String>> = versions
        .flat_map(|version| ON_EVERY_PANEL.map(|file| on_panel(version, job(file, None))))
        .collect();
    assert_eq!(jobs.len(), 12);
    all_succeed(jobs);
}

#[test]
fn a_gateway_that_dies_beside_a_panel_of_generation_2_ends_the_same() {
    let points = ["gateway.add.before_panel", "gateway.add.after_panel", "executor.after_call"];
    let jobs = points.map(|at| on_panel(PanelVersion::V2_9_4, job("crash-points.scn", Some(at))));
    all_succeed(jobs.into());
}

#[test]
fn whatever_process_dies_at_whatever_point_it_ends_the_same() {
    #[allow(clippy::disallowed_methods, reason = "a test's own switch")]
    let all = std::env::var("NEBULALINKS_ALL_CRASH_POINTS").is_ok();
    let points: Vec<&str> = nebulalinks::controller::CRASH_POINTS
        .iter()
        .chain(nebulalinks::store::CRASH_POINTS)
        .chain(nebulalinks::discord::CRASH_POINTS)
        .chain(&["intents.before_commit", "intents.after_commit"])
        .chain(&nebulalinks_gateway::CRASH_POINTS)
        .copied()
        .filter(|point| !NOT_ON_THE_WAY.iter().any(|off| point.starts_with(off)))
        .collect();
    let (at_a_restart, points): (Vec<&str>, Vec<&str>) =
        points.into_iter().partition(|point| point.contains("restart"));
    assert_eq!(at_a_restart, AT_A_RESTART, "a point was renamed");
    assert!(EVERY_DAY.iter().all(|point| points.contains(point)), "a point was renamed");
    let played = points.into_iter().filter(|point| all || EVERY_DAY.contains(point));
    let played = played.map(|point| job("crash-points.scn", Some(point)));
    let at_a_restart = at_a_restart.into_iter().filter(|point| all || *point == AT_A_RESTART[0]);
    let at_a_restart = at_a_restart.map(|point| job("still-connected-crash.scn", Some(point)));
    all_succeed(played.chain(at_a_restart).collect());
}

/// The folder of the files gone, the disk full, and a damaged database, in this order.
#[test]
fn kill_nine_under_load_loses_nothing_and_doubles_nothing() {
    sandbox(&["torture", "--rounds", "3", "--seed", "34"])
        .unwrap_or_else(|printed| panic!("{printed}"));
}

#[test]
fn a_difference_is_said_and_ends_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrong.scn");
    let text = "alice presses \"Buy\" on the store panel\n    alice sees: Nothing at all\n";
    std::fs::write(&path, text).unwrap();
    let printed = sandbox(&["play", &path.to_string_lossy()]).unwrap_err();
    assert!(printed.contains("    - alice sees: Nothing at all"), "{printed}");
    assert!(printed.contains("    + alice sees: Which plan?"), "{printed}");
}
