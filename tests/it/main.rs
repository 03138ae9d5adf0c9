//! Tests.
mod architecture;
mod store;
