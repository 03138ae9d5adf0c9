//! NebulaLinks sells VPN access. This crate is the controller: what was sold is desired state, and
//! a reconcile loop makes every 3x-ui panel agree with it.
//!
//! # The map
//! Ring 0 is the crate [`nebulalinks_core`], pure: [`model`], [`catalog`], [`intent`], [`planner`],
//! [`diff`], [`notices`], [`view`], [`front`].
//!
//! Ring 1 is the loop.
//! - [`ports`]: what it needs of the world
//! - [`controller`]: the queue, and what runs for each key
//!
//! [`files`] reads what people put on the disk, [`listen`] takes connections of strangers, both bounded;
//! `rate` counts how often somebody asks.
//!
//! Ring 2 are the adapters; none imports another.
//! - [`store`], [`panel`], [`discord`], [`watch`], [`admin`], [`web`], [`telemetry`]
//!
//! [`cli`] puts them together.

pub mod admin;
pub mod cli;
pub mod config;
pub mod controller;
pub mod discord;
pub mod files;
pub mod listen;
pub mod panel;
pub mod ports;
mod rate;
pub mod store;
pub mod telemetry;
pub mod watch;
pub mod web;

pub use nebulalinks_core::{
    alerts, catalog, diff, export, front, intent, model, notices, planner, revenue, view,
};
