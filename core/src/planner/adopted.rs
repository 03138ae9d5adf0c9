//! Clients that are still under their own names on the panel, though a record says that they are ours.

use crate::model::{AccountId, Observation, ObservedClient, Snapshot, TermSource};
use nebulalinks_protocol::CLIENT_MARK;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The observation with each client that a record adopts among ours, as long as it is there with the uuid
/// that it was adopted with, and ours is not: under whatever name, and though the account has other
/// credentials by now. What is wanted of it is put right by one update.
pub(super) fn with_adopted<'o>(
    snapshot: &Snapshot,
    observation: &'o Observation,
) -> Cow<'o, Observation> {
    if observation.foreign.is_empty() {
        return Cow::Borrowed(observation);
    }
    let server = &observation.server;
    let mut wanted: BTreeMap<TermSource, (AccountId, &str)> = BTreeMap::new();
    for (_, records) in snapshot.served_by(server) {
        let Some(account) = records.account() else { continue };
        let Some(name) = account.adopted_on(server) else { continue };
        if !observation.ours.contains_key(&account.id) {
            wanted.extend(account.adoption().map(|source| (source, (account.id, name))));
        }
    }
    if wanted.is_empty() {
        return Cow::Borrowed(observation);
    }
    let mut found: BTreeMap<AccountId, &ObservedClient> = BTreeMap::new();
    for client in observation.foreign.iter().filter(|c| !c.email.starts_with(CLIENT_MARK)) {
        let source = client.uuid.map(TermSource::of_adoption);
        let Some((account, name)) = source.and_then(|source| wanted.get(&source)) else { continue };
        // Of two with one uuid it is the one with the name of then.
        if client.email == *name || !found.contains_key(account) {
            found.insert(*account, client);
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(observation);
    }
    let mut all = observation.clone();
    all.ours.extend(found.into_iter().map(|(account, client)| (account, client.clone())));
    Cow::Owned(all)
}
