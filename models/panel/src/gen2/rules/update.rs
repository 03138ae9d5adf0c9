//! `updateClient`: one client object replaces another, whole. What is left out is gone.

use super::{clients, settings};
use crate::gen2::client::{key_field, read};
use crate::gen2::draft::{Draft, Failure, HotChange, RowChange};
use crate::state::{Db, Refusal};
use crate::wire::SettingsClient;
use serde_json::{Value, json};

impl Db {
    pub(in crate::gen2) fn draft_update(
        &self,
        now: i64,
        key: &str,
        inbound_id: i64,
        text: &str,
    ) -> Result<Draft, Failure> {
        let settings = settings(text)?;
        let given = clients(&settings)?;
        let inbound = self.inbound(inbound_id)?;
        if inbound.clients.is_empty() {
            return Err(Refusal::own("empty client ID").into());
        }
        // Only the first counts, and without one the handler panics.
        let new = given.first().map(read).ok_or(Failure::Panicked)?;
        let field = key_field(self.version, &inbound.protocol);
        let place = inbound.clients.iter().position(|client| client.key(field) == key);
        let old = place.and_then(|place| inbound.clients.get(place));
        let (Some(place), Some(old), false) = (place, old, new.key(field).is_empty()) else {
            return Err(Refusal::own("empty client ID").into());
        };
        if !new.email.is_empty() && new.email != old.email {
            self.check_emails(&given.iter().map(read).collect::<Vec<_>>())?;
        }
        let new = self.dated(&new, old, now);
        let mut draft = Draft {
            inbound: inbound.shape(),
            clients: inbound.clients.clone(),
            rows: vec![row_change(old, &new)],
            hot: Vec::new(),
        };
        if old.email.is_empty() {
            draft.hot.push(HotChange::Restart);
        } else {
            draft.hot.extend(old.enable.then_some(HotChange::Remove));
            draft.hot.extend(new.enable.then(|| HotChange::Add(Box::new(new.clone()))));
        }
        if let Some(slot) = draft.clients.get_mut(place) {
            *slot = new;
        }
        Ok(draft)
    }

    /// When a client was made stays, whatever the caller says of it.
    fn dated(&self, new: &SettingsClient, old: &SettingsClient, now: i64) -> SettingsClient {
        if self.version.is_early() {
            return new.clone();
        }
        let created: Value = old.raw.get("created_at").cloned().unwrap_or_else(|| json!(now));
        new.with("created_at", created).with("updated_at", now)
    }
}

/// The row follows the email. It is made anew only for a client that had no email before: nobody
/// misses a row that is gone.
fn row_change(old: &SettingsClient, new: &SettingsClient) -> RowChange {
    match (old.email.is_empty(), new.email.is_empty()) {
        (_, true) => RowChange::Delete(old.email.clone()),
        (true, false) => RowChange::Insert(new.clone()),
        (false, false) => RowChange::Update(old.email.clone(), new.clone()),
    }
}
