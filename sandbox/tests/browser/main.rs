//! The page in a real browser: headless Chromium, driven through WebDriver, against the whole sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod beside;
mod browser;
mod hands;
mod injected;
mod languages;
mod recorded;
mod sandbox;
mod tour;
