//! The loop over the memory store, with models of Discord and of a panel, in virtual time.

mod alerts;
mod audit;
mod chat;
mod clocks;
mod panels;
mod stats;
mod surfaces;
mod tickets;
mod waits;
mod world;
