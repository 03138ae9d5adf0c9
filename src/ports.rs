//! The few traits the loop needs of the world. Adapters implement them; nothing else crosses.

mod chat_code;

pub use chat_code::ChatCode;

use crate::intent::{FreshIds, Intent, Rejection, Reply};
use crate::model::{
    CustomerId, DesiredClient, DurationMs, Edits, HistoryPoint, Key, Kind, Lineage, Moment,
    Observation, ObservedClient, PanelInfo, Record, Revision, ServerId, ShopId, Snapshot,
    TimeReading, UnixMs, Versioned, Witness,
};
use crate::view::Message;
use async_trait::async_trait;
/// A gateway's own reason.
pub use nebulalinks_protocol::ErrorCode as GatewayCode;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// Why a transaction did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A record was not at the expected version: read again and decide again.
    #[error("{0} was changed meanwhile")]
    Conflict(Key),
    /// A record is over 16 KiB: a defect of the caller; nothing was written.
    #[error("{key} would take {bytes} bytes, and 16384 are allowed")]
    TooLarge {
        /// The record's key.
        key: Key,
        /// Its JSON's size in bytes.
        bytes: usize,
    },
    /// The disk is nearly full: new orders are refused until there is room.
    #[error("the disk of the store has less than {0} MiB free; make room, then try again")]
    NoRoom(u64),
    /// The store is closed or its thread ended: the process must end.
    #[error("the store is closed")]
    Closed,
    /// Anything else, from the disk or a record that cannot be read.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// All records, durable.
///
/// # Guarantees
/// What [`Store::snapshot`] and [`Store::get`] show is durable. `txn` is all or nothing, and when
/// it answers, its effect is durable and in the snapshot. Revisions rise by one.
/// # Assumptions
/// One process. Transactions are small: a few records of at most 16 KiB.
/// # Caveats
/// A lagging receiver of `changes` misses keys: it must look at everything again.
/// # Errors
/// See [`StoreError`]; only `Conflict` invites a second try.
#[async_trait]
pub trait Store: Send + Sync {
    /// The newest durable state of the resident kinds.
    fn snapshot(&self) -> Arc<Snapshot>;
    /// The keys each transaction touched, after it became durable: hints, never the truth.
    fn changes(&self) -> broadcast::Receiver<Arc<Vec<Key>>>;
    /// One record of any kind.
    async fn get(&self, key: &Key) -> Result<Option<Versioned<Record>>, StoreError>;
    /// Up to `limit` records of a kind whose key bytes begin with `prefix`, after the key bytes
    /// `after`, in order, each with its key bytes.
    async fn scan(
        &self,
        kind: Kind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Versioned<Record>)>, StoreError>;
    /// The hash of this store's history at a revision: `None` for a revision that it does not have
    /// or no longer knows the hash of. Two histories are the same up to a revision exactly when
    /// their hashes there are.
    async fn lineage(&self, revision: Revision) -> Result<Option<Lineage>, StoreError>;
    /// Commits, and answers with the new revision.
    async fn txn(&self, edits: Edits) -> Result<Revision, StoreError>;
    /// Returns when everything accepted so far is durable.
    async fn sync(&self) -> Result<(), StoreError>;
}

/// Where people's intents are decided: reads, decides, commits, and tries again on a conflict.
///
/// # Guarantees
/// The reply is given after the edits are durable. The same intent twice changes once.
#[async_trait]
pub trait IntentHandler: Send + Sync {
    /// Decides an intent.
    async fn submit(&self, intent: Intent) -> Result<Reply, Rejection>;
}

/// The machine's clocks, and the points at which a test may end the process.
///
/// # Guarantees
/// `sleep_until` returns at or after the moment by `now`, also when the wall clock is stepped.
/// Monotonic time never falls.
/// # Caveats
/// `now` can step; nothing may assume that it does not fall. Facts are decided by
/// [`Timekeeper::reading`], not by this.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock now.
    fn now(&self) -> UnixMs;
    /// Wall and monotonic time at one instant.
    fn moment(&self) -> Moment;
    /// Waits for a moment.
    async fn sleep_until(&self, moment: UnixMs);
    /// Called before and after every effect. In production nothing happens here.
    fn crash_point(&self, point: &'static str);
}

