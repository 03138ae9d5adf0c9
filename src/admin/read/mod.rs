//! What operators read over the control socket. No answer walks over everything: a list is a range of
//! ids, a filter is an index or a bounded look ahead, and `next` says where to go on. No secrets.

mod accounts;
mod asked;
mod audit;
mod broadcasts;
mod customers;
mod due;
mod explain;
mod find;
mod foreign;
mod orders;
mod plans;
mod promos;
mod reconcile;
mod revenue;
mod servers;
mod tickets;
mod why;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use accounts::page as account_page;
#[cfg(test)]
pub(crate) use servers::list as servers_page;

pub(super) use asked::Refused;
pub(super) use find::fill_in;

use super::sources::Admin;
use crate::model::{AccountId, Snapshot};
use asked::{Asked, Lines, known_server};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::middleware::map_response_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde::Deserialize;

/// The account that somebody typed, or why it is none.
pub(super) async fn meant(
    admin: &Admin,
    snapshot: &Snapshot,
    text: &str,
) -> Result<AccountId, String> {
    find::account(admin, snapshot, text).await.map_err(Refused::said)
}

/// A path, and who answers.
type Route = (&'static str, fn() -> MethodRouter<Admin>);

/// Every path.
const ROUTES: &[Route] = &[
    ("/v1/accounts", || get(accounts::answer_list)),
    ("/v1/accounts/{id}", || get(accounts::answer)),
    ("/v1/explain/{id}", || get(explain::answer)),
    ("/v1/orders", || get(orders::answer_list)),
    ("/v1/orders/{id}", || get(orders::answer)),
    ("/v1/customers", || get(customers::answer_list)),
    ("/v1/customers/{id}", || get(customers::answer)),
    ("/v1/tickets", || get(tickets::answer_list)),
    ("/v1/broadcasts", || get(broadcasts::answer_list)),
    ("/v1/servers", || get(servers::answer_list)),
    ("/v1/servers/{id}", || get(servers::answer)),
    ("/v1/servers/{id}/foreign", || get(foreign::answer)),
    ("/v1/plans", || get(plans::answer_list)),
    ("/v1/plans/{id}", || get(plans::answer)),
    ("/v1/promos", || get(promos::answer_list)),
    ("/v1/audit", || get(audit::answer_lines)),
    ("/v1/events", || get(audit::answer_events)),
    ("/v1/revenue", || get(revenue::answer)),
    ("/v1/due", || get(due_next)),
    ("/v1/passes", || get(passes)),
];

/// The header that tells what time it is for the shop: an answer has moments, people read distances.
pub const NOW: &str = "nebulalinks-now-ms";

/// All that can be read, and what is done to read what comes of it.
pub(super) fn routes(admin: &Admin) -> Router<Admin> {
    let router =
        ROUTES.iter().fold(Router::new(), |router, (path, method)| router.route(path, method()));
    let router = router
        .route("/v1/reconcile", post(reconcile::answer))
        .route("/v1/revenue/recount", post(revenue::count_anew));
    router.layer(map_response_with_state(admin.clone(), tell_the_time))
}

async fn tell_the_time(State(admin): State<Admin>, mut answer: Response) -> Response {
    answer.headers_mut().insert(NOW, HeaderValue::from(admin.time.reading().now.0));
    answer
}

/// How much of what is due is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Soonest {
    #[serde(default)]
    limit: Lines,
}

async fn due_next(State(admin): State<Admin>, Asked(part): Asked<Soonest>) -> Response {
    let now = admin.time.reading().now;
    let ahead = (admin.ahead)(due::SCANNED);
    Json(due::next(&ahead, &admin.store.snapshot(), now, part.limit.0)).into_response()
}

/// Whose passes are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    server: Option<String>,
}

async fn passes(
    State(admin): State<Admin>,
    Asked(whose): Asked<Whose>,
) -> Result<Response, Refused> {
    let server = whose.server.map(|text| known_server(&admin, &text)).transpose()?;
    Ok(Json(admin.passes.newest_first(server.as_ref())).into_response())
}
