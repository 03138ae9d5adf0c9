//! What is offered while somebody types an option of a command. It is worth something only while they
//! type: what fails or comes late is no error, and nothing is put off.

use super::interaction::{Interaction, Token};
use super::read_more;
use super::shared::Shared;
use crate::front::Step;
use crate::view::{Answer, Choice};
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::InteractionId;
use std::sync::Arc;
use std::time::Duration;

/// How long the choices may take: Discord waits 3 s.
const AT_MOST: Duration = Duration::from_millis(2_000);

/// Answers with what may be meant; with nothing when that cannot be told in time.
pub(super) async fn choices(shared: &Arc<Shared>, interaction: &Interaction) {
    let (asked, click) = (Arc::clone(shared), interaction.click.clone());
    // A task of its own: a defect in it offers nothing.
    let found = tokio::spawn(async move { read_more::step(&asked, &click).await });
    let choices = match tokio::time::timeout(AT_MOST, found).await {
        Ok(Ok(Ok(Step::Show(Answer::Choices(choices))))) => choices,
        _ => Vec::new(),
    };
    send(shared, interaction.id, &interaction.token, &choices).await;
}

/// Offers these; also nothing, which is the only answer that Discord takes where it cannot be read what is
/// being typed.
pub(super) async fn send(shared: &Shared, id: u64, token: &Token, choices: &[Choice]) {
    let route = Route::InteractionResponse {
        interaction_id: InteractionId::new(id),
        token: token.0.as_str(),
    };
    if let Err(error) = shared.ix.send(LightMethod::Post, route, &body(choices), &[]).await {
        tracing::debug!(code = error.code.name(), %error, "what was offered came too late");
    }
}

/// Callback 8.
pub(super) fn body(choices: &[Choice]) -> Value {
    let choices: Vec<Value> =
        choices.iter().map(|c| json!({ "name": c.label, "value": c.value })).collect();
    json!({ "type": 8, "data": { "choices": choices } })
}
