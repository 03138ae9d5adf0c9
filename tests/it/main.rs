//! Tests.
mod store;

mod discord;
