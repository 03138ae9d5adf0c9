//! Tests.

mod discord;
