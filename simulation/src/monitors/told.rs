//! P13: what somebody was told stays true.

use nebulalinks::intent::{LeapOf, Reply};
use nebulalinks::model::*;

/// Whether an answer is still true.
pub(super) fn is_kept(snapshot: &Snapshot, reply: &Reply) -> bool {
    // Of an order that was decided long ago the snapshot has the state alone.
    let archived = |id: OrderId, states: &[OrderState]| {
        snapshot.archived_order(id).is_some_and(|order| states.contains(&order.state))
    };
    let is = |id: OrderId, states: &[OrderState], kept: &dyn Fn(&Order) -> bool| {
        snapshot.order(id).map_or_else(|| archived(id, states), kept)
    };
    let (any, sold) = (&OrderState::ALL, &[OrderState::Approved, OrderState::Reversed]);
    match reply {
        Reply::Placed(id) | Reply::AlreadyOpen(id) => is(*id, any, &|_| true),
        // Of one that was archived memory has no price.
        Reply::Reduced(id) => is(*id, any, &|o| o.promo.is_some()),
        Reply::Invited(id) => is(*id, any, &|o| {
            snapshot
                .customer(o.customer)
                .is_some_and(|c| c.invited_by().is_some() || c.forgotten().is_some())
        }),
        Reply::DaysGiven(account) => {
            snapshot.terms(*account).any(|t| matches!(t.source, TermSource::Promo(_)))
        }
        Reply::Cancelled(id) => is(*id, any, &|o| o.cancelled.is_some()),
        Reply::ProofTaken(id) => is(*id, any, &|o| !o.evidence.is_empty()),
        Reply::Approved(id, account) => {
            is(*id, sold, &|o| o.approved_account() == Some(*account))
                && snapshot.terms(*account).any(|t| t.source == TermSource::Order(*id))
        }
        Reply::Declined(id) => is(*id, any, &|o| o.decision.is_some() || o.reopened.is_some()),
        Reply::Reopened(id, _) => is(*id, any, &|o| o.reopened.is_some()),
        Reply::Reversed(id, account) => {
            is(*id, &[OrderState::Reversed], &|o| o.reversed.is_some())
                && snapshot.reversals(*account).next().is_some()
        }
        Reply::Granted(account) | Reply::AlreadyGranted(account) => {
            snapshot.terms(*account).any(|t| matches!(t.source, TermSource::Grant(_)))
        }
        Reply::Forgiven { of: LeapOf::Account(account), .. } => {
            snapshot.forgivenesses(*account).next().is_some()
        }
        Reply::Forgiven { .. } | Reply::AlreadyForgiven(_) => true,
        // Until somebody asks for the other.
        Reply::Suspended(account) => {
            snapshot.account(*account).is_some_and(|a| a.suspension.is_some())
        }
        Reply::Resumed(account) => {
            snapshot.account(*account).is_some_and(|a| a.suspension.is_none())
        }
        Reply::Released(account) => {
            snapshot.account(*account).is_some_and(|a| a.released().is_some())
        }
        Reply::Adopted(account) | Reply::AlreadyAdopted(account) => {
            snapshot.account(*account).is_some_and(|a| a.adopted().is_some())
        }
        Reply::TrialGiven(account) => {
            let owner = snapshot.account(*account).map(|account| account.customer);
            snapshot.terms(*account).any(|t| owner.map(TermSource::Trial) == Some(t.source.clone()))
        }
        Reply::PanelAccepted(server) => snapshot.server_home(server).is_some(),
        // It may have moved on, or ended, since.
        Reply::Moving(account, _) | Reply::Unchanged(account) => {
            snapshot.account(*account).is_some()
        }
        Reply::Rotated(account, version) => {
            snapshot.account(*account).is_some_and(|a| a.credentials.version >= *version)
        }
        Reply::LinkReplaced(_, account) => {
            snapshot.account(*account).is_some_and(|a| a.credentials.version > 1)
        }
        // It is forgotten a week after it was closed.
        Reply::TicketOpened(_) | Reply::TicketHeard(_) | Reply::TicketClosed(_) => true,
        // A draft is forgotten with the next, and one that ended after twenty more.
        Reply::BroadcastDrafted(_) | Reply::BroadcastSending(_) | Reply::BroadcastEnded(_) => true,
        Reply::Chosen(customer, _) | Reply::Noted(customer) => {
            snapshot.customer(*customer).is_some()
        }
        Reply::Forgot(customer) => snapshot.is_forgotten(*customer),
        Reply::LinkShown(_, account) => snapshot.delivery(*account).is_some(),
        Reply::AlreadyDone(..) => true,
    }
}
