//! Real processes that die in the middle of 500 clients: five batches, the third of which meets the
//! end of the gateway, of the panel, or of the controller.
//!
//! A part of the points by default, all of them with `NEBULALINKS_ALL_CRASH_POINTS=1`.

use crate::systems::all_succeed;

/// Both ends of both generations.
const VERSIONS: [&str; 4] = ["2.6.5", "2.9.4", "3.4.2", "3.6.0"];

/// Before and after each effect, where each of the three processes stands; the points of
/// `panel.batch` are those of the controller's client. `CREATE` is the call with which that
/// generation makes many.
const POINTS: [&str; 11] = [
    "gateway.CREATE.before_panel",
    "gateway.CREATE.after_panel",
    "gateway.batch.before_answer",
    "panel.before_commit",
    "panel.halfway",
    "panel.after_commit",
    "executor.before_call",
    "panel.batch.before_send",
    "panel.batch.after_answer",
    "executor.after_call",
    "executor.after_status",
];

/// The points of every day.
const EVERY_DAY: [&str; 4] = [
    "gateway.CREATE.after_panel",
    "gateway.batch.before_answer",
    "panel.halfway",
    "executor.after_call",
];

#[test]
fn whoever_dies_in_the_middle_of_many_each_client_is_there_once() {
    #[allow(clippy::disallowed_methods, reason = "a test's own switch")]
    let all = std::env::var("NEBULALINKS_ALL_CRASH_POINTS").is_ok();
    assert!(EVERY_DAY.iter().all(|point| POINTS.contains(point)), "a point was renamed");
    let played = POINTS.iter().filter(|point| all || EVERY_DAY.contains(point));
    let jobs = played.flat_map(|point| VERSIONS.map(|version| job(point, version)));
    all_succeed(jobs.collect());
}

fn job(point: &str, version: &str) -> Vec<String> {
    let create = if version.starts_with('2') { "add" } else { "bulk_create" };
    let point = point.replace("CREATE", create);
    ["batches", "--dies-at", &point, "--panel", version].map(str::to_owned).to_vec()
}
