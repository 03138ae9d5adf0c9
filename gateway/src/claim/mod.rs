//! Who may write: one controller at a time. Its fence is durable before the answer goes out, and what a
//! write carries is durable before the panel is called.
//!
//! - `memory`: what is kept of whom, and what follows from a claim: pure
//! - `file`: how the gateway writes that down; `disk`: the one file that keeps it, as a port

mod disk;
mod file;
mod memory;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use nebulalinks_protocol::{ClaimRequest, ErrorCode, HistoryPoint};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::hooks::Hook;
pub use disk::{CLAIM_FILE, ClaimDisk, StateFolder};
pub(crate) use file::fence_in;
pub use memory::{Grant, MOST_STORES, Memory, SILENCE_MS};

/// The claim: in memory for every write, on disk for a restart.
pub struct Claims {
    disk: Arc<dyn ClaimDisk>,
    clock: Arc<dyn Clock>,
    hook: Hook,
    memory: RwLock<Memory>,
    /// When the holder claimed last; one change of the memory at a time.
    last_ms: tokio::sync::Mutex<u64>,
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claims").field("place", &self.disk.place()).finish_non_exhaustive()
    }
}

impl Claims {
    /// Opens the claim of a state folder, which is made if it is not there.
    ///
    /// # Errors
    /// The folder or the file cannot be used. A damaged file is an error, never "no claim": it is
    /// what keeps old writers out.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>, hook: Hook) -> std::io::Result<Self> {
        Self::open_on(Arc::new(StateFolder::at(folder.to_owned())), clock, hook)
    }

    /// The same on a disk that was chosen by the caller.
    ///
    /// # Errors
    /// As [`Claims::open`].
    pub fn open_on(
        disk: Arc<dyn ClaimDisk>,
        clock: Arc<dyn Clock>,
        hook: Hook,
    ) -> std::io::Result<Self> {
        let memory = file::decode(disk.read()?).map_err(std::io::Error::other)?;
        let memory = RwLock::new(memory);
        // A restart counts as a sign of life: the holder gets its two minutes.
        let last_ms = tokio::sync::Mutex::new(clock.now_ms());
        Ok(Self { disk, clock, hook, memory, last_ms })
    }

    /// Whether a fence is the current claim's.
    #[must_use]
    pub fn holds(&self, fence: u64) -> bool {
        self.read(|memory| memory.holds(fence))
    }

    /// Claims. The same process renews and keeps its fence, so that its writes under way stay
    /// valid; any other gets a new, higher one.
    ///
    /// # Errors
    /// [`ErrorCode::Claimed`] while another store, or another history of the same one, holds it;
    /// [`ErrorCode::Invalid`]; [`ErrorCode::Internal`] when the file could not be made durable.
    pub async fn claim(&self, request: &ClaimRequest) -> Result<Grant, Failure> {
        let named =
            |id: &str| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        if !named(&request.store_id) || !named(&request.process) {
            return Err(Failure::new(ErrorCode::Invalid, "a store id and a process are needed"));
        }
        let mut last_ms = self.last_ms.lock().await;
        let now = self.clock.now_ms();
        // After a clock was set back, silence is counted from now; else it would last for ever.
        *last_ms = (*last_ms).min(now);
        let silent = now.saturating_sub(*last_ms) >= SILENCE_MS;
        let (next, grant) = self.read(|memory| memory.claim(request, now, silent))?;
        if self.read(|memory| *memory != next) {
            self.persist(next).await?;
        }
        *last_ms = now;
        Ok(grant)
    }

    /// Makes durable where the history of a store stands that is about to write, so that this
    /// gateway never knows less than it has written. Only a risen revision costs an fsync.
    ///
    /// # Errors
    /// [`ErrorCode::Fenced`]; [`ErrorCode::Invalid`] for a write that does not say it where the
    /// store's history is known; [`ErrorCode::Internal`] when the file could not be made durable.
    pub async fn about_to_write(
        &self,
        fence: u64,
        at: Option<HistoryPoint>,
    ) -> Result<(), Failure> {
        if self.read(|memory| memory.about_to_write(fence, at))?.is_none() {
            return Ok(());
        }
        let _alone = self.last_ms.lock().await;
        // Meanwhile a later write may have said it already, or another claim may have come.
        match self.read(|memory| memory.about_to_write(fence, at))? {
            Some(next) => self.persist(next).await,
            None => Ok(()),
        }
    }

    fn read<T>(&self, look: impl FnOnce(&Memory) -> T) -> T {
        look(&self.memory.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn persist(&self, next: Memory) -> Result<(), Failure> {
        (self.hook)("gateway.claim.before_fsync");
        let written = match file::encode(&next) {
            Ok(Some(content)) => self.disk.replace(content).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        (self.hook)("gateway.claim.after_fsync");
        match written {
            Ok(()) => {
                *self.memory.write().unwrap_or_else(PoisonError::into_inner) = next;
                Ok(())
            }
            Err(error) => Err(Failure::new(
                ErrorCode::Internal,
                format!("the claim file cannot be written: {error}"),
            )),
        }
    }
}
