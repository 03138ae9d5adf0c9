//! Scenarios: readable files in which people act, things break and time passes, with what is then
//! seen below each command. See `README.md` beside this file.

mod acts;
mod alerts;
mod apps;
mod checks;
mod clocks;
mod firing;
mod grammar;
mod matching;
mod mishaps;
mod moves;
mod operator;
mod plain;
mod play;
mod player;
mod record;
mod scrape;
mod script;
mod seen;

pub(crate) use acts::actor;
pub(crate) use firing::{Alert, Firing};
pub(crate) use grammar::quantity::spell_seconds;
pub(crate) use grammar::{Command, Field, InboundChange, PanelChange, quoted};
pub(crate) use moves::clients_shown_to;
pub(crate) use play::{Scenario, Stage, Steps, look_on, perform_in, play_file};
pub(crate) use player::Mode;
pub(crate) use record::{Doing, Heard, receipts_of, record, recordable};
pub(crate) use scrape::series_of;
