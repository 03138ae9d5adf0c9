//! What somebody asks for by one click or message; what makes something is found again when that is delivered twice.

use super::staff::{Person, Staff};
use crate::model::{
    AccountId, CustomerId, Language, NoticeTopic, PlanId, RequestKey, TicketId, UnixMs,
};

/// A free trial to give at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRequest {
    /// Who tries.
    pub customer: Person,
    /// The language they read, as far as their front tells.
    pub language: Option<Language>,
    /// Which plan: one with `trial: true`.
    pub plan: PlanId,
    /// What the front calls what they did: a redelivery finds its account again.
    pub interaction: RequestKey,
}

/// A question to a person of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRequest {
    /// Who asks.
    pub customer: Person,
    /// The language they read, as far as their front tells.
    pub language: Option<Language>,
    /// What the front calls what they did: a redelivery finds its ticket again.
    pub interaction: RequestKey,
}

/// Days that a promo code gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// The account that gets them.
    pub account: AccountId,
    /// The code as it was typed.
    pub code: String,
    /// Who asks: its customer.
    pub by: Person,
    /// What the front calls what they did: a redelivery finds its term again.
    pub interaction: RequestKey,
}

/// A message in a ticket's thread. What is in it stays unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketWord {
    /// Which ticket.
    pub ticket: TicketId,
    /// Who wrote.
    pub by: Person,
    /// When, by the front's clock: messages come in no order.
    pub at: UnixMs,
}

/// What a customer may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Whether they hear of a topic.
    Notices(NoticeTopic, bool),
    /// Their language; none is what their front tells.
    Language(Option<Language>),
}

/// What staff write down of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRequest {
    /// Whom it is of.
    pub customer: CustomerId,
    /// The text; an empty one takes away what was written.
    pub text: String,
    /// Who writes.
    pub staff: Staff,
}
