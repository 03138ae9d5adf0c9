//! The emulator's laws, shown with serenity as the bot.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

mod bot;
mod gateway_laws;
mod laws;
mod offer_laws;
mod rest_laws;
mod screens;
