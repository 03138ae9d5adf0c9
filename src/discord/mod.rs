//! Discord: intake and surfaces.
//!
//! Intake: a click or a command becomes, by [`crate::front`], a page or an [`Intent`] handed to
//! the [`IntentHandler`]; the answer is given after that. Nothing here calls a panel or writes a
//! status.
//! Surfaces: [`Bot::chat`] posts, edits and finds what the controller keeps in Discord.
//!
//! serenity carries the connection and HTTP. What it cannot say or read (Components V2, new fields)
//! passes as JSON: sent as `twilight-model` types, received into a small type of our own.
//!
//! [`Intent`]: crate::intent::Intent

mod api;
mod call;
mod chat;
mod codes;
mod commands;
mod config;
mod date;
mod errors;
mod examine;
mod gateway;
mod heard;
mod http;
mod intake;
mod interaction;
mod look;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod loopback;
mod metadata;
mod multipart;
mod offer;
mod order_channels;
mod permissions;
mod posted;
mod presses;
mod profile;
mod proof;
mod read_more;
mod reader;
mod render;
mod seen;
mod setup;
mod shared;
mod take;
mod tap;
mod threads;
mod turns;
mod uploads;

pub use config::Config;
pub use errors::{BotError, by_answer};
pub use examine::{Ailment, date_of_discord, examine};
pub use profile::PROFILE;
pub use proof::MAX_PROOF_BYTES;

use crate::catalog::Catalog;
use crate::ports::{
    Chat, Clock, Devices, Exports, Hint, IntentHandler, ReasonSource, Store, Timekeeper,
};
use shared::{Health, PROOFS_AT_ONCE, Registered, Shared};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Every point at which a test may end the process here.
pub const CRASH_POINTS: &[&str] = &[
    "discord.before_proof_file",
    "discord.after_proof_file",
    "discord.before_submit",
    "discord.after_submit",
    "discord.after_answer",
    "discord.before_post",
    "discord.after_post",
    "discord.before_edit",
    "discord.after_edit",
    "discord.before_channel",
    "discord.after_channel",
    "discord.before_thread",
    "discord.after_thread",
];

/// What the bot works with.
pub struct Parts {
    /// How to reach Discord.
    pub config: Config,
    /// The records, read only.
    pub store: Arc<dyn Store>,
    /// Where intents are decided.
    pub intents: Arc<dyn IntentHandler>,
    /// The catalog in force.
    pub catalog: watch::Receiver<Arc<Catalog>>,
    /// The machine's clocks, and the points at which a test may end the process.
    pub clock: Arc<dyn Clock>,
    /// The time that people read, and whether it is believed.
    pub time: Arc<dyn Timekeeper>,
}

/// The bot: what the controller and the composition hold of this adapter.
#[derive(Clone)]
pub struct Bot(Arc<Shared>);

impl Bot {
    /// A bot that is not connected yet.
    ///
    /// # Errors
    /// When the TLS library cannot be set up, or the emulator's address is not a plain one.
    pub fn new(parts: Parts) -> Result<Self, BotError> {
        let Parts { config, store, intents, catalog, clock, time } = parts;
        time.expect_discord();
        let ix = http::interactions(&config)?;
        let bg = http::background(&config)?;
        let downloads = http::Downloads::new()?;
        Ok(Self(Arc::new(Shared {
            config,
            store,
            intents,
            catalog,
            clock,
            time,
            ix,
            bg,
            downloads,
            hints: broadcast::channel(256).0,
            connected: watch::channel(false).0,
            proofs_at_once: Semaphore::new(PROOFS_AT_ONCE),
            proof_files: tokio::sync::Mutex::default(),
            seen: tokio::sync::Mutex::default(),
            presses: presses::Presses::default(),
            turns: turns::Turns::default(),
            said_once: turns::SaidOnce::default(),
            guesses: std::sync::Mutex::default(),
            handling: TaskTracker::new(),
            me: AtomicU64::new(0),
            unread: watch::channel(false).0,
            commands: Registered::default(),
            health: Health::default(),
            exports: std::sync::OnceLock::new(),
            devices: std::sync::OnceLock::new(),
            threads: threads::Threads::default(),
        })))
    }

    /// What the controller keeps surfaces with. It works without a connection.
    #[must_use]
    pub fn chat(&self) -> Arc<dyn Chat> {
        Arc::new(chat::DiscordChat::new(Arc::clone(&self.0)))
    }

    /// Deletions as they are heard of. A lagging receiver must look at everything again.
    #[must_use]
    pub fn hints(&self) -> broadcast::Receiver<Hint> {
        self.0.hints.subscribe()
    }

    /// Tells who knows what is wrong in the shop: staff ask by `/admin health`.
    pub fn tell_health(&self, source: ReasonSource) {
        self.0.health.tell(source);
    }

    /// Tells who writes lists: staff ask by `/admin export`. The first one stays.
    pub fn tell_exports(&self, exports: Arc<dyn Exports>) {
        let _ = self.0.exports.set(exports);
    }

    /// Tells who asks servers from where accounts are connected. The first one stays.
    pub fn tell_devices(&self, devices: Arc<dyn Devices>) {
        let _ = self.0.devices.set(devices);
    }

    /// Whether Discord has accepted us.
    #[must_use]
    pub fn connected(&self) -> watch::Receiver<bool> {
        self.0.connected.subscribe()
    }

    /// Whether the shop wants to read what customers post, and Discord does not let the bot.
    #[must_use]
    pub fn unread(&self) -> watch::Receiver<bool> {
        self.0.unread.subscribe()
    }

    /// Asks Discord what time it is, again and again until `shutdown`, and tells the timekeeper:
    /// without a connection, too, and with a token that is refused.
    ///
    /// # Errors
    /// When the TLS library cannot be set up.
    pub async fn ask_the_time(&self, shutdown: CancellationToken) -> Result<(), BotError> {
        let (clock, time) = (Arc::clone(&self.0.clock), Arc::clone(&self.0.time));
        date::DateAsker::new(&self.0.config, clock, time)?.run(shutdown).await;
        Ok(())
    }

    /// Connects, and connects again whenever the connection ends, until `shutdown`; then lets
    /// interactions in hand finish for up to a second.
    ///
    /// # Errors
    /// [`BotError::Fatal`] for what trying again cannot heal: a wrong token or refused intents.
    pub async fn run(&self, shutdown: CancellationToken) -> Result<(), BotError> {
        gateway::run(&self.0, shutdown).await
    }
}

impl std::fmt::Debug for Bot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bot")
    }
}
