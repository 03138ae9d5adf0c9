//! Tests of the whole: one binary, one module per part.

mod discord;
mod panel_api;
mod spine;
mod store;
