//! What we keep in Discord as desired state, and what we told whom.

use super::{AccountId, OrderId, TicketId, UnixMs};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A message, thread or channel that we keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurfaceKey {
    /// The store's panel in the store channel.
    StorePanel,
    /// What needs a person, in the staff's channel for alerts.
    Alerts,
    /// The shop in numbers, in the staff's channel for them.
    Stats,
    /// An order's private thread. Its message is the thread's first, the order card.
    OrderThread(OrderId),
    /// An order's card for staff in the review channel.
    ReviewCard(OrderId),
    /// A ticket's private thread. Its message is the thread's first.
    TicketThread(TicketId),
    /// A ticket's card for staff in the review channel.
    TicketCard(TicketId),
}

impl SurfaceKey {
    /// Those that belong to no order and no ticket.
    pub const OF_THE_SHOP: [Self; 3] = [Self::StorePanel, Self::Alerts, Self::Stats];

    /// The surfaces of one order.
    #[must_use]
    pub const fn of_order(order: OrderId) -> [Self; 2] {
        [Self::OrderThread(order), Self::ReviewCard(order)]
    }

    /// The surfaces of one ticket.
    #[must_use]
    pub const fn of_ticket(ticket: TicketId) -> [Self; 2] {
        [Self::TicketThread(ticket), Self::TicketCard(ticket)]
    }

    /// The kind's word for metrics.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::StorePanel => "store-panel",
            Self::Alerts => "alerts",
            Self::Stats => "stats",
            Self::OrderThread(_) => "order-thread",
            Self::ReviewCard(_) => "review-card",
            Self::TicketThread(_) => "ticket-thread",
            Self::TicketCard(_) => "ticket-card",
        }
    }
}

impl fmt::Display for SurfaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StorePanel | Self::Alerts | Self::Stats => f.write_str(self.kind()),
            Self::OrderThread(id) | Self::ReviewCard(id) => write!(f, "{}:{id}", self.kind()),
            Self::TicketThread(id) | Self::TicketCard(id) => write!(f, "{}:{id}", self.kind()),
        }
    }
}

/// What a message of its own told in a thread: an edit of the first one notifies nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderNews {
    /// A proof was received.
    InReview,
    /// Staff saw the payment.
    Approved,
    /// Staff did not see it.
    Declined,
    /// It was not paid in time.
    Expired,
    /// Staff gave it up.
    Cancelled,
    /// The approval was taken back.
    Reversed,
    /// The link could not be sent.
    Undelivered,
    /// Of a ticket: it is closed, and so is its thread.
    Over,
}

/// What was told, and of which moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldNews {
    /// What.
    pub news: OrderNews,
    /// When it came to be so, in seconds since 1970.
    pub at_s: u32,
}

/// Where a surface is and what it last showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surface {
    /// The message or thread that is kept.
    pub key: SurfaceKey,
    /// The channel or thread it is in.
    pub channel: Option<u64>,
    /// The message.
    pub message: Option<u64>,
    /// The hash of the content that Discord took last.
    pub shown: Option<String>,
    /// Rises with each post, so that a repost has a nonce of its own.
    pub posts: u32,
    /// What Discord refuses for good. Cleared when other content is taken.
    #[serde(default, deserialize_with = "read_refused")]
    pub refused: Option<Refused>,
    /// What was last told in it beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldNews>,
    /// Of [`SurfaceKey::Alerts`]: the alerts that were told of and are not over, as far as anybody was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Box<ToldAlerts>>,
    /// Of [`SurfaceKey::OrderThread`]: the thread was put away, and nothing of ours was said in it since. A
    /// channel of the order's own is deleted from then on, and is no more once `channel` names none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub put_away: bool,
    /// Of [`SurfaceKey::OrderThread`]: it is a channel of its own, no thread.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own_channel: bool,
}

/// The alerts that staff were told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldAlerts {
    /// When they were last told of one, or that one is over.
    pub at: UnixMs,
    /// The name of each, such as `ServerUnreachable:fra-1`, with the number that was told; 0 where it has
    /// none.
    pub names: BTreeMap<String, u32>,
    /// What they are being told: durable before it is sent, so that a crash tells the same once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telling: Option<Telling>,
}

/// A message to staff about alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// Since when it is to be told.
    pub at: UnixMs,
    /// The names of alerts that are new, or whose number has grown, with the number.
    pub new: BTreeMap<String, u32>,
    /// The names of those that are over.
    pub over: BTreeSet<String>,
}

impl ToldAlerts {
    /// Once what was being told is told.
    #[must_use]
    pub fn told(mut self) -> Self {
        if let Some(Telling { at, new, over }) = self.telling.take() {
            self.at = at;
            self.names.retain(|name, _| !over.contains(name));
            self.names.extend(new);
        }
        self
    }
}

/// Content that Discord refuses until somebody changes it, or the permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// A bounded code, such as `missing_access`.
    pub code: String,
    /// The hash of what was to be shown.
    pub content: String,
}

