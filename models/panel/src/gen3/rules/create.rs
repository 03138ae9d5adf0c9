//! Creating and attaching: enable is forced on, the same sub id is the same client, and several
//! inbounds are written one after the other.

use crate::state::{Db, Inbound, Refusal, same_email};
use crate::wire::SettingsClient;
use crate::xray::key_length;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

impl Db {
    /// `clients/add`. Not atomic: inbounds before a bad one keep the client.
    pub(crate) fn create(
        &mut self,
        now: i64,
        mut client: SettingsClient,
        inbound_ids: &[i64],
    ) -> Result<(), Refusal> {
        check_name("email", &client.email)?;
        if client.email.is_empty() {
            return Err(Refusal::own("client email is required"));
        }
        check_name("subId", &client.sub_id)?;
        if inbound_ids.is_empty() {
            return Err(Refusal::own("at least one inbound is required"));
        }
        match self.records.get(&client.email) {
            Some(record) => {
                let stored = &record.client;
                if client.sub_id.is_empty() || client.sub_id != stored.sub_id {
                    return Err(Refusal::own(format!("email already in use: {}", client.email)));
                }
                client.keep_credentials_of(stored);
            }
            None if client.sub_id.is_empty() => client.sub_id = self.generate.uuid(),
            None => {}
        }
        if self.sub_id_taken(&client.sub_id, &client.email) {
            return Err(Refusal::own(format!("subId already in use: {}", client.sub_id)));
        }
        client.enable = true;
        inbound_ids.iter().try_for_each(|id| self.put_on_inbound(now, &mut client, *id))
    }

    /// `clients/{email}/attach`: the record's own copy, with when it was made, goes onto more
    /// inbounds.
    pub(crate) fn attach(&mut self, now: i64, email: &str, ids: &[i64]) -> Result<(), Refusal> {
        let record = self.records.get(email).ok_or_else(Refusal::not_found)?;
        let attached = record.inbounds.clone();
        let flow = self.effective_flow(record).to_owned();
        let client = SettingsClient { flow, ..record.client.clone() };
        ids.iter()
            .filter(|id| !attached.contains(*id))
            .try_for_each(|id| self.put_on_inbound(now, &mut client.clone(), *id))
    }

    fn put_on_inbound(
        &mut self,
        now: i64,
        client: &mut SettingsClient,
        id: i64,
    ) -> Result<(), Refusal> {
        let inbound = self.inbounds.get(&id).ok_or_else(Refusal::not_found)?;
        let present = inbound.position(&client.email).is_some();
        let inbound = inbound.shape();
        let identity =
            |other: &SettingsClient| other.email == client.email && other.sub_id == client.sub_id;
        let clash = self
            .inbounds
            .values()
            .flat_map(|inbound| &inbound.clients)
            .any(|other| same_email(&other.email, &client.email) && !identity(other));
        if clash {
            return Err(Refusal::own(format!("Duplicate email: {}", client.email)));
        }
        if self.version.skips_present_clients() && present {
            return Ok(());
        }
        self.fill_credentials(client, &inbound);
        let created = if client.created_at > 0 { client.created_at } else { now };
        let stored = client.for_inbound(&inbound, created, now);
        if let Some(inbound) = self.inbounds.get_mut(&id) {
            inbound.clients.push(stored.clone());
        }
        self.upsert_row(id, &stored);
        self.sync_record(id, &stored.email, now);
        Ok(())
    }

    /// Makes up what the protocol needs and the caller left out; a Shadowsocks 2022 key of the
    /// wrong length is replaced without a word.
    pub(crate) fn fill_credentials(&mut self, client: &mut SettingsClient, inbound: &Inbound) {
        match inbound.protocol.as_str() {
            "vless" | "vmess" if client.id.is_empty() => client.id = self.generate.uuid(),
            "trojan" if client.password.is_empty() => {
                client.password = self.generate.password();
            }
            "shadowsocks" => match key_length(inbound.cipher()) {
                Some(length) => {
                    let fits = STANDARD.decode(&client.password).is_ok_and(|k| k.len() == length);
                    if !fits {
                        client.password = self.generate.key(length);
                    }
                }
                None if client.password.is_empty() => {
                    client.password = self.generate.password();
                }
                None => {}
            },
            "hysteria" | "hysteria2" if client.auth.is_empty() => {
                client.auth = self.generate.password();
            }
            _ => {}
        }
    }

    pub(crate) fn sub_id_taken(&self, sub_id: &str, by_other_than: &str) -> bool {
        !sub_id.is_empty()
            && self
                .records
                .values()
                .any(|r| r.client.sub_id == sub_id && r.client.email != by_other_than)
    }
}

impl SettingsClient {
    /// Takes over the stored credentials where this object leaves them out.
    pub(crate) fn keep_credentials_of(&mut self, stored: &Self) {
        let pairs = [
            (&mut self.id, &stored.id),
            (&mut self.password, &stored.password),
            (&mut self.auth, &stored.auth),
        ];
        for (mine, kept) in pairs {
            if mine.is_empty() {
                mine.clone_from(kept);
            }
        }
    }

    /// This client as one inbound stores it: a flow it cannot carry is dropped.
    pub(crate) fn for_inbound(&self, inbound: &Inbound, created: i64, updated: i64) -> Self {
        let mut stored = self.clone();
        if !inbound.carries_flow() {
            stored.flow.clear();
        }
        stored.created_at = created;
        stored.updated_at = updated;
        stored
    }
}

/// Refuses separators, whitespace and control characters.
pub(crate) fn check_name(what: &str, text: &str) -> Result<(), Refusal> {
    let bad = |c: char| matches!(c, '/' | '\\') || c.is_whitespace() || c.is_control();
    if text.contains(bad) {
        return Err(Refusal::own(format!("client {what} contains an invalid character: {text}")));
    }
    Ok(())
}
