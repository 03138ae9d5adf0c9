//! Generation 3: v3.3.0 to the head after v3.6.0.
//!
//! A client has a record of its own, stands in the settings of each inbound it is on, and shares
//! one traffic row among them: three stores of the same facts, which can disagree.

pub(super) mod routes;
pub(super) mod rules;
