//! The profile from outside: published vectors, another implementation, strictness, keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

mod interop;
mod keys;
mod strict;
mod vectors;
