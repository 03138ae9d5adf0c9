//! Tests of the whole: one binary, one module per part.
mod discord;
mod spine;
mod store;
