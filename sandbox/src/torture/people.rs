//! Customers and staff who do not give up: whatever fails is tried again, as people do.

use super::faults::Fault;
use crate::system::System;
use crate::trouble::Trouble;
use bytes::Bytes;
use nebulalinks_model_discord::{Actor, MessageView, Outcome, Place};
use serde_json::Value;
use std::time::Duration;

/// How long somebody goes on trying: as long as a round kills, and 90 s in peace.
const PATIENCE: Duration = Duration::from_secs(150);
/// Between two tries.
const BREATH: Duration = Duration::from_millis(250);
/// The smallest picture there is.
const PICTURE: &[u8] = include_bytes!("../../../tests/fixtures/receipts/receipt-2.png");

/// What there was when a round began: after a thousand rounds nobody looks through all of it at
/// every try.
pub(super) struct Seen {
    /// The newest card for staff, and the newest thread.
    card: u64,
    thread: u64,
}

impl Seen {
    pub(super) fn so_far(system: &System) -> Self {
        let review = system.emulator.layout().review;
        let card = system.emulator.channel_messages(review).last().map_or(0, |card| card.id);
        let thread = system.emulator.threads().last().map_or(0, |thread| thread.id);
        Self { card, thread }
    }

    /// The newest thread by then; 0 when there was none.
    pub(super) const fn newest_thread(&self) -> u64 {
        self.thread
    }
}

/// One order, from the button to the approval.
pub(super) async fn order(
    system: &System,
    name: &str,
    (round, seen, fault): (u32, &Seen, Fault),
) -> Result<(), Trouble> {
    let customer = system.emulator.user(name);
    let staff = system.emulator.staff("omar", "admin");
    let round = usize::try_from(round).unwrap_or(usize::MAX);
    let deadline = tokio::time::Instant::now() + PATIENCE + fault.lasts();
    loop {
        let threads = customer.threads_after(seen.thread).len();
        let cards = cards_after(system, name, seen.card);
        if cards.iter().any(|card| card.text.contains("**Approved**")) {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            let (cards, what) = (cards.len(), "threads and cards, and none is approved");
            return Err(Trouble(format!("{name} has {threads} and {cards} new {what}")));
        }
        let to_check = cards.into_iter().find(|card| has(card, "Approve"));
        if let Some(card) = to_check {
            approve(&staff, &card).await;
        } else if threads > 0 {
            pay(&customer, name, round).await;
        } else {
            place(&customer, round).await;
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// The review cards of a customer.
pub(super) fn cards(system: &System, name: &str) -> Vec<MessageView> {
    cards_after(system, name, 0)
}

fn cards_after(system: &System, name: &str, id: u64) -> Vec<MessageView> {
    let review = system.emulator.layout().review;
    let mut cards = system.emulator.channel_messages_after(review, id);
    cards.retain(|card| card.text.contains(&format!("({name})")));
    cards
}

fn has(message: &MessageView, label: &str) -> bool {
    message.buttons.iter().any(|button| button == label)
}

/// Up to the order's thread. What fails on the way is tried again by whoever calls.
async fn place(customer: &Actor, round: usize) {
    let store = || Place::Named("store".to_owned());
    let first = if round == 1 {
        customer.press(store(), "Buy").await
    } else {
        let page = customer.press(store(), "My account").await;
        match page.as_ref().ok().and_then(Outcome::message) {
            Some(page) => click(customer, page, "Renew", &[]).await,
            None => return,
        }
    };
    let Some(plans) = first.ok().and_then(|outcome| outcome.message().cloned()) else { return };
    let methods = select(customer, &plans, "basic-30").await;
    if let Some(methods) = methods {
        select(customer, &methods, "vodafone-cash").await;
    }
}

async fn pay(customer: &Actor, name: &str, round: usize) {
    let Some(thread) = customer.threads().iter().map(|thread| thread.id).max() else { return };
    let mut picture = PICTURE.to_vec();
    picture.extend_from_slice(format!("{name} {round}").as_bytes());
    // Its answer is not what counts: the card is.
    let _ =
        customer.slash_in(thread, "/pay", &[], Some(("receipt.png", Bytes::from(picture)))).await;
}

async fn approve(staff: &Actor, card: &MessageView) {
    let asked = click(staff, card, "Approve", &[]).await;
    if let Some(question) = asked.ok().and_then(|outcome| outcome.message().cloned()) {
        let _ = click(staff, &question, "Confirm", &[]).await;
    }
}

async fn select(customer: &Actor, message: &MessageView, value: &str) -> Option<MessageView> {
    let id = find(&message.components, &|component| {
        let options = component.get("options").and_then(Value::as_array);
        options.into_iter().flatten().any(|o| o.get("value").and_then(Value::as_str) == Some(value))
    })?;
    customer.click(message.id, &id, &[value]).await.ok()?.message().cloned()
}

async fn click(
    actor: &Actor,
    message: &MessageView,
    label: &str,
    values: &[&str],
) -> Result<Outcome, nebulalinks_model_discord::ActorError> {
    let fits = |c: &Value| c.get("label").and_then(Value::as_str) == Some(label);
    let id = find(&message.components, &fits).unwrap_or_default();
    actor.click(message.id, &id, values).await
}

/// The id of the first component that fits.
fn find(components: &[Value], fits: &dyn Fn(&Value) -> bool) -> Option<String> {
    components.iter().find_map(|component| {
        if fits(component) {
            return component.get("custom_id")?.as_str().map(str::to_owned);
        }
        let inner = component.get("components").and_then(Value::as_array);
        let accessory = component.get("accessory").map(std::slice::from_ref);
        inner
            .and_then(|inner| find(inner, fits))
            .or_else(|| accessory.and_then(|inner| find(inner, fits)))
    })
}
