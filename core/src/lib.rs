//! What NebulaLinks decides, without doing it: no async, no clock, no randomness, no I/O. The
//! time, fresh ids and what was read come in as arguments.
//!
//! - [`model`]: ids, money, bytes and every record
//! - [`catalog`]: the operators' YAML → a catalog, or every problem with its place
//! - [`intent`]: what a person may ask, and the decision
//! - [`planner`]: what follows from the records for a panel
//! - [`diff`]: what an edit of the files would do, and to whom
//! - [`export`]: records as lines for spreadsheets
//! - [`alerts`]: what of the shop needs a person now
//! - [`notices`]: what customers are told of their accounts, and when
//! - [`revenue`]: what was taken, by days and longer
//! - [`view`]: records → what people read
//! - [`front`]: what every front does with a click

pub mod alerts;
pub mod catalog;
pub mod diff;
pub mod export;
pub mod front;
pub mod intent;
pub mod model;
pub mod notices;
pub mod planner;
pub mod revenue;
pub mod view;
