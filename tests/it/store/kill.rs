//! kill -9 while it writes: nothing that was acknowledged is lost, and nothing is torn.
//!
//! The child is this test binary itself. `NEBULALINKS_KILL_ROUNDS` asks for more rounds, and with
//! `NEBULALINKS_WRITER_DIR` the child can be run by hand: `tests/recipes/power-cut.sh` does.

use super::support::{account, interaction, options, served, taken};
use nebulalinks::model::{Edits, Key, Snapshot};
use nebulalinks::ports::Store;
use nebulalinks::store::SledStore;
use nebulalinks_testkit::people::asked;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

const DIR: &str = "NEBULALINKS_WRITER_DIR";
const ACKNOWLEDGED: &str = "NEBULALINKS_ACKNOWLEDGED";
/// `no-sync` leaves the `fdatasync` out, which the power-cut recipe must notice.
const PLANTED: &str = "NEBULALINKS_PLANTED";
const ACK: &str = "acknowledged ";

#[allow(clippy::disallowed_methods, reason = "how the parent and the recipe speak to the child")]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Three trees in one transaction: torn would be one without the others.
fn edits(n: u64) -> Edits {
    let mut edits = Edits::new();
    edits.put(served(u128::from(n), 0, n));
    edits.put(interaction(n, u128::from(n)));
    edits.put(taken(n));
    edits
}

/// Every number that may have been written: a kill leaves few out, and each other one is a revision.
fn numbers(snapshot: &Snapshot) -> std::ops::RangeInclusive<u64> {
    1..=2 * snapshot.revision() + 100
}

/// Writes and acknowledges until it is killed, several transactions at a time.
#[test]
#[ignore = "the child of the kill test and of the power-cut recipe: it runs until it is killed"]
fn child_writer() {
    let Some(dir) = variable(DIR) else { return };
    let mut options = options(Path::new(&dir));
    if variable(PLANTED).as_deref() == Some("no-sync") {
        options.hooks.sync_data = Arc::new(|_| Ok(()));
    }
    let store = Arc::new(SledStore::open(options).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // After the highest that stands, so that no number is written twice.
        let snapshot = store.snapshot();
        let stands = |n: &u64| snapshot.was_served(account(u128::from(*n)), 0);
        let first = numbers(&snapshot).rev().find(stands).map_or(1, |last| last + 1);
        let lanes = (0..4).map(|lane| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in (first + lane..).step_by(4) {
                    store.txn(edits(n)).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "{ACK}{n}").and_then(|()| out.flush()).unwrap();
                }
            })
        });
        futures::future::join_all(lanes).await;
    });
}

/// Opens and compares with what was acknowledged. Answers with how many records there are. Every
/// second time it leaves a checkpoint, with which the child goes on. After a power cut, which the
/// recipe makes without one, the machine is another start of itself.
fn verify(folder: &Path, acknowledged: &[u64], powered: bool) -> (usize, Vec<u64>) {
    let mut with = options(folder);
    if acknowledged.len().is_multiple_of(2) {
        with.checkpoint_bytes = 0;
    }
    if !powered {
        with.hooks.boot = Arc::new(|| 0);
    }
    let takes = powered && with.path.join("checkpoint").exists();
    let store = SledStore::open(with).unwrap();
    assert_eq!(store.stats().load.checkpoint.is_some(), takes);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let snapshot = store.snapshot();
    let has = |n: u64| snapshot.was_served(account(u128::from(n)), 0);
    let lost = acknowledged.iter().copied().filter(|n| !has(*n)).collect();
    for n in numbers(&snapshot) {
        let index = runtime.block_on(store.get(&Key::InteractionOrder(asked(n)))).unwrap();
        let version = snapshot.version(&Key::Served(account(u128::from(n)), 0));
        assert_eq!(index.map(|index| index.version), version, "a transaction is torn");
    }
    let last = snapshot.get(&Key::Reservations());
    assert_eq!(last.map_or(0, |r| r.version), snapshot.revision(), "the last one is torn");
    runtime.block_on(store.close()).unwrap();
    (snapshot.len(), lost)
}

fn child(folder: &Path) -> Command {
    let binary: PathBuf = std::env::current_exe().unwrap();
    let mut command = Command::new(binary);
    command
        .args(["store::kill::child_writer", "--exact", "--ignored", "--nocapture"])
        .env(DIR, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let rounds: u64 = variable("NEBULALINKS_KILL_ROUNDS").and_then(|n| n.parse().ok()).unwrap_or(3);
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        let mut child = child(folder.path()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ack =
            |line: String| line.split_once(ACK).and_then(|(_, n)| n.trim().parse::<u64>().ok());
        // Killed after a different number each time, in the middle of whatever it does.
        let enough = acknowledged.len() as u64 + 100 + 137 * round;
        while (acknowledged.len() as u64) < enough {
            let line = lines.next().expect("the child ended by itself").unwrap();
            acknowledged.extend(ack(line));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.map_while(Result::ok).filter_map(ack));
        let (found, lost) = verify(folder.path(), &acknowledged, true);
        assert_eq!(lost, Vec::<u64>::new(), "round {round}");
        println!("round {round}: {} acknowledged, {found} found", acknowledged.len());
    }
}

/// The second half of the power-cut recipe.
#[test]
#[ignore = "needs root and a loop device: run by tests/recipes/power-cut.sh"]
fn after_the_power_cut_nothing_acknowledged_is_lost() {
    let (Some(dir), Some(log)) = (variable(DIR), variable(ACKNOWLEDGED)) else { return };
    let text = std::fs::read_to_string(log).unwrap();
    // The last line can be cut short by the kill.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let acknowledged: Vec<u64> = whole
        .lines()
        .filter_map(|line| line.split_once(ACK).and_then(|(_, n)| n.trim().parse().ok()))
        .collect();
    let (found, lost) = verify(Path::new(&dir), &acknowledged, false);
    println!("acknowledged {} found {found} lost {}", acknowledged.len(), lost.len());
    assert!(!acknowledged.is_empty(), "the writer acknowledged nothing");
    assert_eq!(lost, Vec::<u64>::new());
}
