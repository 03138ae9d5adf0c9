//! Real processes under load, killed with `kill -9` at random moments: nothing may be lost, and
//! nothing doubled.

mod batches;
mod ground;
mod people;
mod rounds;
mod sold;

pub(crate) use batches::{Batches, batches};
pub(crate) use rounds::{Torture, torture};
