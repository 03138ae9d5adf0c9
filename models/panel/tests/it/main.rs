//! The model of a 3x-ui panel: its laws, trap by trap, and the recordings of real panels.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod faults;
mod gen2;
mod laws;
mod recordings;
