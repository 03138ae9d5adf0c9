//! The core: from records and one observation to what must change, and why the rest must not.
//!
//! `entitle` (in [`crate::model::Entitlement`]) → [`schedule()`] → `compile` → `diff` → [`guard()`].
//! Synchronous, deterministic, without I/O. Nothing is left to choose when a change is applied.

mod absent;
mod adopted;
mod candidates;
mod changes;
pub mod clocks;
mod compensate;
mod compile;
mod covered;
mod cut_sessions;
mod diff;
mod explain;
mod fields;
mod guard;
mod ledger;
mod line;
mod moves;
mod opening;
mod proposal;
mod release;
mod report;
mod schedule;
mod server;
mod weigh;

pub use changes::{Change, ChangeSet, FieldChange, Verb, Why};
pub use compensate::{COMPENSATE_AFTER, compensate};
pub use guard::{GuardInput, GuardedChangeSet, GuardedProposal, guard};
pub use ledger::LEDGER_EVERY;
pub use moves::{MOVES_EVERY, MoveAway, move_away, moves_at_once};
pub use proposal::{Forget, PlanInput, Proposal};
pub use report::{Note, Report, Waiting, another_panel};
pub use schedule::{Scheduled, schedule};
pub use server::plan_server;
pub use weigh::Counters;
