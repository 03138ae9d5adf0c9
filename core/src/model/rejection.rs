//! Why an intent is refused: one list for the decision, the pages, the metric and the command line.

use super::{AccountId, OrderId, OrderState, StaffNote, TicketId, UnixMs};
use std::borrow::Cow;
use std::fmt;

/// Why a promo code cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProblem {
    /// There is none like it now, as far as who typed it may know.
    Unknown,
    /// Its days are to come.
    NotYet,
    /// Its days are over.
    Over,
    /// It was used as often as it may be.
    UsedUp,
    /// This customer used it as often as one may.
    UsedByThem,
    /// It is for other plans, or takes nothing off this price.
    OtherPlan,
    /// It gives days to an account, and nothing off an order.
    OfAccounts,
    /// It takes something off an order, and gives an account nothing.
    OfOrders,
    /// It gives days to accounts of other plans.
    OtherAccountPlan,
    /// The account is a trial, for which nothing was paid.
    Trial,
    /// The account has ended: days have nothing to follow.
    Ended,
    /// Staff took back what was paid for the account.
    TakenBack,
    /// Staff have the account switched off.
    Suspended,
    /// It is their own invitation.
    OwnInvitation,
    /// Somebody else's invitation counts for them already.
    InvitedBefore,
    /// It is the invitation of somebody whom they invited.
    TheyInvited,
    /// Who has had an account here cannot be invited.
    NoNewcomer,
    /// The order was reduced by another code.
    Another,
    /// This person typed too many codes that there are not; from when on the next is looked at.
    TooOften(UnixMs),
}

impl CodeProblem {
    /// Every one, for tests.
    pub const ALL: [Self; 19] = [
        Self::Unknown,
        Self::NotYet,
        Self::Over,
        Self::UsedUp,
        Self::UsedByThem,
        Self::OtherPlan,
        Self::OfAccounts,
        Self::OfOrders,
        Self::OtherAccountPlan,
        Self::Trial,
        Self::Ended,
        Self::TakenBack,
        Self::Suspended,
        Self::OwnInvitation,
        Self::InvitedBefore,
        Self::TheyInvited,
        Self::NoNewcomer,
        Self::Another,
        Self::TooOften(UnixMs(0)),
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "code_unknown",
            Self::NotYet => "code_not_yet",
            Self::Over => "code_over",
            Self::UsedUp => "code_used_up",
            Self::UsedByThem => "code_used",
            Self::OtherPlan => "code_other_plan",
            Self::OfAccounts => "code_of_accounts",
            Self::OfOrders => "code_of_orders",
            Self::OtherAccountPlan => "code_other_account_plan",
            Self::Trial => "code_not_for_trial",
            Self::Ended => "code_account_ended",
            Self::TakenBack => "code_account_reversed",
            Self::Suspended => "code_account_suspended",
            Self::OwnInvitation => "code_own_invitation",
            Self::InvitedBefore => "code_invited_before",
            Self::TheyInvited => "code_they_invited",
            Self::NoNewcomer => "code_no_newcomer",
            Self::Another => "code_another",
            Self::TooOften(_) => "code_too_often",
        }
    }
}

/// What of a customer goes on, so that they cannot be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillCustomer {
    /// An account that has not ended, and that nobody suspended.
    Account(AccountId),
    /// An order that wants to be paid or decided.
    OpenOrder(OrderId),
    /// A question to the staff.
    OpenTicket(TicketId),
}

