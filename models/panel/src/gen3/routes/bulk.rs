//! Calls about many clients; each answers how many it did and whom it left out.

use super::decode::{self, Shape};
use crate::answer::{found, refused};
use crate::control::ModelPanel;
use crate::gen3::rules::Bulk;
use crate::journal::Actor;
use crate::state::{Db, Refusal};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;

/// `bulkCreate`: an array of what `add` takes.
pub(super) async fn create(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    let version = panel.version();
    let read = decode::json(&body).and_then(|form| {
        let items = form.as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| {
                let client = item.get("client").unwrap_or(&Value::Null);
                let mut client = decode::client(client, version, Shape::Wrapped)?;
                client.from_bulk = true;
                Ok((client, decode::ids(item, "inboundIds")))
            })
            .collect::<Result<Vec<_>, Refusal>>()
    });
    let items = match read {
        Ok(items) => items,
        Err(refusal) => return refused(&refusal),
    };
    let emails: Vec<String> = items.iter().map(|(client, _)| client.email.clone()).collect();
    let bulk = panel.commit(Actor::Api, &emails, |db, now| {
        let mut bulk = Bulk::default();
        for (client, ids) in items {
            let email = client.email.clone();
            // Unlike `add`, an email that is there is refused, whatever its sub id.
            let made = if db.records.contains_key(&email) {
                Err(Refusal::raw(format!("email already in use: {email}")))
            } else {
                db.create(now, client, &ids)
            };
            match made {
                Ok(()) => bulk.done += 1,
                Err(refusal) => {
                    bulk.skipped.push((email, refusal.to_string().trim_end().to_owned()));
                }
            }
        }
        bulk
    });
    answer("created", &bulk)
}

/// `bulkDel`.
pub(super) async fn delete(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    each(&panel, &body, "deleted", |db, _, form, emails| {
        let keep = form.get("keepTraffic").and_then(Value::as_bool).unwrap_or(false);
        db.bulk_delete(emails, keep)
    })
}

/// `bulkEnable`.
pub(super) async fn enable(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    each(&panel, &body, "changed", |db, now, _, emails| db.set_enable(now, emails, true))
}

/// `bulkDisable`.
pub(super) async fn disable(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    each(&panel, &body, "changed", |db, now, _, emails| db.set_enable(now, emails, false))
}

/// `bulkAdjust`.
pub(super) async fn adjust(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    each(&panel, &body, "adjusted", |db, now, form, emails| {
        let add_ms = decode::int(form, "addDays").saturating_mul(DAY_MS);
        db.adjust(now, emails, add_ms, decode::int(form, "addBytes"))
    })
}

/// `bulkResetTraffic`.
pub(super) async fn reset_traffic(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    each(&panel, &body, "affected", |db, now, _, emails| db.bulk_reset(now, emails))
}

fn each(
    panel: &ModelPanel,
    body: &[u8],
    verb: &str,
    act: impl FnOnce(&mut Db, i64, &Value, &[String]) -> Bulk,
) -> Response {
    let form = match decode::json(body) {
        Ok(form) => form,
        Err(refusal) => return refused(&refusal),
    };
    let emails = decode::texts(&form, "emails");
    answer(verb, &panel.commit(Actor::Api, &emails, |db, now| act(db, now, &form, &emails)))
}

/// `skipped` is left out when it is empty.
fn answer(verb: &str, bulk: &Bulk) -> Response {
    let mut obj = serde_json::Map::new();
    obj.insert(verb.to_owned(), json!(bulk.done));
    if !bulk.skipped.is_empty() {
        let skipped: Vec<Value> = bulk
            .skipped
            .iter()
            .map(|(email, reason)| json!({"email": email, "reason": reason}))
            .collect();
        obj.insert("skipped".to_owned(), json!(skipped));
    }
    found(Value::Object(obj))
}
