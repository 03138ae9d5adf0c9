//! Short answers: why something was refused, and what to do instead.

use super::Pages;
use crate::model::{Bytes, OrderId, OrderState};
use crate::view::{Accent, Message};

/// Why something was refused; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Only staff may do that.
    NotStaff,
    /// No such order, or not theirs.
    UnknownOrder,
    /// No such account, or not theirs.
    UnknownAccount,
    /// The plan is not sold.
    PlanNotSold,
    /// The method is not offered.
    MethodNotOffered,
    /// The method takes none of the plan's currencies.
    NoPrice,
    /// Every matching server is full.
    NoCapacity,
    /// They have as many open orders as one may have; this is the oldest.
    TooManyOpenOrders(OrderId),
    /// The plan is of another family or kind.
    OtherFamily,
    /// The picture was given before, for this order.
    DuplicateProof(OrderId),
    /// The payment's number already backs this order.
    DuplicateReference(OrderId),
    /// The payment's own number is wanted.
    ReferenceRequired,
    /// A proof is wanted first.
    ProofRequired,
    /// The order is in a state where this cannot be done.
    WrongState(OrderId, OrderState),
    /// No order of theirs can take a proof.
    NoOrderForProof,
    /// The order has as many proofs as it can take.
    TooManyProofs(OrderId),
    /// A grant that would change nothing.
    NothingGranted,
    /// Our clock is in doubt.
    ClockInDoubt,
    /// The same, to staff: what they can do about it.
    ClockInDoubtForStaff,
    /// The store is damaged.
    StoreDamaged,
    /// The store cannot take it now.
    StoreUnavailable,
}

/// Why a file was not taken as a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofProblem {
    /// None was given.
    Missing,
    /// Its content is not a picture we read.
    NotAnImage,
    /// It is larger than this.
    TooLarge(Bytes),
    /// It could not be fetched from Discord.
    DownloadFailed,
}

