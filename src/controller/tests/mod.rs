//! The loop over the memory store, with models of Discord and of a panel, in virtual time.

mod alerts;
mod audit;
mod broadcasts;
mod called;
mod chat;
mod clock;
mod clocks;
mod devices;
mod forget;
mod panels;
mod proofs;
mod put_away;
mod stats;
mod surfaces;
mod test_panels;
mod tickets;
mod waits;
mod world;
