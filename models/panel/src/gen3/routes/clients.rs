//! Calls about one client.

use super::decode::{self, Shape};
use crate::answer::{bare, found, local_time, outcome, refused, refused_as};
use crate::control::ModelPanel;
use crate::journal::Actor;
use crate::state::Refusal;
use crate::version::PanelVersion;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ADDED: &str = "Inbound client(s) have been added.";
const UPDATED: &str = "Inbound client has been updated.";
const DELETED: &str = "Inbound client has been deleted.";

type Params = Query<BTreeMap<String, String>>;

/// `get/{email}`: the record with the effective flow.
pub(super) async fn one(State(panel): State<ModelPanel>, Path(email): Path<String>) -> Response {
    let live = panel.live();
    let db = &live.db;
    let Some(record) = db.records.get(&email) else {
        let sentence = if db.version == PanelVersion::Head { "Obtain" } else { "" };
        return refused_as(sentence, &Refusal::not_found());
    };
    found(json!({
        "client": record.to_json(db.version, db.effective_flow(record)),
        "externalLinks": [],
        "inboundIds": record.inbounds,
        "usedTraffic": db.rows.get(&email).map_or(0, |row| row.used()),
    }))
}

/// `traffic/{email}`: nothing is a success too.
pub(super) async fn traffic(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
) -> Response {
    let live = panel.live();
    found(live.db.rows.get(&email).map_or(Value::Null, |row| live.db.row_json(row)))
}

/// `add`.
pub(super) async fn add(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    let version = panel.version();
    let read = decode::json(&body).and_then(|form| {
        let client = form.get("client").unwrap_or(&Value::Null);
        Ok((decode::client(client, version, Shape::Wrapped)?, decode::ids(&form, "inboundIds")))
    });
    let (client, ids) = match read {
        Ok(read) => read,
        Err(refusal) => return refused(&refusal),
    };
    let emails = [client.email.clone()];
    outcome(panel.commit(Actor::Api, &emails, |db, now| db.create(now, client, &ids)), ADDED)
}

/// `update/{email}`: a full replacement.
pub(super) async fn update(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
    Query(params): Params,
    body: Bytes,
) -> Response {
    let version = panel.version();
    let read = decode::json(&body).and_then(|form| {
        let client = decode::client(&form, version, Shape::Flat)?;
        Ok((client, decode::int(&form, "limitHwid")))
    });
    let (client, limit_hwid) = match read {
        Ok(read) => read,
        Err(refusal) => return refused(&refusal),
    };
    let only: Option<Vec<i64>> = params
        .get("inboundIds")
        .map(|list| list.split(',').filter_map(|id| id.trim().parse().ok()).collect());
    let name = client.email.clone();
    let emails = [email.clone(), name.clone()];
    let done = panel.commit(Actor::Api, &emails, |db, now| {
        db.update(now, &email, client, only.as_deref())?;
        // It stands beside the client's settings, and what is left out is zero here too.
        if let Some(record) = db.records.get_mut(&name) {
            record.limit_hwid = limit_hwid;
        }
        Ok(())
    });
    outcome(done, UPDATED)
}

/// `del/{email}`.
pub(super) async fn delete(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
    Query(params): Params,
) -> Response {
    let keep = params.get("keepTraffic").is_some_and(|keep| keep == "1" || keep == "true");
    let emails = [email.clone()];
    outcome(panel.commit(Actor::Api, &emails, |db, _| db.delete(&email, keep)), DELETED)
}

/// `resetTraffic/{email}`.
pub(super) async fn reset_traffic(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
) -> Response {
    let emails = [email.clone()];
    outcome(
        panel.commit(Actor::Api, &emails, |db, now| db.reset_traffic(now, &email)),
        "Traffic has been reset.",
    )
}

/// `updateTraffic/{email}`.
pub(super) async fn update_traffic(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
    body: Bytes,
) -> Response {
    let form = match decode::json(&body) {
        Ok(form) => form,
        Err(refusal) => return refused(&refusal),
    };
    let (up, down) = (decode::int(&form, "upload"), decode::int(&form, "download"));
    let emails = [email.clone()];
    outcome(panel.commit(Actor::Api, &emails, |db, _| db.set_traffic(&email, up, down)), UPDATED)
}

/// `ips/{email}`: with the panel's local time, and the node where one of its nodes saw it.
pub(super) async fn ips(State(panel): State<ModelPanel>, Path(email): Path<String>) -> Response {
    let live = panel.live();
    let known = live.addresses.get(&email).map_or(&[][..], Vec::as_slice);
    let told: Vec<Value> = known
        .iter()
        .map(|(ip, at)| json!({ "ip": ip.to_string(), "time": local_time(*at), "node": "" }))
        .collect();
    found(told)
}

/// `{email}/attach`.
pub(super) async fn attach(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
    body: Bytes,
) -> Response {
    place(&panel, &email, &body, true)
}

/// `{email}/detach`.
pub(super) async fn detach(
    State(panel): State<ModelPanel>,
    Path(email): Path<String>,
    body: Bytes,
) -> Response {
    place(&panel, &email, &body, false)
}

fn place(panel: &ModelPanel, email: &str, body: &[u8], attach: bool) -> Response {
    // The real router decodes %2F before it matches, so such a path leads nowhere.
    if email.contains('/') {
        return bare(StatusCode::NOT_FOUND);
    }
    let ids = match decode::json(body) {
        Ok(form) => decode::ids(&form, "inboundIds"),
        Err(refusal) => return refused(&refusal),
    };
    let done = panel.commit(Actor::Api, &[email.to_owned()], |db, now| {
        if attach { db.attach(now, email, &ids) } else { db.detach(email, &ids) }
    });
    outcome(done, if attach { ADDED } else { DELETED })
}
