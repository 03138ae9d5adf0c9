//! Laws of the model panels of generation 2: each is a trap that the gateway must live with.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod panel_gen2 {
    pub(crate) mod bench;
    mod hands;
    mod races;
    mod refused_versions;
    mod ways_in;
    mod writes;
    mod xray;
}
