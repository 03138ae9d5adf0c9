//! An emulator of Discord: a *model* of the service over real HTTP and websockets.
//!
//! A bot connects as it would to Discord; [`Actor`]s are the people, in this process. Discord's own
//! document checks every request; rules that it does not spell (who sees what, 3 s for a first
//! answer, 15 min for a token, nonces) are the model's.
//!
//! In layers, each of which uses only those before it:
//!
//! | layer | files |
//! | --- | --- |
//! | values | `time ids config layout events faults error spec` |
//! | what there is, without a word about transport | `state` (all of it is one `Discord`), `components` |
//! | how it looks: to the bot, to people | `json`, `render`, `view` |
//! | what happens | `dispatch`, `notes`, `interactions` |
//! | who does it: the bot, people, a test | `rest`, `gateway_ws`; `people`; `control`, `reads`, `wait` |
//! | a running one | `emulator` is the handle that these share, `serve` starts and ends it |
//!
//! ```no_run
//! # use nebulalinks_model_discord::{Emulator, EmulatorConfig};
//! # use std::time::Duration;
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! let config = EmulatorConfig::new("token", EmulatorConfig::system_clock());
//! let emulator = Emulator::start(config).await?;
//! // … a bot connects to `emulator.base_url()` …
//! emulator.wait_for_bot(Duration::from_secs(5)).await?;
//! let alice = emulator.user("alice");
//! alice.press("store", "Buy").await?;
//! let ordered = alice.pick("basic-30").await?;
//! println!("{}", ordered.text());
//! emulator
//!     .wait_for("the link", Duration::from_secs(5), |emulator| {
//!         (emulator.count_dms("alice", "vless://") == 1).then_some(())
//!     })
//!     .await?;
//! emulator.assert_clean();
//! # Ok(())
//! # }
//! ```

mod components;
mod config;
mod control;
mod dispatch;
mod emulator;
mod error;
mod events;
mod faults;
mod forgetting;
mod gateway_ws;
mod ids;
mod interactions;
mod json;
mod layout;
mod notes;
mod people;
mod reads;
mod render;
mod rest;
mod serve;
mod spec;
mod state;
mod time;
#[cfg(test)]
mod twilight_check;
mod view;
mod wait;
mod wire_conn;

pub use config::{EmulatorConfig, Limits, Now};
pub use emulator::Emulator;
pub use events::{Audience, EmulatorEvent, EventKind};
pub use faults::{DispatchFault, Effect, Fault, RateLimitScope};
pub use layout::GuildLayout;
pub use people::{Actor, ActorError, ModalView, Offer, Outcome, Place};
pub use state::records::RequestLog;
pub use time::UnixMs;
pub use view::{FileView, MessageView, ThreadView};
pub use wait::WaitError;
