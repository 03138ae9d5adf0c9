//! People: in the panel's pages, and in its database past all rules.

use super::control::ModelPanel;
use super::journal::Actor;
use super::state::{Db, Refusal};
use super::version::Generation;
use super::wire::{SettingsClient, StatsRow};
use serde_json::{Map, Value};

impl ModelPanel {
    /// Deletes a client in the panel's pages. Says whether that was done: generation 2 keeps the
    /// last client of an inbound.
    pub fn delete_by_hand(&self, email: &str) -> bool {
        match self.version().generation() {
            Generation::Two => self.delete_in_pages(email).is_ok(),
            Generation::Three => self
                .commit(Actor::Hand, &[email.to_owned()], |db, _| db.delete(email, false).is_ok()),
        }
    }

    /// Disables a client in the panel's pages. Says whether it was there.
    pub fn disable_by_hand(&self, email: &str) -> bool {
        self.switch_by_hand(email, false)
    }

    /// Enables a client in the panel's pages. Says whether it was there.
    pub fn enable_by_hand(&self, email: &str) -> bool {
        self.switch_by_hand(email, true)
    }

    fn switch_by_hand(&self, email: &str, enable: bool) -> bool {
        if self.version().generation() == Generation::Two {
            return self.edit_in_pages(email, |client| client.enable = enable).is_ok();
        }
        let emails = [email.to_owned()];
        self.commit(Actor::Hand, &emails, |db, now| db.set_enable(now, &emails, enable).done == 1)
    }

    /// Edits a client in the panel's pages, a new email or sub id included.
    ///
    /// # Errors
    /// What the panel would say to the same edit in its pages.
    pub fn edit_by_hand(
        &self,
        email: &str,
        edit: impl FnOnce(&mut SettingsClient),
    ) -> Result<(), Refusal> {
        if self.version().generation() == Generation::Two {
            return self.edit_in_pages(email, edit);
        }
        let (old, mut client) = {
            let live = self.live();
            let record = live.db.records.get(email).ok_or_else(Refusal::not_found)?;
            let flow = live.db.effective_flow(record).to_owned();
            (email.to_owned(), SettingsClient { flow, ..record.client.clone() })
        };
        edit(&mut client);
        let emails = [old, client.email.clone()];
        self.commit(Actor::Hand, &emails, |db, now| db.update(now, email, client, None))
    }

    /// Loses a client's record past all rules: a drift that real panels know. Generation 2 has
    /// no records to lose.
    pub fn drop_record(&self, email: &str) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            db.records.remove(email);
        });
    }

    /// Loses a client from one inbound's settings, while the record says that it is there.
    pub fn drop_from_settings(&self, email: &str, inbound: i64) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            if let Some(inbound) = db.inbounds.get_mut(&inbound) {
                inbound.clients.retain(|client| client.email != email);
            }
        });
    }

    /// Takes a client off all its inbounds, as deleting them does: its record, if the panel has
    /// one, and its counters stay. Says whether it was there.
    pub fn detach_by_hand(&self, email: &str) -> bool {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            let inbounds: Vec<i64> = db.inbounds.keys().copied().collect();
            if db.version.generation() == Generation::Two {
                return db.lose_client(email);
            }
            db.detach(email, &inbounds).is_ok()
        })
    }

    /// Adds a client that is not ours to the first inbound, with credentials of its own.
    ///
    /// # Errors
    /// As for a create through the API.
    pub fn add_foreign(&self, email: &str) -> Result<(), Refusal> {
        let email = email.to_owned();
        // As the pages propose it for the inbound that is first everywhere, VLESS with REALITY.
        let flow = "xtls-rprx-vision".to_owned();
        // And a subscription key: 16 of what the pages draw.
        let sub_id = self.live().db.generate.password().chars().take(16).collect();
        let client =
            SettingsClient { email, sub_id, enable: true, flow, ..SettingsClient::default() };
        let first = self.live().db.inbounds.keys().next().copied();
        self.add_by_hand(client, &[first.ok_or_else(Refusal::not_found)?])
    }

    /// Adds a client as given, e.g. a copy of another, to these inbounds.
    ///
    /// # Errors
    /// As for a create through the API.
    pub fn add_by_hand(&self, client: SettingsClient, inbounds: &[i64]) -> Result<(), Refusal> {
        if self.version().generation() == Generation::Two {
            return self.add_in_pages(client, inbounds);
        }
        let emails = [client.email.clone()];
        self.commit(Actor::Hand, &emails, |db, now| db.create(now, client, inbounds))
    }

    /// Sets a client's counters, bytes: to zero, back, or far up. Says whether it has a row.
    pub fn set_counters(&self, email: &str, up: i64, down: i64) -> bool {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            db.set_traffic(email, up, down).is_ok()
        })
    }

    /// Sets every counter to zero.
    pub fn reset_counters(&self) {
        let emails: Vec<String> = self.live().db.rows.keys().cloned().collect();
        self.commit(Actor::Hand, &emails, |db, _| {
            for row in db.rows.values_mut() {
                (row.up, row.down) = (0, 0);
            }
        });
    }

    /// Edits a traffic row in the database, past all rules: a drift.
    pub fn drift_stats(&self, email: &str, edit: impl FnOnce(&mut StatsRow)) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            if let Some(row) = db.rows.get_mut(email) {
                edit(row);
            }
        });
    }

    /// Deletes a traffic row in the database, past all rules.
    pub fn drop_stats_row(&self, email: &str) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| db.rows.remove(email));
    }

    /// Edits a client's object in the settings text past all rules, as a broken import does.
    /// Generation 3 has no such objects.
    pub fn corrupt_client(&self, email: &str, edit: impl Fn(&mut Map<String, Value>)) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            let clients = db.inbounds.values_mut().flat_map(|inbound| &mut inbound.clients);
            for client in clients.filter(|client| client.email == email) {
                *client = client.edited(&edit);
            }
        });
    }

    /// Leaves a traffic row in the database that no client belongs to, as half-done calls do:
    /// whoever is created under this email next finds it.
    pub fn leave_stats_row(&self, inbound: i64, email: &str, edit: impl FnOnce(&mut StatsRow)) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            let client = SettingsClient { email: email.to_owned(), ..SettingsClient::default() };
            db.upsert_row(inbound, &client);
            if let Some(row) = db.rows.get_mut(email) {
                edit(row);
            }
        });
    }
}

impl Db {
    fn lose_client(&mut self, email: &str) -> bool {
        let mut found = false;
        for inbound in self.inbounds.values_mut() {
            let before = inbound.clients.len();
            inbound.clients.retain(|client| client.email != email);
            found |= inbound.clients.len() != before;
        }
        found
    }
}
