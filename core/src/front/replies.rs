//! The intent handler's replies and refusals as pages.

use crate::intent::{Choice, Rejection, Reply};
use crate::view::{Answer, Pages};

/// The answer to what staff decided by a question: in its place, so that nobody answers it twice; beside it
/// where the same press may count in a moment.
#[must_use]
pub fn decided(pages: &Pages<'_>, outcome: Result<Reply, Rejection>) -> Answer {
    let may_count_soon = outcome.as_ref().is_err_and(passes);
    match reply(pages, outcome, true) {
        Answer::Private(page) if !may_count_soon => Answer::Replace(page),
        other => other,
    }
}

/// Whether what is refused may be asked for again as it is: the reason ends by itself.
const fn passes(why: &Rejection) -> bool {
    matches!(why, Rejection::ClockInDoubt { .. } | Rejection::StoreUnavailable)
}

/// What the person who asked sees; `staff` when it was something that only staff ask.
#[must_use]
pub fn reply(pages: &Pages<'_>, outcome: Result<Reply, Rejection>, staff: bool) -> Answer {
    match outcome {
        Ok(Reply::Placed(order)) => pages.order_placed(order),
        Ok(Reply::AlreadyOpen(order)) => pages.order_already_open(order),
        Ok(Reply::TrialGiven(account)) => Answer::Replace(pages.trial_given(account)),
        Ok(Reply::Reduced(order)) => pages.order_reduced(order),
        Ok(Reply::Invited(order)) => pages.order_invited(order),
        Ok(Reply::DaysGiven(account)) => Answer::Replace(pages.days_given(account)),
        Ok(Reply::Cancelled(order)) if staff => Answer::Replace(pages.staff_cancelled(order)),
        Ok(Reply::Cancelled(_)) => Answer::Private(pages.order_cancelled()),
        Ok(Reply::ProofTaken(order)) => Answer::Private(pages.proof_taken(order)),
        Ok(Reply::Approved(order, account)) => {
            Answer::Replace(pages.staff_approved(order, account))
        }
        Ok(Reply::Declined(order)) => Answer::Private(pages.staff_declined(order)),
        Ok(Reply::Reopened(order, state)) => Answer::Private(pages.staff_reopened(order, state)),
        Ok(Reply::Reversed(order, account)) => {
            Answer::Private(pages.staff_reversed(order, account))
        }
        Ok(Reply::Granted(account) | Reply::Adopted(account)) => {
            Answer::Private(pages.staff_granted(account, false))
        }
        Ok(Reply::AlreadyGranted(account) | Reply::AlreadyAdopted(account)) => {
            Answer::Private(pages.staff_granted(account, true))
        }
        Ok(Reply::Forgiven { of, accounts, by }) => {
            Answer::Private(pages.staff_forgave(&of.to_string(), Some((accounts, by))))
        }
        Ok(Reply::AlreadyForgiven(of)) => {
            Answer::Private(pages.staff_forgave(&of.to_string(), None))
        }
        Ok(Reply::Suspended(account)) => Answer::Private(pages.staff_suspended(account)),
        Ok(Reply::Resumed(account)) => Answer::Private(pages.staff_resumed(account)),
        Ok(Reply::Rotated(account, _)) => Answer::Private(pages.staff_rotated(account)),
        Ok(Reply::Noted(customer)) => Answer::Private(pages.admin_user(Some(customer))),
        Ok(Reply::BroadcastDrafted(id)) => Answer::Private(pages.broadcast_preview(id)),
        Ok(Reply::BroadcastSending(id) | Reply::BroadcastEnded(id)) => {
            Answer::Private(pages.broadcast_of(id))
        }
        Ok(Reply::Forgot(customer)) => Answer::Private(pages.forgot(customer)),
        Ok(Reply::Moving(account, server)) => Answer::Private(pages.staff_moving(account, &server)),
        Ok(Reply::PanelAccepted(server)) => Answer::Private(pages.staff_panel_accepted(&server)),
        Ok(Reply::Unchanged(account) | Reply::Released(account)) => {
            Answer::Private(pages.staff_unchanged(account))
        }
        Ok(Reply::LinkReplaced(_, account)) => Answer::Replace(pages.link_replaced(account)),
        Ok(Reply::Chosen(customer, Choice::Notices(..))) => {
            Answer::Replace(pages.notices(customer))
        }
        Ok(Reply::Chosen(customer, Choice::Language(_))) => {
            Answer::Replace(pages.languages(customer))
        }
        // Nobody is answered by it.
        Ok(Reply::TicketOpened(ticket) | Reply::TicketHeard(ticket)) => {
            Answer::Replace(pages.ticket_opened(ticket))
        }
        // Beside the thread's first message, or the card: both say so in a moment.
        Ok(Reply::TicketClosed(_)) => Answer::Private(pages.ticket_closed()),
        Ok(Reply::LinkShown(customer, account)) => pages.show_link(customer, account),
        Ok(Reply::AlreadyDone(order, state)) => Answer::Replace(pages.already_done(order, state)),
        Err(rejection) if staff && passes(&rejection) => {
            Answer::Private(pages.refused_staff(rejection))
        }
        Err(rejection) if staff => Answer::Replace(pages.refused_staff(rejection)),
        // A second press says so beside what the first one gave.
        Err(taken @ Rejection::TrialTaken(_)) => Answer::Private(pages.refused(taken)),
        // Beside the order, which stays as it is.
        Err(why @ (Rejection::Code(_) | Rejection::UnknownTicket)) => {
            Answer::Private(pages.refused(why))
        }
        Err(rejection) => Answer::Replace(pages.refused(rejection)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::LeapOf;
    use crate::model::{Bytes, CodeProblem, NoticeTopic, OrderState, StillCustomer, Target};
    use crate::view::sample::*;

    #[test]
    fn every_outcome_has_a_page_that_discord_takes() {
        let id = order_id(1);
        let snapshot = snapshot([put(order(1, Target::New, "vodafone-cash"))]);
        let catalog = catalog();
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        let outcomes = [
            Ok(Reply::Placed(id)),
            Ok(Reply::AlreadyOpen(id)),
            Ok(Reply::TrialGiven(account_id(1))),
            Err(Rejection::TrialTaken(account_id(1))),
            Ok(Reply::Reduced(id)),
            Ok(Reply::Invited(id)),
            Ok(Reply::DaysGiven(account_id(1))),
            Err(Rejection::Code(CodeProblem::Unknown)),
            Ok(Reply::Cancelled(id)),
            Ok(Reply::ProofTaken(id)),
            Ok(Reply::Approved(id, account_id(1))),
            Ok(Reply::Declined(id)),
            Ok(Reply::AlreadyDone(id, OrderState::Approved)),
            Ok(Reply::LinkReplaced(ALICE, account_id(1))),
            Ok(Reply::TicketOpened(ticket_id(1))),
            Ok(Reply::TicketClosed(ticket_id(1))),
            Err(Rejection::TooManyTickets(NOW)),
            Err(Rejection::UnknownTicket),
            Ok(Reply::Chosen(ALICE, Choice::Notices(NoticeTopic::Traffic, false))),
            Ok(Reply::Chosen(ALICE, Choice::Language(None))),
            Err(Rejection::TooSoon(NOW)),
            Err(Rejection::NotAdmitted),
            Err(Rejection::NotStaff),
            Err(Rejection::UnknownOrder),
            Err(Rejection::UnknownAccount),
            Err(Rejection::PlanNotSold),
            Err(Rejection::MethodNotOffered),
            Err(Rejection::NoPrice),
            Err(Rejection::NoCapacity),
            Err(Rejection::Unserved),
            Err(Rejection::NoRoom),
            Err(Rejection::OtherFamily),
            Err(Rejection::TooManyOpenOrders(id)),
            Err(Rejection::NothingGranted),
            Err(Rejection::NothingToForgive),
            Err(Rejection::UnknownServer),
            Ok(Reply::Forgiven { of: LeapOf::Account(account_id(1)), accounts: 1, by: Bytes(1) }),
            Ok(Reply::AlreadyForgiven(LeapOf::Account(account_id(1)))),
            Ok(Reply::Reopened(id, OrderState::AwaitingReview)),
            Ok(Reply::Reversed(id, account_id(1))),
            Ok(Reply::Granted(account_id(1))),
            Ok(Reply::AlreadyGranted(account_id(1))),
            Ok(Reply::Suspended(account_id(1))),
            Ok(Reply::Resumed(account_id(1))),
            Ok(Reply::Rotated(account_id(1), 2)),
            Ok(Reply::Noted(ALICE)),
            Ok(Reply::Forgot(ALICE)),
            Err(Rejection::Forgotten),
            Err(Rejection::StillCustomer(StillCustomer::OpenOrder(id))),
            Err(Rejection::StillCustomer(StillCustomer::Account(account_id(1)))),
            Err(Rejection::StillCustomer(StillCustomer::OpenTicket(ticket_id(1)))),
            Ok(Reply::Unchanged(account_id(1))),
            Ok(Reply::BroadcastDrafted(broadcast_id(1))),
            Ok(Reply::BroadcastSending(broadcast_id(1))),
            Ok(Reply::BroadcastEnded(broadcast_id(1))),
            Err(Rejection::BroadcastText),
            Err(Rejection::UnknownAudience),
            Err(Rejection::UnknownBroadcast),
            Ok(Reply::PanelAccepted("fra-1".parse().unwrap())),
            Err(Rejection::OtherPanel),
            Err(Rejection::CannotAdopt("no".into())),
            Err(Rejection::CannotRelease("no")),
            Err(Rejection::Released),
            Ok(Reply::Released(account_id(1))),
            Ok(Reply::Adopted(account_id(1))),
            Ok(Reply::AlreadyAdopted(account_id(1))),
            Ok(Reply::Moving(account_id(1), "fra-1".parse().unwrap())),
            Err(Rejection::CannotMove),
            Err(Rejection::DuplicateProof(id)),
            Err(Rejection::DuplicateReference(id)),
            Err(Rejection::ReferenceRequired),
            Err(Rejection::ProofRequired),
            Err(Rejection::WrongState(id, OrderState::Declined)),
            Err(Rejection::ReasonRequired),
            Err(Rejection::ReasonTooLong),
            Err(Rejection::NoteTooLong),
            Err(Rejection::UnknownCustomer),
            Err(Rejection::NoOrderForProof),
            Err(Rejection::TooManyProofs(id)),
            Err(Rejection::ClockInDoubt { staff: false }),
            Err(Rejection::ClockInDoubt { staff: true }),
            Err(Rejection::StoreDamaged),
            Err(Rejection::StoreUnavailable),
        ];
        for outcome in outcomes {
            for staff in [false, true] {
                let page = reply(&pages, outcome.clone(), staff);
                assert!(FRONT.answer_problems(&page).is_empty(), "{outcome:?}");
                assert!(page.plain().len() > 20, "{outcome:?}");
            }
        }
    }

    #[test]
    fn staff_are_never_sent_to_the_store_nor_told_that_something_is_not_theirs() {
        let (snapshot, catalog) = (crate::model::Snapshot::default(), catalog());
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        let id = order_id(1);
        let mut said: Vec<String> = [
            Rejection::NotStaff,
            Rejection::UnknownOrder,
            Rejection::UnknownAccount,
            Rejection::UnknownCustomer,
            Rejection::NoteTooLong,
            Rejection::PlanNotSold,
            Rejection::MethodNotOffered,
            Rejection::NoPrice,
            Rejection::NoCapacity,
            Rejection::OtherFamily,
            Rejection::DuplicateProof(id),
            Rejection::DuplicateReference(id),
            Rejection::ReferenceRequired,
            Rejection::ProofRequired,
            Rejection::WrongState(id, OrderState::Declined),
            Rejection::NoOrderForProof,
            Rejection::TooManyProofs(id),
            Rejection::ClockInDoubt { staff: true },
            Rejection::ClockInDoubt { staff: false },
            Rejection::NothingGranted,
            Rejection::StoreDamaged,
            Rejection::StoreUnavailable,
        ]
        .into_iter()
        .map(|r| reply(&pages, Err(r), true).plain())
        .collect();
        said.push(pages.confirm_approve(id, OMAR_THERE).plain());
        said.push(pages.staff_bad_order_number("NL-X").plain());
        said.push(pages.admin_account(account_id(9)).plain());
        said.push(pages.admin_customer(OMAR).plain());
        for text in said {
            for customers in
                ["yours", "**Buy**", "in the store", "another plan", "ask staff", "its thread"]
            {
                assert!(!text.contains(customers), "{text}");
            }
        }
    }

    #[test]
    fn a_question_stays_where_the_same_press_may_count_in_a_moment() {
        let (snapshot, catalog) = (crate::model::Snapshot::default(), catalog());
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        let in_its_place = |why| match decided(&pages, Err(why)) {
            Answer::Private(_) => false,
            Answer::Replace(_) => true,
            other => panic!("{other:?}"),
        };
        assert!(!in_its_place(Rejection::ClockInDoubt { staff: true }));
        assert!(!in_its_place(Rejection::StoreUnavailable));
        assert!(in_its_place(Rejection::UnknownAccount));
        assert!(in_its_place(Rejection::StoreDamaged));
    }
}
