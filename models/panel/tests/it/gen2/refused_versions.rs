//! Versions that no adapter is for, as deep as it takes to recognise them.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use nebulalinks_model_panel::{ModelPanel, PanelConfig, PanelVersion};
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt as _;

async fn call(version: PanelVersion, method: &str, path: &str) -> (StatusCode, Value) {
    let config = PanelConfig::new("g", "token", Arc::new(|| 1)).with_version(version);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Authorization", "Bearer token")
        .header("X-Requested-With", "XMLHttpRequest");
    let request = request.body(Body::from("{\"emails\":[]}")).unwrap();
    let answer = ModelPanel::new(config).router().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn v3_0_2_has_tokens_and_the_client_routes_of_generation_2() {
    let version = PanelVersion::V3_0_2;
    let (status, list) = call(version, "GET", "/panel/api/inbounds/list").await;
    assert_eq!(status, StatusCode::OK);
    assert!(list["obj"][0]["settings"].is_string());
    let (status, _) = call(version, "GET", "/panel/api/clients/list/paged?pageSize=1").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, token) = call(version, "GET", "/csrf-token").await;
    assert_eq!((status, token["success"].clone()), (StatusCode::OK, Value::Bool(true)));
    let (_, state) = call(version, "GET", "/panel/api/server/status").await;
    assert_eq!(state["obj"]["panelVersion"], Value::Null);
}

#[tokio::test]
async fn v3_3_0_names_itself_and_lacks_the_bulk_switches() {
    let version = PanelVersion::V3_3_0;
    let (_, state) = call(version, "GET", "/panel/api/server/status").await;
    assert_eq!(state["obj"]["panelVersion"], "3.3.0");
    let (status, page) = call(version, "GET", "/panel/api/clients/list/paged").await;
    assert_eq!((status, page["success"].clone()), (StatusCode::OK, Value::Bool(true)));
    for switch in ["bulkEnable", "bulkDisable"] {
        let path = format!("/panel/api/clients/{switch}");
        assert_eq!(call(version, "POST", &path).await.0, StatusCode::NOT_FOUND);
    }
    let (status, _) = call(PanelVersion::V3_4_2, "POST", "/panel/api/clients/bulkEnable").await;
    assert_eq!(status, StatusCode::OK);
}
