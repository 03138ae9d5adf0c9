//! What a person may ask. `decide(records, intent, now, ids)` answers with edits or a rejection.
//!
//! Discord, and later the command line, only ever submit an [`Intent`]. Nothing here reads a
//! clock, draws a number or calls anybody: a decision is a value.

mod types;

pub use types::{Draws, Intent, Person, Placement, Proof, Rejection, Reply};
