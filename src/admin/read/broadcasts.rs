//! The broadcasts that are remembered, the newest first: a few dozen at the most, without their texts.

use super::super::sources::Admin;
use super::asked::Answer;
use crate::model::{Broadcast, Progress};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::cmp::Reverse;

pub(super) async fn answer_list(State(admin): State<Admin>) -> Answer {
    let snapshot = admin.store.snapshot();
    let mut all: Vec<&Broadcast> = snapshot.broadcasts().collect();
    all.sort_by_key(|broadcast| Reverse((broadcast.drafted_at, broadcast.id)));
    let rows: Vec<Value> = all.into_iter().map(row).collect();
    Ok(Json(json!({ "broadcasts": rows })))
}

fn row(broadcast: &Broadcast) -> Value {
    let Progress { sent, closed, unknown, muted, .. } = broadcast.progress;
    json!({
        "id": broadcast.id,
        "state": broadcast.state.name(),
        "to": broadcast.to,
        "by": broadcast.by,
        "reach": broadcast.reach.gets,
        "sent": sent,
        "closed": closed,
        "unknown": unknown,
        "muted": muted,
        "drafted_at_ms": broadcast.drafted_at.0,
        "sending_since_ms": broadcast.sending_since().map(|at| at.0),
        "ended_at_ms": broadcast.ended_at().map(|at| at.0),
    })
}
