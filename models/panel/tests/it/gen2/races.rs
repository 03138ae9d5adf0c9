//! Writes at the same time: each read the settings before the other wrote them.

use crate::gen2::bench::{Bench, about, client, id_of, with};
use axum::http::StatusCode;
use futures::future::join_all;
use nebulalinks_model_panel::{Fault, Scope};
use serde_json::json;

const WRITES: usize = 60;
const AT_ONCE: usize = 8;

fn email(n: usize) -> String {
    format!("acc-{n}")
}

/// Eight callers, each of them serial. Says what each call answered.
async fn create_all(bench: &Bench, at_once: usize) -> Vec<StatusCode> {
    let caller = async |first: usize| {
        let mut answers = Vec::new();
        for n in (first..WRITES).step_by(at_once) {
            let body = about(1, json!([client(&email(n))]));
            answers.push(bench.call("POST", "inbounds/addClient", body).await.0);
        }
        answers
    };
    join_all((0..at_once).map(caller)).await.concat()
}

fn kept(bench: &Bench) -> usize {
    (0..WRITES).filter(|n| bench.panel.client(&email(*n)).is_some()).count()
}

#[tokio::test]
async fn parallel_creates_lose_some_that_said_success_and_fail_for_others() {
    let bench = Bench::v2_9_4().await;
    let answers = create_all(&bench, AT_ONCE).await;
    let said_success = answers.iter().filter(|status| **status == StatusCode::OK).count();
    let panicked = answers.iter().filter(|s| **s == StatusCode::INTERNAL_SERVER_ERROR).count();
    assert_eq!(said_success + panicked, WRITES);
    assert!(panicked > 0, "some answer 500");
    assert!(kept(&bench) < said_success, "{} kept of {said_success}", kept(&bench));
    let rows = bench.rows_on(1).await;
    assert_eq!(rows.len(), 1 + WRITES, "each left its row, also the lost and the failed ones");
}

#[tokio::test]
async fn serial_creates_lose_none() {
    let bench = Bench::v2_9_4().await;
    let answers = create_all(&bench, 1).await;
    assert!(answers.iter().all(|status| *status == StatusCode::OK));
    assert_eq!(kept(&bench), WRITES);
    assert_eq!(bench.rows_on(1).await.len(), 1 + WRITES);
}

#[tokio::test]
async fn a_deleted_client_comes_back_with_the_write_that_did_not_see_it_go() {
    let bench = Bench::v2_9_4().await;
    let mut came_back = false;
    // How the two meet is drawn anew each time; a few rounds always bring the bad order.
    for round in 0..40 {
        let (gone, edited) = (format!("gone-{round}"), format!("edited-{round}"));
        // One that is off: its write needs no connection to Xray, which the other may have closed.
        let off = with(client(&edited), "enable", json!(false));
        bench.add(2, json!([client(&gone), off.clone()])).await;
        let delete = format!("inbounds/2/delClientByEmail/{gone}");
        let update = format!("inbounds/updateClient/{}", id_of(&edited));
        let edit = about(2, json!([with(off, "totalGB", json!(5))]));
        let ((deleted, _), _) = tokio::join!(
            bench.call("POST", &delete, json!(null)),
            bench.call("POST", &update, edit)
        );
        came_back |= deleted == StatusCode::OK
            && bench.panel.client(&gone).is_some_and(|c| c.enabled_in_stats.is_none());
    }
    assert!(came_back, "in the settings, and without a row: unlimited");
}

#[tokio::test]
async fn a_death_halfway_leaves_the_rows_of_all_and_none_of_the_clients() {
    let bench = Bench::v2_9_4().await;
    bench.panel.faults().set_for(Fault::DiesHalfway, Scope::path("addClient"), Some(1));
    let new = json!([client(&email(0)), client(&email(1))]);
    bench.add(1, new.clone()).await;
    assert!(bench.panel.faults().is_down());
    bench.panel.faults().clear();
    assert_eq!(kept(&bench), 0);
    assert_eq!(bench.rows_on(1).await.len(), 1 + 2);
    bench.add(1, new).await;
    assert_eq!(kept(&bench), 2, "and the next call is as any");
    assert_eq!(bench.rows_on(1).await.len(), 1 + 2);
}
