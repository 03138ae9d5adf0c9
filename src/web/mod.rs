//! What customers' apps and browsers read: `/sub/{token}`, on a listener of its own. It reads records and
//! changes nothing.
//!
//! A token opens an account's service, so it stands in no log, metric or error. Whoever knows none learns
//! nothing: every address that is not one of an account is answered alike.

mod answer;
mod limits;
mod page;
mod serve;
mod stats;

pub use serve::{Web, WebError};
pub use stats::{Outcome, SubscriptionStats};
