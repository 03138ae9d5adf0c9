//! What controller and gateway say to each other: the wire types, and the signatures on both
//! directions. Pure; the only crate both sides share.

mod types;

pub use types::*;
