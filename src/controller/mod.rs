//! The loop: one queue, and what runs for each key.
//!
//! Events are hints; the clock and the full list are the truth. Why a key runs never reaches
//! what runs.

mod account;
mod account_conditions;
mod alerts;
mod archivable;
mod archive;
mod audit;
mod backoff;
mod broadcast;
mod cadence;
mod claim;
mod claims;
mod clock;
mod close_to_cap;
mod conditions;
mod context;
mod cooldowns;
mod counters;
mod devices;
mod drain;
mod error;
mod executor;
mod first_look;
mod forget;
mod histogram;
mod keys;
mod lock;
mod look_now;
mod loop_stats;
mod near;
mod newcomers;
mod nonce;
mod notify;
mod proofs;
mod queue;
mod recent_passes;
mod retain;
mod runner;
mod server;
mod stats;
mod surface;
mod surface_checks;
mod takings;
#[cfg(test)]
mod tests;
mod timekeeper;
mod undeleted;
mod waits;
mod wanted;
mod xray;

pub use cadence::Cadence;
pub use context::{Context, Parts};
pub use devices::AskDevices;
pub use error::{Failure, FailureCode};
pub use histogram::Histogram;
pub use keys::{Lane, WorkKey};
pub use look_now::{LookNow, Looked, Target};
pub use loop_stats::{LoopStats, Moves, ServerStats};
pub use queue::Queue;
pub use recent_passes::{Ended, Lines, Look, RecentPass, RecentPasses};
pub use retain::publish_with_retained;
pub use runner::Controller;
pub use takings::{RecountLine, recount, recount_if_short, takings_of};
pub use timekeeper::WitnessedClock;
pub use wanted::WantedChange;

/// The points at which a test may end the process: before and after each effect.
pub const CRASH_POINTS: &[&str] = &[
    "account.before_bind",
    "account.after_bind",
    "account.after_compensate",
    "server.after_list",
    "server.before_records",
    "server.after_records",
    "executor.before_call",
    "executor.after_call",
    "executor.after_status",
    "executor.before_restart",
    "executor.after_restart",
    "surface.before_post",
    "surface.after_post",
    "surface.before_news",
    "surface.after_news",
    "surface.after_record",
    "surface.after_put_away",
    "surface.before_delete_channel",
    "surface.after_delete_channel",
    "notify.before_link",
    "notify.after_link",
    "notify.before_notice",
    "notify.after_notice",
];
