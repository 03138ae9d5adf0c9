//! `nebulalinks describe …`, `explain` and `audit`: all there is of one thing, why not, and who did what.

use super::ask;
use super::show::{Shown, below, pages};
use super::tables::{self, View};
use super::words;
use clap::{Args, Subcommand, value_parser};
use serde_json::Value;

/// What to describe.
#[derive(Debug, Subcommand)]
pub enum DescribeCommand {
    /// An account: what was sold, what was last seen, conditions, what it waits for
    Account(One),
    /// An order: what was asked, what came of it, what people see of it
    Order(One),
    /// A customer: where they are known, what they have, what they ordered that nobody decided yet
    Customer(Whom),
    /// A server: what its file says, what was last seen of it, what is left alone there
    Server(Named),
    /// A plan of the catalog in force, and where it may be served
    Plan(Named),
}

/// One account or order.
#[derive(Debug, Args)]
pub struct One {
    /// Its id, or the first characters of it, at least four; an account also by an order of it
    id: String,
    #[command(flatten)]
    shown: Shown,
}

/// One customer.
#[derive(Debug, Args)]
pub struct Whom {
    /// discord:ID, a Discord id, or the first characters of the customer's own id, at least four
    id: String,
    #[command(flatten)]
    shown: Shown,
}

/// One server or plan.
#[derive(Debug, Args)]
pub struct Named {
    /// Its id as the file has it
    id: String,
    #[command(flatten)]
    shown: Shown,
}

impl DescribeCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let (path, id, shown, page): (_, _, _, fn(&Value, View) -> String) = match self {
            Self::Account(One { id, shown }) => ("/v1/accounts", id, shown, tables::account),
            Self::Order(One { id, shown }) => ("/v1/orders", id, shown, tables::order),
            Self::Customer(Whom { id, shown }) => ("/v1/customers", id, shown, tables::customer),
            Self::Server(Named { id, shown }) => ("/v1/servers", id, shown, tables::server),
            Self::Plan(Named { id, shown }) => ("/v1/plans", id, shown, tables::plan),
        };
        shown.show(|socket| ask::get(socket, &below(path, id)), page)
    }
}

/// Why an account is not as it should be.
#[derive(Debug, Args)]
pub struct ExplainCommand {
    /// The account's id, the first characters of it, at least four, or an order of it
    account: String,
    #[command(flatten)]
    shown: Shown,
}

impl ExplainCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let path = below("/v1/explain", &self.account);
        self.shown.show(|socket| ask::get(socket, &path), tables::explain)
    }
}

/// Which lines of the audit.
#[derive(Debug, Args)]
pub struct AuditCommand {
    /// About this alone: account:ID, with what was written to its clients, order:ID, server:ID, customer:ID (what they did, and what became of their orders and accounts), or the id alone
    #[arg(long, value_name = "SUBJECT", conflicts_with = "watch")]
    subject: Option<String>,
    /// From so long ago on, such as 30m or 7d [default: 24h; of an account, an order or a customer, all]
    #[arg(long, value_name = "LENGTH", value_parser = words::length)]
    since: Option<u64>,
    /// Go on after this line: an earlier answer named it
    #[arg(long, value_name = "LINE")]
    after: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = value_parser!(u16).range(1..=1_000))]
    limit: u16,
    #[command(flatten)]
    shown: Shown,
}

impl AuditCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let words =
            [("subject", self.subject.clone()), ("since_ms", self.since.map(|ms| ms.to_string()))];
        let ask = |socket: &std::path::Path| {
            pages(socket, "/v1/audit", &words, ("lines", self.limit.into()), self.after.clone())
        };
        self.shown.show(ask, tables::audit)
    }
}
