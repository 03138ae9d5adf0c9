//! Inbounds: read, and added.

use super::decode;
use crate::answer::{found, refused, refused_as, said};
use crate::control::ModelPanel;
use crate::state::{Db, Inbound, Refusal};
use crate::version::PanelVersion;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

/// `list`: everything in one answer.
pub(super) async fn list(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let db = &live.db;
    let item = |i: &Inbound| i.to_json(db.version, db.rows_of(i), Some(&db.guid));
    found(db.inbounds.values().map(item).collect::<Vec<_>>())
}

/// `list/slim`: without clients.
pub(super) async fn slim(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let db = &live.db;
    let item = |inbound: &Inbound| {
        let mut slim = inbound.shape();
        slim.sniffing = inbound.sniffing.clone();
        slim.to_json(db.version, json!([]), Some(&db.guid))
    };
    found(db.inbounds.values().map(item).collect::<Vec<_>>())
}

/// `options`: what a form needs to offer them.
pub(super) async fn options(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let item = |inbound: &Inbound| {
        let mut option = json!({
            "id": inbound.id, "remark": inbound.remark, "protocol": inbound.protocol,
            "tag": format!("in-{}-{}", inbound.port, inbound.transport()), "port": inbound.port,
            "tlsFlowCapable": inbound.carries_flow(), "ssMethod": inbound.cipher(),
        });
        if let (Some(node), Some(map)) = (inbound.node_id, option.as_object_mut()) {
            map.insert("nodeId".to_owned(), json!(node));
        }
        if live.db.version == PanelVersion::Head
            && let Some(map) = option.as_object_mut()
        {
            map.insert("enable".to_owned(), json!(inbound.enable));
        }
        option
    };
    found(live.db.inbounds.values().map(item).collect::<Vec<_>>())
}

/// `get/{id}`.
pub(super) async fn one(State(panel): State<ModelPanel>, Path(id): Path<i64>) -> Response {
    let live = panel.live();
    let db = &live.db;
    match db.inbounds.get(&id) {
        Some(inbound) => found(inbound.to_json(db.version, db.rows_of(inbound), None)),
        None => refused_as("Obtain", &Refusal::not_found()),
    }
}

/// `add`: nested objects and strings of JSON are both fine.
pub(super) async fn add(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    let form = match decode::json(&body) {
        Ok(form) => form,
        Err(refusal) => return refused(&refusal),
    };
    let mut live = panel.live();
    let inbound = read(&form);
    if let Some(other) = taken(&live.db, &inbound) {
        return refused(&Refusal::own(format!(
            "port {} ({}) already used by inbound '{}' (#{}) on *",
            inbound.port,
            inbound.transport(),
            other.remark,
            other.id
        )));
    }
    let id = live.db.add_inbound(inbound);
    let made = live.db.inbounds.get(&id);
    let made = made.map(|inbound| inbound.to_json(live.db.version, Value::Null, None));
    said("Inbound has been successfully created.", made.unwrap_or_default())
}

fn taken<'a>(db: &'a Db, wanted: &Inbound) -> Option<&'a Inbound> {
    let overlap = |other: &Inbound| {
        let (a, b) = (other.transport(), wanted.transport());
        a == b || a == "tcpudp" || b == "tcpudp"
    };
    db.inbounds.values().find(|other| other.port == wanted.port && overlap(other))
}

fn read(form: &Value) -> Inbound {
    let text = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let nested = |name: &str| match form.get(name) {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(value) => value.clone(),
        None => Value::Null,
    };
    let mut settings = nested("settings").as_object().cloned().unwrap_or_default();
    // Clients given with the inbound are no way in here: they are created on their own.
    settings.remove("clients");
    let share_strategy = match text("shareAddrStrategy") {
        none if none.is_empty() => "node".to_owned(),
        strategy => strategy,
    };
    Inbound {
        id: 0,
        remark: text("remark"),
        enable: form.get("enable").and_then(Value::as_bool).unwrap_or(false),
        listen: text("listen"),
        share: (share_strategy, text("shareAddr")),
        port: u16::try_from(decode::int(form, "port")).unwrap_or(0),
        protocol: text("protocol"),
        total: decode::int(form, "total"),
        expiry_time: decode::int(form, "expiryTime"),
        settings,
        clients: Vec::new(),
        has_clients: true,
        broken: false,
        node_id: form.get("nodeId").and_then(Value::as_i64),
        stream: nested("streamSettings"),
        sniffing: nested("sniffing"),
    }
}
