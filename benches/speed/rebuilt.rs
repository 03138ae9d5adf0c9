//! A drill: a panel with 2,000 clients of ours loses all of them and stays the same panel. How long until
//! each is there again, with its uuid and subscription key, and how many calls that took.

use crate::approve::{catalog, is_served, records, server};
use crate::figures::Row;
use crate::parts::child::Child;
use crate::parts::panel::{self, now_ms};
use crate::running::{Running, put_all, store, until};
use nebulalinks::model::{DAY_MS, Snapshot, UnixMs};
use nebulalinks_model_panel::ModelPanel;
use std::collections::BTreeMap;
use std::time::Instant;

const CLIENTS: usize = 2_000;

/// Each client's uuid and subscription key.
fn credentials(panel: &ModelPanel) -> BTreeMap<String, (String, String)> {
    let all = panel.clients().into_iter();
    all.map(|client| (client.email, (client.uuid, client.sub_id))).collect()
}

fn all(snapshot: &Snapshot, missing: bool) -> bool {
    snapshot.served_by(&server()).all(|(binding, _)| {
        let status = snapshot.binding_status(binding.account, &server());
        status.is_some_and(|status| status.missing_since.is_some() == missing)
            && is_served(snapshot, binding.account)
    })
}

pub(crate) async fn rows() -> Vec<Row> {
    let (target, model, _panel) = panel::start(CLIENTS).await;
    let gateway = Child::start("gateway", &target).await;
    let folder = tempfile::tempdir().unwrap().keep();
    let store = store(&folder).await;
    let at = UnixMs(now_ms() - DAY_MS);
    put_all(&*store, (0..CLIENTS).map(|n| records(n, at))).await;
    let _running = Running::start(store.clone(), catalog(&gateway.address.to_string()));
    until(&*store, "all are served", |snapshot| all(snapshot, false)).await;
    let before = credentials(&model);

    let calls = model.calls();
    model.wipe();
    let wiped = Instant::now();
    until(&*store, "the first list lacks them", |snapshot| all(snapshot, true)).await;
    let (noticed, lists) = (wiped.elapsed(), Instant::now());
    until(&*store, "all are back", |snapshot| all(snapshot, false)).await;
    let (back, since) = (wiped.elapsed(), lists.elapsed());
    assert!(credentials(&model) == before, "the same clients with the same credentials");
    let calls = model.calls_after(calls);
    let writes = calls.iter().filter(|call| call.path.contains("reate")).count();
    eprintln!("noticed after {noticed:?}; {writes} of {} calls made clients", calls.len());

    let text = "2,000 clients wiped from a panel → all back";
    let after = Row::new(format!("{text}, after the first list that lacks them"), "s");
    vec![
        Row::new(text, "s").ours(back.as_secs_f64()).at_most(180.0),
        after.ours(since.as_secs_f64()).at_most(60.0),
        Row::new(format!("{text}, calls of the panel"), "").ours(calls.len() as f64),
    ]
}
