//! What both generations of panels say and take alike.
//!
//! - `http`: one exchange, and what an answer means without reading prose
//! - `reach`: at which addresses the gateway asks a panel, and whose certificate it believes
//! - `json`: reading JSON of others
//!
//! What `inbounds/list` says, each file using only those before it:
//! - `client_object`: a client in an inbound's settings, and its fields
//! - `inbound`: an inbound with its clients
//! - `counters`: the table of counters
//! - `located_client`: one client with all its objects and its counters
//! - `behind`: inbounds that are reached through another one
//! - `public_inbound`: the public part of inbounds
//! - `client_view`: a client as the gateway shows it
//! - `state`: the whole panel, for writes
//! - `list_parser`: the same in one pass, for lists
//!
//! Rules of writes:
//! - `limits`: ends and caps in a panel's own numbers
//! - `target`: the inbounds a client is to be on, and the secret their protocol needs
//! - `outcome`: why a write cannot go on
//!
//! Beside its settings and counters:
//! - `addresses`: from where a client was connected
//!
//! Which panel this is:
//! - `identity`: how a panel is known, and how it shows that it was replaced while the gateway runs
//! - `version`: which versions the gateway refuses, and what to install instead
//! - `xray`: what the panel's status says of Xray

mod behind;
mod client_view;

mod public_inbound;
mod reach;

pub(in crate::panel) mod addresses;
pub(in crate::panel) mod client_object;
pub(in crate::panel) mod counters;
pub(in crate::panel) mod http;
pub(in crate::panel) mod identity;
pub(in crate::panel) mod inbound;
pub(in crate::panel) mod json;
pub(in crate::panel) mod limits;
pub(in crate::panel) mod list_parser;
pub(in crate::panel) mod located_client;
pub(in crate::panel) mod outcome;
pub(in crate::panel) mod state;
pub(in crate::panel) mod target;
pub(in crate::panel) mod version;
pub(in crate::panel) mod xray;
