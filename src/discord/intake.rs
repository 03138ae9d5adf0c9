//! An interaction from start to answer. Discord waits 3 s: what is not done by then is deferred,
//! and the answer follows.

use super::interaction::{Interaction, Token, id_and_token, is_typing, language_of};
use super::reader::{Reader, refusal, with_pages, with_router};
use super::render;
use super::shared::Shared;
use super::take::{decide, take_proofs};
use super::uploads::uploads;
use super::{codes, offer, read_more};
use crate::front::{Input, Step, decided, reply};
use crate::intent::{Intent, Redemption, Rejection};
use crate::model::{Key, Record};
use crate::ports::{ChatCode, ChatError};
use crate::view::Answer;
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ApplicationId, InteractionId};
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take before it is deferred.
const GRACE: Duration = Duration::from_millis(1_500);
/// A deferred answer's token lives 15 minutes.
const PATIENCE: Duration = Duration::from_secs(14 * 60);

/// Handles one interaction of Discord's JSON; it is always answered with something.
pub(super) async fn handle(shared: Arc<Shared>, raw: &Value) {
    let Some(mut interaction) = Interaction::read(raw) else {
        tracing::warn!(kind = ?raw.get("type"), "an interaction could not be read");
        if let Some((id, token)) = id_and_token(raw) {
            if is_typing(raw) {
                return offer::send(&shared, id, &token, &[]).await;
            }
            let somebody = Reader::somebody(language_of(raw));
            let sorry = with_pages(&shared, somebody, |p| Answer::Private(p.unknown_click()));
            let sent = respond(&shared, id, &token, false, &sorry).await;
            report("answer", sent);
        }
        return;
    };
    let reader = Reader::of(&interaction.click);
    interaction.keep_roles_of(shared.catalog.borrow().shop.guild);
    if matches!(interaction.click.input, Input::Typing { .. }) {
        return offer::choices(&shared, &interaction).await;
    }
    if let Some(wait_s) = too_often(&shared, &interaction) {
        let slower = with_pages(&shared, reader, |p| Answer::Private(p.too_many_presses(wait_s)));
        let sent = respond(&shared, interaction.id, &interaction.token, false, &slower).await;
        return report("answer", sent);
    }
    // Pictures are fetched first, lists are written.
    let took_long = match &interaction.click.input {
        Input::Command { name, sub, .. } => name == "pay" || sub == "export",
        Input::UseAsProof { .. } => true,
        Input::Modal { .. } => !interaction.files.is_empty(),
        Input::Typing { .. } | Input::Component { .. } => false,
    };
    let grace = if took_long { Duration::ZERO } else { GRACE };
    // A task of its own: a defect in it becomes a polite answer instead of silence.
    let mut work = tokio::spawn(work(Arc::clone(&shared), interaction.clone()));
    let answer = tokio::time::timeout(grace, &mut work).await;
    let sent = match answer {
        Ok(done) => {
            let answer = done.unwrap_or_else(|_| went_wrong(&shared, reader));
            let Interaction { id, token, in_private, .. } = &interaction;
            match respond(&shared, *id, token, *in_private, &answer).await {
                // A page that Discord does not take is a defect: say that much at least.
                Err(e) if e.code == ChatCode::InvalidContent => {
                    tracing::error!(%e, "Discord refused a page");
                    respond(&shared, *id, token, false, &went_wrong(&shared, reader)).await
                }
                sent => sent,
            }
        }
        Err(_) => {
            report("defer", defer(&shared, &interaction).await);
            let done = tokio::time::timeout(PATIENCE, work).await;
            let answer = match done {
                Ok(Ok(answer)) => answer,
                _ => went_wrong(&shared, reader),
            };
            follow(&shared, &interaction, &answer).await
        }
    };
    shared.clock.crash_point("discord.after_answer");
    report("answer", sent);
}

/// How many seconds somebody must wait who clicks too often. Staff never do.
fn too_often(shared: &Shared, interaction: &Interaction) -> Option<u64> {
    let person = &interaction.click.person;
    let catalog = shared.catalog.borrow();
    if catalog.shop.roles.may_look(&person.roles) {
        return None;
    }
    let per_minute = catalog.shop.limits.presses_per_minute;
    shared.presses.take(per_minute, person.identity).err()
}

