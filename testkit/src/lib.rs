//! What tests, the simulation and benchmarks share: a world where what is desired and what a panel
//! says agree by construction, so that a test perturbs one thing.
//!
//! - [`world`]: records that came to be through `decide` and `schedule`, with a panel per server
//! - [`sold`]: one account right after its sale, where how it came to be does not matter
//! - [`shop`], [`people`], [`panel`]: the catalog, who asks and what they draw, a panel as a value
//! - [`pure_loop`]: one round of the loop without a runtime
//! - [`store`], [`time`]: doubles of ports; [`picture`]: what is uploaded as a proof; [`ports`]: where to listen
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

pub mod panel;
pub mod people;
pub mod picture;
pub mod ports;
pub mod pure_loop;
pub mod shop;
pub mod sold;
pub mod store;
pub mod time;
pub mod world;
