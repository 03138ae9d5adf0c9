//! Builders for the laws, the simulation and the benchmark: a world where what is desired and what
//! a panel says agree by construction, so that a test perturbs one thing.
#![allow(dead_code, reason = "each binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub(crate) mod panel;
pub(crate) mod people;
pub(crate) mod pure_loop;
pub(crate) mod shop;
pub(crate) mod time;
pub(crate) mod world;
