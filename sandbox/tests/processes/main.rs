//! Whole systems of real processes: scenarios, crash points, torture, batches.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod batches;
mod scenarios;
mod systems;
