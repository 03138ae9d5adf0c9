//! The store: one suite of laws for both implementations, and what only the one on disk must do.

mod kill;
mod laws;
mod memory;
mod model;
mod opening;
mod support;
mod trouble;