impl Pages<'_> {
    /// Why it was refused, and what to do.
    #[must_use]
    pub fn refused(&self, why: Refusal) -> Message {
        let t = &self.texts;
        let text = match why {
            Refusal::NotStaff => t.refused_not_staff(),
            Refusal::UnknownOrder => t.refused_unknown_order(),
            Refusal::UnknownAccount => t.refused_unknown_account(),
            Refusal::PlanNotSold => t.refused_plan_not_sold(),
            Refusal::MethodNotOffered => t.refused_method_not_offered(),
            Refusal::NoPrice => t.refused_no_price(),
            Refusal::NoCapacity => t.refused_no_capacity(),
            Refusal::TooManyOpenOrders(order) => t.refused_too_many_open(order.to_string()),
            Refusal::OtherFamily => t.refused_other_family(),
            Refusal::DuplicateProof(order) => t.refused_duplicate_proof(order.to_string()),
            Refusal::DuplicateReference(order) => t.refused_duplicate_reference(order.to_string()),
            Refusal::ReferenceRequired => t.refused_reference_required(),
            Refusal::ProofRequired => t.refused_proof_required(),
            Refusal::WrongState(order, state) => {
                t.refused_wrong_state(order.to_string(), t.state(state))
            }
            Refusal::NoOrderForProof => t.refused_no_order_for_proof(),
            Refusal::TooManyProofs(order) => t.refused_too_many_proofs(order.to_string()),
            Refusal::NothingGranted => t.refused_nothing_granted(),
            Refusal::ClockInDoubt => t.refused_clock(),
            Refusal::ClockInDoubtForStaff => t.refused_clock_staff(),
            Refusal::StoreDamaged => t.refused_damaged(),
            Refusal::StoreUnavailable => t.refused_store(),
        };
        Message::text(Accent::Bad, text)
    }

    /// The same for staff: what to look at, not where to buy.
    #[must_use]
    pub fn refused_staff(&self, why: Refusal) -> Message {
        let t = &self.texts;
        let text = match why {
            Refusal::NotStaff => t.staff_refused_role(),
            Refusal::UnknownOrder => t.staff_refused_order(),
            Refusal::UnknownAccount => t.staff_refused_account(),
            Refusal::PlanNotSold => t.staff_refused_plan(),
            Refusal::MethodNotOffered => t.staff_refused_method(),
            Refusal::NoPrice => t.staff_refused_price(),
            Refusal::NoCapacity => t.staff_refused_capacity(),
            Refusal::OtherFamily => t.staff_refused_family(),
            Refusal::DuplicateProof(order) => t.staff_refused_proof(order.to_string()),
            Refusal::TooManyProofs(order) => t.staff_refused_proofs(order.to_string()),
            Refusal::NoOrderForProof => t.staff_refused_order(),
            Refusal::ClockInDoubt | Refusal::ClockInDoubtForStaff => t.refused_clock_staff(),
            Refusal::StoreDamaged => t.staff_refused_damaged(),
            Refusal::StoreUnavailable => t.staff_refused_store(),
            // These are said to staff only, or mean the same to everybody.
            Refusal::TooManyOpenOrders(_)
            | Refusal::DuplicateReference(_)
            | Refusal::NothingGranted
            | Refusal::ReferenceRequired
            | Refusal::ProofRequired
            | Refusal::WrongState(..) => return self.refused(why),
        };
        Message::text(Accent::Bad, text)
    }

    /// A dialog for declining came back without a reason.
    #[must_use]
    pub fn reason_missing(&self) -> Message {
        Message::text(Accent::Bad, self.texts.staff_reason_missing())
    }

    /// Why a file was not taken, and what to send instead.
    #[must_use]
    pub fn proof_problem(&self, why: ProofProblem) -> Message {
        let t = &self.texts;
        let text = match why {
            ProofProblem::Missing => t.proof_missing(),
            ProofProblem::NotAnImage => t.proof_not_an_image(),
            ProofProblem::TooLarge(limit) => t.proof_too_large(limit.to_string()),
            ProofProblem::DownloadFailed => t.proof_download_failed(),
        };
        Message::text(Accent::Bad, text)
    }

    /// The proof is kept.
    #[must_use]
    pub fn proof_taken(&self, order: OrderId) -> Message {
        let text = self.texts.reply_proof_taken(order.to_string());
        let lacks = self.snapshot.order(order).is_some_and(|o| self.lacks_place(o));
        let note = lacks.then(|| self.texts.order_no_place());
        super::Draft::new(Accent::Good).text(text).maybe(note).done()
    }

    /// The order is given up.
    #[must_use]
    pub fn order_cancelled(&self) -> Message {
        Message::text(Accent::Neutral, self.texts.reply_cancelled())
    }

    /// What was typed is not an order's number.
    #[must_use]
    pub fn bad_order_number(&self, typed: &str) -> Message {
        Message::text(Accent::Bad, self.texts.bad_order_number(plain_code(typed)))
    }

    /// What was typed is not an account's number.
    #[must_use]
    pub fn bad_account_number(&self, typed: &str) -> Message {
        Message::text(Accent::Bad, self.texts.bad_account_number(plain_code(typed)))
    }

    /// The click means nothing to this version.
    #[must_use]
    pub fn unknown_click(&self) -> Message {
        Message::text(Accent::Neutral, self.texts.unknown_click())
    }

    /// A defect of ours.
    #[must_use]
    pub fn went_wrong(&self) -> Message {
        Message::text(Accent::Bad, self.texts.went_wrong())
    }
}

/// Foreign text for between backticks.
fn plain_code(typed: &str) -> String {
    let safe: String = typed
        .chars()
        .filter(|c| c.is_ascii_graphic() && *c != '`' || c.is_alphanumeric())
        .take(40)
        .collect();
    if safe.is_empty() { "?".to_owned() } else { safe }
}
