//! `addClient`: several clients onto one inbound, all or none. Nothing is made up and nothing
//! is validated.

use super::{clients, settings};
use crate::gen2::client::{key_field, read};
use crate::gen2::draft::{Draft, Failure, HotChange, RowChange};
use crate::state::{Db, Refusal};
use crate::wire::SettingsClient;

impl Db {
    pub(in crate::gen2) fn draft_add(
        &self,
        now: i64,
        inbound_id: i64,
        text: &str,
    ) -> Result<Draft, Failure> {
        let settings = settings(text)?;
        let mut new: Vec<SettingsClient> = clients(&settings)?.iter().map(read).collect();
        if !self.version.is_early() {
            new = new.iter().map(|client| stamped(client, now)).collect();
        }
        self.check_emails(&new)?;
        let inbound = self.inbound(inbound_id)?;
        let field = key_field(self.version, &inbound.protocol);
        if new.iter().any(|client| client.key(field).is_empty()) {
            return Err(Refusal::own("empty client ID").into());
        }
        if !inbound.has_clients {
            return Err(Failure::Panicked);
        }
        let mut draft = Draft {
            inbound: inbound.shape(),
            clients: inbound.clients.clone(),
            rows: Vec::new(),
            hot: Vec::new(),
        };
        for client in &new {
            if client.email.is_empty() {
                draft.hot.push(HotChange::Restart);
                continue;
            }
            draft.rows.push(RowChange::Insert(client.clone()));
            if client.enable {
                draft.hot.push(HotChange::Add(Box::new(client.clone())));
            }
        }
        draft.clients.extend(new);
        Ok(draft)
    }

    /// Refuses an email that is there, or twice in the call. The look-up is made in any case.
    pub(super) fn check_emails(&self, new: &[SettingsClient]) -> Result<(), Refusal> {
        let mut seen: Vec<String> = Vec::new();
        self.email_exists("")?;
        for client in new.iter().filter(|client| !client.email.is_empty()) {
            let email = client.email.to_lowercase();
            if self.email_exists(&email)? || seen.contains(&email) {
                return Err(Refusal::own(format!("Duplicate email: {}", client.email)));
            }
            seen.push(email);
        }
        Ok(())
    }
}

/// With the moments that v2.9.4 writes into an object.
fn stamped(client: &SettingsClient, now: i64) -> SettingsClient {
    let client = match client.raw.contains_key("created_at") {
        true => client.clone(),
        false => client.with("created_at", now),
    };
    client.with("updated_at", now)
}
