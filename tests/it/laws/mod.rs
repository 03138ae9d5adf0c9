//! The laws of the core: what a person may ask, what follows for a panel, and what the queue holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod adopting;
mod agreement;
mod archiving;
mod beyond;
mod clocks;
mod compensation;
mod convergence;
mod diff;
mod draining;
mod drift;
mod forgiving;
mod guarding;
mod hands;
mod inbounds;
mod indexes;
mod intents;
mod intents_at_random;
mod leaving;
mod ledgers;
mod lifecycle;
mod lines;
mod models;
mod open_sessions;
mod overruns;
mod own;
mod people;
mod places;
mod plans;
mod queue;
mod rebuilding;
mod references;
mod releasing;
mod schedules;
mod two_servers;
mod undoing;
