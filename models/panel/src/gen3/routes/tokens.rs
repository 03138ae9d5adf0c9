//! API tokens: shown once, at creation.

use super::decode;
use crate::answer::{found, refused_as};
use crate::control::ModelPanel;
use crate::state::{ApiToken, Refusal};
use crate::version::PanelVersion;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

const CHANGED: &str = "The parameters have been changed.";

/// `apiTokens`: those made through the API; the preset one is not shown.
pub(super) async fn list(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    let version = live.db.version;
    found(
        live.db
            .tokens
            .iter()
            .filter(|token| token.id > 0)
            .map(|token| Value::Object(view(token, version)))
            .collect::<Vec<_>>(),
    )
}

/// `apiTokens/create`.
pub(super) async fn create(State(panel): State<ModelPanel>, body: Bytes) -> Response {
    let form = match decode::json(&body) {
        Ok(form) => form,
        Err(refusal) => return refused_as(CHANGED, &refusal),
    };
    let text = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = text("name");
    let created_at_s = panel.now_ms() / 1000;
    let mut live = panel.live();
    if live.db.tokens.iter().any(|token| token.name == name) {
        let refusal = Refusal::own("a token with that name already exists");
        return refused_as(CHANGED, &refusal);
    }
    let scoped = live.db.version.has_token_scopes();
    let scope = text("scope");
    let token = ApiToken {
        id: live.db.tokens.iter().map(|token| token.id).max().unwrap_or(0) + 1,
        name,
        token: live.db.generate.session().chars().take(48).collect(),
        enabled: true,
        created_at_s,
        scope: if scoped && !scope.is_empty() { scope } else { "admin".to_owned() },
        expires_at: form.get("expiresAt").and_then(Value::as_i64).filter(|_| scoped).unwrap_or(0),
    };
    let mut shown = view(&token, live.db.version);
    shown.insert("token".to_owned(), json!(token.token));
    live.db.tokens.push(token);
    found(Value::Object(shown))
}

fn view(token: &ApiToken, version: PanelVersion) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".to_owned(), json!(token.id));
    map.insert("name".to_owned(), json!(token.name));
    map.insert("enabled".to_owned(), json!(token.enabled));
    map.insert("createdAt".to_owned(), json!(token.created_at_s));
    if version.has_token_scopes() {
        map.insert("scope".to_owned(), json!(token.scope));
        map.insert("expiresAt".to_owned(), json!(token.expires_at));
    }
    map
}
