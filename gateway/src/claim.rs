//! Who may write: one controller at a time. Its fence is durable before it is told.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use nebulalinks_protocol::{ClaimRequest, ErrorCode};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::hooks::Hook;

/// Another store may claim after this much silence, in ms.
pub const SILENCE_MS: u64 = 120_000;
/// The claim file's name in the state folder.
pub const CLAIM_FILE: &str = "claim.json";

/// What the claim file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Whose store.
    pub store_id: String,
    /// Which process of it.
    pub process: String,
    /// What its writes carry.
    pub fence: u64,
    /// The highest revision of that store ever claimed with.
    pub highest_revision: u64,
}

/// A claim that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What writes must carry.
    pub fence: u64,
    /// The highest revision claimed with before this one.
    pub highest_revision: u64,
}

/// The claim: in memory for every write, on disk for a restart.
pub struct Claims {
    file: PathBuf,
    clock: Arc<dyn Clock>,
    hook: Hook,
    holder: RwLock<Option<Holder>>,
    /// When the holder claimed last; one claim at a time.
    last_ms: tokio::sync::Mutex<u64>,
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claims").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Claims {
    /// Opens the claim of a state folder, which is made if it is not there.
    ///
    /// # Errors
    /// The folder or the file cannot be used. A damaged file is an error, never "no claim": it is
    /// what keeps old writers out.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>, hook: Hook) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let file = folder.join(CLAIM_FILE);
        let holder = match std::fs::read(&file) {
            Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(std::io::Error::other)?),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(e),
        };
        // A restart counts as a sign of life: the holder gets its two minutes.
        let last_ms = tokio::sync::Mutex::new(clock.now_ms());
        Ok(Self { file, clock, hook, holder: RwLock::new(holder), last_ms })
    }

    /// Whether a fence is the current claim's.
    #[must_use]
    pub fn holds(&self, fence: u64) -> bool {
        let holder = self.holder.read().unwrap_or_else(PoisonError::into_inner);
        holder.as_ref().is_some_and(|h| h.fence == fence)
    }

    /// Claims. The same process renews and keeps its fence, so that its writes under way stay
    /// valid; any other gets a new, higher one.
    ///
    /// # Errors
    /// [`ErrorCode::Claimed`] while another store holds it; [`ErrorCode::Invalid`];
    /// [`ErrorCode::Internal`] when the file could not be made durable.
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
        let old = self.holder.read().unwrap_or_else(PoisonError::into_inner).clone();
        let silent = now.saturating_sub(*last_ms) >= SILENCE_MS;
        let (next, highest) = decide(old.as_ref(), request, now, silent)?;
        if old.as_ref() != Some(&next) {
            self.persist(next.clone()).await?;
            *self.holder.write().unwrap_or_else(PoisonError::into_inner) = Some(next.clone());
        }
        *last_ms = now;
        Ok(Grant { fence: next.fence, highest_revision: highest })
    }

    async fn persist(&self, holder: Holder) -> Result<(), Failure> {
        (self.hook)("gateway.claim.before_fsync");
        let file = self.file.clone();
        let written = tokio::task::spawn_blocking(move || write_durably(&file, &holder)).await;
        (self.hook)("gateway.claim.after_fsync");
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::new(
                ErrorCode::Internal,
                format!("the claim file cannot be written: {error}"),
            )),
            Err(_) => Err(Failure::new(ErrorCode::Internal, "the claim file's writer died")),
        }
    }
}

/// What follows from a claim: the new holder, and the highest revision before it.
fn decide(
    old: Option<&Holder>,
    request: &ClaimRequest,
    now_ms: u64,
    silent: bool,
) -> Result<(Holder, u64), Failure> {
    let granted = |fence, highest_revision| Holder {
        store_id: request.store_id.clone(),
        process: request.process.clone(),
        fence,
        highest_revision,
    };
    let Some(old) = old else { return Ok((granted(now_ms.max(1), request.revision), 0)) };
    let next_fence = old.fence.saturating_add(1).max(now_ms);
    if old.store_id == request.store_id {
        // Process ids are ULIDs of the start: one that sorts before the holder's was replaced by a
        // later start of the same store, and must stop. Without this two copies take turns.
        let replaced = request.process < old.process;
        if replaced && !silent && !request.take_over {
            return Err(Failure {
                highest_revision: Some(old.highest_revision),
                ..Failure::new(
                    ErrorCode::Claimed,
                    "a later start of the same store holds the claim: this process was replaced; \
                     stop one of the two",
                )
            });
        }
        let same = old.process == request.process;
        let fence = if same { old.fence } else { next_fence };
        let highest = old.highest_revision.max(request.revision);
        return Ok((granted(fence, highest), old.highest_revision));
    }
    if silent || request.take_over {
        return Ok((granted(next_fence, request.revision), 0));
    }
    Err(Failure {
        highest_revision: Some(old.highest_revision),
        ..Failure::new(
            ErrorCode::Claimed,
            "another store holds the claim; it is free after 2 minutes of its silence, or at once \
             for `nebulalinks run --take-over`",
        )
    })
}

/// Temporary file, fsync, rename, fsync of the folder.
fn write_durably(file: &Path, holder: &Holder) -> std::io::Result<()> {
    use std::io::Write as _;
    let temporary = file.with_extension("tmp");
    let mut out = std::fs::File::create(&temporary)?;
    out.write_all(&serde_json::to_vec(holder).map_err(std::io::Error::other)?)?;
    out.sync_all()?;
    std::fs::rename(&temporary, file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}
