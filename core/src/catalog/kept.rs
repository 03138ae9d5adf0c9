//! Which server an account goes on with, whatever is sold for it next.

use super::Catalog;
use crate::model::{AccountId, Binding, Disposition, ServerId, Snapshot};

impl Catalog {
    /// The server that an account keeps when a term is added to it now: the one that serves it, else the one
    /// of a tombstone that the term revives. `None` when a server is to be chosen anew.
    #[must_use]
    pub fn kept_server<'s>(&self, snapshot: &'s Snapshot, id: AccountId) -> Option<&'s ServerId> {
        let serving = snapshot.serving(id).map(|binding| &binding.server);
        serving.or_else(|| self.revived_server(snapshot, id))
    }

    /// The server of the tombstone that a term revives: a tombstone kept its place, of several the one that
    /// served last.
    #[must_use]
    pub fn revived_server<'s>(
        &self,
        snapshot: &'s Snapshot,
        id: AccountId,
    ) -> Option<&'s ServerId> {
        let is_tomb = |b: &&Binding| matches!(b.disposition, Disposition::Tombstoned { .. });
        let tombs = snapshot.bindings(id).filter(is_tomb);
        tombs
            .filter(|b| self.served(&b.server).is_some() && !self.is_lost(&b.server))
            .max_by_key(|b| (snapshot.is_usable(&b.server), !self.is_left(&b.server), b.bound_at))
            .map(|b| &b.server)
    }
}
