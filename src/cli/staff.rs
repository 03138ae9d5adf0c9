//! What staff decide from the command line: orders, grants, and usage that is forgiven.

use super::ask;
use super::at::At;
use super::env::SystemEntropy;
use super::show::below;
use crate::catalog::typed_traffic;
use crate::model::{BroadcastId, Bytes, DAY_MS, DurationMs, OrderId, Quota, ServerId};
use crate::ports::{Clock as _, Entropy as _};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// What to do with an order.
#[derive(Debug, Subcommand)]
pub enum OrderCommand {
    /// It is paid: its account gets the term
    Approve {
        /// The order: its reference such as NL-7K3QX2, its id, or how that begins
        order: String,
        /// The payment's own number
        #[arg(long)]
        reference: Option<String>,
        /// Where the running shop is.
        #[command(flatten)]
        at: At,
    },
    /// Give it up for its customer, while nothing was paid for it
    Cancel {
        /// The order: its reference such as NL-7K3QX2, its id, or how that begins
        order: String,
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
    /// The order: its reference such as NL-7K3QX2, its id, or how that begins
    order: String,
    /// Why, in at most 500 characters; after a decline or a reversal the customer reads it
    #[arg(long)]
    reason: String,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

/// Give an account time and traffic without a payment
#[derive(Debug, Args)]
pub struct GrantCommand {
    /// The account: its id as `get accounts` shows it, how that begins, or one of its orders
    account: String,
    /// How many days longer; needed when the account has ended
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=36_500))]
    days: u64,
    /// How much more traffic, such as 10GiB; needed when a capped account has ended
    #[arg(long, value_parser = typed_traffic)]
    traffic: Option<Quota>,
    #[command(flatten)]
    once: Once,
}

/// What is given once, though it is asked for again.
#[derive(Debug, Args)]
struct Once {
    /// Why, for the audit, in at most 500 characters
    #[arg(long)]
    reason: String,
    /// Its own id, to ask again after an answer was lost: it is given once
    #[arg(long)]
    id: Option<OrderId>,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl Once {
    /// Asks for it under its id, and says the id where nobody knows whether it was done.
    fn ask(&self, mut body: Value) -> Result<(), String> {
        let drawn = || SystemEntropy.fresh_ids(super::env::SystemClock.now()).order;
        let id = self.id.unwrap_or_else(drawn);
        if let Some(body) = body.as_object_mut() {
            body.insert("id".to_owned(), json!(id));
            body.insert("reason".to_owned(), json!(self.reason));
        }
        ask::intent(&self.at.socket(), &body).map_err(|failure| match failure.maybe_done {
            true => format!("{}\nto ask for this very one again: --id {id}", failure.why),
            false => failure.why,
        })
    }
}

/// What to do about news to many customers. They are written and sent by `/admin broadcast`.
#[derive(Debug, Subcommand)]
pub enum BroadcastCommand {
    /// It goes to nobody more; whoever has it keeps it
    Stop {
        /// The broadcast, as `get broadcasts` shows it
        broadcast: BroadcastId,
        /// Where the running shop is.
        #[command(flatten)]
        at: At,
    },
}

impl BroadcastCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let Self::Stop { broadcast, at } = self;
        let body = json!({ "intent": "stop-broadcast", "broadcast": broadcast });
        Ok(ask::intent(&at.socket(), &body)?)
    }
}

/// What to do about usage that was counted.
#[derive(Debug, Subcommand)]
pub enum UsageCommand {
    /// Usage that was billed counts no more: after a leap of a server's counters, or as much as
    /// --traffic says
    Forgive(Box<ForgiveCommand>),
}

/// Whose usage is forgiven, and why.
#[derive(Debug, Args)]
pub struct ForgiveCommand {
    /// The account: its id as `get accounts` shows it, how that begins, or one of its orders
    #[arg(required_unless_present = "server", conflicts_with = "server")]
    account: Option<String>,
    /// Instead: all accounts of this server that a leap of its counters used up at once
    #[arg(long)]
    server: Option<ServerId>,
    /// How much, such as 10GiB, at most what was billed; without it what the leap came to
    #[arg(long, value_parser = some_traffic, conflicts_with = "server")]
    traffic: Option<Bytes>,
    #[command(flatten)]
    once: Once,
}

