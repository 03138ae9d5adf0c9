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
}

/// The end of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketClosing {
    /// Its customer, or somebody of the staff.
    pub by: Actor,
    /// When.
    pub at: UnixMs,
}
