//! Clients that are still under their own names on the panel, though a record says that they are ours.

use crate::model::{AccountId, Observation, ObservedClient, Snapshot};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The observation with each client that a record adopts among ours, as long as it is there under the name
/// and the uuid that it was adopted with, and ours is not. What is wanted of it then differs in its name
/// alone, and that is put right by one update.
pub(super) fn with_adopted<'o>(
    snapshot: &Snapshot,
    observation: &'o Observation,
) -> Cow<'o, Observation> {
    if observation.foreign.is_empty() {
        return Cow::Borrowed(observation);
    }
    let server = &observation.server;
    let foreign: BTreeMap<&str, &ObservedClient> =
        observation.foreign.iter().map(|client| (client.email.as_str(), client)).collect();
    let mut found: Vec<(AccountId, &ObservedClient)> = Vec::new();
    for (_, records) in snapshot.served_by(server) {
        let Some(account) = records.account() else { continue };
        let Some(email) = account.adopted_on(server) else { continue };
        let client = foreign.get(email).filter(|c| c.uuid == Some(account.credentials.uuid));
        if let Some(client) = client.filter(|_| !observation.ours.contains_key(&account.id)) {
            found.push((account.id, client));
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(observation);
    }
    let mut all = observation.clone();
    all.ours.extend(found.into_iter().map(|(account, client)| (account, client.clone())));
    Cow::Owned(all)
}
