//! Tests.
mod panel_api;
mod store;