/// Whether our clock can be believed, by everybody who tells the time.
///
/// # Guarantees
/// In doubt `reading().now` stands still at a moment that has surely passed: nothing falls due.
/// # Caveats
/// The verdict may change at any moment; what is decided on one reading is committed by it.
pub trait Timekeeper: Send + Sync {
    /// Discord is going to be asked: until it answers, for a minute at most, no server's word counts.
    fn expect_discord(&self);
    /// Somebody put this date on an answer to a question that was sent at `asked`, by
    /// [`Moment::monotonic`]. Only dates that cannot be forged on the way: signed, or over TLS.
    fn heard(&self, witness: Witness, date: UnixMs, asked: DurationMs);
    /// The time by which facts are decided, and whether our clock is believed.
    fn reading(&self) -> TimeReading;
    /// Sends whenever doubt begins or ends, or its reason changes.
    fn changes(&self) -> watch::Receiver<TimeReading>;
    /// How far each witness' clock is ahead of ours, in ms, where one told the time within an hour.
    fn differences(&self) -> BTreeMap<Witness, i64>;
}

/// Randomness, drawn outside of every decision.
pub trait Entropy: Send + Sync {
    /// Ids and credentials for one decision, the ids sorted by `now`.
    fn fresh_ids(&self, now: UnixMs) -> FreshIds;
    /// One id, sorted by `now`: a ULID of 26 characters in lower case.
    fn ulid(&self, now: UnixMs) -> String;
    /// A fraction in 0..1, for jitter.
    fn fraction(&self) -> f64;
}

/// Where a gateway is and whose keys sign for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The server that it stands beside.
    pub server: ServerId,
    /// The gateway's address without a trailing slash.
    pub gateway: String,
    /// The name of its keys.
    pub keys: String,
    /// Whose marks are ours.
    pub shop: ShopId,
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Nothing was done; try again later. The server counts as unreachable.
    Unreachable,
    /// Nothing was done, and trying will not help until an operator acts: keys, clock, version.
    Operator,
    /// It may have been done: read again before anything else.
    UnknownOutcome,
    /// Another controller writes. Stop writing to this server until a new claim succeeds.
    Fenced,
    /// What must be there is not: read again, diff again.
    Conflict,
    /// This one client cannot be brought to what is asked; others can.
    Refused,
}

/// Why a call to a gateway failed: a closed list, for metrics, conditions and decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PanelCode {
    /// There is no connection to the gateway.
    Unreachable,
    /// The connection ended before the answer.
    Lost,
    /// The gateway did not sign the answer.
    Unsigned,
    /// The gateway signed an answer of an unexpected form.
    Protocol,
    /// There are no keys for this gateway.
    Keys,
    /// The keys differ on the two sides, or the gateway does not take this address.
    Auth,
    /// The gateway's address is none.
    Address,
    /// What was asked cannot be put on the wire.
    Defect,
    /// What was read back after a write is not what was asked.
    NotReadBack,
    /// The gateway says why.
    Gateway(GatewayCode),
}

impl PanelCode {
    /// The code as it stands in metrics, conditions and the runbook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Lost => "lost",
            Self::Unsigned => "unsigned",
            Self::Protocol => "protocol",
            Self::Keys => "keys",
            Self::Auth => "auth",
            Self::Address => "address",
            Self::Defect => "defect",
            Self::NotReadBack => "not_read_back",
            Self::Gateway(code) => code.as_str(),
        }
    }
}

impl std::fmt::Display for PanelCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed call to a gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct PanelError {
    /// What to do.
    pub class: ErrorClass,
    /// Why.
    pub code: PanelCode,
    /// Prose: what happened and what to do.
    pub detail: String,
    /// When to try again, in ms, where the other side said so.
    pub retry_after_ms: Option<u64>,
    /// With `claimed`: what the gateway has seen of our store and we have not shown to it.
    pub unshown: Vec<HistoryPoint>,
}

/// A claim to write to a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Our store's id.
    pub store_id: String,
    /// This process: a ULID that rises with each start.
    pub process: String,
    /// Where our durable history stands.
    pub at: HistoryPoint,
    /// What the gateway has seen and we found in our own history.
    pub shows: Vec<HistoryPoint>,
    /// What the gateway has seen and an operator said that we are right without.
    pub gives_up: Vec<HistoryPoint>,
    /// Replace another store's controller at once.
    pub take_over: bool,
}

