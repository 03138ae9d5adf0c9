//! Scenarios: readable files in which people act, things break and time passes, with what is then
//! seen below each command. See `README.md` beside this file.

mod acts;
mod alerts;
mod checks;
mod clocks;
mod command;
mod deed;
mod inbound;
mod matching;
mod mishaps;
mod moves;
mod plain;
mod play;
mod quantity;
mod script;
mod seen;

pub(crate) use alerts::series_of;
pub(crate) use play::{Mode, look_on, play_file, play_in};
