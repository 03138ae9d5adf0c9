//! What the panel does with its database: one file per kind of change.

mod create;
mod enable;
mod poll;
mod remove;
mod traffic;
mod update;

pub(crate) use enable::Bulk;
