//! The store: one suite of laws for both implementations, and what only the one on disk must do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod archives;
mod backups;
mod checkpoint;
mod command;
mod damage;
mod flips;
mod fscks;
mod golden;
mod journal;
mod kill;
mod laws;
mod memory;
mod model;
mod opening;
mod support;
mod transfers;
mod trouble;
mod upgrades;
