//! A picture that a customer simply posts in their order's thread: taken as by `/pay`, and answered by a
//! message there. Discord tells of its files only with the intent `MESSAGE_CONTENT`, or where the
//! message mentions the bot.

use super::chat::DiscordChat;
use super::interaction::{Attachment, attachment};
use super::reader::{Reader, with_router};
use super::shared::Shared;
use super::take::take_proofs;
use crate::front::Step;
use crate::intent::Person;
use crate::model::Identity;
use crate::ports::{Chat as _, Place};
use crate::view::Answer;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A message with files, as far as it matters here.
pub(super) struct Posted {
    id: u64,
    channel: u64,
    by: Person,
    files: Vec<Attachment>,
}

impl Posted {
    /// Reads one of Discord's JSON; `None` of one without files, or that no person wrote.
    pub(super) fn read(raw: &Value) -> Option<Self> {
        let id = |path: &str| raw.pointer(path).and_then(super::interaction::as_u64);
        let is_person = raw.pointer("/author/bot").and_then(Value::as_bool) != Some(true)
            && raw.get("webhook_id").is_none_or(Value::is_null);
        let files = raw.get("attachments").and_then(Value::as_array).into_iter().flatten();
        let files: Vec<_> = files.filter_map(attachment).collect();
        let name = ["/author/global_name", "/author/username"];
        let name = name.iter().find_map(|path| raw.pointer(path).and_then(Value::as_str));
        let by = Person {
            identity: Identity::Discord(id("/author/id")?),
            name: name.unwrap_or_default().to_owned(),
            // Nothing is done here that a role allows.
            roles: BTreeSet::new(),
        };
        let posted = Self { id: id("/id")?, channel: id("/channel_id")?, by, files };
        (is_person && !posted.files.is_empty()).then_some(posted)
    }
}

/// Takes its pictures, if it is in the thread of an order and of that order's customer. What others post
/// there is talk, and so is every other channel.
pub(super) async fn handle(shared: Arc<Shared>, posted: Posted) {
    let Posted { id, channel, by, files } = posted;
    let reader = Reader::by_identity(by.identity);
    let step = with_router(&shared, reader, |router| {
        let order = router.snapshot.order_of_thread(channel)?;
        let buyer = router.snapshot.buyer(order)?;
        let is_theirs = router.snapshot.customer_of(by.identity) == Some(buyer);
        is_theirs.then(|| router.pay_for(by.identity, Some(order)))
    });
    let answer = match step {
        Some(Step::TakeProof(order)) => take_proofs(&shared, &files, (&by, reader), order).await,
        Some(Step::Show(answer)) => answer,
        Some(Step::Submit(_) | Step::Decide(_) | Step::FindOrder(_)) | None => return,
    };
    let (Answer::Private(message) | Answer::Replace(message)) = answer else { return };
    // Told of it twice, Discord keeps one answer. It takes 25 characters.
    let nonce = format!("post.{id}");
    let chat = DiscordChat::new(Arc::clone(&shared));
    if let Err(error) = chat.post(Place::Channel(channel), &message, &nonce).await {
        tracing::warn!(code = error.code.name(), %error, "a posted proof could not be answered");
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
        let posted = Posted::read(&raw).unwrap();
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
            assert!(Posted::read(&other).is_none(), "{path}");
        }
    }
}
