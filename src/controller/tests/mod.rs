//! The loop over the memory store, with models of Discord and of a panel, in virtual time.

mod chat;
mod panels;
mod surfaces;
mod world;
