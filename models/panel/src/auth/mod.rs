//! Ways in: [`plain`] is the cookie login of v2, [`csrf`] what v3.0.0 made of it.

pub(super) mod caller;
pub(super) mod csrf;
pub(super) mod plain;

use crate::control::ModelPanel;
use axum::Router;
use axum::routing::{get, post};

/// The calls that take no login.
pub(super) fn ways_in(panel: &ModelPanel) -> Router<ModelPanel> {
    let path = |name: &str| format!("{}{name}", panel.inner.config.base_path);
    if panel.version().has_tokens() {
        return Router::new()
            .route(&path("csrf-token"), get(csrf::csrf_token))
            .route(&path("login"), post(csrf::login))
            .route(&path("logout"), post(csrf::logout))
            .route(&path("getTwoFactorEnable"), post(csrf::two_factor));
    }
    Router::new()
        .route(&path("login"), post(plain::login))
        .route(&path("logout"), get(plain::logout))
        .route(&path("getTwoFactorEnable"), post(plain::two_factor))
}
