//! What staff decide from the command line: orders, and grants.

use super::At;
use super::ask;
use super::world::SystemEntropy;
use crate::catalog::typed_traffic;
use crate::model::{AccountId, DAY_MS, DurationMs, OrderId, Quota};
use crate::ports::{Clock as _, Entropy as _};
use clap::{Args, Subcommand};
use serde_json::json;

/// What to do with an order.
#[derive(Debug, Subcommand)]
pub enum OrderCommand {
    /// It is paid: its account gets the term
    Approve {
        /// The order's id
        order: OrderId,
        /// The payment's own number
        #[arg(long)]
        reference: Option<String>,
        /// Where the running shop is.
        #[command(flatten)]
        at: At,
    },
    /// It is not paid
    Decline(Decide),
    /// The decline was a mistake: it awaits review again
    Reopen(Decide),
    /// The approval was a mistake, or the payment was taken back: its term no longer counts
    Reverse(Decide),
}

/// An order and why.
#[derive(Debug, Args)]
pub struct Decide {
    /// The order's id
    order: OrderId,
    /// Why; after a decline or a reversal the customer reads it
    #[arg(long)]
    reason: String,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

/// Give an account time and traffic without a payment
#[derive(Debug, Args)]
pub struct GrantCommand {
    /// The account's id, as `/admin account` shows it
    account: AccountId,
    /// How many days longer; needed when the account has ended
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=36_500))]
    days: u64,
    /// How much more traffic, such as 10GiB; needed when a capped account has ended
    #[arg(long, value_parser = typed_traffic)]
    traffic: Option<Quota>,
    /// Why, for the audit
    #[arg(long)]
    reason: String,
    /// The grant's own id, to ask again after an answer was lost: it is given once
    #[arg(long)]
    id: Option<OrderId>,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl OrderCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let (word, decide) = match self {
            Self::Approve { order, reference, at } => {
                let body = json!({ "intent": "approve", "order": order, "reference": reference });
                return ask::intent(&at.socket(), &body);
            }
            Self::Decline(decide) => ("decline", decide),
            Self::Reopen(decide) => ("reopen", decide),
            Self::Reverse(decide) => ("reverse", decide),
        };
        let body = json!({ "intent": word, "order": decide.order, "reason": decide.reason });
        ask::intent(&decide.at.socket(), &body)
    }
}

impl GrantCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let drawn = || SystemEntropy.draws(super::world::SystemClock.now()).order;
        let id = self.id.unwrap_or_else(drawn);
        let body = json!({
            "intent": "grant",
            "id": id,
            "account": self.account,
            "length": DurationMs(self.days.saturating_mul(DAY_MS)),
            "traffic": self.traffic,
            "reason": self.reason,
        });
        ask::intent(&self.at.socket(), &body)
            .map_err(|why| format!("{why}\nto ask for this very grant again: --id {id}"))
    }
}
