//! A model of a 3x-ui panel: its stores, its rules with every trap, its HTTP API, and the jobs it
//! runs by itself. [`ModelPanel`] is the handle, the same for every version.
//!
//! `gen2` and `gen3` hold the rules and routes of the two generations; what stands beside
//! them serves both. Each is checked against recordings of two real panels (v2.6.5 and v2.9.4,
//! v3.4.2 and the head after v3.6.0), and is a model, not a script: answers follow from state.
//!
//! # Caveats
//! Not modelled: links and the subscription server, what a node does, groups, WebSocket push,
//! two-factor login, and inbound edits other than adding one.

mod answer;
mod auth;
mod config;
mod control;
mod disturb;
mod faults;
mod gen2;
mod gen3;
mod generate;
mod hands;
mod http;
mod in_process;
mod jobs;
mod journal;
mod marks;
mod serve;
mod sessions;
mod state;
mod traffic;
mod version;
mod wire;
mod xray;

pub use config::{InboundSeed, PanelClock, PanelConfig};
pub use control::{Backup, CallLog, InboundView, ModelPanel};
pub use faults::{Fault, Faults, Scope};
pub use in_process::{NoAnswer, PanelInProcess};
pub use journal::{Actor, ClientSnapshot, JournalEntry, PanelEvent};
pub use serve::PanelServer;
pub use state::Refusal;
pub use version::{Generation, PanelVersion};
pub use wire::{SettingsClient, StatsRow};
pub use xray::XrayState;
