//! The emulator's laws, shown with serenity as the bot.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

#[path = "emulator/bot.rs"]
mod bot;
#[path = "emulator/gateway_laws.rs"]
mod gateway_laws;
#[path = "emulator/laws.rs"]
mod laws;
#[path = "emulator/rest_laws.rs"]
mod rest_laws;
