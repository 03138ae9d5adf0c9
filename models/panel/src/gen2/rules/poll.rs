//! The poll: start delayed clients, renew, and disable who is expired or depleted.

use crate::state::{Db, Inbound};
use crate::wire::{SettingsClient, StatsRow};
use crate::xray::Xray;

const DAY_MS: i64 = 86_400_000;

impl Db {
    /// Applies the rule to these clients. Says how many it disabled.
    pub(crate) fn poll_gen2(&mut self, now: i64, targets: &[String], xray: &mut Xray) -> usize {
        let mut disabled = 0;
        for email in targets {
            let Some(mut row) = self.rows.get(email).cloned() else { continue };
            if row.starts() {
                row.expiry_time = now.saturating_sub(row.expiry_time);
                self.edit_on(&row, |client| client.with("expiryTime", row.expiry_time));
                self.stamp_all(row.inbound_id, now);
            }
            if row.renews(now) {
                let period = row.reset.saturating_mul(DAY_MS);
                while row.expiry_time < now {
                    row.expiry_time = row.expiry_time.saturating_add(period);
                }
                let was_off = !row.enable;
                row.start_over();
                // The flag in the settings stays as it is.
                self.edit_on(&row, |client| client.with("expiryTime", row.expiry_time));
                if let Some((inbound, client)) = self.place_of(&row).filter(|_| was_off) {
                    xray.add(inbound, client);
                }
            }
            if row.enable && row.depleted(now) {
                row.enable = false;
                disabled += 1;
                if let Some(inbound) = self.inbounds.get(&row.inbound_id) {
                    xray.remove(inbound);
                }
                if !self.version.is_early() {
                    self.edit_on(&row, |client| {
                        client.with("enable", false).with("updated_at", now)
                    });
                }
            }
            self.rows.insert(email.clone(), row);
        }
        disabled
    }

    /// Edits the client objects of a row on the row's inbound.
    fn edit_on(&mut self, row: &StatsRow, edit: impl Fn(&SettingsClient) -> SettingsClient) {
        let clients = self.inbounds.get_mut(&row.inbound_id).map(|inbound| &mut inbound.clients);
        for client in clients.into_iter().flatten().filter(|client| client.email == row.email) {
            *client = edit(client);
        }
    }

    /// v2.9.4 dates every client of an inbound anew when one of them starts.
    fn stamp_all(&mut self, inbound_id: i64, now: i64) {
        if self.version.is_early() {
            return;
        }
        let clients = self.inbounds.get_mut(&inbound_id).map(|inbound| &mut inbound.clients);
        for client in clients.into_iter().flatten() {
            *client = client.with("updated_at", now);
        }
    }

    fn place_of(&self, row: &StatsRow) -> Option<(&Inbound, &SettingsClient)> {
        let inbound = self.inbounds.get(&row.inbound_id)?;
        let client = inbound.clients.iter().find(|client| client.email == row.email)?;
        Some((inbound, client))
    }
}
