//! What both generations say and take alike.
//!
//! - `http`: one exchange, and what an answer means without reading prose
//! - `reach`: at which addresses a panel is asked, and whose certificate is believed
//! - `rows`: `inbounds/list` as what is told of it, for lists
//! - `state`: the same as the state of a panel with all that it says, for writes
//! - `told`: a client as it is told
//! - `facts`: the public part of inbounds
//! - `behind`: inbounds that are reached through another one
//! - `limits`: ends and caps in a panel's own numbers
//! - `target`: the inbounds a client is to be on, and the secret their protocol needs
//! - `outcome`: what is told when a write cannot go on
//! - `identity`: which panel this is, held against a panel that is replaced while we run
//! - `version`: which are refused, and what to install instead
//! - `json`: reading JSON of others

mod behind;
pub(in crate::panel) mod facts;
pub(in crate::panel) mod http;
pub(in crate::panel) mod identity;
pub(in crate::panel) mod json;
pub(in crate::panel) mod limits;
pub(in crate::panel) mod outcome;
mod reach;
pub(in crate::panel) mod rows;
pub(in crate::panel) mod state;
pub(in crate::panel) mod target;
pub(in crate::panel) mod told;
pub(in crate::panel) mod version;
