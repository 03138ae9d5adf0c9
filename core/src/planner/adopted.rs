//! Clients that are under names of their own on the panel, though a record says that they are ours.

use crate::model::{AccountId, Observation, ObservedClient, Snapshot};
use nebulalinks_protocol::CLIENT_MARK;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The observation with each client that a record adopts on this server among ours, as long as it is there
/// with the uuid that it was adopted with, and ours is not: under whatever name, and though the account has
/// other credentials by now. What is wanted of it is put right by one update; one whose account left this
/// server, and that a backup of the panel brought back, is an orphan.
pub(super) fn with_adopted<'o>(
    snapshot: &Snapshot,
    observation: &'o Observation,
) -> Cow<'o, Observation> {
    if observation.foreign.is_empty() || !snapshot.has_adopted() {
        return Cow::Borrowed(observation);
    }
    let server = &observation.server;
    let mut found: BTreeMap<AccountId, &ObservedClient> = BTreeMap::new();
    for client in observation.foreign.iter().filter(|c| !c.email.starts_with(CLIENT_MARK)) {
        let account = client.uuid.and_then(|uuid| snapshot.adopted_as(uuid));
        let Some((id, name)) = account.and_then(|a| Some((a.id, a.adopted_on(server)?))) else {
            continue;
        };
        // Of two with one uuid it is the one with the name of then.
        let is_it = client.email == name || !found.contains_key(&id);
        if is_it && !observation.ours.contains_key(&id) {
            found.insert(id, client);
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(observation);
    }
    let mut all = observation.clone();
    all.ours.extend(found.into_iter().map(|(account, client)| (account, client.clone())));
    Cow::Owned(all)
}
