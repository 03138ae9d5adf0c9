//! The append-only record of what was committed: what makes a store's history provable.

mod body;

pub(super) use body::{chain, encode};
