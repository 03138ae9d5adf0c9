//! What both generations say and take alike.
//!
//! - `http`: one exchange, and what an answer means without reading prose
//! - `state`: `inbounds/list` as the state of a panel
//! - `facts`: the public part of an inbound
//! - `target`: the inbounds a client is to be on, and the secret their protocol needs
//! - `outcome`: what is told when a write cannot go on
//! - `identity`: which panel this is, held against a panel that is replaced while we run
//! - `json`: reading JSON of others

pub(in crate::panel) mod facts;
pub(in crate::panel) mod http;
pub(in crate::panel) mod identity;
pub(in crate::panel) mod json;
pub(in crate::panel) mod outcome;
pub(in crate::panel) mod state;
pub(in crate::panel) mod target;
