//! The gateway over real sockets, in front of a model panel.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

#[macro_use]
mod support;

mod addresses;
mod adopting;
mod alone;
mod batches;
mod batches_gen2;
mod call;
mod calls;
mod checks;
mod claims;
mod decided_for;
mod doors;
mod histories;
mod inbounds;
mod kinds;
mod live;
mod load;
mod meanwhile;
mod openapi;
mod passing;
mod problems;
mod reads;
mod refused;
mod releasing;
mod restarts;
mod scripts;
mod tokens;
mod traps;
mod trouble;
mod writes;
