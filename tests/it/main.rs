//! Tests.
mod store;
