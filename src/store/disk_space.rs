//! How much room must be left on the disk, and what is refused when it is not.

use crate::ports::StoreError;

/// Below this many MiB free, transactions that place an order are refused.
pub const LOW_WATER_MIB: u64 = 512;
/// Below this many MiB free, every transaction is refused: a store that filled its disk to the
/// last block cannot be opened again.
pub const FLOOR_MIB: u64 = 32;
/// Bytes in a MiB.
pub(super) const MIB: u64 = 1024 * 1024;

/// Whether a transaction may be written with this many bytes free.
pub(super) fn admit(free_bytes: u64, places_order: bool) -> Result<(), StoreError> {
    let needed = if places_order { LOW_WATER_MIB } else { FLOOR_MIB };
    if free_bytes < needed.saturating_mul(MIB) {
        return Err(StoreError::NoRoom(needed));
    }
    Ok(())
}
