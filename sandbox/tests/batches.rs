//! Real processes that die in the middle of 500 clients: five batches, the third of which meets the
//! end of the gateway, of the panel, or of the controller.
//!
//! A part of the points by default, all of them with `NEBULALINKS_ALL_CRASH_POINTS=1`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::process::{Command, Stdio};
use std::sync::Mutex;

/// As many systems at once: they wait more than they work.
const AT_ONCE: usize = 3;

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
    let jobs: Vec<_> = played.flat_map(|point| VERSIONS.map(|version| (*point, version))).collect();
    let jobs = Mutex::new(jobs.into_iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((point, version)) = jobs.lock().unwrap().next() else { return };
                    let create = if version.starts_with('2') { "add" } else { "bulk_create" };
                    let point = point.replace("CREATE", create);
                    let output = Command::new(env!("CARGO_BIN_EXE_nebulalinks-sandbox"))
                        .args(["batches", "--dies-at", &point, "--panel", version])
                        .stdin(Stdio::null())
                        .output()
                        .expect("the sandbox can be started");
                    let said = [output.stdout, output.stderr].concat();
                    let said = format!("{version}: {}", String::from_utf8_lossy(&said));
                    println!("{said}");
                    if !output.status.success() {
                        failed.lock().unwrap().push(format!("{point}: {said}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
