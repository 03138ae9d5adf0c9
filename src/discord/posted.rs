//! A picture that a customer simply posts in their order's thread: taken as by `/pay`, and answered by a
//! message there. Discord tells of its files only with the intent `MESSAGE_CONTENT`, or where the
//! message mentions the bot.

use super::chat::DiscordChat;
use super::interaction::{Attachment, attachment};
use super::reader::{Reader, with_pages, with_router};
use super::shared::Shared;
use super::take::take_proofs;
use super::turns::Said;
use crate::front::{Router, Step};
use crate::intent::Person;
use crate::model::{Identity, OrderId, OrderState};
use crate::ports::{Chat as _, Place};
use crate::view::{Answer, Pages, ProofProblem};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A message with pictures, as far as it matters here.
pub(super) struct Posted {
    id: u64,
    channel: u64,
    by: Person,
    /// None of a message that shows nothing, since Discord does not let the bot see what is in it.
    files: Vec<Attachment>,
}

impl Posted {
    /// What is said of it once, where its order stands so.
    fn said(&self, state: OrderState) -> Said {
        if self.files.is_empty() { Said::Unread } else { Said::State(state) }
    }

    /// Reads one of Discord's JSON; `None` of one without pictures, unless it is `hidden` what it has, or that no
    /// person wrote.
    pub(super) fn read(raw: &Value, hidden: bool) -> Option<Self> {
        let id = |path: &str| raw.pointer(path).and_then(super::interaction::as_u64);
        let is_person = raw.pointer("/author/bot").and_then(Value::as_bool) != Some(true)
            && raw.get("webhook_id").is_none_or(Value::is_null);
        let files = raw.get("attachments").and_then(Value::as_array).into_iter().flatten();
        let files: Vec<_> = files.filter(|file| is_picture(file)).filter_map(attachment).collect();
        let name = ["/author/global_name", "/author/username"];
        let name = name.iter().find_map(|path| raw.pointer(path).and_then(Value::as_str));
        let by = Person {
            identity: Identity::Discord(id("/author/id")?),
            name: name.unwrap_or_default().to_owned(),
            // Nothing is done here that a role allows.
            roles: BTreeSet::new(),
        };
        let posted = Self { id: id("/id")?, channel: id("/channel_id")?, by, files };
        (is_person && (hidden || !posted.files.is_empty())).then_some(posted)
    }
}

/// Whether Discord takes a file for a picture: what else is posted is talk.
fn is_picture(file: &Value) -> bool {
    let text = |name: &str| file.get(name).and_then(Value::as_str);
    match text("content_type") {
        Some(kind) => kind.starts_with("image/"),
        None => text("filename").is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            [".png", ".jpg", ".jpeg", ".webp", ".gif"].iter().any(|end| name.ends_with(end))
        }),
    }
}

/// Takes its pictures, if it is in the thread of an order and of that order's customer. What others post
/// there is talk, and so is every other channel.
pub(super) async fn handle(shared: Arc<Shared>, posted: Posted) {
    if order_of(&shared, &posted).is_none() {
        return;
    }
    // One of theirs at a time; what they post beyond is dropped, with the answer to the others.
    let Some(_turn) = shared.turns.of(posted.by.identity).await else { return };
    let Some((order, state)) = order_of(&shared, &posted) else { return };
    let Some(answer) = answer(&shared, &posted, order, state).await else { return };
    let (Answer::Private(message) | Answer::Replace(message)) = answer else { return };
    // Told of it twice, Discord keeps one answer. It takes 25 characters.
    let nonce = format!("post.{}", posted.id);
    let chat = DiscordChat::new(Arc::clone(&shared));
    if let Err(error) = chat.post(Place::Channel(posted.channel), &message, &nonce).await {
        shared.said_once.forget(order, posted.said(state));
        tracing::warn!(code = error.code.name(), %error, "a posted proof could not be answered");
    }
}