fn some_traffic(text: &str) -> Result<Bytes, String> {
    match typed_traffic(text)? {
        Quota::Bytes(bytes) => Ok(bytes),
        Quota::Unlimited => Err("say how much, such as 10GiB".to_owned()),
    }
}

/// An account, and why.
#[derive(Debug, Args)]
pub struct AccountCommand {
    /// The account: its id as `get accounts` shows it, how that begins, or one of its orders
    account: String,
    /// Why, for the audit, in at most 500 characters
    #[arg(long)]
    reason: String,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

/// An account that gets another server, and why.
#[derive(Debug, Args)]
pub struct MoveCommand {
    #[command(flatten)]
    of: AccountCommand,
    /// Where to: a server that its plan allows and that has room
    #[arg(long, value_name = "SERVER")]
    to: ServerId,
}

impl MoveCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let AccountCommand { account, reason, at } = &self.of;
        let body = json!({ "intent": "move", "account": account, "to": self.to, "reason": reason });
        Ok(ask::intent(&at.socket(), &body)?)
    }
}

/// An account that gets new credentials, and why.
#[derive(Debug, Args)]
pub struct RotateCommand {
    #[command(flatten)]
    of: AccountCommand,
    /// Only if its credentials are of this version, to ask again after an answer was lost: they are
    /// replaced once
    #[arg(long)]
    version: Option<u32>,
}

/// A server whose panel is the right one, and why.
#[derive(Debug, Args)]
pub struct AcceptPanelCommand {
    /// The server's id, as servers.yaml has it
    server: ServerId,
    /// What its panel calls itself, as `describe server` shows it
    #[arg(long, value_name = "IDENTITY")]
    panel: String,
    /// Why, for the audit, in at most 500 characters
    #[arg(long)]
    reason: String,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl AcceptPanelCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let Self { server, panel, reason, at } = self;
        let body = json!({
            "intent": "accept-panel", "server": server, "panel": panel, "reason": reason
        });
        Ok(ask::intent(&at.socket(), &body)?)
    }
}

impl AccountCommand {
    pub(super) fn ask(&self, verb: &str) -> Result<(), String> {
        let body = json!({ "intent": verb, "account": self.account, "reason": self.reason });
        Ok(ask::intent(&self.at.socket(), &body)?)
    }
}

impl RotateCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let AccountCommand { account, reason, at } = &self.of;
        let socket = at.socket();
        let version = match self.version {
            Some(version) => json!(version),
            None => {
                let page = ask::get(&socket, &below("/v1/accounts", account))?;
                page.answer.get("credentials_version").cloned().unwrap_or_default()
            }
        };
        let body = json!({
            "intent": "rotate", "account": account, "reason": reason, "version": version
        });
        ask::intent(&socket, &body).map_err(|failure| match failure.maybe_done {
            true => {
                format!("{}\nto ask for this very one again: --version {version}", failure.why)
            }
            false => failure.why,
        })
    }
}

impl UsageCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let Self::Forgive(asked) = self;
        let ForgiveCommand { account, server, traffic, once } = asked.as_ref();
        let of = match server {
            Some(server) => json!({ "server": server }),
            None => json!({ "account": account }),
        };
        once.ask(json!({ "intent": "forgive", "of": of, "traffic": traffic }))
    }
}

impl OrderCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let (word, decide) = match self {
            Self::Approve { order, reference, at } => {
                let body = json!({ "intent": "approve", "order": order, "reference": reference });
                return Ok(ask::intent(&at.socket(), &body)?);
            }
            Self::Cancel { order, at } => {
                let body = json!({ "intent": "cancel", "order": order });
                return Ok(ask::intent(&at.socket(), &body)?);
            }
            Self::Decline(decide) => ("decline", decide),
            Self::Reopen(decide) => ("reopen", decide),
            Self::Reverse(decide) => ("reverse", decide),
        };
        let body = json!({ "intent": word, "order": decide.order, "reason": decide.reason });
        Ok(ask::intent(&decide.at.socket(), &body)?)
    }
}

impl GrantCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        self.once.ask(json!({
            "intent": "grant",
            "account": self.account,
            "length": DurationMs(self.days.saturating_mul(DAY_MS)),
            "traffic": self.traffic,
        }))
    }
}
