//! The gateway that stands beside each 3x-ui panel: signed, typed, narrow. Every quirk of the panel
//! stays in here; it keeps no records but the claim.
//!
//! # The map
//! - [`config`], [`serve()`]: its options, and how it starts
//! - [`mod@check`]: what an operator learns before it serves
//! - `dispatch`: one request from the socket to the signed answer; `verbs`, `batch`: what is done
//! - [`edge`]: from where and how often, before anything of a request is believed
//! - `coalesce`: lists of the panel, one at a time
//! - `verify`: who may ask, checked in the order of the profile; `nonces` helps it
//! - [`claim`]: who may write, kept in one small file
//! - `scripts`: the seven endpoints of operators' scripts
//! - [`panel`]: what a panel can do ([`panel::adapter::PanelAdapter`]), and the adapters for both generations
//! - [`clock`], [`entropy`], [`hooks`]: what tests and the sandbox may replace
//! - `metrics`: what an operator sees; [`openapi`]: the API as a document
//! - `app_state`: what all requests share; `router`: the paths; `connections`: the open ones, to end them
//! - `keys`, [`files`]: files of secrets, and how they are read; `failure`, `start_error`: why not

mod answer;
mod app_state;
mod batch;
pub mod check;
pub mod claim;
pub mod clock;
mod coalesce;
pub mod config;
mod connections;
mod dispatch;
pub mod edge;
pub mod entropy;
mod failure;
pub mod files;
pub mod hooks;
mod keys;
mod metrics;
mod nonces;
pub mod openapi;
pub mod panel;
mod router;
mod scripts;
mod serve;
mod start_error;
mod verbs;
mod verify;

pub use app_state::Parts;
pub use check::check;
pub use clock::{Clock, SystemClock};
pub use config::{Config, KeySource, PanelLogin, PanelTarget, PanelTls};
pub use edge::Edge;
pub use entropy::{Entropy, SystemEntropy};
pub use failure::Failure;
pub use hooks::{CRASH_POINTS, Hook};
pub use panel::token::{TokenError, make_token};
pub use router::{metrics_router, router};
pub use serve::{Env, Gateway, serve};
pub use start_error::StartError;

/// The gateway's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
