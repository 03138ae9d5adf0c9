//! The claims that this process holds: the fence that writes to each server must carry.

use super::lock::{Locked, ServerLocks};
use crate::model::ServerId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The claims by server.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// A server that is here was held at some time; `None`: the claim was lost since.
    fences: Locked<BTreeMap<ServerId, Option<u64>>>,
    turns: ServerLocks,
}

impl Claims {
    /// The fence of a claim that holds.
    pub(super) fn fence(&self, server: &ServerId) -> Option<u64> {
        self.fences.lock().get(server).copied().flatten()
    }

    /// Whether this process has held the claim at any time.
    pub(super) fn was_held(&self, server: &ServerId) -> bool {
        self.fences.lock().contains_key(server)
    }

    /// A gateway granted the claim.
    pub(super) fn hold(&self, server: &ServerId, fence: u64) {
        self.fences.lock().insert(server.clone(), Some(fence));
    }

    /// The claim may be somebody else's: nothing is written there until another one succeeds.
    pub(super) fn lose(&self, server: &ServerId) {
        if let Some(fence) = self.fences.lock().get_mut(server) {
            *fence = None;
        }
    }

    /// The lock to hold while a claim is under way. Two at once could arrive in the other order, and
    /// the older revision of the two would look like a store that forgot.
    pub(super) fn turn(&self, server: &ServerId) -> Arc<tokio::sync::Mutex<()>> {
        self.turns.of(server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_claim_leaves_no_fence_and_is_remembered_as_held() {
        let claims = Claims::default();
        let fra = "fra-1".parse().unwrap();
        claims.lose(&fra);
        assert_eq!((claims.fence(&fra), claims.was_held(&fra)), (None, false));
        claims.hold(&fra, 7);
        assert_eq!((claims.fence(&fra), claims.was_held(&fra)), (Some(7), true));
        claims.lose(&fra);
        assert_eq!((claims.fence(&fra), claims.was_held(&fra)), (None, true));
        claims.hold(&fra, 8);
        assert_eq!(claims.fence(&fra), Some(8));
    }
}
