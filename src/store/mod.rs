//! The store's two implementations, held equal by one suite of laws: [`SledStore`] on disk and
//! [`MemoryStore`] for simulations under paused time.
//!
//! Both go through the same steps, named by [`CRASH_POINTS`]: a transaction is checked, made
//! durable, published and only then answered. What is between the first two is seen by nobody.

mod archive;
mod checkpoint;
mod disk_space;
mod intent_handler;
mod journal;
mod memory;
mod prepare;
mod sled;

pub use archive::{
    ArchiveError, Header as ArchiveHeader, Identities, Opening, Recipients, Whose,
    list as list_backups, look,
};
pub use disk_space::{FLOOR_MIB, LOW_WATER_MIB};
pub use intent_handler::StoreIntentHandler;
pub use memory::MemoryStore;
pub use sled::{
    Added, AddsNothing, Archived, BackupError, Checked, Compacted, Export, ExportHead, Fatal,
    Fault, FreeBytes, Gather, Hooks, ImportError, LoadStats, MAX_BATCH, Migration, OpenError,
    OpenOptions, Plan, RestoreError, Restored, Restoring, Rewrite, SledStore, Standing, StoreStats,
    SyncData, UPGRADE_CRASH_POINTS, Verified, archive, back_up, compact, export, fsck, import,
    look_at_export, prune, restore, standing, verify,
};

use std::sync::Arc;

/// Called with the name of each point that is passed; a test may end the process there.
pub type CrashPoint = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Before a transaction is checked.
pub const BEFORE_APPLY: &str = "store.before_apply";
/// Checked and taken into the batch, not durable: visible to nobody outside the store.
pub const AFTER_APPLY: &str = "store.after_apply";
/// Durable in the journal, and nowhere else: a restart will show it.
pub const AFTER_JOURNAL: &str = "store.after_journal";
/// In the store proper as well, not published.
pub const AFTER_FLUSH: &str = "store.after_flush";
/// Published, not answered.
pub const AFTER_PUBLISH: &str = "store.after_publish";
/// Every point at which a test may end a store, in the order in which they are passed.
pub const CRASH_POINTS: &[&str] =
    &[BEFORE_APPLY, AFTER_APPLY, AFTER_JOURNAL, AFTER_FLUSH, AFTER_PUBLISH];

/// The most bytes of JSON that one record may take.
pub const MAX_RECORD_BYTES: usize = 16 * 1024;

/// Hints that a slow receiver may be behind before it misses some.
const HINTS: usize = 1024;

fn no_crash_point() -> CrashPoint {
    Arc::new(|_| {})
}
