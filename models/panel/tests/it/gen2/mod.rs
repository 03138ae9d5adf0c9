//! Laws of the model panels of generation 2: each is a trap that the gateway must live with.

pub(crate) mod bench;
mod hands;
mod races;
mod refused_versions;
mod ways_in;
mod writes;
mod xray;
