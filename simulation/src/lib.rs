//! The whole system but its processes, under virtual time: the production controller over the
//! memory store, the shipped gateway client, the real gateway routers, the model panels, and
//! everything that can go wrong, drawn from a seed.
//!
//! A seed decides everything: nothing here asks a kernel, a thread or a clock of this machine. Every monitor has a planted mutation
//! that it must see.
//!
//! - [`mod@plan`], [`mod@run`]: a seed; `days`, `calendar`: a run of real length; [`acts`]: one fault on purpose;
//!   [`storefront`]: by hand
//! - [`cluster`], [`wire`], `chat`: the system, and the ways that its parts hear each other
//! - `script`, `people`: what happens; [`monitors`], `final_checks`: what must hold
//! - [`trace`], [`mod@shrink`]: what a failing seed shows
//! - [`mutation`], [`planted`]: what is wrong on purpose, and where it must be seen
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what stands here runs in tests, and fails by panicking"
)]

pub mod acts;
mod addresses;
mod books;
pub mod cadences;
mod calendar;
mod chat;
pub mod cluster;
mod codes;
mod counts;
mod days;
mod disk;
mod effects;
pub mod final_checks;
mod folder;
mod forgetting;
mod instrumented;
mod instrumented_time;
mod life;
pub mod monitors;
mod mutate;
pub mod mutation;
mod news;
mod panel_link;
mod people;
pub mod plan;
pub mod planted;
mod process;
pub mod rng;
pub mod run;
mod script;
mod sessions;
mod setting;
pub mod shrink;
mod staff;
pub mod storefront;
pub mod time;
pub mod trace;
mod trials;
mod web;
pub mod wire;
