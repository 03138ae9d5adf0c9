//! NebulaLinks sells VPN access. This crate is the controller: what was sold is desired state, and
//! a reconcile loop makes every 3x-ui panel agree with it.
//!
//! # The map
//! Ring 0 is pure: no async, no clock, no randomness, no I/O.
//! - [`model`]: ids, money, bytes and every record
//! - [`catalog`]: the operators' YAML → a catalog, or every problem with its place
//! - [`intent`]: what a person may ask, and the decision
//! - [`planner`]: what follows from the records for a panel: the core
//! - [`view`]: records → what people read
//!
//! Ring 1 is the loop.
//! - [`ports`]: what it needs of the world
//! - [`controller`]: the queue, and what runs for each key
//!
//! [`files`] reads what people put on the disk, bounded.
//!
//! Ring 2 are the adapters; none imports another.
//! - [`store`], [`panel`], [`discord`], [`watch`], [`admin`], [`telemetry`]
//!
//! [`cli`] puts them together.

pub mod admin;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod controller;
pub mod discord;
pub mod files;
pub mod intent;
pub mod model;
pub mod panel;
pub mod planner;
pub mod ports;
pub mod store;
pub mod telemetry;
pub mod view;
pub mod watch;
