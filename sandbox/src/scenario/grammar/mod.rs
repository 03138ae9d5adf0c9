//! The language of scenarios: plain English in, [`Command`]s out.

mod apps;
mod by_hand;
mod clocks;
mod command;
mod inbound;
mod mishaps;
mod parse;
pub(crate) mod quantity;
mod words;

pub(crate) use apps::AppAct;
pub(crate) use by_hand::{Field, HandChange, Whose};
pub(crate) use clocks::Party;
pub(crate) use command::{Act, Channel, Check, Command, FileChange, PanelChange, Spot};
pub(crate) use inbound::InboundChange;
pub(crate) use mishaps::Mishap;
pub(crate) use words::quoted;
