//! Replies and rejections as operators read them at the command line. Customers and staff in
//! Discord read the pages of `view`.

use super::{Rejection, Reply};
use std::fmt;

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placed(order) => write!(f, "order {order} stands"),
            Self::AlreadyOpen(order) => write!(f, "there is an unpaid order already: {order}"),
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
            Self::AlreadyDone(order, state) => {
                write!(f, "order {order} is {} already: nothing was changed", state.name())
            }
            Self::LinkShown(_, account) => write!(f, "the link of account {account} was shown"),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStaff => f.write_str("only staff may do that"),
            Self::UnknownOrder => f.write_str("no order has this id; see `/admin pending`"),
            Self::UnknownAccount => {
                f.write_str("no account has this id; `/admin account` in Discord lists them")
            }
            Self::PlanNotSold => f.write_str("this plan is not sold; see plans.yaml"),
            Self::MethodNotOffered => f.write_str("this method is not offered; see payments.yaml"),
            Self::NoPrice => f.write_str("this method takes none of the plan's currencies"),
            Self::NoCapacity => f.write_str(
                "every place on the servers that the plan allows is taken; raise a capacity in \
                 servers.yaml or add a server",
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
            Self::WrongState(order, state) => {
                write!(f, "order {order} is {}, so this cannot be done", state.name())
            }
            Self::NoOrderForProof => f.write_str("no order of this customer takes a proof"),
            Self::TooManyProofs(order) => {
                write!(f, "order {order} has as many proofs as it can take")
            }
            Self::NothingGranted => f.write_str(
                "the grant would give nothing: give --days or --traffic, and both to an account \
                 that has ended",
            ),
            Self::NothingToForgive => f.write_str(
                "there is nothing to forgive: no leap of that server's counters used anybody up, or it is \
                 forgiven already; for one account --traffic says how much",
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
