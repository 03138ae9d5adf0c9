//! The intents and their answers.

use crate::model::{
    AccountId, CustomerId, EvidenceKind, MethodId, OrderId, OrderState, PlanId, Target,
};
use std::collections::BTreeSet;

/// Somebody in Discord, as the interaction showed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their Discord id.
    pub id: CustomerId,
    /// The name shown; for people only.
    pub name: String,
    /// Their roles in the shop's guild.
    pub roles: BTreeSet<u64>,
}

/// A proof of payment that already lies durable under the folder of proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// SHA-256 of its content in lower-case hex.
    pub sha256: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its type by content.
    pub kind: EvidenceKind,
}

/// An order to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Who buys.
    pub customer: Person,
    /// What for.
    pub target: Target,
    /// Which plan.
    pub plan: PlanId,
    /// How it will be paid.
    pub method: MethodId,
    /// The interaction's Discord id: a redelivery finds its order again.
    pub interaction: u64,
}

/// What a person asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Place an order.
    Place(Placement),
    /// Give an unpaid order up.
    Cancel {
        /// Which.
        order: OrderId,
        /// Who asks: its customer, or staff.
        by: Person,
    },
    /// Give a proof of payment.
    AddProof {
        /// For which order; none means the customer's newest order that can take one.
        order: Option<OrderId>,
        /// Who gives it.
        by: Person,
        /// What.
        proof: Proof,
    },
    /// Staff: it is paid.
    Approve {
        /// Which.
        order: OrderId,
        /// Who decides.
        staff: Person,
        /// The payment's own number.
        reference: Option<String>,
    },
    /// Staff: it is not paid.
    Decline {
        /// Which.
        order: OrderId,
        /// Who decides.
        staff: Person,
        /// What the customer is told.
        reason: String,
    },
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
            Self::Cancel { .. } => "cancel",
            Self::AddProof { .. } => "add-proof",
            Self::Approve { .. } => "approve",
            Self::Decline { .. } => "decline",
            Self::LinkShown { .. } => "link-shown",
        }
    }

    /// Whether it is refused while our clock is in doubt. A proof is kept and dated later, and a
    /// link that was sold is shown; whatever is new here waits.
    #[must_use]
    pub const fn rests_on_the_time(&self) -> bool {
        !matches!(self, Self::AddProof { .. } | Self::LinkShown { .. })
    }

    /// Whether only staff may ask it.
    #[must_use]
    pub const fn is_of_staff(&self) -> bool {
        matches!(self, Self::Approve { .. } | Self::Decline { .. })
    }
}

/// Everything random a decision may need, drawn before it is asked.
#[derive(Clone)]
pub struct Draws {
    /// For a new order.
    pub order: OrderId,
    /// For a new account.
    pub account: AccountId,
    /// For a new account's credentials.
    pub uuid: uuid::Uuid,
    /// 16 of a–z and 0–9.
    pub sub_id: String,
    /// 32 bytes, base64url.
    pub secret: String,
    /// 32 bytes, base64url.
    pub subscription_token: String,
    /// For the audit line.
    pub audit: String,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The order stands (or stood already, when the interaction was redelivered).
    Placed(OrderId),
    /// There is an unpaid order already: here it is.
    AlreadyOpen(OrderId),
    /// Given up.
    Cancelled(OrderId),
    /// The proof is kept, and staff will see it.
    ProofTaken(OrderId),
    /// Approved; the account gets its term.
    Approved(OrderId, AccountId),
    /// Declined.
    Declined(OrderId),
    /// Somebody was faster; nothing was changed.
    AlreadyDone(OrderId, OrderState),
    /// The link may be shown to this customer.
    LinkShown(CustomerId, AccountId),
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
    /// The order is in a state where this cannot be done.
    WrongState(OrderId, OrderState),
    /// No order of this customer can take a proof.
    NoOrderForProof,
    /// An order has as many proofs as it can take.
    TooManyProofs(OrderId),
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
            Self::OtherFamily => "other_family",
            Self::DuplicateProof(_) => "duplicate_proof",
            Self::DuplicateReference(_) => "duplicate_reference",
            Self::ReferenceRequired => "reference_required",
            Self::ProofRequired => "proof_required",
            Self::WrongState(..) => "wrong_state",
            Self::NoOrderForProof => "no_order_for_proof",
            Self::TooManyProofs(_) => "too_many_proofs",
            Self::ClockInDoubt { .. } => "clock_in_doubt",
            Self::StoreDamaged => "store_damaged",
            Self::StoreUnavailable => "store_unavailable",
        }
    }
}
