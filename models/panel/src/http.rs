//! The panel as a service: the calls of its generation, its ways in, and the faults around them.

use super::answer::{login_page, not_found};
use super::auth;
use super::control::ModelPanel;
use super::version::Generation;
use super::{disturb, gen2, gen3};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;

impl ModelPanel {
    /// The panel as a service, for calls without a port.
    pub fn router(&self) -> Router {
        let guarded = match self.version().generation() {
            Generation::Two => gen2::routes::guarded(self),
            Generation::Three => gen3::routes::guarded(self),
        };
        guarded
            .merge(auth::ways_in(self))
            .route(&self.inner.config.base_path, get(root))
            .fallback(unknown)
            .method_not_allowed_fallback(unknown)
            .layer(middleware::from_fn_with_state(self.clone(), disturb::disturb))
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone())
    }
}

/// The page a browser sees: the panel is alive.
async fn root(State(panel): State<ModelPanel>) -> Response {
    login_page(panel.version(), &panel.inner.config.base_path)
}

async fn unknown(State(panel): State<ModelPanel>) -> Response {
    not_found(panel.version())
}
