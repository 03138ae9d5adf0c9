//! The cookie, and what is there without one.

use crate::gen2::bench::{Bench, DAY};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use nebulalinks_model_panel::PanelVersion;
use serde_json::Value;

#[tokio::test]
async fn a_cookie_says_how_long_to_keep_it_and_is_good_for_thirty_days() {
    let bench = Bench::v2_9_4().await;
    bench.pass(30 * DAY - 1);
    let list = || bench.call("GET", "inbounds/list", Value::Null);
    assert_eq!(list().await.0, StatusCode::OK);
    bench.pass(1);
    assert_eq!(list().await.0, StatusCode::NOT_FOUND, "counted from the login, not the last use");
}

#[tokio::test]
async fn another_secret_ends_every_session() {
    let mut bench = Bench::v2_9_4().await;
    bench.panel.replace_secret();
    let (status, _) = bench.call("GET", "inbounds/list", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    bench.log_in().await;
    let (status, _) = bench.call("GET", "inbounds/list", Value::Null).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn without_a_session_v2_6_5_redirects_and_v2_9_4_is_not_there() {
    for (version, plain, scripted) in [
        (PanelVersion::V2_6_5, StatusCode::TEMPORARY_REDIRECT, StatusCode::UNAUTHORIZED),
        (PanelVersion::V2_9_4, StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
    ] {
        let bench = Bench::new(version, Vec::new()).await;
        let get = || Request::get("/panel/api/inbounds/list");
        let answer = bench.send(get().body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), plain);
        let request = get().header("X-Requested-With", "XMLHttpRequest");
        let answer = bench.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), scripted);
    }
}

#[tokio::test]
async fn only_the_login_page_names_the_version() {
    for (version, mark) in [(PanelVersion::V2_6_5, "?2.6.5"), (PanelVersion::V2_9_4, "?2.9.4")] {
        let bench = Bench::new(version, Vec::new()).await;
        let answer = bench.send(Request::get("/").body(Body::empty()).unwrap()).await;
        let page = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&page).contains(mark));
    }
}
