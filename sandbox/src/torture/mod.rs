//! Real processes under load, killed with `kill -9` at random moments while disks fill up, files go
//! and clocks are set wrong: nothing may be lost, and nothing doubled.

mod batches;
mod faults;
mod ground;
mod memory;
mod people;
mod rounds;
mod sold;

pub(crate) use batches::{Batches, batches};
pub(crate) use rounds::{Torture, torture};
