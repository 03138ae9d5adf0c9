//! Accounts that move: two servers serve them for a while.

use super::{AccountId, Binding, Disposition, Snapshot, UnixMs};

impl Snapshot {
    /// Until when an account that moves keeps its old server at least; `None` when it does not move.
    #[must_use]
    pub fn old_server_kept_until(&self, id: AccountId) -> Option<UnixMs> {
        let moves = self.bindings(id).any(|b| b.disposition == Disposition::Leaving);
        let new = self.bindings(id).find(|b| b.disposition == Disposition::Serving)?;
        moves.then(|| new.bound_at + Binding::OLD_KEPT)
    }
}
