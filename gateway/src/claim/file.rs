//! The claim file: read in every form that a release ever wrote, replaced as a whole.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::memory::{Holder, Known, Memory, Tip};

/// What the file holds. The first four stand where releases before hashes wrote them, so that one
/// of these can still be started with it.
#[derive(Serialize, Deserialize)]
struct OnDisk {
    store_id: String,
    process: String,
    fence: u64,
    highest_revision: u64,
    #[serde(default)]
    stores: BTreeMap<String, Known>,
}

/// The memory that a file holds; an empty one without a file.
///
/// # Errors
/// The file cannot be read or understood.
pub(super) fn read(file: &Path) -> std::io::Result<Memory> {
    let bytes = match crate::files::read(file, crate::files::MAX_FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Memory::default()),
        Err(e) => return Err(e),
    };
    let OnDisk { store_id, process, fence, highest_revision, mut stores } =
        serde_json::from_slice(&bytes).map_err(std::io::Error::other)?;
    stores.entry(store_id.clone()).or_insert_with(|| Known {
        tips: vec![Tip { revision: highest_revision, lineage: None, process: process.clone() }],
        held_ms: 0,
    });
    Ok(Memory { holder: Some(Holder { store_id, process, fence }), stores })
}

/// Temporary file, fsync, rename, fsync of the folder.
///
/// # Errors
/// Something of that failed: the file is the old one or the new one.
pub(super) fn write(file: &Path, memory: &Memory) -> std::io::Result<()> {
    use std::io::Write as _;
    let Some(Holder { store_id, process, fence }) = memory.holder.clone() else { return Ok(()) };
    let highest_revision = memory.highest(&store_id);
    let stores = memory.stores.clone();
    let on_disk = OnDisk { store_id, process, fence, highest_revision, stores };
    let temporary = file.with_extension("tmp");
    let mut out = std::fs::File::create(&temporary)?;
    out.write_all(&serde_json::to_vec(&on_disk).map_err(std::io::Error::other)?)?;
    out.sync_all()?;
    std::fs::rename(&temporary, file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

/// The fence in a claim file's text.
///
/// # Errors
/// The file is damaged.
pub(crate) fn fence_in(bytes: &[u8]) -> serde_json::Result<u64> {
    serde_json::from_slice::<OnDisk>(bytes).map(|claim| claim.fence)
}
