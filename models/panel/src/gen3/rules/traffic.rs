//! Usage: counting, setting, and the reset that does more than it says.

use super::Bulk;
use crate::state::{Db, Refusal};
use crate::wire::{SettingsClient, StatsRow};

/// What the panel says when it resets a client without a traffic row.
const WRITER_PANIC: &str =
    "traffic writer panic: runtime error: invalid memory address or nil pointer dereference";

impl Db {
    /// `clients/resetTraffic/{email}`: zeroes the row, and brings a disabled client back through
    /// an update with the record's copy, whose flow cannot be trusted.
    pub(crate) fn reset_traffic(&mut self, now: i64, email: &str) -> Result<(), Refusal> {
        let record = self.records.get(email).ok_or_else(Refusal::not_found)?;
        let attached = !record.inbounds.is_empty();
        self.bring_back(now, email);
        match self.rows.get_mut(email) {
            Some(row) => row.start_over(),
            None if attached => return Err(Refusal::raw(WRITER_PANIC)),
            None => {}
        }
        Ok(())
    }

    /// Enables whoever is off; what that runs into is only logged by the panel.
    fn bring_back(&mut self, now: i64, email: &str) {
        let off = self.records.get(email).filter(|record| !record.client.enable);
        if let Some(record) = off {
            let client = SettingsClient { enable: true, ..record.client.clone() };
            let _ = self.update(now, email, client, None);
        }
    }

    /// `clients/bulkResetTraffic`: counts the rows it zeroed, and names nobody it missed.
    pub(crate) fn bulk_reset(&mut self, now: i64, emails: &[String]) -> Bulk {
        let mut bulk = Bulk::over(emails, |email| {
            self.bring_back(now, email);
            self.rows.get_mut(email).map(StatsRow::start_over).ok_or_else(String::new)
        });
        bulk.skipped.clear();
        bulk
    }

    /// `clients/updateTraffic/{email}`: sets the counters.
    pub(crate) fn set_traffic(&mut self, email: &str, up: i64, down: i64) -> Result<(), Refusal> {
        let row = self.rows.get_mut(email).ok_or_else(Refusal::not_found)?;
        (row.up, row.down) = (up, down);
        Ok(())
    }
}
