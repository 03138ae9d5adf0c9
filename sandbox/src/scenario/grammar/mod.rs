//! The language of scenarios: plain English in, [`Command`]s out.

mod by_hand;
mod clocks;
mod command;
mod inbound;
mod mishaps;
mod parse;
pub(crate) mod quantity;
mod words;

pub(crate) use by_hand::HandChange;
pub(crate) use clocks::Whose;
pub(crate) use command::{Act, Check, Command, FileChange, PanelChange, Spot};
pub(crate) use inbound::InboundChange;
pub(crate) use mishaps::Mishap;