/// A claim that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// What writes must carry.
    pub fence: u64,
    /// The gateway's signed clock.
    pub clock: UnixMs,
    /// What it has seen of our store and we have not shown to be in our history.
    pub unshown: Vec<HistoryPoint>,
}

/// What every write carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteToken {
    /// The claim's fence.
    pub fence: u64,
    /// Where our durable history stands: the gateway keeps it before it calls the panel.
    pub at: HistoryPoint,
}

/// What must be there before a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing of that name.
    Absent,
    /// The client with this uuid.
    Uuid(uuid::Uuid),
}

// With a uuid one can use the service: it is a credential.
impl fmt::Debug for Precondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Uuid(_) => "Uuid(redacted)",
        })
    }
}

/// One write of many.
#[derive(Clone, PartialEq)]
pub enum Write {
    /// Makes a client so.
    Put {
        /// What must be there before.
        before: Precondition,
        /// All that is wanted.
        client: DesiredClient,
    },
    /// Removes a client.
    Delete {
        /// Its email on the panel.
        email: String,
        /// The client that is meant.
        uuid: uuid::Uuid,
    },
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { before, client } => {
                f.debug_struct("Put").field("before", before).field("client", client).finish()
            }
            Self::Delete { email, .. } => {
                f.debug_struct("Delete").field("email", email).finish_non_exhaustive()
            }
        }
    }
}

/// A write as it was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The client after the write; `None` after a delete.
    pub client: Option<ObservedClient>,
    /// The panel as it answered.
    pub panel: PanelInfo,
}

/// The panels, through their gateways.
///
/// # Guarantees
/// An observation is complete within its coverage, and was signed by the gateway; otherwise there
/// is an error. A write that answers was read back from the panel.
/// # Assumptions
/// One call at a time writes to one client: the loop never sends a second write before the first
/// was answered or can no longer start.
/// # Errors
/// [`ErrorClass::UnknownOutcome`] whenever the effect may have happened.
#[async_trait]
pub trait PanelApi: Send + Sync {
    /// Asks to be the one that writes; repeated every 30 s.
    async fn claim(&self, to: &Endpoint, claim: &Claim) -> Result<Claimed, PanelError>;
    /// Everything on the panel.
    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError>;
    /// These clients only, at least one: nothing is known of others, nor of inbounds.
    async fn observe(&self, to: &Endpoint, emails: &[String]) -> Result<Observation, PanelError>;
    /// Makes a client so.
    async fn put(
        &self,
        to: &Endpoint,
        token: WriteToken,
        before: Precondition,
        client: &DesiredClient,
    ) -> Result<Written, PanelError>;
    /// Removes a client.
    async fn delete(
        &self,
        to: &Endpoint,
        token: WriteToken,
        email: &str,
        uuid: uuid::Uuid,
    ) -> Result<Written, PanelError>;
    /// Does many writes, each to another client: always a result for each, in their order. What
    /// one request's answer would have told is unknown of all its writes when it is lost. In no
    /// order of effects.
    async fn batch(
        &self,
        to: &Endpoint,
        token: WriteToken,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
        let mut results = Vec::with_capacity(writes.len());
        for write in writes {
            results.push(match write {
                Write::Put { before, client } => self.put(to, token, *before, client).await,
                Write::Delete { email, uuid } => self.delete(to, token, email, *uuid).await,
            });
        }
        results
    }
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A channel or thread.
    Channel(u64),
    /// A person's direct messages.
    Direct(CustomerId),
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

/// A thread, and whether this call has opened it: then nothing of ours can stand in it yet.
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
    /// Posts a message. The nonce is at most 25 characters.
    async fn post(&self, to: Place, message: &Message, nonce: &str) -> Result<Posted, ChatError>;
    /// Replaces a message's content.
    async fn edit(&self, at: &Posted, message: &Message) -> Result<(), ChatError>;
    /// Our own message with this nonce among the last 50 of a place.
    async fn find(&self, place: Place, nonce: &str) -> Result<Option<Posted>, ChatError>;
    /// Makes sure that a message is still there: [`ChatClass::MessageGone`] when it is not. Where
    /// that cannot be asked it counts as there.
    async fn check_exists(&self, at: &Posted) -> Result<(), ChatError>;
    /// The private thread of this name below a channel, open or archived, opened when there is
    /// none; and lets a person in, also once more.
    async fn open_thread(
        &self,
        parent: u64,
        name: &str,
        member: CustomerId,
    ) -> Result<Opened, ChatError>;
}