/// Earlier versions stored a text: the code, a blank, the hash.
fn read_refused<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Refused>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Now(Refused),
        Text(String),
    }
    Ok(Option::<Stored>::deserialize(from)?.map(|stored| match stored {
        Stored::Now(refused) => refused,
        Stored::Text(text) => {
            let (code, content) = text.split_once(' ').unwrap_or((text.as_str(), ""));
            Refused { code: code.to_owned(), content: content.to_owned() }
        }
    }))
}

/// Whether people see a surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SurfaceState {
    /// Discord took its content.
    Shown,
    /// Not yet.
    Pending,
    /// Discord refuses it for good.
    Refused,
}

impl SurfaceState {
    /// Every one, for metrics.
    pub const ALL: [Self; 3] = [Self::Shown, Self::Pending, Self::Refused];

    /// The word for metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Pending => "pending",
            Self::Refused => "refused",
        }
    }
}

impl Surface {
    /// Whether people see it.
    #[must_use]
    pub const fn state(&self) -> SurfaceState {
        if self.refused.is_some() {
            SurfaceState::Refused
        } else if self.message.is_some() && self.shown.is_some() {
            SurfaceState::Shown
        } else {
            SurfaceState::Pending
        }
    }

    /// Whether it is a channel of its own that is deleted, or about to be.
    #[must_use]
    pub const fn is_deleted(&self) -> bool {
        self.own_channel && self.put_away
    }

    /// A surface never shown.
    #[must_use]
    pub const fn new(key: SurfaceKey) -> Self {
        Self {
            key,
            channel: None,
            message: None,
            shown: None,
            posts: 0,
            refused: None,
            told: None,
            alerts: None,
            put_away: false,
            own_channel: false,
        }
    }
}

/// Whether the customer has the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Sent by DM.
    Delivered,
    /// Shown on demand: the customer pressed the button.
    Shown,
    /// Cannot be sent, with a bounded code such as `dm_closed`; the button still works.
    Undelivered(String),
}

impl DeliveryState {
    /// Whether the customer has the link.
    #[must_use]
    pub const fn arrived(&self) -> bool {
        matches!(self, Self::Delivered | Self::Shown)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The last link that went to a customer: a fingerprint of what it means, never its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Hash of what the links mean and of the credentials' version.
    pub fingerprint: Box<str>,
    /// How it went.
    pub state: DeliveryState,
    /// When the delivery was tried last.
    pub at: UnixMs,
    /// Whether a link of the account had arrived before this was written.
    #[serde(default, skip_serializing_if = "is_false")]
    pub earlier: bool,
    /// Whether it led to the server that the account was about to leave.
    #[serde(default, skip_serializing_if = "is_false")]
    pub to_old: bool,
}

impl Delivery {
    /// How a link went that follows the one before.
    #[must_use]
    pub fn after(
        before: Option<&Self>,
        account: AccountId,
        fingerprint: String,
        state: DeliveryState,
        at: UnixMs,
    ) -> Self {
        let earlier = before.is_some_and(|before| before.earlier || before.state.arrived());
        Self { account, fingerprint: fingerprint.into(), state, at, earlier, to_old: false }
    }

    /// Whether this is the account's first link that arrived: not one after a move or a rotation.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.state.arrived() && !self.earlier
    }

    /// How it went, as a word for metrics.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.state {
            DeliveryState::Delivered => "delivered",
            DeliveryState::Shown => "shown",
            DeliveryState::Undelivered(_) => "undelivered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_link_that_arrives_is_the_first_whatever_came_between() {
        use DeliveryState::{Delivered, Shown, Undelivered};
        let account = AccountId::new(ulid::Ulid(1));
        let next = |before: Option<&Delivery>, state, at| {
            Delivery::after(before, account, "f".into(), state, UnixMs(at))
        };
        let closed = || Undelivered("dm_closed".into());
        let refused = next(None, closed(), 1);
        assert!(!refused.is_first());
        let shown = next(Some(&refused), Shown, 2);
        assert!(shown.is_first());
        assert!(!next(Some(&shown), Delivered, 3).is_first());
        // A later link could not be sent, and is shown.
        let moved = next(Some(&shown), closed(), 4);
        assert!(!moved.is_first() && !next(Some(&moved), Shown, 5).is_first());
        // Written down anew in other words: it arrived then.
        assert!(!next(Some(&shown), Shown, shown.at.0).is_first());
    }

    #[test]
    fn a_refusal_that_an_earlier_version_stored_as_text_is_read() {
        let read = |refused: &str| {
            let record = format!(
                r#"{{"key":"store_panel","channel":1,"message":null,"shown":null,"posts":0{refused}}}"#
            );
            serde_json::from_str::<Surface>(&record).unwrap().refused
        };
        let refused = Refused { code: "missing_access".into(), content: "ab12".into() };
        assert_eq!(read(r#","refused":"missing_access ab12""#), Some(refused.clone()));
        let now = serde_json::to_string(&refused).unwrap();
        assert_eq!(read(&format!(r#","refused":{now}"#)), Some(refused));
        assert_eq!(read(r#","refused":null"#), None);
        assert_eq!(read(""), None);
    }
}
