//! Who writes lists for staff.

use crate::model::Identity;
use crate::view::{ExportAsked, ExportFailure, Exported};
use async_trait::async_trait;

/// Writes lists of what the shop has.
///
/// # Guarantees
/// Nobody is given a list before the audit says so. Of a list that would be larger than `most` bytes no more
/// than that is kept in memory.
#[async_trait]
pub trait Exports: Send + Sync {
    /// A list that somebody of the staff asks for, who may have it.
    async fn export(
        &self,
        asked: &ExportAsked,
        by: Identity,
        most: usize,
    ) -> Result<Exported, ExportFailure>;
}
