//! What an edit of `desired/` would do: in customers' terms first, then change by change. Pure: the records,
//! two catalogs and the time in, a [`CatalogDiff`] out; nothing is changed.
//!
//! Who moves where is decided by the planner itself ([`crate::planner::move_away`],
//! [`crate::planner::schedule()`]), committed to a copy of the snapshot, for the catalog of before and for that
//! of after: what differs is the edit's doing. This walks over all accounts and all orders, so it is no work for
//! the loop.

mod accounts;
mod compare;
mod edit;
mod effects;
mod fates;
mod fields;
mod judge;
mod links;
mod markdown;
mod notes;
mod orders;
mod pictures;
mod places;
mod servers;
mod text;
mod types;

pub use compare::{Compared, diff};
pub use judge::{Refused, judge};
pub use markdown::{problems_markdown, warnings_markdown};
pub use types::{Became, CatalogDiff, Change, Effect, Field, Files, Weight};
