//! Accounts that their server has never served, and who of them waits to be looked for.

use super::lock::Locked;
use crate::model::{AccountId, Disposition, ServerId, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// Whether an account is to be served on a server that nothing was tried on for it.
pub(super) fn is_new(snapshot: &Snapshot, id: AccountId, server: &ServerId) -> bool {
    let binding = snapshot.binding(id, server);
    binding.is_some_and(|binding| binding.disposition == Disposition::Serving)
        && snapshot.binding_status(id, server).is_none()
        // One that is adopted is there already, under another name: only a list shows it.
        && snapshot.account(id).is_none_or(|account| account.adopted_on(server).is_none())
}

/// Who waits to be looked for alone, by server. It need not survive: a start lists every server.
#[derive(Debug, Default)]
pub(super) struct Newcomers(Locked<BTreeMap<ServerId, BTreeSet<AccountId>>>);

impl Newcomers {
    /// This one waits.
    pub(super) fn add(&self, server: &ServerId, account: AccountId) {
        self.0.lock().entry(server.clone()).or_default().insert(account);
    }

    /// Takes all of a server.
    pub(super) fn take(&self, server: &ServerId) -> BTreeSet<AccountId> {
        self.0.lock().remove(server).unwrap_or_default()
    }
}
