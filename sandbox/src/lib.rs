//! The other systems as models, and the whole of NebulaLinks on one machine.
//!
//! - [`discord`]: an emulator of Discord, with people who press its buttons
//! - [`panel`]: a 3x-ui panel of generation 3, with its quirks and an operator's hands

pub mod discord;
pub mod panel;
