//! The page: the whole sandbox in a browser, live. One address on loopback, with a token in it.
//!
//! In layers, each of which uses only those before it:
//!
//! | layer | files |
//! | --- | --- |
//! | who looks, what there is, why not | `person`, `log`, `looked`, `beside`, `telling`, `recorder`, `world`, `refused` |
//! | what a scenario says of an act | `lines` |
//! | what is shown | `topics/`: one file each, the list is in `topics/mod.rs` |
//! | what can be done | `acts/`: one file for each family, the list is in `acts/mod.rs` |
//! | a scenario that plays by itself | `story` |
//! | how it reaches a browser | `assets`, `guard`, `stream`, `server` |

mod acts;
mod assets;
mod beside;
mod guard;
mod lines;
mod log;
mod looked;
mod person;
mod recorder;
mod refused;
mod server;
mod story;
mod stream;
mod telling;
mod topics;
mod world;

pub(crate) use recorder::Recorder;
pub(crate) use server::Page;
pub(crate) use story::tell;
pub(crate) use world::World;