/// Why an intent was refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Only staff may do that.
    NotStaff,
    /// There is no such order, or it is somebody else's.
    UnknownOrder,
    /// There is no such account, or it is somebody else's.
    UnknownAccount,
    /// The plan is not sold (any more).
    PlanNotSold,
    /// The method is not offered (any more).
    MethodNotOffered,
    /// The method takes none of the currencies the plan is priced in.
    NoPrice,
    /// Every matching server is full.
    NoCapacity,
    /// No server that has a place can be used now, and the shop takes no orders that would wait.
    Unserved,
    /// Every channel that an order can have in the shop's categories is taken.
    NoRoom,
    /// The customer has as many open orders as one may have; this is the oldest.
    TooManyOpenOrders(OrderId),
    /// The plan cannot renew this account: another family, or another kind.
    OtherFamily,
    /// This picture was given before, for this order.
    DuplicateProof(OrderId),
    /// This payment's number already backs this order.
    DuplicateReference(OrderId),
    /// The method wants the payment's own number.
    ReferenceRequired,
    /// The method wants a proof first.
    ProofRequired,
    /// The reason is empty, or only blanks.
    ReasonRequired,
    /// The reason has more characters than are kept.
    ReasonTooLong,
    /// A note of a customer has more characters than are kept.
    NoteTooLong,
    /// A broadcast has no text, or more characters than are kept.
    BroadcastText,
    /// The shop has no such plan, server or language as a broadcast is to go to.
    UnknownAudience,
    /// There is no such broadcast any more, or somebody else wrote it.
    UnknownBroadcast,
    /// There is no such customer.
    UnknownCustomer,
    /// The customer cannot be forgotten while this goes on.
    StillCustomer(StillCustomer),
    /// The customer was forgotten: nothing is sold or given to them any more.
    Forgotten,
    /// The order is in a state where this cannot be done.
    WrongState(OrderId, OrderState),
    /// No order of this customer can take a proof.
    NoOrderForProof,
    /// An order has as many proofs as it can take.
    TooManyProofs(OrderId),
    /// The shop takes no orders from this person.
    NotAdmitted,
    /// A customer did it a short while ago, and may do it again from then on.
    TooSoon(UnixMs),
    /// The customer opened as many tickets as one may in a day, and may open the next from then on.
    TooManyTickets(UnixMs),
    /// There is no such ticket any more, or it is somebody else's.
    UnknownTicket,
    /// The customer had their one free trial: it is this account.
    TrialTaken(AccountId),
    /// The promo code cannot be used.
    Code(CodeProblem),
    /// A grant that would change nothing.
    NothingGranted,
    /// Nothing was billed that could be forgiven so.
    NothingToForgive,
    /// The account cannot be given that server: it has none, has ended, moves already, or its plan does
    /// not allow it.
    CannotMove,
    /// The catalog has no such server, and nobody is bound to it.
    UnknownServer,
    /// The client cannot be adopted so.
    CannotAdopt(Cow<'static, str>),
    /// The account's client cannot be given back now.
    CannotRelease(&'static str),
    /// The account's client was given back: nothing is decided about it any more.
    Released,
    /// The server does not answer as that panel.
    OtherPanel,
    /// Our clock is in doubt: no timed fact is accepted.
    ClockInDoubt {
        /// Whether a member of staff asked.
        staff: bool,
    },
    /// The store is damaged: nothing is sold until it is resolved.
    StoreDamaged,
    /// The store cannot take orders now (disk nearly full, shutting down).
    StoreUnavailable,
}

impl Rejection {
    /// The bounded code for logs and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotStaff => "not_staff",
            Self::UnknownOrder => "unknown_order",
            Self::UnknownAccount => "unknown_account",
            Self::PlanNotSold => "plan_not_sold",
            Self::MethodNotOffered => "method_not_offered",
            Self::NoPrice => "no_price",
            Self::NoCapacity => "no_capacity",
            Self::Unserved => "unserved",
            Self::NoRoom => "no_room",
            Self::TooManyOpenOrders(_) => "too_many_open_orders",
            Self::OtherFamily => "other_family",
            Self::DuplicateProof(_) => "duplicate_proof",
            Self::DuplicateReference(_) => "duplicate_reference",
            Self::ReferenceRequired => "reference_required",
            Self::ProofRequired => "proof_required",
            Self::ReasonRequired => "reason_required",
            Self::ReasonTooLong => "reason_too_long",
            Self::NoteTooLong => "note_too_long",
            Self::BroadcastText => "broadcast_text",
            Self::UnknownAudience => "unknown_audience",
            Self::UnknownBroadcast => "unknown_broadcast",
            Self::UnknownCustomer => "unknown_customer",
            Self::StillCustomer(_) => "still_customer",
            Self::Forgotten => "forgotten",
            Self::WrongState(..) => "wrong_state",
            Self::NoOrderForProof => "no_order_for_proof",
            Self::TooManyProofs(_) => "too_many_proofs",
            Self::NotAdmitted => "not_admitted",
            Self::TooSoon(_) => "too_soon",
            Self::TooManyTickets(_) => "too_many_tickets",
            Self::UnknownTicket => "unknown_ticket",
            Self::TrialTaken(_) => "trial_taken",
            Self::Code(why) => why.code(),
            Self::NothingGranted => "nothing_granted",
            Self::NothingToForgive => "nothing_to_forgive",
            Self::CannotMove => "cannot_move",
            Self::UnknownServer => "unknown_server",
            Self::CannotAdopt(_) => "cannot_adopt",
            Self::CannotRelease(_) => "cannot_release",
            Self::Released => "released",
            Self::OtherPanel => "other_panel",
            Self::ClockInDoubt { .. } => "clock_in_doubt",
            Self::StoreDamaged => "store_damaged",
            Self::StoreUnavailable => "store_unavailable",
        }
    }
}

