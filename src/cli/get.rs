//! `nebulalinks get …`: lists of the running shop, a line a row.

use super::ask;
use super::show::{Shown, pages, query};
use super::tables::{self, List, sort_by};
use super::words::{self, Words};
use crate::model::{ConditionKind, OrderState};
use clap::{Args, Subcommand, value_parser};

/// A part of a list.
#[derive(Debug, Args)]
struct Part {
    /// Go on after this one: an earlier answer named it
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = value_parser!(u16).range(1..=1_000))]
    limit: u16,
}

/// The order of a list that comes whole.
#[derive(Debug, Args)]
pub struct Sorted {
    /// Sort by this column, named as its title is
    #[arg(long, value_name = "COLUMN")]
    sort: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

/// Which accounts.
#[derive(Debug, Args)]
pub struct Accounts {
    /// Of this customer: discord:ID, a Discord id, or how the customer's own id begins
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    /// Bound to this server
    #[arg(long, value_name = "SERVER")]
    server: Option<String>,
    /// Of which this is true
    #[arg(long, value_name = "CONDITION", value_parser = Words(words::CONDITIONS))]
    condition: Option<String>,
    /// Of this family of plans
    #[arg(long, value_name = "FAMILY")]
    family: Option<String>,
    /// That were sold this plan at some time
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    shown: Shown,
}

/// Which orders.
#[derive(Debug, Args)]
pub struct Orders {
    /// In this state
    #[arg(long, value_name = "STATE", value_parser = Words(words::STATES))]
    status: Option<String>,
    /// Of this customer: discord:ID, a Discord id, or how the customer's own id begins
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    shown: Shown,
}

/// Which customers.
#[derive(Debug, Args)]
pub struct Customers {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    shown: Shown,
}

/// Which tickets.
#[derive(Debug, Args)]
pub struct Tickets {
    /// Only those whose customers wait for an answer
    #[arg(long)]
    waiting: bool,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    shown: Shown,
}

/// All that are remembered.
#[derive(Debug, Args)]
pub struct Broadcasts {
    #[command(flatten)]
    shown: Shown,
}

/// How far back, and how many.
#[derive(Debug, Args)]
pub struct Events {
    /// Of this last time, such as 30m or 7d
    #[arg(long, default_value = "24h", value_name = "LENGTH", value_parser = words::length)]
    since: u64,
    /// The newest so many
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = value_parser!(u16).range(1..=1_000))]
    limit: u16,
    #[command(flatten)]
    shown: Shown,
}

/// How many of what falls due.
#[derive(Debug, Args)]
pub struct Due {
    /// At most so many
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = value_parser!(u16).range(1..=1_000))]
    limit: u16,
    #[command(flatten)]
    shown: Shown,
}

/// Whose passes.
#[derive(Debug, Args)]
pub struct Passes {
    /// Of this server alone
    #[arg(long, value_name = "SERVER")]
    server: Option<String>,
    #[command(flatten)]
    sorted: Sorted,
}

/// What to list.
#[derive(Debug, Subcommand)]
pub enum GetCommand {
    /// Accounts in the order of their ids: conditions, end, usage, server, what each waits for
    #[command(alias = "account")]
    Accounts(Box<Accounts>),
    /// Orders, the newest first
    #[command(alias = "order")]
    Orders(Box<Orders>),
    /// Servers: lifecycle, conditions, how many accounts, what waits, what is held
    #[command(alias = "server")]
    Servers(Sorted),
    /// Plans of the catalog in force, and how many terms were sold of each
    #[command(alias = "plan")]
    Plans(Sorted),
    /// Promo codes of the catalog in force: what each gives, and how often it is used
    #[command(alias = "promo")]
    Promos(Sorted),
    /// Customers: whoever has ordered or was adopted, in the order of their ids
    #[command(alias = "customer")]
    Customers(Customers),
    /// Open questions of customers: first who waits for an answer, the longest wait first
    #[command(alias = "ticket")]
    Tickets(Tickets),
    /// What staff wrote to many customers, the newest first: how far it is, or how it ended
    #[command(alias = "broadcast")]
    Broadcasts(Broadcasts),
    /// What happened lately in the order of time: the audit, and passes that changed something or failed
    #[command(alias = "event")]
    Events(Events),
    /// What falls due next: ends of accounts, orders and places
    Due(Due),
    /// The last passes of the loop over each server, the newest first: what each wanted, what the guard
    /// let through, and what was left alone
    #[command(alias = "pass")]
    Passes(Passes),
}

