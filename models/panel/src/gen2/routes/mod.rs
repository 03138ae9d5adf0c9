//! The HTTP face of generation 2: every path of the panel that is modelled.

mod clients;
mod form;
mod inbounds;
mod outcome;
mod server;
mod usage;

use crate::answer::not_found;
use crate::answer::restart_xray;
use crate::auth;
use crate::control::ModelPanel;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};

/// The calls behind the login.
pub(crate) fn guarded(panel: &ModelPanel) -> Router<ModelPanel> {
    let base = panel.inner.config.base_path.as_str();
    let version = panel.version();
    let path = |path: &str| format!("{base}panel/api/inbounds/{path}");
    let mut api = Router::new()
        .route(&path("list"), get(inbounds::list))
        .route(&path("get/{id}"), get(inbounds::one))
        .route(&path("add"), post(inbounds::add))
        .route(&path("addClient"), post(clients::add))
        .route(&path("updateClient/{key}"), post(clients::update))
        .route(&path("{id}/delClient/{key}"), post(clients::delete))
        .route(&path("getClientTraffics/{email}"), get(usage::by_email))
        .route(&path("getClientTrafficsById/{id}"), get(usage::by_id))
        .route(&path("{id}/resetClientTraffic/{email}"), post(usage::reset))
        .route(&path("updateClientTraffic/{email}"), post(usage::set))
        .route(&path("onlines"), post(usage::onlines))
        .route(&path("clientIps/{email}"), post(usage::ips))
        .route(&path("clearClientIps/{email}"), post(usage::clear_ips));
    let status = format!("{base}server/status");
    let mut pages = Router::new()
        .route(&format!("{base}panel/setting/defaultSettings"), post(server::default_settings))
        .route(&format!("{base}panel/setting/all"), post(server::settings));
    if version.is_early() {
        let restart = format!("{base}server/restartXrayService");
        pages = pages.route(&status, post(server::status)).route(&restart, post(restart_xray));
    } else {
        let server = |name: &str| format!("{base}panel/api/server/{name}");
        api = api
            .route(&path("{id}/delClientByEmail/{email}"), post(clients::delete_by_email))
            .route(&path("lastOnline"), post(usage::last_online))
            .route(&server("status"), get(server::status))
            .route(&server("restartXrayService"), post(restart_xray))
            .route(&server("getPanelUpdateInfo"), get(server::update_info));
    }
    let (api, pages) = if version.has_tokens() {
        let guard = || middleware::from_fn_with_state(panel.clone(), auth::csrf::guard);
        (api.route_layer(guard()), pages.route_layer(guard()))
    } else {
        let api_guard = middleware::from_fn_with_state(panel.clone(), auth::plain::guard);
        let page_guard = middleware::from_fn_with_state(panel.clone(), auth::plain::guard_pages);
        (api.route_layer(api_guard), pages.route_layer(page_guard))
    };
    let slashes = middleware::from_fn_with_state(panel.clone(), lose_slashes);
    let moved = |path: &str| format!("{base}{path}/{{*rest}}");
    api.merge(pages)
        .route_layer(slashes)
        .route(&moved("xui"), get(server::moved).post(server::moved))
        .route(&moved("panel/API"), get(server::moved).post(server::moved))
}

/// The real router decodes `%2F` before it looks for a route, so such a path leads nowhere.
async fn lose_slashes(State(panel): State<ModelPanel>, request: Request, next: Next) -> Response {
    if request.uri().path().to_lowercase().contains("%2f") {
        return not_found(panel.version());
    }
    next.run(request).await
}
