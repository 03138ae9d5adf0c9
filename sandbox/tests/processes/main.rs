//! Whole systems of real processes: scenarios, crash points, torture, batches.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod batches;
mod page;
mod recordings;
mod scenarios;
mod streams;
mod systems;
