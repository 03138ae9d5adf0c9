//! What somebody asks for by one click or message; what makes something is found again when that is delivered twice.

use super::staff::{Person, Staff};
use crate::model::{
    AccountId, Audience, BroadcastId, Bytes, CustomerId, Language, NoticeTopic, OrderId, PlanId,
    Reach, RequestKey, ServerId, TicketId, UnixMs,
};
use std::fmt;

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

/// News to write for many customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastRequest {
    /// Its id, told by what somebody did to write it: the same again is written once.
    pub id: BroadcastId,
    /// The text as it was typed.
    pub text: String,
    /// To whom.
    pub to: Audience,
    /// Whom it reaches, as it was counted for whoever writes it.
    pub reach: Reach,
    /// Who writes.
    pub staff: Staff,
}

/// Whose usage: one account's, or of all that a server's leap used up at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeapOf {
    /// One account.
    Account(AccountId),
    /// Everybody there who is used up by a leap.
    Server(ServerId),
}

impl fmt::Display for LeapOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Server(id) => write!(f, "server:{id}"),
        }
    }
}

/// Usage that was billed, to be forgiven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgive {
    /// Its own id, drawn by who asks: the same once more forgives nothing more.
    pub id: OrderId,
    /// The account or server whose leap it was.
    pub of: LeapOf,
    /// How much of each; none means what a leap came to.
    pub traffic: Option<Bytes>,
    /// Why, for the audit.
    pub reason: String,
    /// Who decides.
    pub staff: Staff,
}

/// A customer who is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgetRequest {
    /// Whom.
    pub customer: CustomerId,
    /// Who decides: an owner.
    pub staff: Staff,
}
