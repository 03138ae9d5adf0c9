//! `delClient` and `delClientByEmail`: step by step, and never the last client of an inbound.

use crate::gen2::client::key_field;
use crate::gen2::draft::{Draft, Failure, HotChange, RowChange};
use crate::state::{Db, Inbound, Refusal};
use crate::wire::SettingsClient;
use serde_json::Value;

impl Db {
    /// By the protocol's key: every client that has it goes, and one traffic row.
    pub(in crate::gen2) fn draft_delete(
        &self,
        inbound_id: i64,
        key: &str,
    ) -> Result<Draft, Failure> {
        let inbound = self.inbound(inbound_id)?;
        let field = key_field(self.version, &inbound.protocol);
        // An object without the field, anybody's, makes the handler panic.
        let lacks = |client: &SettingsClient| !client.raw.get(field).is_some_and(Value::is_string);
        if !inbound.has_clients || inbound.clients.iter().any(lacks) {
            return Err(Failure::Panicked);
        }
        let has_it = |client: &SettingsClient| client.key(field) == key;
        let (gone, mut draft) = draft_without(inbound, has_it);
        let Some(client) = gone.last() else {
            // v2.6.5 does not notice that nobody went.
            if self.version.is_early() && !draft.clients.is_empty() {
                return Ok(draft);
            }
            let text = format!("Client Not Found In Inbound For ID: {key}");
            return Err(Refusal::own(text).into());
        };
        refuse_emptying(&draft)?;
        if client.email.is_empty() {
            return Ok(draft);
        }
        let row = self.rows.get(&client.email).ok_or_else(Refusal::not_found)?;
        draft.rows.push(RowChange::Delete(client.email.clone()));
        draft.hot.extend((client.enable && row.enable).then_some(HotChange::Remove));
        Ok(draft)
    }

    /// By email, from v2.8.0 on.
    pub(in crate::gen2) fn draft_delete_by_email(
        &self,
        inbound_id: i64,
        email: &str,
    ) -> Result<Draft, Failure> {
        let inbound = self.inbound(inbound_id)?;
        if !inbound.has_clients {
            return Err(Refusal::own("invalid clients format in inbound settings").into());
        }
        let (gone, mut draft) = draft_without(inbound, |client| client.email == email);
        let Some(client) = gone.last() else {
            let text = format!("client with email {email} not found");
            return Err(Refusal::own(text).into());
        };
        refuse_emptying(&draft)?;
        self.traffic_of(email)?;
        draft.rows.push(RowChange::Delete(email.to_owned()));
        draft.hot.extend(client.enable.then_some(HotChange::Remove));
        Ok(draft)
    }
}

/// The inbound without these clients, and who they are.
fn draft_without(
    inbound: &Inbound,
    goes: impl Fn(&SettingsClient) -> bool,
) -> (Vec<SettingsClient>, Draft) {
    let (gone, clients) = inbound.clients.iter().cloned().partition(|client| goes(client));
    (gone, Draft { inbound: inbound.shape(), clients, rows: Vec::new(), hot: Vec::new() })
}

fn refuse_emptying(draft: &Draft) -> Result<(), Refusal> {
    if draft.clients.is_empty() {
        return Err(Refusal::own("no client remained in Inbound"));
    }
    Ok(())
}
