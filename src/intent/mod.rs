//! What a person may ask. `decide(records, intent, now, draws)` answers with edits or a rejection.
//!
//! Discord, and later the command line, only ever submit an [`Intent`]. Nothing here reads a
//! clock, draws a number or calls anybody: a decision is a value.

mod approve;
mod capacity;
mod decide;
mod place;
mod proof;
mod records;
mod types;

pub use capacity::free_places;
pub use decide::{decide, needs};
pub use proof::MOST_PROOFS;
pub use records::{Decided, Records};
pub use types::{Draws, Intent, Person, Placement, Proof, Rejection, Reply};
