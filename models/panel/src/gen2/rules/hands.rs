//! A person in the pages of generation 2, which make the same calls as everybody.

use crate::control::ModelPanel;
use crate::gen2::client::key_field;
use crate::state::{Db, Inbound, Refusal};
use crate::wire::SettingsClient;
use serde_json::json;

/// Where a client stands: its inbound, the key that addresses it, and itself.
type Place = (i64, String, SettingsClient);

impl ModelPanel {
    pub(crate) fn delete_in_pages(&self, email: &str) -> Result<(), Refusal> {
        let (inbound, key, _) = self.place_of(email)?;
        self.write_by_hand(|db, _| db.draft_delete(inbound, &key))
    }

    pub(crate) fn edit_in_pages(
        &self,
        email: &str,
        edit: impl FnOnce(&mut SettingsClient),
    ) -> Result<(), Refusal> {
        let (inbound, key, mut client) = self.place_of(email)?;
        edit(&mut client);
        let text = settings_of(client);
        self.write_by_hand(|db, now| db.draft_update(now, &key, inbound, &text))
    }

    /// The page makes up the secrets that are not given.
    pub(crate) fn add_in_pages(
        &self,
        mut client: SettingsClient,
        inbounds: &[i64],
    ) -> Result<(), Refusal> {
        for id in inbounds {
            let inbound = self.live().db.inbounds.get(id).map(Inbound::shape);
            let inbound = inbound.ok_or_else(Refusal::not_found)?;
            self.live().db.fill_credentials(&mut client, &inbound);
            if inbound.protocol == "shadowsocks" && !inbound.cipher().starts_with("2022-") {
                client.raw.insert("method".to_owned(), json!(inbound.cipher()));
            }
            let text = settings_of(client.clone());
            self.write_by_hand(|db, now| db.draft_add(now, *id, &text))?;
        }
        Ok(())
    }

    fn place_of(&self, email: &str) -> Result<Place, Refusal> {
        self.live().db.place(email).ok_or_else(Refusal::not_found)
    }
}

impl Db {
    fn place(&self, email: &str) -> Option<Place> {
        self.inbounds.values().find_map(|inbound| {
            let client = inbound.clients.iter().find(|client| client.email == email)?;
            let field = key_field(self.version, &inbound.protocol);
            Some((inbound.id, client.key(field).to_owned(), client.clone()))
        })
    }
}

fn settings_of(client: SettingsClient) -> String {
    json!({"clients": [client.into_page_object().raw]}).to_string()
}
