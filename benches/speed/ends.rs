//! The ends of 100,000 accounts within one minute, over the store as it ships; beside them the ends
//! of 1,000 in the minute before. The panels are in memory and switch nobody off by themselves.

use crate::figures::{Row, Times};
use crate::memory_panels::{Cut, MemoryPanels};
use crate::running::{Running, put_all, store, until};
use crate::sold;
use nebulalinks::cli::Env;
use nebulalinks::model::{DurationMs, MINUTE_MS};
use nebulalinks_testkit::shop;
use std::sync::Arc;
use std::time::Duration;

const SERVERS: u64 = 50;
/// In the first minute, and in the second.
const FEW: u64 = 1_000;
const MANY: u64 = 100_000;
/// What the loop gets to learn what the panels hold.
const BEFORE: DurationMs = DurationMs(2 * MINUTE_MS);
/// When nothing was cut for so long, nothing more comes.
const PATIENCE: DurationMs = DurationMs(10 * MINUTE_MS);

pub(crate) async fn rows() -> Vec<Row> {
    let clock = Env::real().clock;
    let folder = tempfile::tempdir().unwrap().keep();
    let store = store(&folder).await;
    let first = clock.now() + BEFORE;
    let second = first + DurationMs(MINUTE_MS);
    // In no order: a server's ends are spread over the minute.
    let spread = |n: u64, of: u64| DurationMs((n * 7_919) % of * MINUTE_MS / of);
    let end = |n: u64| match n.checked_sub(FEW) {
        None => first + spread(n, FEW),
        Some(n) => second + spread(n, MANY),
    };
    let (records, panels) = sold::all(FEW + MANY, SERVERS, end);
    put_all(&*store, records.into_iter()).await;
    let panels = Arc::new(MemoryPanels::new(panels, std::collections::BTreeMap::new()));
    let catalog = sold::with_servers(shop::catalog(), SERVERS);
    let running = Running::over(store.clone(), panels.clone(), catalog);
    until(&*store, "everybody is known", |snapshot| {
        let last = sold::server(SERVERS - 1);
        let mut all = snapshot.served_by(&last);
        all.all(|(b, _)| {
            snapshot.binding_status(b.account, &last).is_some_and(|s| s.applied.is_some())
        })
    })
    .await;
    eprintln!("{} s before the first end", first.since(clock.now()).0 / 1_000);
    assert!(clock.now() < first, "too busy a machine: nothing is measured");
    let last = second + DurationMs(MINUTE_MS);
    clock.sleep_until(last).await;
    let everybody = usize::try_from(FEW + MANY).unwrap();
    while panels.cut.lock().unwrap().len() < everybody && clock.now() < last + PATIENCE {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    drop(running);
    let cut: Vec<Cut> = panels.cut.lock().unwrap().clone();
    assert!(cut.len() >= everybody, "{} of {everybody} were switched off", cut.len());
    let (of_few, of_many): (Vec<Cut>, Vec<Cut>) =
        cut.into_iter().partition(|(end, _)| *end < second);
    let queues = [&of_many, &of_few].map(|of| longest_queue(of) as f64);
    let lags = |of: Vec<Cut>| -> Times {
        of.into_iter().map(|(_, lag)| Duration::from_millis(lag)).collect()
    };
    let (of_few, of_many) = (lags(of_few), lags(of_many));
    let beside = "1,000 in the minute before";
    let row = |part: usize| {
        let what = format!("100,000 ends in a minute: off after the end, p{part}");
        Row::new(what, "ms").ours(of_many.at(part)).beside(beside, of_few.at(part)).at_most(1_000.0)
    };
    let queue = Row::new("100,000 ends in a minute: the most that had ended and were on", "");
    vec![row(50), row(99), queue.ours(queues[0]).beside(beside, queues[1])]
}

/// The most who had ended at any moment and were not off yet.
fn longest_queue(cut: &[Cut]) -> i64 {
    let mut events: Vec<(u64, i64)> = Vec::new();
    for (end, lag) in cut {
        events.extend([(end.0, 1), (end.0 + lag, -1)]);
    }
    events.sort_unstable();
    let mut waiting = 0;
    let depths = events.into_iter().map(|(_, change)| {
        waiting += change;
        waiting
    });
    depths.max().unwrap_or(0)
}
