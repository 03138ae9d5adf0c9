//! The model panels answer as the recorded panels did, exchange by exchange, in order.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod panel_recordings {
    pub(crate) mod compare;
    mod gen2;
    mod gen3;
    pub(crate) mod replay;
}
