//! The handle of a running emulator.

use crate::events::EmulatorEvent;
use crate::layout::GuildLayout;
use crate::state::Discord;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    pub(crate) task: Option<JoinHandle<io::Result<()>>>,
}

pub(crate) struct Inner {
    pub(crate) discord: Mutex<Discord>,
    pub(crate) version: watch::Sender<u64>,
    pub(crate) address: SocketAddr,
    pub(crate) running: Mutex<Running>,
    pub(crate) answer_within: Duration,
    pub(crate) settle_within: Duration,
}

/// A running emulator; clones are handles to the same one.
#[derive(Clone)]
pub struct Emulator(pub(crate) Arc<Inner>);

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Emulator({})", self.base_url())
    }
}

impl Emulator {
    /// `http://127.0.0.1:<port>`: what serenity takes as its proxy.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// The ids of the guild.
    #[must_use]
    pub fn layout(&self) -> GuildLayout {
        self.read(|discord| discord.layout.clone())
    }

    /// What happens from now on; a slow reader misses the oldest.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<EmulatorEvent> {
        self.read(|discord| discord.events.subscribe())
    }

    pub(crate) fn stopping(&self) -> CancellationToken {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).stop.clone()
    }

    pub(crate) fn violation(&self, what: String) {
        self.change(|discord| discord.violations.push(what));
    }

    pub(crate) fn read<T>(&self, f: impl FnOnce(&Discord) -> T) -> T {
        f(&self.0.discord.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn change<T>(&self, f: impl FnOnce(&mut Discord) -> T) -> T {
        let result = f(&mut self.0.discord.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.version.send_modify(|version| *version += 1);
        result
    }
}
