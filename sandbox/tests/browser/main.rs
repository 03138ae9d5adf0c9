//! The page in a real browser: headless Chromium, driven through WebDriver, against the whole sandbox.

mod browser;
mod hands;
mod sandbox;
mod tour;
