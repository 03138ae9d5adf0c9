//! The open questions of customers, the most urgent first.

use super::super::sources::Admin;
use super::asked::{Answer, Asked, Lines, Part};
use crate::model::{Snapshot, SurfaceKey, Ticket, UnixMs, Urgency};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

/// Which tickets are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    after: Option<After>,
    #[serde(default)]
    limit: Lines,
    /// Only those whose customers wait for an answer.
    #[serde(default)]
    waiting: bool,
}

/// Behind which place to go on: the place itself, since a ticket leaves its own when somebody writes.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct After(Urgency);

impl TryFrom<String> for After {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(3, '.').collect();
        let read = |parts: &[&str]| match parts {
            [nobody, since, id] => {
                let (nobody, since) = (nobody.parse().ok()?, since.parse().ok()?);
                Some(Self((nobody, UnixMs(since), id.parse().ok()?)))
            }
            _ => None,
        };
        read(&parts).ok_or_else(|| "an earlier answer's next is none of these".to_owned())
    }
}

pub(super) async fn answer_list(
    State(admin): State<Admin>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let snapshot = admin.store.snapshot();
    let open = snapshot.tickets_after(wanted.after.map(|after| after.0));
    let open = open.take_while(|ticket| !wanted.waiting || ticket.waits_since.is_some());
    let part = Part::of(open, wanted.limit.0, |ticket| ticket.urgency(), |_| true);
    let rows: Vec<Value> = part.rows.into_iter().map(|ticket| row(&snapshot, ticket)).collect();
    let next = part.next.map(|(nobody, since, id)| format!("{nobody}.{}.{id}", since.0));
    Ok(Json(json!({ "tickets": rows, "next": next })))
}

fn row(snapshot: &Snapshot, ticket: &Ticket) -> Value {
    json!({
        "id": ticket.id,
        "number": ticket.id.number(),
        "customer": ticket.customer,
        "identity": snapshot.reached_at(ticket.customer),
        "customer_name": snapshot.name_of(ticket.customer),
        "opened_at_ms": ticket.opened_at.0,
        "waits_since_ms": ticket.waits_since.map(|at| at.0),
        "answered_at_ms": ticket.answered_at.map(|at| at.0),
        "surfaces": SurfaceKey::of_ticket(ticket.id).map(|key| json!({
            "kind": key.kind(),
            "state": snapshot.surface(key).map(|surface| surface.state().name()),
        })),
    })
}
