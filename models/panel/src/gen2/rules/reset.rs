//! Usage: looking it up, setting it, and the reset that only half brings a client back.

use crate::gen2::draft::Failure;
use crate::state::{Db, Refusal};
use crate::wire::{SettingsClient, StatsRow};
use crate::xray::Xray;

impl Db {
    /// The row of an email and the client it belongs to, which must be on the row's inbound.
    pub(in crate::gen2) fn traffic_of(
        &self,
        email: &str,
    ) -> Result<(&StatsRow, &SettingsClient), Refusal> {
        let row = self
            .rows
            .get(email)
            .ok_or_else(|| Refusal::own(format!("Inbound Not Found For Email: {email}")))?;
        let clients = &self.inbound(row.inbound_id)?.clients;
        let client = clients.iter().find(|client| client.email == email);
        let client = client.ok_or_else(|| {
            Refusal::own(format!("Client Not Found In Inbound For Email: {email}"))
        })?;
        Ok((row, client))
    }

    /// `resetClientTraffic`: the inbound named may be any. A client whose settings are off stays
    /// off.
    pub(in crate::gen2) fn reset(
        &mut self,
        inbound_id: i64,
        email: &str,
        xray: &mut Xray,
    ) -> Result<(), Failure> {
        let row_is_on = match self.version.is_early() {
            // v2.6.5 takes what is not there for granted.
            true => self.rows.get(email).ok_or(Failure::Panicked)?.enable,
            false => self.traffic_of(email)?.0.enable,
        };
        if !row_is_on {
            let inbound = self.inbound(inbound_id)?;
            let back = inbound.clients.iter().find(|c| c.email == email && c.enable);
            if let Some(client) = back {
                xray.add(inbound, client);
            }
        }
        if let Some(row) = self.rows.get_mut(email) {
            row.start_over();
        }
        Ok(())
    }

    /// `updateClientTraffic`: nobody's is a success, too.
    pub(in crate::gen2) fn set_usage(&mut self, email: &str, up: i64, down: i64) {
        if let Some(row) = self.rows.get_mut(email) {
            (row.up, row.down) = (up, down);
            row.all_time = row.all_time.max(up.saturating_add(down));
        }
    }
}
