//! The other systems as models, and the whole of NebulaLinks on one machine.
//!
//! - [`discord`]: an emulator of Discord, with people who press its buttons

pub mod discord;