impl GetCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        match self {
            Self::Accounts(accounts) => accounts.run(),
            Self::Orders(orders) => orders.run(),
            Self::Customers(Customers { part, shown }) => shown.show(
                |socket| part.ask(socket, "/v1/customers", &[], "customers"),
                tables::customers,
            ),
            Self::Tickets(Tickets { waiting, part, shown }) => {
                let words = [("waiting", waiting.then(|| true.to_string()))];
                let ask =
                    |socket: &std::path::Path| part.ask(socket, "/v1/tickets", &words, "tickets");
                shown.show(ask, tables::tickets)
            }
            Self::Broadcasts(Broadcasts { shown }) => {
                shown.show(|socket| ask::get(socket, "/v1/broadcasts"), tables::broadcasts)
            }
            Self::Servers(sorted) => sorted.run("/v1/servers", List::Servers, tables::servers),
            Self::Plans(sorted) => sorted.run("/v1/plans", List::Plans, tables::plans),
            Self::Promos(sorted) => sorted.run("/v1/promos", List::Promos, tables::promos),
            Self::Passes(Passes { server, sorted }) => {
                let path = query("/v1/passes", &[("server", server.clone())]);
                sorted.run(&path, List::Passes, tables::passes)
            }
            Self::Events(Events { since, limit, shown }) => {
                let words =
                    [("since_ms", Some(since.to_string())), ("limit", Some(limit.to_string()))];
                let path = query("/v1/events", &words);
                shown.show(|socket| ask::get(socket, &path), tables::events)
            }
            Self::Due(Due { limit, shown }) => {
                let path = query("/v1/due", &[("limit", Some(limit.to_string()))]);
                shown.show(|socket| ask::get(socket, &path), tables::due)
            }
        }
    }
}

impl Part {
    fn ask(
        &self,
        socket: &std::path::Path,
        path: &str,
        words: &[(&str, Option<String>)],
        list: &str,
    ) -> Result<ask::Told, String> {
        pages(socket, path, words, (list, self.limit.into()), self.after.clone())
    }
}

impl Sorted {
    fn run(
        &self,
        path: &str,
        list: List,
        page: fn(&serde_json::Value, tables::View) -> String,
    ) -> Result<(), String> {
        let ask = |socket: &std::path::Path| {
            let mut told = ask::get(socket, path)?;
            if let Some(by) = &self.sort {
                sort_by(&mut told.answer, list, by)?;
            }
            Ok(told)
        };
        self.shown.show(ask, page)
    }
}

impl Accounts {
    fn run(&self) -> Result<(), String> {
        let condition = self.condition.as_deref();
        let condition =
            words::one_of("condition", condition, ConditionKind::ALL.map(ConditionKind::name))?;
        let words = [
            ("customer", self.customer.clone()),
            ("server", self.server.clone()),
            ("condition", condition.map(str::to_owned)),
            ("family", self.family.clone()),
            ("plan", self.plan.clone()),
        ];
        let ask =
            |socket: &std::path::Path| self.part.ask(socket, "/v1/accounts", &words, "accounts");
        self.shown.show(ask, tables::accounts)
    }
}

impl Orders {
    fn run(&self) -> Result<(), String> {
        let states = OrderState::ALL.map(OrderState::name);
        let state = words::one_of("state of orders", self.status.as_deref(), states)?;
        let words = [("state", state.map(str::to_owned)), ("customer", self.customer.clone())];
        let ask = |socket: &std::path::Path| self.part.ask(socket, "/v1/orders", &words, "orders");
        self.shown.show(ask, tables::orders)
    }
}
