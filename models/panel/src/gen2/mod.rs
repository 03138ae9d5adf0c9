//! Generation 2: v2.6.5 to v2.9.4, and the routes of v3.0.2.
//!
//! The settings text of an inbound is the only truth about its clients; a traffic row per email
//! lies beside it and is kept in step by each call on its own. A write reads the whole text, and
//! writes the whole text back some moments later: two at once lose each other's work
//! (`write`).

mod client;
mod draft;
mod json;
pub(super) mod routes;
pub(super) mod rules;
mod write;