/// What the person gets.
async fn work(shared: Arc<Shared>, interaction: Interaction) -> Answer {
    let click = &interaction.click;
    let reader = Reader::of(click);
    let mut step = match read_more::step(&shared, click).await {
        Ok(step) => step,
        Err(error) => {
            tracing::warn!(%error, "the store could not be read for somebody who clicked");
            return refusal(&shared, reader, Rejection::StoreUnavailable);
        }
    };
    if let Step::FindOrder(reference) = step {
        let by = click.person.identity;
        step = match shared.store.get(&Key::OrderByReference(reference)).await {
            Ok(found) => {
                let order = found.and_then(|found| match found.value {
                    Record::OrderByReference(index) => Some(index.order),
                    _ => None,
                });
                with_router(&shared, reader, |router| router.pay_for_found(by, order))
            }
            Err(error) => {
                tracing::error!(%error, "an order's reference could not be looked up");
                Step::Show(refusal(&shared, reader, Rejection::StoreUnavailable))
            }
        };
    }
    match step {
        // It was looked up.
        Step::FindOrder(_) => refusal(&shared, reader, Rejection::UnknownOrder),
        Step::Show(answer) => answer,
        Step::Submit(intent) => submit(&shared, intent, reader).await,
        Step::Decide(intent) => {
            let outcome = decide(&shared, intent).await;
            with_pages(&shared, reader, |pages| decided(pages, outcome))
        }
        Step::TakeProof(order) => {
            let by = (&click.person, reader);
            let stated = click.input.stated_reference();
            take_proofs(&shared, &interaction.files, by, order, stated).await
        }
    }
}

async fn submit(shared: &Shared, intent: Intent, reader: Reader) -> Answer {
    let staff = matches!(intent, Intent::Approve { .. } | Intent::Decline { .. });
    let outcome = match &intent {
        Intent::EnterCode { by, .. } | Intent::Redeem(Redemption { by, .. }) => {
            let by = by.identity;
            codes::enter(shared, intent, by).await
        }
        _ => decide(shared, intent).await,
    };
    // The snapshot is read again: what was decided is durable in it.
    with_pages(shared, reader, |pages| reply(pages, outcome, staff))
}

fn went_wrong(shared: &Shared, reader: Reader) -> Answer {
    tracing::error!("an interaction's handler failed; this is a defect");
    with_pages(shared, reader, |pages| Answer::Private(pages.went_wrong()))
}

/// The first answer. A page that replaces does so only where the message is theirs alone.
async fn respond(
    shared: &Shared,
    id: u64,
    token: &Token,
    in_private: bool,
    answer: &Answer,
) -> Result<(), ChatError> {
    let (body, files) = match answer {
        Answer::Modal(modal) => (json!({"type": 9, "data": render::modal(modal)}), Vec::new()),
        Answer::Choices(choices) => (offer::body(choices), Vec::new()),
        Answer::Replace(message) if in_private => {
            let files = uploads(shared, message).await;
            (json!({"type": 7, "data": render::message(message, &files, 0, None)}), files)
        }
        Answer::Private(message) | Answer::Replace(message) => {
            let files = uploads(shared, message).await;
            let data = render::message(message, &files, render::EPHEMERAL, None);
            (json!({"type": 4, "data": data}), files)
        }
    };
    let route = Route::InteractionResponse {
        interaction_id: InteractionId::new(id),
        token: token.0.as_str(),
    };
    shared.ix.send(LightMethod::Post, route, &body, &files).await.map(|_| ())
}

/// Tells Discord that the answer follows: in place for a message that is theirs alone, but beside the page from
/// which pictures were sent, so that more can be.
async fn defer(shared: &Shared, interaction: &Interaction) -> Result<(), ChatError> {
    let body = if interaction.in_private && interaction.files.is_empty() {
        json!({"type": 6})
    } else {
        json!({"type": 5, "data": {"flags": render::EPHEMERAL}})
    };
    let route = Route::InteractionResponse {
        interaction_id: InteractionId::new(interaction.id),
        token: interaction.token.0.as_str(),
    };
    shared.ix.send(LightMethod::Post, route, &body, &[]).await.map(|_| ())
}

/// The answer after a deferral.
async fn follow(
    shared: &Shared,
    interaction: &Interaction,
    answer: &Answer,
) -> Result<(), ChatError> {
    let sorry;
    let message = match answer {
        Answer::Private(message) | Answer::Replace(message) => message,
        // Dialogs are pages, and pages are never late: this is a defect.
        Answer::Modal(_) | Answer::Choices(_) => {
            sorry = with_pages(shared, Reader::of(&interaction.click), |pages| pages.went_wrong());
            &sorry
        }
    };
    let files = uploads(shared, message).await;
    let body = render::message(message, &files, 0, None);
    let route = Route::WebhookOriginalInteractionResponse {
        application_id: ApplicationId::new(interaction.application),
        token: interaction.token.0.as_str(),
    };
    // A large file takes longer than the first answer may.
    let api = if files.is_empty() { &shared.ix } else { &shared.bg };
    api.send(LightMethod::Patch, route, &body, &files).await.map(|_| ())
}

fn report(what: &'static str, sent: Result<(), ChatError>) {
    if let Err(error) = sent {
        tracing::warn!(what, code = error.code.name(), %error, "an interaction could not be answered");
    }
}
