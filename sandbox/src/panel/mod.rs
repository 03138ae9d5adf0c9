//! A model of a 3x-ui panel of generation 3: its three stores, its rules with every trap, its
//! HTTP API, and its own poll that disables who is expired or depleted.
//!
//! It is held against recordings of two real panels (v3.4.2 and the head after v3.6.0), and it
//! is a model, not a script: answers follow from state. [`ModelPanel`] is the handle.
//!
//! # Caveats
//! Not modelled: links and the subscription server, nodes, groups, WebSocket push, two-factor
//! login, and inbound edits other than adding one.

mod config;
mod control;
mod faults;
mod generate;
mod journal;
mod routes;
mod rules;
mod serve;
mod sessions;
mod state;
mod wire;

pub use config::{InboundSeed, PanelClock, PanelConfig, PanelVersion};
pub use control::{Backup, ModelPanel, XrayState};
pub use faults::{Fault, Faults, Scope};
pub use journal::{Actor, ClientSnapshot, JournalEntry, PanelEvent};
pub use serve::PanelServer;
pub use state::Refusal;
pub use wire::{SettingsClient, StatsRow};
