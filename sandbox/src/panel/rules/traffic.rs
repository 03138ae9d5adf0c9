//! Usage: counting, setting, and the reset that does more than it says.

use super::Bulk;
use crate::panel::state::{Db, Refusal};

/// What the panel says when it resets a client without a traffic row.
const WRITER_PANIC: &str =
    "traffic writer panic: runtime error: invalid memory address or nil pointer dereference";

impl Db {
    /// `clients/resetTraffic/{email}`: zeroes the row, and brings a disabled client back through
    /// an update with the record's copy, whose flow cannot be trusted.
    pub(crate) fn reset_traffic(&mut self, now: i64, email: &str) -> Result<(), Refusal> {
        let record = self.records.get(email).ok_or_else(Refusal::not_found)?;
        let mut client = record.client.clone();
        let row = self.rows.get_mut(email).ok_or_else(|| Refusal::raw(WRITER_PANIC))?;
        (row.up, row.down) = (0, 0);
        row.enable = true;
        if !client.enable {
            client.enable = true;
            self.update(now, email, client, None)?;
        }
        Ok(())
    }

    /// `clients/bulkResetTraffic`.
    pub(crate) fn bulk_reset(&mut self, now: i64, emails: &[String]) -> Bulk {
        Bulk::over(emails, |email| {
            self.reset_traffic(now, email).map_err(|refusal| refusal.to_string())
        })
    }

    /// `clients/updateTraffic/{email}`: sets the counters.
    pub(crate) fn set_traffic(&mut self, email: &str, up: i64, down: i64) -> Result<(), Refusal> {
        let row = self.rows.get_mut(email).ok_or_else(Refusal::not_found)?;
        (row.up, row.down) = (up, down);
        Ok(())
    }

    /// A customer's traffic; refused to whoever is off. Says whether it flowed.
    pub(crate) fn count(&mut self, now: i64, email: &str, up: i64, down: i64) -> bool {
        let on = self
            .inbounds
            .values()
            .flat_map(|inbound| &inbound.clients)
            .any(|client| client.email == email && client.enable);
        match self.rows.get_mut(email) {
            Some(row) if on && row.enable => {
                row.up = row.up.saturating_add(up);
                row.down = row.down.saturating_add(down);
                row.last_online = now;
                true
            }
            _ => false,
        }
    }
}
