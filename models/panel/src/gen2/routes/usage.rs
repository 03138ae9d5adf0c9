//! Usage, presence and addresses.

use super::clients::UPDATED;
use super::outcome::outcome;
use crate::answer::{found, local_time, refused_as, said};
use crate::control::{Live, ModelPanel};
use crate::journal::Actor;
use crate::state::{Db, Inbound};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// A client with traffic this recently is online, ms.
const ONLINE_MS: i64 = 20_000;

/// `getClientTraffics/{email}`: v2.6.5 has nothing to say of nobody, and says so with success.
pub(super) async fn by_email(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
) -> Response {
    let live = panel.live();
    let db = &live.db;
    if db.version.is_early() {
        return found(db.rows.get(&email).map_or(Value::Null, |row| db.row_with(row, None)));
    }
    match db.traffic_of(&email) {
        Ok((row, client)) => found(db.row_with(row, Some(client))),
        Err(refusal) => refused_as("Error getting traffics.", &refusal),
    }
}

/// `getClientTrafficsById/{uuid}`: always a list. The newer panel takes the flag from the
/// settings.
pub(super) async fn by_id(State(panel): State<ModelPanel>, Path(id): Path<String>) -> Response {
    let live = panel.live();
    found(rows_by_id(&live.db, &id))
}

fn rows_by_id(db: &Db, id: &str) -> Vec<Value> {
    let clients = |inbound: &'_ Inbound| inbound.clients.clone();
    let emails: Vec<String> = db
        .inbounds
        .values()
        .flat_map(clients)
        .filter(|client| client.id == id)
        .map(|client| client.email)
        .collect();
    let mut rows: Vec<_> = db.rows.values().filter(|row| emails.contains(&row.email)).collect();
    rows.sort_by_key(|row| row.id);
    rows.into_iter()
        .map(|row| match db.traffic_of(&row.email) {
            Ok((row, client)) if !db.version.is_early() => {
                let mut row = row.clone();
                row.enable = client.enable;
                db.row_with(&row, Some(client))
            }
            _ => db.row_with(row, None),
        })
        .collect()
}

/// `{id}/resetClientTraffic/{email}`.
pub(super) async fn reset(
    State(panel): State<ModelPanel>,
    Path((id, email)): Path<(i64, String)>,
) -> Response {
    let done = panel.commit_live(Actor::Api, std::slice::from_ref(&email), |live, _| {
        let Live { db, xray, .. } = live;
        db.reset(id, &email, xray)
    });
    outcome(done, "Traffic has been reset.")
}

/// `updateClientTraffic/{email}`.
pub(super) async fn set(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
    body: Bytes,
) -> Response {
    let Ok(form) = serde_json::from_slice::<Value>(&body) else {
        let refusal = crate::state::Refusal::raw("unexpected EOF");
        return refused_as("Inbound has been successfully updated.", &refusal);
    };
    let number = |name: &str| form.get(name).and_then(Value::as_i64).unwrap_or(0);
    let (up, down) = (number("upload"), number("download"));
    panel.commit(Actor::Api, std::slice::from_ref(&email), |db, _| db.set_usage(&email, up, down));
    said(UPDATED, Value::Null)
}

/// `onlines`: nothing at all before the first poll, and in v2.6.5 whenever nobody is.
pub(super) async fn onlines(State(panel): State<ModelPanel>) -> Response {
    let now = panel.now_ms();
    let live = panel.live();
    let online: Vec<String> = live
        .db
        .rows
        .values()
        .filter(|row| row.last_online > 0 && now - row.last_online <= ONLINE_MS)
        .map(|row| row.email.clone())
        .collect();
    let unknown = live.polled_at.is_none() || live.db.version.is_early();
    if online.is_empty() && unknown { found(Value::Null) } else { found(online) }
}

/// `lastOnline`.
pub(super) async fn last_online(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let rows = live.db.rows.values();
    let seen: Map<String, Value> =
        rows.map(|row| (row.email.clone(), json!(row.last_online))).collect();
    found(Value::Object(seen))
}

/// `clientIps/{email}`: v2.6.5 gives the text that stands in its database, the later one texts with its local time.
pub(super) async fn ips(State(panel): State<ModelPanel>, Path(email): Path<String>) -> Response {
    let live = panel.live();
    let Some(known) = live.addresses.get(&email) else { return found("No IP Record") };
    if live.db.version.is_early() {
        let plain: Vec<String> = known.iter().map(|(address, _)| address.to_string()).collect();
        return found(json!(plain).to_string());
    }
    let timed: Vec<String> =
        known.iter().map(|(ip, at)| format!("{ip} ({})", local_time(*at))).collect();
    found(timed)
}

/// `clearClientIps/{email}`.
pub(super) async fn clear_ips(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
) -> Response {
    panel.live().addresses.remove(&email);
    said("The log has been cleared.", Value::Null)
}
