//! What the claim file holds: read in every form that a release ever wrote.

use std::collections::BTreeMap;

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

/// The memory that a file's content holds; an empty one without a file.
///
/// # Errors
/// It cannot be understood.
pub(super) fn decode(content: Option<Vec<u8>>) -> serde_json::Result<Memory> {
    let Some(bytes) = content else { return Ok(Memory::default()) };
    let OnDisk { store_id, process, fence, highest_revision, mut stores } =
        serde_json::from_slice(&bytes)?;
    stores.entry(store_id.clone()).or_insert_with(|| Known {
        tips: vec![Tip { revision: highest_revision, lineage: None, process: process.clone() }],
        held_ms: 0,
    });
    Ok(Memory { holder: Some(Holder { store_id, process, fence }), stores })
}

/// What the file is to hold; nothing before the first claim.
///
/// # Errors
/// Never: a map whose keys are text can be written.
pub(super) fn encode(memory: &Memory) -> serde_json::Result<Option<Vec<u8>>> {
    let Some(Holder { store_id, process, fence }) = memory.holder.clone() else { return Ok(None) };
    let highest_revision = memory.highest(&store_id);
    let stores = memory.stores.clone();
    serde_json::to_vec(&OnDisk { store_id, process, fence, highest_revision, stores }).map(Some)
}

/// The fence in a claim file's text.
///
/// # Errors
/// The file is damaged.
pub(crate) fn fence_in(bytes: &[u8]) -> serde_json::Result<u64> {
    serde_json::from_slice::<OnDisk>(bytes).map(|claim| claim.fence)
}
