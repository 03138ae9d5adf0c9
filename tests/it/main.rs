//! Tests.
mod laws;
mod sim;
mod store;
#[path = "../support/mod.rs"]
mod support;
