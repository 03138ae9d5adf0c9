//! A ticket: a customer's question to a person of the staff, talked about in a thread of its own.

use super::{Actor, CustomerId, TicketId, UnixMs};
use serde::{Deserialize, Serialize};

/// One ticket. A customer has one open at a time; a closed one is forgotten a while later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Which one: told by what the customer did to open it.
    pub id: TicketId,
    /// Who asks.
    pub customer: CustomerId,
    /// When it was opened.
    pub opened_at: UnixMs,
    /// Since when its customer waits for an answer: when they first wrote after staff did, by the front's clock.
    /// What is written while the bot is not connected is not heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<UnixMs>,
    /// When staff wrote last, by the front's clock, as far as that was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<UnixMs>,
    /// By whom it was closed, and when; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Box<TicketClosing>>,
}

impl Ticket {
    /// Whether it is still to be answered.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Its place among the open ones: first whose customers wait, the longest wait first; then by their opening.
    #[must_use]
    pub const fn urgency(&self) -> Urgency {
        match self.waits_since {
            Some(since) => (false, since, self.id),
            None => (true, self.opened_at, self.id),
        }
    }
}

/// Whether nobody waits, since when, and which ticket: see [`Ticket::urgency`].
pub type Urgency = (bool, UnixMs, TicketId);

/// The end of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketClosing {
    /// Its customer, or somebody of the staff.
    pub by: Actor,
    /// When.
    pub at: UnixMs,
}