/// The order whose thread it is in, if who wrote it is its customer, and where it stands.
fn order_of(shared: &Shared, posted: &Posted) -> Option<(OrderId, OrderState)> {
    with_router(shared, Reader::by_identity(posted.by.identity), |router| {
        let id = router.snapshot.order_of_thread(posted.channel)?;
        let order = router.snapshot.order(id)?;
        let is_theirs = router.snapshot.customer_of(posted.by.identity) == Some(order.customer);
        is_theirs.then(|| (id, order.state(router.pages.now())))
    })
}

async fn answer(
    shared: &Shared,
    posted: &Posted,
    order: OrderId,
    state: OrderState,
) -> Option<Answer> {
    let Posted { by, files, .. } = posted;
    let reader = Reader::by_identity(by.identity);
    let waits = matches!(state, OrderState::AwaitingPayment | OrderState::AwaitingReview);
    let once = |said| shared.said_once.first(order, said);
    let show = |draw: &dyn Fn(&Pages<'_>) -> Option<Answer>| with_pages(shared, reader, draw);
    let said = posted.said(state);
    if said == Said::Unread {
        let unread = || show(&|p| Some(Answer::Private(p.proof_problem(ProofProblem::Unread))));
        return if waits && once(said) { unread() } else { None };
    }
    if !waits && !once(said) {
        return None;
    }
    match state {
        OrderState::AwaitingPayment | OrderState::AwaitingReview => {
            let step = |router: &Router<'_>| router.pay_for(by.identity, Some(order));
            match with_router(shared, reader, step) {
                Step::TakeProof(order) => {
                    Some(take_proofs(shared, files, (by, reader), order, None).await)
                }
                Step::Show(answer) => Some(answer),
                Step::Submit(_) | Step::Decide(_) | Step::FindOrder(_) => None,
            }
        }
        // A picture of anything must not reopen it.
        OrderState::Expired | OrderState::Cancelled => {
            show(&|p| p.posted_too_late(order).map(Answer::Private))
        }
        OrderState::Approved | OrderState::Declined | OrderState::Reversed => {
            show(&|p| Some(p.what_became_of(order)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_counts_when_a_person_wrote_it_and_it_has_files() {
        let file = json!({"id": "7", "url": "https://cdn/x", "size": 9, "filename": "a.png"});
        let author = json!({"id": "101", "username": "alice", "global_name": "Alice"});
        let raw =
            json!({"id": "5", "channel_id": "12", "author": author, "attachments": [file, file]});
        let posted = Posted::read(&raw, false).unwrap();
        assert_eq!((posted.id, posted.channel, posted.files.len()), (5, 12, 2));
        assert_eq!(posted.by.identity, Identity::Discord(101));
        assert_eq!(posted.by.name, "Alice");
        for (path, value) in [
            ("attachments", json!([])),
            ("author", json!({"id": "1", "username": "b", "bot": true})),
            ("webhook_id", json!("44")),
            ("channel_id", json!(null)),
        ] {
            let mut other = raw.clone();
            other[path] = value;
            assert!(Posted::read(&other, false).is_none(), "{path}");
            // Hidden content is no reason to answer a bot.
            assert_eq!(Posted::read(&other, true).is_some(), path == "attachments", "{path}");
        }
    }

    #[test]
    fn what_is_posted_counts_where_discord_takes_it_for_a_picture() {
        for (kind, name, is) in [
            (Some("image/png"), "a", true),
            (Some("image/heic"), "a.heic", true),
            (Some("application/pdf"), "a.png", false),
            (Some("video/mp4"), "a.mp4", false),
            (None, "A.JPG", true),
            (None, "a.pdf", false),
        ] {
            let mut file = json!({"url": "https://cdn/x", "size": 9, "filename": name});
            if let Some(kind) = kind {
                file["content_type"] = json!(kind);
            }
            assert_eq!(is_picture(&file), is, "{file}");
        }
    }
}
