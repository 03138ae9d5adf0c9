//! What we keep where people talk to us.

use super::chat_code::ChatCode;
use crate::model::{Identity, OrderId};
use crate::view::{FrontProfile, Message};
use async_trait::async_trait;
use std::io;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A channel or thread.
    Channel(u64),
    /// A person's direct messages.
    Direct(Identity),
}

/// What to do about a failed call to Discord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatClass {
    /// Try again later; it did not happen.
    Later,
    /// It may have happened: look before trying again.
    Unknown,
    /// The message is gone: post it anew.
    MessageGone,
    /// The channel or thread is gone: open it anew.
    ChannelGone,
    /// This person cannot be written to.
    Closed,
    /// It will not work until somebody changes permissions or the content.
    Refused,
}

/// A failed call to Discord.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct ChatError {
    /// What to do.
    pub class: ChatClass,
    /// What went wrong.
    pub code: ChatCode,
    /// Prose for logs, without contents.
    pub detail: String,
    /// When to try again, in ms, where Discord said so.
    pub retry_after_ms: Option<u64>,
}

/// One message as Discord has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The channel it is in.
    pub channel: u64,
    /// Its id.
    pub message: u64,
}

/// Where an order or a ticket is given a place to talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space<'c> {
    /// In a private thread below this channel.
    ThreadBelow(u64),
    /// In a channel of its own, in the first of these categories that has room.
    ChannelIn(&'c [u64]),
}

/// A thread or channel, and whether this call has opened it: then nothing of ours can stand in it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Its id.
    pub thread: u64,
    /// It was opened just now.
    pub new: bool,
}

/// Something of ours in Discord may be gone: a reason to look, never the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// A message was deleted.
    MessageGone {
        /// The channel or thread it was in.
        channel: u64,
        /// Its id.
        message: u64,
    },
    /// A channel or thread was deleted.
    ChannelGone {
        /// Its id.
        channel: u64,
    },
    /// Somebody of the staff asks that what stands for good in the shop's channels is looked at.
    Panels,
    /// The connection is new: anything may have been missed.
    Missed,
}

/// What we keep in Discord.
///
/// # Guarantees
/// `post` with the same nonce in the same channel within a few minutes makes one message.
/// # Caveats
/// After `Unknown` a caller looks with `find` before it posts again: nonces are forgotten, and
/// threads have none, so they are found by their name.
#[async_trait]
pub trait Chat: Send + Sync {
    /// What messages are drawn for.
    fn front(&self) -> &'static FrontProfile;
    /// Posts a message, and calls whom it calls. The nonce is at most 25 characters.
    async fn post(&self, to: Place, message: &Message, nonce: &str) -> Result<Posted, ChatError>;
    /// Replaces a message's content; nobody is called by that.
    async fn edit(&self, at: &Posted, message: &Message) -> Result<(), ChatError>;
    /// Our own message with this nonce among the last 50 of a place.
    async fn find(&self, place: Place, nonce: &str) -> Result<Option<Posted>, ChatError>;
    /// Makes sure that a message is still there: [`ChatClass::MessageGone`] when it is not. Where
    /// that cannot be asked it counts as there.
    async fn check_exists(&self, at: &Posted) -> Result<(), ChatError>;
    /// The thread or channel of this name there, opened when there is none, also where it was put away; and lets
    /// a person in, also once more.
    async fn open(
        &self,
        space: Space<'_>,
        name: &str,
        member: Identity,
    ) -> Result<Opened, ChatError>;
    /// Locks a thread and puts it away: only staff write there, or open it again. One that is closed stays so.
    async fn close_thread(&self, thread: u64) -> Result<(), ChatError>;
    /// Opens a thread again that was closed, and answers whether it was. Any other stays as it is.
    async fn open_again(&self, thread: u64) -> Result<bool, ChatError>;
    /// Puts a thread away, once more too: it leaves the lists that people see and nothing of it is lost. A
    /// message in it, an edit or whoever is let in bring it back.
    async fn put_away(&self, thread: u64) -> Result<(), ChatError>;
    /// Deletes a thread, or an order's own channel, with all that was written there, whoever wrote it.
    async fn delete_thread(&self, thread: u64) -> Result<(), ChatError>;
    /// Deletes the files of those proofs of an order of which its record says that they are deleted, durably, once
    /// more too; answers how many there were. One that another order keeps stays.
    ///
    /// # Errors
    /// One is there still, or may be: the disk, or somebody copies the files just now.
    async fn delete_proofs(&self, order: OrderId) -> io::Result<u64>;
}
