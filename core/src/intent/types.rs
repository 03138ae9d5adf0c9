//! The intents and their answers.

use super::requests::{
    BroadcastRequest, Choice, ForgetRequest, Forgive, LeapOf, NoteRequest, Redemption,
    TicketRequest, TicketWord, TrialRequest,
};
use super::staff::{Person, Staff};
use crate::model::{
    AccountId, Actor, BroadcastId, Bytes, CustomerId, CustomerRef, DurationMs, EvidenceKind,
    Language, MethodId, ObservedClient, OrderId, OrderState, PictureLook, PlanId, Quota,
    RequestKey, ServerId, Target, TicketId, UnixMs,
};

/// A proof of payment that already lies durable under the folder of proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// SHA-256 of its content in lower-case hex.
    pub sha256: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its type by content.
    pub kind: EvidenceKind,
    /// What it looks like, where that can be told.
    pub look: Option<Box<PictureLook>>,
    /// Orders under which a picture looks the same, the oldest first; its own may be among them.
    pub alike: Vec<OrderId>,
    /// The payment's own number, as whoever sent it typed it.
    pub stated: Option<String>,
}

/// An order to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Who buys.
    pub customer: Person,
    /// The language they read, as far as their front tells.
    pub language: Option<Language>,
    /// What for.
    pub target: Target,
    /// Which plan.
    pub plan: PlanId,
    /// How it will be paid.
    pub method: MethodId,
    /// What the front calls what they did: a redelivery finds its order again.
    pub interaction: RequestKey,
}

/// Time and traffic to give without a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The grant's own id, drawn by who asks: the same grant again adds nothing.
    pub id: OrderId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// How much longer; may be 0 while the account has not ended.
    pub length: DurationMs,
    /// How much more traffic; none means nothing more for a capped account.
    pub traffic: Option<Quota>,
    /// Why, for the audit.
    pub reason: String,
    /// Who decides.
    pub staff: Staff,
}

/// What staff decide of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfAccount {
    /// Which account.
    pub account: AccountId,
    /// Why, for the audit.
    pub reason: String,
    /// Who decides.
    pub staff: Staff,
}

/// A client that is somebody's own, as the last list showed it, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopt {
    /// On which server's panel it is.
    pub server: ServerId,
    /// The client as it was seen.
    pub client: ObservedClient,
    /// Whose it becomes. Somebody known who is no customer yet is made one.
    pub customer: CustomerRef,
    /// Of which plan: that says how it is renewed, and where it may be served.
    pub plan: PlanId,
    /// When it ends.
    pub ends_at: UnixMs,
    /// What it may use in all, with what it has used.
    pub granted: Quota,
    /// Who decides.
    pub staff: Staff,
}

/// What a person asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Place an order.
    Place(Placement),
    /// Take the free trial that each customer has once.
    Try(TrialRequest),
    /// Give an unpaid order up.
    Cancel {
        /// The order that is meant.
        order: OrderId,
        /// Who asks: its customer, or staff.
        by: Staff,
    },
    /// Reduce an unpaid order by a promo code.
    EnterCode {
        /// Which order.
        order: OrderId,
        /// The code as it was typed.
        code: String,
        /// Who asks: its customer.
        by: Person,
    },
    /// Take the days that a promo code gives.
    Redeem(Redemption),
    /// Give a proof of payment.
    AddProof {
        /// For which order; none means the customer's newest order that can take one.
        order: Option<OrderId>,
        /// Who gives it.
        by: Person,
        /// The proof that was sent.
        proof: Proof,
    },
    /// Staff: it is paid.
    Approve {
        /// The order that is meant.
        order: OrderId,
        /// Who decides.
        staff: Staff,
        /// The payment's own number.
        reference: Option<String>,
    },
    /// Staff: it is not paid.
    Decline {
        /// The order that is meant.
        order: OrderId,
        /// Who decides.
        staff: Staff,
        /// The reason that the customer reads.
        reason: String,
    },
    /// Staff: the decline was a mistake.
    Reopen {
        /// The order that is meant.
        order: OrderId,
        /// Who decides.
        staff: Staff,
        /// Why, for the audit.
        reason: String,
    },
    /// Staff: the approval was a mistake, or the payment was taken back.
    Reverse {
        /// The order that is meant.
        order: OrderId,
        /// Who decides.
        staff: Staff,
        /// The reason that the customer reads.
        reason: String,
    },
    /// Staff: a term without a payment.
    Grant(Grant),
    /// Staff: usage that was billed counts no more.
    Forgive(Forgive),
    /// Staff: it is switched off until they resume it. Its end stays where it is.
    Suspend(OfAccount),
    /// Staff: the suspension is over.
    Resume(OfAccount),
    /// Staff: it gets a place on this server.
    Move {
        /// Which, and why.
        of: OfAccount,
        /// Where to.
        to: ServerId,
    },
    /// Staff: it gets new credentials, and the old ones open nothing any more.
    Rotate {
        /// Which, and why.
        of: OfAccount,
        /// The version of those to replace: asked twice, they are replaced once.
        version: u32,
    },
    /// Staff: what they write down of a customer, for each other.
    Note(NoteRequest),
    /// Staff: news for many customers, to be looked at before it is sent.
    DraftBroadcast(Box<BroadcastRequest>),
    /// Staff: it goes out.
    SendBroadcast(BroadcastId, Staff),
    /// Staff: it goes to nobody more.
    StopBroadcast(BroadcastId, Staff),
    /// Owners: nothing of the shop's says any more who a customer was.
    Forget(ForgetRequest),
    /// Staff: a client that is somebody's own becomes an account's.
    Adopt(Box<Adopt>),
    /// Staff: an account's client is given back.
    Release(OfAccount),
    /// Staff: the panel that a server answers as is the right one, though its accounts were made on
    /// another.
    AcceptPanel {
        /// Which server.
        server: ServerId,
        /// What the panel calls itself.
        panel: String,
        /// Why, for the audit.
        reason: String,
        /// Who decides.
        staff: Staff,
    },
    /// The customer wants another link for their own account, since somebody else may have this one.
    ReplaceLink {
        /// Whose credentials.
        account: AccountId,
        /// Who asks: its customer.
        by: Person,
        /// The version of those to replace: asked twice, they are replaced once.
        version: u32,
    },
    /// The customer chooses what they hear of, or their language.
    Choose {
        /// Who chooses.
        by: Person,
        /// What.
        choice: Choice,
    },
    /// Ask a person of the staff: in a thread of its own.
    OpenTicket(TicketRequest),
    /// The question is answered, or asked no more.
    CloseTicket {
        /// Which ticket.
        ticket: TicketId,
        /// Who closes it: its customer, or staff.
        by: Staff,
    },
    /// Somebody wrote in a ticket's thread.
    HeardInTicket(TicketWord),
    /// The customer is shown the link by the button: where the DM is closed, or not wanted, that
    /// is how it is delivered.
    LinkShown {
        /// Whose link.
        account: AccountId,
        /// Who presses.
        by: Person,
        /// What the link is made of, as it is shown.
        fingerprint: String,
    },
}

