//! Short answers: why something was refused, and what to do instead.

use super::Pages;
use crate::model::{Broadcast, Bytes, CodeProblem, OrderId, Rejection, StaffNote, StillCustomer};
use crate::view::{Accent, Message};

/// Why a file was not taken as a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofProblem {
    /// None was given.
    Missing,
    /// The message is somebody else's.
    NotOwn,
    /// It is in a thread of which no order is known any more.
    OldThread,
    /// It is in the thread of a question to the staff.
    InTicket,
    /// It was posted, and Discord does not let the bot see what is posted.
    Unread,
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
    pub fn refused(&self, why: Rejection) -> Message {
        let t = &self.texts;
        let text = match why {
            Rejection::NotStaff => t.refused_not_staff(),
            Rejection::UnknownOrder => t.refused_unknown_order(),
            Rejection::UnknownAccount | Rejection::Released => t.refused_unknown_account(),
            Rejection::PlanNotSold => t.refused_plan_not_sold(),
            Rejection::MethodNotOffered => t.refused_method_not_offered(),
            Rejection::NoPrice => t.refused_no_price(),
            Rejection::NoCapacity => t.refused_no_capacity(),
            Rejection::Unserved => t.refused_unserved(),
            Rejection::NoRoom => t.refused_no_room(),
            Rejection::TooManyOpenOrders(order) => {
                t.refused_too_many_open(order.reference().to_string())
            }
            Rejection::OtherFamily => t.refused_other_family(),
            Rejection::DuplicateProof(order) => {
                t.refused_duplicate_proof(order.reference().to_string())
            }
            Rejection::DuplicateReference(order) => {
                t.refused_duplicate_reference(order.reference().to_string())
            }
            Rejection::ReferenceRequired => t.refused_reference_required(),
            Rejection::ProofRequired => t.refused_proof_required(),
            Rejection::ReasonRequired => t.staff_reason_missing(),
            Rejection::ReasonTooLong => t.staff_reason_long(),
            Rejection::NoteTooLong => t.staff_note_long(StaffNote::MOST_CHARS),
            Rejection::UnknownCustomer => t.admin_user_unknown(),
            Rejection::BroadcastText => t.broadcast_text_bad(Broadcast::MOST_CHARS),
            Rejection::UnknownAudience => t.broadcast_unknown_to(),
            Rejection::UnknownBroadcast => t.broadcast_gone(),
            Rejection::Forgotten => t.staff_refused_forgotten(),
            Rejection::StillCustomer(StillCustomer::Account(id)) => {
                t.staff_refused_forget_account(id.to_string())
            }
            Rejection::StillCustomer(StillCustomer::OpenOrder(id)) => {
                t.staff_refused_forget_order(id.reference().to_string())
            }
            Rejection::StillCustomer(StillCustomer::OpenTicket(id)) => {
                t.staff_refused_forget_ticket(id.number())
            }
            Rejection::WrongState(order, state) => {
                t.refused_wrong_state(order.reference().to_string(), t.state(state))
            }
            Rejection::NoOrderForProof => t.refused_no_order_for_proof(),
            Rejection::TooManyProofs(order) => {
                t.refused_too_many_proofs(order.reference().to_string())
            }
            Rejection::NotAdmitted => t.refused_not_admitted(),
            Rejection::TooSoon(again) => t.refused_too_soon(self.when_counted(again)),
            Rejection::TooManyTickets(again) => {
                t.refused_too_many_tickets(self.when_counted(again))
            }
            Rejection::UnknownTicket => t.refused_unknown_ticket(),
            Rejection::TrialTaken(account) => return self.trial_taken(account),
            Rejection::Code(why) => self.code_problem(why),
            Rejection::NothingGranted
            | Rejection::NothingToForgive
            | Rejection::UnknownServer
            | Rejection::CannotAdopt(_)
            | Rejection::CannotRelease(_)
            | Rejection::OtherPanel => t.refused_nothing_granted(),
            Rejection::CannotMove => t.refused_cannot_move(),
            Rejection::ClockInDoubt { staff: false } => t.refused_clock(),
            Rejection::ClockInDoubt { staff: true } => t.refused_clock_staff(),
            Rejection::StoreDamaged => t.refused_damaged(),
            Rejection::StoreUnavailable => t.refused_store(),
        };
        Message::text(Accent::Bad, text)
    }

    /// The same for staff: what to look at, not where to buy.
    #[must_use]
    pub fn refused_staff(&self, why: Rejection) -> Message {
        let t = &self.texts;
        let text = match why {
            Rejection::NotStaff => t.staff_refused_role(),
            Rejection::UnknownOrder => t.staff_refused_order(),
            Rejection::UnknownAccount | Rejection::Released => t.staff_refused_account(),
            Rejection::PlanNotSold => t.staff_refused_plan(),
            Rejection::MethodNotOffered => t.staff_refused_method(),
            Rejection::NoPrice => t.staff_refused_price(),
            Rejection::NoCapacity => t.staff_refused_capacity(),
            Rejection::UnknownServer => t.staff_refused_server(),
            Rejection::OtherFamily => t.staff_refused_family(),
            Rejection::DuplicateProof(order) => {
                t.staff_refused_proof(order.reference().to_string())
            }
            Rejection::TooManyProofs(order) => {
                t.staff_refused_proofs(order.reference().to_string())
            }
            Rejection::NoOrderForProof => t.staff_refused_order(),
            Rejection::ClockInDoubt { .. } => t.refused_clock_staff(),
            Rejection::StoreDamaged => t.staff_refused_damaged(),
            Rejection::StoreUnavailable => t.staff_refused_store(),
            // Only staff read these, or they mean the same to everybody.
            Rejection::TooManyOpenOrders(_)
            | Rejection::Unserved
            | Rejection::NoRoom
            | Rejection::DuplicateReference(_)
            | Rejection::NotAdmitted
            | Rejection::TooSoon(_)
            | Rejection::TooManyTickets(_)
            | Rejection::UnknownTicket
            | Rejection::TrialTaken(_)
            | Rejection::Code(_)
            | Rejection::NothingGranted
            | Rejection::NothingToForgive
            | Rejection::CannotAdopt(_)
            | Rejection::CannotRelease(_)
            | Rejection::OtherPanel
            | Rejection::CannotMove
            | Rejection::ReferenceRequired
            | Rejection::ProofRequired
            | Rejection::ReasonRequired
            | Rejection::ReasonTooLong
            | Rejection::NoteTooLong
            | Rejection::BroadcastText
            | Rejection::UnknownAudience
            | Rejection::UnknownBroadcast
            | Rejection::UnknownCustomer
            | Rejection::StillCustomer(_)
            | Rejection::Forgotten => return self.refused(why),
            // Somebody was faster.
            Rejection::WrongState(order, state) => return self.already_done(order, state),
        };
        Message::text(Accent::Bad, text)
    }

    /// They clicked more often than is answered; in so many seconds they may again.
    #[must_use]
    pub fn too_many_presses(&self, wait_s: u64) -> Message {
        Message::text(Accent::Neutral, self.texts.too_many_presses(wait_s))
    }

    fn code_problem(&self, why: CodeProblem) -> String {
        let t = &self.texts;
        match why {
            CodeProblem::Unknown => t.refused_code_unknown(),
            CodeProblem::NotYet => t.refused_code_not_yet(),
            CodeProblem::Over => t.refused_code_over(),
            CodeProblem::UsedUp => t.refused_code_used_up(),
            CodeProblem::UsedByThem => t.refused_code_used(),
            CodeProblem::OtherPlan => t.refused_code_plan(),
            CodeProblem::OfAccounts => t.refused_code_days(),
            CodeProblem::OfOrders => t.refused_code_order(),
            CodeProblem::OtherAccountPlan => t.refused_code_account_plan(),
            CodeProblem::Trial => t.refused_code_trial(),
            CodeProblem::Ended => t.refused_code_ended(),
            CodeProblem::TakenBack => t.refused_code_taken_back(),
            CodeProblem::Suspended => t.refused_code_suspended(),
            CodeProblem::OwnInvitation => t.refused_code_own_invitation(),
            CodeProblem::InvitedBefore => t.refused_code_invited_before(),
            CodeProblem::TheyInvited => t.refused_code_they_invited(),
            CodeProblem::NoNewcomer => t.refused_code_no_newcomer(),
            CodeProblem::Another => t.refused_code_another(),
            CodeProblem::TooOften(again) => t.refused_code_too_often(self.when_counted(again)),
        }
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
            ProofProblem::NotOwn => t.proof_not_own(),
            ProofProblem::OldThread => t.proof_old_thread(),
            ProofProblem::InTicket => t.proof_in_ticket(),
            ProofProblem::Unread => t.proof_unread(),
            ProofProblem::NotAnImage => t.proof_not_an_image(),
            ProofProblem::TooLarge(limit) => t.proof_too_large(limit.to_string()),
            ProofProblem::DownloadFailed => t.proof_download_failed(),
        };
        Message::text(Accent::Bad, text)
    }

    /// The proof is kept.
    #[must_use]
    pub fn proof_taken(&self, order: OrderId) -> Message {
        let text = self.texts.reply_proof_taken(order.reference().to_string());
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

    /// What a member of staff typed is not an order's number.
    #[must_use]
    pub fn staff_bad_order_number(&self, typed: &str) -> Message {
        Message::text(Accent::Bad, self.texts.bad_order_number_staff(plain_code(typed)))
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
