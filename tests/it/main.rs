//! Tests of the whole: one binary, one module per part.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod architecture;
mod cli;
mod discord;
mod doctor;
mod laws;
mod operations;
mod panel_api;
mod panel_tls;
mod pull_request;
mod random;
mod redaction;
mod rotation;
mod sealed;
mod sim;
mod spine;
mod store;
