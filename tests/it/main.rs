//! Tests of the whole: one binary, one module per part.
mod architecture;
mod discord;
mod store;
