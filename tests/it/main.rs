//! Tests.
mod laws;
mod store;
#[path = "../support/mod.rs"]
mod support;
