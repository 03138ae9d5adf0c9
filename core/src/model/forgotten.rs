//! A customer who was forgotten: their orders, money and audit stand under the shop's own id, and nothing says
//! who they were. What is not done at once is kept with them until it is.

use super::{Actor, CustomerId, Identity, Order, OrderId, TicketId, UnixMs};
use serde::{Deserialize, Serialize};

/// That a customer was forgotten, and what of them is not gone yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// When it was decided.
    pub at: UnixMs,
    /// What is to be done still; none once nothing of the shop's says who they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ToForget>,
}

/// How far forgetting somebody has come: first their orders, then their tickets, then the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToForget {
    /// Where they were known: lines of the audit name them so. None once no line does.
    pub identities: Box<[Identity]>,
    /// The last of their orders that is done; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The last of their tickets that is done; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
    /// The last line of the audit that was looked at; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Box<str>>,
}

impl ToForget {
    /// The actor of a line that one of these identities did: the customer that they were.
    #[must_use]
    pub fn renamed(&self, actor: &Actor, customer: CustomerId) -> Option<Actor> {
        match actor {
            Actor::Person(who) if self.identities.contains(who) => Some(Actor::Customer(customer)),
            Actor::Person(_) | Actor::Customer(_) | Actor::Cli(_) | Actor::Controller => None,
        }
    }

    /// An order of theirs that names nobody who did something to it as them, and has nothing that they typed.
    #[must_use]
    pub fn cleared(&self, mut order: Order) -> Order {
        let customer = order.customer;
        if let Some(cancelled) = &mut order.cancelled {
            cancelled.by = self.renamed(&cancelled.by, customer).unwrap_or(cancelled.by.clone());
        }
        order.evidence.iter_mut().for_each(|proof| proof.stated = None);
        order
    }
}
