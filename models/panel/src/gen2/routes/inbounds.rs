//! Inbounds: read, and added. Their parts are texts, both ways.

use super::form::Form;
use crate::answer::{found, refused, refused_as, said};
use crate::control::ModelPanel;
use crate::state::{Inbound, Refusal};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

const CREATED: &str = "Inbound has been successfully created.";

/// `list`: everything in one answer.
pub(super) async fn list(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let db = &live.db;
    let item = |inbound: &Inbound| inbound.to_texts(db.version, db.rows_on(inbound));
    found(db.inbounds.values().map(item).collect::<Vec<_>>())
}

/// `get/{id}`: without the traffic rows.
pub(super) async fn one(State(panel): State<ModelPanel>, Path(id): Path<i64>) -> Response {
    let live = panel.live();
    match live.db.inbounds.get(&id) {
        Some(inbound) => found(inbound.to_texts(live.db.version, Value::Null)),
        None => refused_as("Obtain", &Refusal::not_found()),
    }
}

/// `add`. Clients given with the inbound are no way in here: they are created on their own.
pub(super) async fn add(
    State(panel): State<ModelPanel>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::read(&headers, &body) {
        Ok(form) => form,
        Err(refusal) => return refused_as(CREATED, &refusal),
    };
    let inbound = inbound_of(&form);
    let mut live = panel.live();
    if live.db.inbounds.values().any(|other| other.port == inbound.port) {
        let text = format!("Port already exists: {}", inbound.port);
        return refused(&Refusal::own(text));
    }
    let version = live.db.version;
    let id = live.db.add_inbound(inbound);
    let made = live.db.inbounds.get(&id).map(|inbound| inbound.to_texts(version, Value::Null));
    said(CREATED, made.unwrap_or_default())
}

fn inbound_of(form: &Form) -> Inbound {
    let nested = |name: &str| serde_json::from_str::<Value>(form.text(name)).unwrap_or_default();
    let mut settings = nested("settings").as_object().cloned().unwrap_or_default();
    let clients = settings.remove("clients");
    Inbound {
        id: 0,
        remark: form.text("remark").to_owned(),
        enable: form.flag("enable"),
        listen: form.text("listen").to_owned(),
        share: (String::new(), String::new()),
        port: u16::try_from(form.number("port")).unwrap_or(0),
        protocol: form.text("protocol").to_owned(),
        total: form.number("total"),
        expiry_time: form.number("expiryTime"),
        settings,
        clients: Vec::new(),
        has_clients: clients.is_some(),
        broken: false,
        node_id: None,
        stream: nested("streamSettings"),
        sniffing: nested("sniffing"),
    }
}
