//! Asking within the process what operators ask over the socket.

use super::read;
use super::sources::Admin;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::Value;
use tower::ServiceExt as _;

impl Admin {
    /// What a path answers that only reads, such as `/v1/orders?limit=500`.
    ///
    /// # Errors
    /// What it refuses with, or that it could not be asked.
    pub async fn ask(&self, path: &str) -> Result<Value, String> {
        let request = Request::get(path).body(Body::empty()).map_err(|e| e.to_string())?;
        let pages = read::routes(self).with_state(self.clone());
        let answer = pages.oneshot(request).await.map_err(|e| e.to_string())?;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.map_err(|e| e.to_string())?;
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)));
        }
        serde_json::from_slice(&body).map_err(|e| e.to_string())
    }
}
