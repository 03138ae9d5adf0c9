//! What the parts know of trouble that no record tells.

use crate::model::Reason;
use std::sync::Arc;

/// Says what is wrong now; called at each look, so it must not wait for anything.
pub type ReasonSource = Arc<dyn Fn() -> Vec<Reason> + Send + Sync>;
