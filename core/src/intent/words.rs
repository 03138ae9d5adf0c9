//! Replies as operators read them at the command line. Customers and staff in
//! Discord read the pages of `view`.

use super::Reply;
use std::fmt;

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placed(order) => write!(f, "order {order} stands"),
            Self::AlreadyOpen(order) => write!(f, "there is an unpaid order already: {order}"),
            Self::TrialGiven(account) => write!(f, "the trial is account {account}"),
            Self::Reduced(order) => write!(f, "order {order} is reduced by the code"),
            Self::Invited(order) => write!(f, "who invited the customer of order {order} is kept"),
            Self::DaysGiven(account) => write!(f, "account {account} has the days of the code"),
            Self::Cancelled(order) => write!(f, "order {order} is cancelled"),
            Self::ProofTaken(order) => write!(f, "the proof of order {order} is kept"),
            Self::Approved(order, account) => {
                write!(f, "order {order} is approved: account {account} has its term")
            }
            Self::Declined(order) => write!(f, "order {order} is declined"),
            Self::Reopened(order, state) => {
                write!(f, "the decline of order {order} is taken back: it is {} now", state.name())
            }
            Self::Reversed(order, account) => write!(
                f,
                "the approval of order {order} is taken back: its term no longer counts for \
                 account {account}"
            ),
            Self::Granted(account) => write!(f, "account {account} has the term"),
            Self::AlreadyGranted(account) => {
                write!(f, "this grant was given before, to account {account}: nothing was added")
            }
            Self::Forgiven { of, accounts: 1, by } => write!(f, "{by} of {of} count no more"),
            Self::Forgiven { of, accounts, by } => {
                write!(f, "{by} of {accounts} accounts of {of} count no more")
            }
            Self::AlreadyForgiven(of) => {
                write!(f, "this was forgiven before, to {of}: nothing was changed")
            }
            Self::Suspended(account) => write!(f, "account {account} is suspended"),
            Self::Resumed(account) => write!(f, "account {account} is resumed"),
            Self::Rotated(account, version) => write!(
                f,
                "account {account} has new credentials (version {version}): its customer gets the \
                 new link once its server has them"
            ),
            Self::Moving(account, server) => write!(
                f,
                "account {account} moves to {server}: its customer gets the new link once that \
                 serves, and the old one works for a day unless its server is lost"
            ),
            Self::Adopted(account) => write!(f, "adopted: account {account}"),
            Self::Released(account) => write!(
                f,
                "account {account} is given back: its client gets a name of its own with the next look at its \
                 panel, and is not the shop's any more"
            ),
            Self::AlreadyAdopted(account) => {
                write!(f, "adopted before, as account {account}: nothing was changed")
            }
            Self::PanelAccepted(server) => write!(
                f,
                "{server}: its panel is the right one; whoever is missing there is made again"
            ),
            Self::Unchanged(account) => {
                write!(f, "account {account} is so already: nothing was changed")
            }
            Self::AlreadyDone(order, state) => {
                write!(f, "order {order} is {} already: nothing was changed", state.name())
            }
            Self::LinkReplaced(_, account) => write!(f, "account {account} has new credentials"),
            Self::TicketOpened(ticket) => write!(f, "ticket {ticket} is open"),
            Self::TicketHeard(ticket) => write!(f, "it is kept who waits in ticket {ticket}"),
            Self::TicketClosed(ticket) => write!(f, "ticket {ticket} is closed"),
            Self::BroadcastDrafted(id) => write!(f, "broadcast {id} is written, and not sent"),
            Self::BroadcastSending(id) => write!(f, "broadcast {id} goes out"),
            Self::BroadcastEnded(id) => write!(f, "broadcast {id} goes to nobody more"),
            Self::Noted(customer) => {
                write!(f, "the note of customer {customer} is as it was written")
            }
            Self::Forgot(customer) => write!(
                f,
                "customer {customer} is forgotten: `nebulalinks describe customer {customer}` says when \
                 nothing names them any more"
            ),
            Self::Chosen(customer, _) => write!(f, "what customer {customer} chose is kept"),
            Self::LinkShown(_, account) => write!(f, "the link of account {account} was shown"),
        }
    }
}
