//! Lists of clients.

use crate::answer::found;
use crate::control::ModelPanel;
use crate::state::Db;
use crate::version::PanelVersion;
use crate::wire::{Record, extend};
use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const DEFAULT_PAGE: usize = 25;
const MAX_PAGE: usize = 200;
/// A client seen this recently is online, ms.
const ONLINE_MS: i64 = 20_000;

/// `list`: everything, credentials included; the flow is the record's, which can be wrong.
pub(super) async fn all(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let db = &live.db;
    let item = |record: &Record| {
        let mut map = record.to_json(db.version, &record.client.flow);
        extend(&mut map, json!({"inboundIds": record.inbounds}));
        Value::Object(with_traffic(db, record, map))
    };
    found(in_order(db).into_iter().map(item).collect::<Vec<_>>())
}

/// `list/paged`: by row number, at most 200 a page.
pub(super) async fn paged(
    State(panel): State<ModelPanel>,
    Query(params): Query<BTreeMap<String, String>>,
) -> Response {
    let now = panel.now_ms();
    let live = panel.live();
    let db = &live.db;
    let number = |name: &str| params.get(name).and_then(|text| text.parse::<usize>().ok());
    let page = number("page").unwrap_or(1).max(1);
    let size = number("pageSize").filter(|size| *size > 0).unwrap_or(DEFAULT_PAGE).min(MAX_PAGE);
    let search = params.get("search").map(|text| text.to_lowercase()).unwrap_or_default();
    let inbound = params.get("inbound").and_then(|text| text.parse::<i64>().ok());
    let records = in_order(db);
    let wanted: Vec<&Record> = records
        .iter()
        .copied()
        .filter(|record| matches(record, &search))
        .filter(|record| inbound.is_none_or(|id| record.inbounds.contains(&id)))
        .collect();
    let items: Vec<Value> = wanted
        .iter()
        .skip((page - 1).saturating_mul(size))
        .take(size)
        .map(|record| Value::Object(with_traffic(db, record, record.to_page_item(db.version))))
        .collect();
    found(json!({
        "items": items, "total": records.len(), "filtered": wanted.len(), "page": page,
        "pageSize": size, "summary": summary(db, &records, now), "groups": [],
    }))
}

/// `onlines`: who had traffic just now.
pub(super) async fn onlines(State(panel): State<ModelPanel>) -> Response {
    let now = panel.now_ms();
    let live = panel.live();
    let online = online(&live.db, now);
    // The older panel has no empty list.
    if online.is_empty() && live.db.version < PanelVersion::Head {
        return found(Value::Null);
    }
    found(online)
}

/// `lastOnline`.
pub(super) async fn last_online(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let seen: Map<String, Value> =
        live.db.rows.values().map(|row| (row.email.clone(), json!(row.last_online))).collect();
    found(Value::Object(seen))
}

fn in_order(db: &Db) -> Vec<&Record> {
    let mut records: Vec<&Record> = db.records.values().collect();
    records.sort_by_key(|record| record.id);
    records
}

fn with_traffic(db: &Db, record: &Record, mut map: Map<String, Value>) -> Map<String, Value> {
    if let Some(row) = db.rows.get(&record.client.email) {
        map.insert("traffic".to_owned(), row.to_json(db.version, None));
    }
    map
}

fn matches(record: &Record, search: &str) -> bool {
    let client = &record.client;
    [&client.email, &client.sub_id, &client.comment]
        .into_iter()
        .any(|text| text.to_lowercase().contains(search))
}

fn online(db: &Db, now: i64) -> Vec<String> {
    db.rows
        .values()
        .filter(|row| row.last_online > 0 && now - row.last_online <= ONLINE_MS)
        .map(|row| row.email.clone())
        .collect()
}

fn summary(db: &Db, records: &[&Record], now: i64) -> Value {
    let depleted: Vec<&str> =
        db.rows.values().filter(|row| row.depleted(now)).map(|row| row.email.as_str()).collect();
    let emails_where = |wanted: &dyn Fn(&Record) -> bool| -> Vec<&str> {
        records.iter().filter(|r| wanted(r)).map(|r| r.client.email.as_str()).collect()
    };
    let is_depleted = |record: &Record| depleted.contains(&record.client.email.as_str());
    let inactive = emails_where(&|record| !record.client.enable && !is_depleted(record));
    let active = emails_where(&|record| record.client.enable && !is_depleted(record));
    let online = online(db, now);
    let mut map = Map::new();
    extend(
        &mut map,
        json!({"total": records.len(), "active": active.len(), "online": online,
               "depleted": depleted, "expiring": [], "deactive": inactive}),
    );
    if db.version == PanelVersion::Head {
        extend(
            &mut map,
            json!({"onlineCount": online.len(), "depletedCount": depleted.len(),
                   "expiringCount": 0, "deactiveCount": inactive.len()}),
        );
    }
    Value::Object(map)
}
