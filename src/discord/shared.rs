//! What all parts of the bot share.

use super::api::Api;
use super::config::Config;
use super::http::Downloads;
use super::presses::Presses;
use super::seen::Seen;
use super::threads::Threads;
use super::turns::{SaidOnce, Turns};
use crate::catalog::Catalog;
use crate::front::Guesses;
use crate::model::Reason;
use crate::ports::{Clock, Devices, Exports, Hint, IntentHandler, ReasonSource, Store, Timekeeper};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, Semaphore, broadcast, watch};
use tokio_util::task::TaskTracker;

/// How many proofs may be in memory at once.
pub(super) const PROOFS_AT_ONCE: usize = 4;

/// What all parts of the bot share.
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) store: Arc<dyn Store>,
    pub(super) intents: Arc<dyn IntentHandler>,
    pub(super) catalog: watch::Receiver<Arc<Catalog>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) time: Arc<dyn Timekeeper>,
    /// For answers to interactions: no rate limiter in between, 2.5 s at most.
    pub(super) ix: Api,
    /// For surfaces: rate limited.
    pub(super) bg: Api,
    pub(super) downloads: Downloads,
    pub(super) hints: broadcast::Sender<Hint>,
    pub(super) connected: watch::Sender<bool>,
    /// How many proofs are in memory at once, 10 MiB each at most.
    pub(super) proofs_at_once: Semaphore,
    /// Held while a proof's file is written and decided on.
    pub(super) proof_files: Mutex<()>,
    /// Which pictures were seen before. Held for moments, and once while earlier orders are read.
    pub(super) seen: Mutex<Seen>,
    /// Who clicked how often.
    pub(super) presses: Presses,
    /// Whose posted message is worked on.
    pub(super) turns: Turns,
    /// What was said of an order to whom simply posts in its thread.
    pub(super) said_once: SaidOnce,
    /// Who typed promo codes that there are not.
    pub(super) guesses: std::sync::Mutex<Guesses>,
    /// Interactions being handled.
    pub(super) handling: TaskTracker,
    /// Our own user id; 0 before the first connection.
    pub(super) me: AtomicU64,
    /// The shop wants to read what is posted, and Discord does not let it.
    pub(super) unread: watch::Sender<bool>,
    pub(super) commands: Registered,
    /// What is wrong in the shop, once the composition has told who knows.
    pub(super) health: Health,
    /// Who writes lists, once the composition has told.
    pub(super) exports: OnceLock<Arc<dyn Exports>>,
    /// Who asks servers from where accounts are connected, once the composition has told.
    pub(super) devices: OnceLock<Arc<dyn Devices>>,
    /// The threads that stand below the orders' channel.
    pub(super) threads: Threads,
}

/// Who knows what is wrong.
#[derive(Default)]
pub(super) struct Health(OnceLock<ReasonSource>);

impl Health {
    /// Takes who knows; the first one stays.
    pub(super) fn tell(&self, source: ReasonSource) {
        let _ = self.0.set(source);
    }

    pub(super) fn reasons(&self) -> Vec<Reason> {
        self.0.get().map(|source| source()).unwrap_or_default()
    }
}

/// Which commands were last sent, so that a new connection does not send them again: Discord allows
/// 200 a day.
#[derive(Debug, Default)]
pub(super) struct Registered(std::sync::Mutex<Option<String>>);

impl Registered {
    /// Whether it was this set.
    pub(super) fn is(&self, hash: &str) -> bool {
        self.0.lock().is_ok_and(|last| last.as_deref() == Some(hash))
    }

    pub(super) fn keep(&self, hash: String) {
        if let Ok(mut last) = self.0.lock() {
            *last = Some(hash);
        }
    }
}