impl Intent {
    /// The bounded verb for audit, logs and metrics.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Place(_) => "place",
            Self::Try(_) => "take-trial",
            Self::Cancel { .. } => "cancel",
            Self::EnterCode { .. } => "enter-code",
            Self::Redeem(_) => "redeem-code",
            Self::AddProof { .. } => "add-proof",
            Self::Approve { .. } => "approve",
            Self::Decline { .. } => "decline",
            Self::Reopen { .. } => "reopen",
            Self::Reverse { .. } => "reverse",
            Self::Grant(_) => "grant",
            Self::Forgive(_) => "forgive",
            Self::Suspend(_) => "suspend",
            Self::Resume(_) => "resume",
            Self::Rotate { .. } => "rotate",
            Self::Note(_) => "note",
            Self::DraftBroadcast(_) => "draft-broadcast",
            Self::SendBroadcast(..) => "send-broadcast",
            Self::StopBroadcast(..) => "stop-broadcast",
            Self::Forget(_) => "forget",
            Self::Move { .. } => "move",
            Self::Adopt(_) => "adopt",
            Self::Release(_) => "release",
            Self::AcceptPanel { .. } => "accept-panel",
            Self::ReplaceLink { .. } => "replace-link",
            Self::Choose { .. } => "choose",
            Self::OpenTicket(_) => "open-ticket",
            Self::CloseTicket { .. } => "close-ticket",
            Self::HeardInTicket(_) => "heard-in-ticket",
            Self::LinkShown { .. } => "link-shown",
        }
    }

    /// Whether it is refused while our clock is in doubt. A proof is kept and dated later, and a
    /// link that was sold is shown; whatever is new here waits.
    #[must_use]
    pub const fn rests_on_the_time(&self) -> bool {
        !matches!(
            self,
            Self::AddProof { .. }
                | Self::LinkShown { .. }
                | Self::Choose { .. }
                | Self::HeardInTicket(_)
        )
    }

    /// Whether only staff may ask it.
    #[must_use]
    pub const fn is_of_staff(&self) -> bool {
        matches!(
            self,
            Self::Approve { .. }
                | Self::Decline { .. }
                | Self::Reopen { .. }
                | Self::Reverse { .. }
                | Self::Grant(_)
                | Self::Forgive(_)
                | Self::Suspend(_)
                | Self::Resume(_)
                | Self::Rotate { .. }
                | Self::Note(_)
                | Self::DraftBroadcast(_)
                | Self::SendBroadcast(..)
                | Self::StopBroadcast(..)
                | Self::Forget(_)
                | Self::Move { .. }
                | Self::Adopt(_)
                | Self::Release(_)
                | Self::AcceptPanel { .. }
        )
    }

    /// Who asks.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Place(placement) => Actor::Person(placement.customer.identity),
            Self::Try(asked) => Actor::Person(asked.customer.identity),
            Self::OpenTicket(asked) => Actor::Person(asked.customer.identity),
            Self::Redeem(asked) => Actor::Person(asked.by.identity),
            Self::AddProof { by, .. }
            | Self::EnterCode { by, .. }
            | Self::LinkShown { by, .. }
            | Self::ReplaceLink { by, .. }
            | Self::HeardInTicket(TicketWord { by, .. })
            | Self::Choose { by, .. } => Actor::Person(by.identity),
            Self::Cancel { by, .. } | Self::CloseTicket { by, .. } => by.actor(),
            Self::Approve { staff, .. }
            | Self::Decline { staff, .. }
            | Self::Reopen { staff, .. }
            | Self::Reverse { staff, .. }
            | Self::Grant(Grant { staff, .. })
            | Self::Forgive(Forgive { staff, .. })
            | Self::AcceptPanel { staff, .. }
            | Self::Suspend(OfAccount { staff, .. })
            | Self::Resume(OfAccount { staff, .. })
            | Self::Release(OfAccount { staff, .. })
            | Self::Note(NoteRequest { staff, .. })
            | Self::SendBroadcast(_, staff)
            | Self::StopBroadcast(_, staff)
            | Self::Forget(ForgetRequest { staff, .. })
            | Self::Rotate { of: OfAccount { staff, .. }, .. }
            | Self::Move { of: OfAccount { staff, .. }, .. } => staff.actor(),
            Self::Adopt(adopt) => adopt.staff.actor(),
            Self::DraftBroadcast(asked) => asked.staff.actor(),
        }
    }

    /// The reason that was given, where the audit alone keeps it whole.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Decline { reason, .. }
            | Self::Reopen { reason, .. }
            | Self::Reverse { reason, .. }
            | Self::Grant(Grant { reason, .. })
            | Self::Forgive(Forgive { reason, .. })
            | Self::AcceptPanel { reason, .. }
            | Self::Suspend(OfAccount { reason, .. })
            | Self::Resume(OfAccount { reason, .. })
            | Self::Rotate { of: OfAccount { reason, .. }, .. }
            | Self::Move { of: OfAccount { reason, .. }, .. } => Some(reason),
            _ => None,
        }
    }
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The order stands (or stood already, when the interaction was redelivered).
    Placed(OrderId),
    /// There is an unpaid order already: here it is.
    AlreadyOpen(OrderId),
    /// The trial is this account (or was already, when the interaction was redelivered).
    TrialGiven(AccountId),
    /// The order is reduced by the code (or was already, when the interaction was redelivered).
    Reduced(OrderId),
    /// Who invited the order's customer is kept (or was already, when the interaction was redelivered).
    Invited(OrderId),
    /// The account has the days of the code (or had already, when the interaction was redelivered).
    DaysGiven(AccountId),
    /// Given up.
    Cancelled(OrderId),
    /// The proof is kept, and staff will see it.
    ProofTaken(OrderId),
    /// Approved; the account gets its term.
    Approved(OrderId, AccountId),
    /// Declined.
    Declined(OrderId),
    /// The decline is taken back; where the order stands now.
    Reopened(OrderId, OrderState),
    /// The approval is taken back; the account that had the term.
    Reversed(OrderId, AccountId),
    /// The account has the granted term.
    Granted(AccountId),
    /// The same grant was given before.
    AlreadyGranted(AccountId),
    /// This much counts no more, of so many accounts.
    Forgiven {
        /// Whose was asked for.
        of: LeapOf,
        /// How many accounts had something to forgive.
        accounts: usize,
        /// How much in all.
        by: Bytes,
    },
    /// The same was forgiven before.
    AlreadyForgiven(LeapOf),
    /// The account is switched off.
    Suspended(AccountId),
    /// The account's suspension is over.
    Resumed(AccountId),
    /// The account gets this server.
    Moving(AccountId, ServerId),
    /// What staff wrote down of this customer is kept, or taken away.
    Noted(CustomerId),
    /// This customer is forgotten, or was before; what names them still goes soon.
    Forgot(CustomerId),
    /// The account has new credentials, of this version.
    Rotated(AccountId, u32),
    /// The client is an account's from now on.
    Adopted(AccountId),
    /// It was adopted before.
    AlreadyAdopted(AccountId),
    /// The panel that the server answers as is the one that its clients belong on.
    PanelAccepted(ServerId),
    /// The account's client is given back.
    Released(AccountId),
    /// The account is as was asked for already; nothing was changed.
    Unchanged(AccountId),
    /// The order is what was asked for already; nothing was changed.
    AlreadyDone(OrderId, OrderState),
    /// The customer's account has new credentials, or had them already.
    LinkReplaced(CustomerId, AccountId),
    /// What this customer chose is kept.
    Chosen(CustomerId, Choice),
    /// The broadcast is written, and goes to nobody yet.
    BroadcastDrafted(BroadcastId),
    /// It goes out, or did when the interaction was redelivered.
    BroadcastSending(BroadcastId),
    /// It goes to nobody more: everybody's turn was, or somebody stopped it.
    BroadcastEnded(BroadcastId),
    /// The ticket is open, or was opened by that click before.
    TicketOpened(TicketId),
    /// It is kept who waits for whom.
    TicketHeard(TicketId),
    /// The ticket is closed, or was before.
    TicketClosed(TicketId),
    /// The link may be shown to this customer.
    LinkShown(CustomerId, AccountId),
}
