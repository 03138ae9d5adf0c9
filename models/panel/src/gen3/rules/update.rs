//! The full update: omitted means zero, credentials are kept, and (at the head) what equals the
//! stored settings repairs nothing.

use super::create::check_name;
use crate::state::{Db, Refusal, same_email};
use crate::wire::SettingsClient;

impl Db {
    /// `clients/update/{email}`, optionally on some inbounds only.
    pub(crate) fn update(
        &mut self,
        now: i64,
        email: &str,
        mut client: SettingsClient,
        only: Option<&[i64]>,
    ) -> Result<(), Refusal> {
        let record = self.records.get(email).ok_or_else(Refusal::not_found)?.clone();
        if client.email.is_empty() {
            return Err(Refusal::own("client email is required"));
        }
        check_name("email", &client.email)?;
        check_name("subId", &client.sub_id)?;
        client.keep_credentials_of(&record.client);
        if client.sub_id.is_empty() {
            client.sub_id.clone_from(&record.client.sub_id);
        }
        if self.sub_id_taken(&client.sub_id, email) {
            return Err(Refusal::own(format!("Duplicate subId: {}", client.sub_id)));
        }
        if client.email != email && self.email_taken(&client.email, email) {
            return Err(Refusal::own(format!("Duplicate email: {}", client.email)));
        }
        let chosen: Vec<i64> = record
            .inbounds
            .iter()
            .copied()
            .filter(|id| only.is_none_or(|only| only.contains(id)))
            .collect();
        if client.email != email {
            self.rename_record(email, &client.email);
        }
        for id in chosen {
            self.update_on_inbound(now, email, &mut client, id)?;
        }
        if let Some(record) = self.records.get_mut(&client.email) {
            if record.inbounds.is_empty() && self.version.updates_detached_records() {
                client.created_at = record.client.created_at;
                record.client = client;
            } else {
                record.client.enable = client.enable;
                if record.inbounds.is_empty() {
                    record.client.group = client.group;
                }
            }
            record.updated_at = now;
        }
        Ok(())
    }

    fn update_on_inbound(
        &mut self,
        now: i64,
        email: &str,
        client: &mut SettingsClient,
        id: i64,
    ) -> Result<(), Refusal> {
        let Some(inbound) = self.inbounds.get(&id) else {
            // The inbound is gone and only the link is left: the panel drops it and goes on.
            if let Some(record) = self.records.get_mut(&client.email) {
                record.inbounds.remove(&id);
            }
            return Ok(());
        };
        let (place, old) = inbound
            .position(email)
            .and_then(|place| Some((place, inbound.clients.get(place)?.clone())))
            .ok_or_else(|| Refusal::own("empty client ID"))?;
        let inbound = inbound.shape();
        self.fill_credentials(client, &inbound);
        let mut new = client.for_inbound(&inbound, old.created_at, old.updated_at);
        new.from_bulk = old.from_bulk;
        if self.version.skips_equal_updates() && new == old {
            return Ok(());
        }
        new.updated_at = now;
        new.from_bulk = false;
        if let Some(mut row) = self.rows.remove(email) {
            row.email.clone_from(&client.email);
            row.take_limits(&new);
            self.rows.insert(client.email.clone(), row);
        } else if let Some(row) = self.rows.get_mut(&client.email) {
            row.take_limits(&new);
        }
        if let Some(slot) =
            self.inbounds.get_mut(&id).and_then(|inbound| inbound.clients.get_mut(place))
        {
            *slot = new;
        }
        self.sync_record(id, &client.email, now);
        Ok(())
    }

    fn email_taken(&self, wanted: &str, own: &str) -> bool {
        self.inbounds
            .values()
            .flat_map(|inbound| inbound.clients.iter().map(|c| &c.email))
            .chain(self.records.keys())
            .any(|other| same_email(other, wanted) && !same_email(other, own))
    }

    fn rename_record(&mut self, from: &str, to: &str) {
        if let Some(mut record) = self.records.remove(from) {
            record.client.email = to.to_owned();
            self.records.insert(to.to_owned(), record);
        }
    }
}
