//! Writes about clients. Refusals of the body itself come under a sentence of success.

use super::form::Form;
use super::outcome::outcome;
use crate::answer::{refused_as, said};
use crate::control::ModelPanel;
use crate::gen2::draft::Failure;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

const ADDED: &str = "Inbound client(s) have been added.";
pub(super) const UPDATED: &str = "Inbound client has been updated.";
const DELETED: &str = "Inbound client has been deleted.";
const BAD_BODY: &str = "Inbound has been successfully updated.";

/// `addClient`.
pub(super) async fn add(
    State(panel): State<ModelPanel>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::read(&headers, &body) {
        Ok(form) => form,
        Err(refusal) => return refused_as(BAD_BODY, &refusal),
    };
    let done = panel
        .write(move |db, now| db.draft_add(now, form.number("id"), form.text("settings")))
        .await;
    outcome(done, ADDED)
}

/// `updateClient/{key}`.
pub(super) async fn update(
    State(panel): State<ModelPanel>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::read(&headers, &body) {
        Ok(form) => form,
        Err(refusal) => return refused_as(BAD_BODY, &refusal),
    };
    let done = panel
        .write(move |db, now| db.draft_update(now, &key, form.number("id"), form.text("settings")))
        .await;
    outcome(done, UPDATED)
}

/// `{id}/delClient/{key}`.
pub(super) async fn delete(
    State(panel): State<ModelPanel>,
    Path((id, key)): Path<(i64, String)>,
) -> Response {
    outcome(panel.write(move |db, _| db.draft_delete(id, &key)).await, DELETED)
}

/// `{id}/delClientByEmail/{email}`, with sentences of its own.
pub(super) async fn delete_by_email(
    State(panel): State<ModelPanel>,
    Path((id, email)): Path<(i64, String)>,
) -> Response {
    match panel.write(move |db, _| db.draft_delete_by_email(id, &email)).await {
        Ok(()) => said("Client deleted successfully", Value::Null),
        Err(Failure::Refused(refusal)) => refused_as("Failed to delete client by email", &refusal),
        Err(failure) => outcome(Err(failure), ""),
    }
}