/// What may be done with an order in a state.
const fn may_be_done(state: OrderState) -> &'static str {
    match state {
        OrderState::AwaitingPayment | OrderState::AwaitingReview => {
            "approve it, or decline it, first"
        }
        OrderState::Approved => "`order reverse` takes the approval back",
        OrderState::Declined => "`order reopen` takes the decline back",
        OrderState::Expired => {
            "a late proof of its customer reopens it, and `order decline` declines it"
        }
        OrderState::Cancelled => "a proof of its customer reopens it",
        OrderState::Reversed => {
            "nothing takes a reversal back: the customer orders anew, or `nebulalinks grant` gives \
             an account time without a payment"
        }
    }
}

/// As operators read it at the command line. Customers and staff in Discord read the pages of
/// `view`.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStaff => f.write_str("only staff may do that"),
            Self::UnknownOrder => f.write_str("no order has this id; see `/admin pending`"),
            Self::UnknownAccount => {
                f.write_str("no account has this id; `nebulalinks get accounts` lists them")
            }
            Self::PlanNotSold => f.write_str("this plan is not sold; see plans.yaml"),
            Self::MethodNotOffered => f.write_str("this method is not offered; see payments.yaml"),
            Self::NoPrice => f.write_str("this method takes none of the plan's currencies"),
            Self::NoCapacity => f.write_str(
                "every place on the servers that the plan allows is taken; raise a capacity in \
                 servers.yaml or add a server",
            ),
            Self::Unserved => f.write_str(
                "no server that has a place for the plan can be used now, and shop.yaml's orders: \
                 unserved refuses what would wait",
            ),
            Self::NoRoom => f.write_str(
                "every channel that orders can have is taken; name one more category in shop.yaml's \
                 orders: categories, or shorten retention: threads",
            ),
            Self::TooManyOpenOrders(order) => write!(
                f,
                "this customer has as many open orders as shop.yaml's limits: open_orders allows; \
                 the oldest is {order}"
            ),
            Self::OtherFamily => {
                f.write_str("the account is of another family or kind (capped or unlimited)")
            }
            Self::DuplicateProof(order) => write!(f, "its proof stands under order {order}"),
            Self::DuplicateReference(order) => {
                write!(f, "this payment number backs order {order} already")
            }
            Self::ReferenceRequired => {
                f.write_str("the payment method wants the payment's own number: --reference")
            }
            Self::ProofRequired => f.write_str("there is no proof yet, and the method wants one"),
            Self::ReasonRequired => f.write_str("say why: --reason is empty"),
            Self::ReasonTooLong => f.write_str(
                "nothing was changed: --reason may have at most 500 characters, or it would be cut"
            ),
            Self::NoteTooLong => write!(
                f,
                "nothing was changed: a note may have at most {} characters, or it would be cut",
                StaffNote::MOST_CHARS
            ),
            Self::BroadcastText => write!(
                f,
                "nothing was written: a broadcast has 1 to {} characters",
                super::Broadcast::MOST_CHARS
            ),
            Self::UnknownAudience => f.write_str(
                "the shop has no such plan, server or language; see plans.yaml, servers.yaml and shop.yaml",
            ),
            Self::UnknownBroadcast => {
                f.write_str("no broadcast of yours has this id; `nebulalinks get broadcasts` lists them")
            }
            Self::UnknownCustomer => {
                f.write_str("no customer has this id; `nebulalinks get customers` lists them")
            }
            Self::StillCustomer(StillCustomer::Account(id)) => write!(
                f,
                "account {id} goes on: let it end, or end what its customer gives up by `nebulalinks suspend {id}`; \
                 then forget them"
            ),
            Self::StillCustomer(StillCustomer::OpenOrder(id)) => write!(
                f,
                "order {id} is open: cancel it, or decide it, first; then forget its customer"
            ),
            Self::StillCustomer(StillCustomer::OpenTicket(id)) => {
                write!(f, "ticket {id} is open: close it first, on its card; then forget its customer")
            }
            Self::Forgotten => f.write_str(
                "this customer was forgotten: nothing is sold or given to them any more, nor noted of them",
            ),
            Self::WrongState(order, state) => {
                let name = state.name();
                write!(f, "order {order} is {name}, so this cannot be done; {}", may_be_done(*state))
            }
            Self::NoOrderForProof => f.write_str("no order of this customer takes a proof"),
            Self::TooManyProofs(order) => {
                write!(f, "order {order} has as many proofs as it can take")
            }
            Self::TooSoon(_) => f.write_str(
                "this customer did that a short while ago; see shop.yaml's limits: replace_link_every",
            ),
            Self::TooManyTickets(_) => {
                f.write_str("this customer opened as many tickets as one may in a day")
            }
            Self::UnknownTicket => f.write_str("no ticket has this id, or it was closed long ago"),
            Self::NotAdmitted => f.write_str(
                "the shop takes no orders from this person; see shop.yaml's limits: block and allow",
            ),
            Self::TrialTaken(_) => f.write_str("this customer had their one free trial already"),
            Self::Code(why) => write!(f, "the promo code cannot be used: {}", why.code()),
            Self::NothingGranted => f.write_str(
                "the grant would give nothing: give --days or --traffic, and both to an account \
                 that has ended",
            ),
            Self::NothingToForgive => f.write_str(
                "there is nothing to forgive: no leap of a server's counters used anybody up, nothing was \
                 billed, or it is forgiven already; of one account --traffic says how much",
            ),
            Self::CannotMove => f.write_str(
                "it cannot move there: it has no server, has ended, moves already, or that server is \
                 being left, retired or observed, or its plan does not allow it",
            ),
            Self::UnknownServer => f.write_str("no server has this id; servers.yaml names them"),
            Self::CannotAdopt(why) => f.write_str(why),
            Self::CannotRelease(why) => f.write_str(why),
            Self::Released => f.write_str(
                "the account was given back: its client is not the shop's any more; `nebulalinks adopt` \
                 takes it in again",
            ),
            Self::OtherPanel => f.write_str(
                "the server does not answer as that panel; `nebulalinks describe server` tells which",
            ),
            Self::ClockInDoubt { .. } => f.write_str(
                "the shop's clock is in doubt, and nothing that has a time is decided; see \
                 /readyz",
            ),
            Self::StoreDamaged => f.write_str(
                "the store is damaged, and nothing is decided until that is resolved; see /readyz",
            ),
            Self::StoreUnavailable => f.write_str("the store cannot take it now; see the log"),
        }
    }
}
