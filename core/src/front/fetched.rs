//! What a click needs of the store beyond the snapshot: asked for before its step, one thing after the
//! other, because what was found may lead to more.

use crate::model::{Audit, Order, OrderId, OrderReference, Reason};

/// The most that is shown of what may be meant: Discord takes no more.
pub const MOST_CHOICES: usize = 25;

/// What the front is to read for a click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The orders of the references from one to another, at most [`MOST_CHOICES`] of them.
    References(OrderReference, OrderReference),
    /// An order that is not in memory.
    Order(OrderId),
    /// The newest lines of the audit, or those before one: one more than a page has.
    Audit(Option<String>),
    /// What is wrong now.
    Reasons,
}

/// What was read for a click; `None` while it was not asked for.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// The orders of [`Wanted::References`].
    pub orders: Option<Vec<OrderId>>,
    /// The order of [`Wanted::Order`], where there is one.
    pub order: Option<Option<Order>>,
    /// The lines of [`Wanted::Audit`], the newest first.
    pub audit: Option<Vec<Audit>>,
    /// What is wrong, of [`Wanted::Reasons`].
    pub reasons: Option<Vec<Reason>>,
}
