//! What a click needs of the store beyond the snapshot: asked for before its step, one thing after the
//! other, because what was found may lead to more.

use crate::model::{AccountId, Audience, Order, OrderId, OrderReference, Reach, Reason};
use crate::view::{AuditPage, ConnectedFrom, ExportAsked, ExportFailure, Exported, Setup};

/// What the front is to read for a click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The orders of the references from one to another, at most as many as the front offers
    /// ([`FrontProfile::choices`](crate::view::FrontProfile::choices)).
    References(OrderReference, OrderReference),
    /// An order that is not in memory.
    Order(OrderId),
    /// A page of the newest lines of the audit, or of those before one: see [`AuditPage::take`].
    Audit(Option<String>),
    /// What is wrong now.
    Reasons,
    /// Whether the server has what the shop needs.
    Setup,
    /// A list to take along, for who may have it.
    Export(ExportAsked),
    /// How many customers are meant.
    Reach(Audience),
    /// From where an account is connected, which is told to whoever asks.
    Devices(AccountId),
}

/// What was read for a click; `None` while it was not asked for.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// The orders of [`Wanted::References`].
    pub orders: Option<Vec<OrderId>>,
    /// The order of [`Wanted::Order`], where there is one.
    pub order: Option<Option<Order>>,
    /// The page of [`Wanted::Audit`].
    pub audit: Option<AuditPage>,
    /// What is wrong, of [`Wanted::Reasons`].
    pub reasons: Option<Vec<Reason>>,
    /// How the server is, of [`Wanted::Setup`].
    pub setup: Option<Setup>,
    /// What came of [`Wanted::Export`].
    pub export: Option<Result<Exported, ExportFailure>>,
    /// What was counted of [`Wanted::Reach`].
    pub reach: Option<Reach>,
    /// What the servers of [`Wanted::Devices`] said.
    pub devices: Option<Vec<ConnectedFrom>>,
}
