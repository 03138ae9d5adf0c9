//! Bulk switches and the relative adjustment.

use crate::state::Db;
use crate::version::PanelVersion;
use crate::wire::SettingsClient;
use std::collections::BTreeSet;

/// What a bulk call did, one reason for each email it left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Bulk {
    pub(crate) done: u64,
    pub(crate) skipped: Vec<(String, String)>,
}

impl Bulk {
    /// Does one thing for each email.
    pub(crate) fn over(emails: &[String], mut act: impl FnMut(&str) -> Result<(), String>) -> Self {
        let mut bulk = Self::default();
        let mut seen = BTreeSet::new();
        for email in emails.iter().filter(|email| !email.is_empty() && seen.insert(*email)) {
            match act(email) {
                Ok(()) => bulk.done += 1,
                Err(reason) => bulk.skipped.push((email.clone(), reason)),
            }
        }
        bulk
    }
}

impl Db {
    /// `bulkEnable` and `bulkDisable`: all three stores, whether or not anything differs.
    pub(crate) fn set_enable(&mut self, now: i64, emails: &[String], enable: bool) -> Bulk {
        let bulk = Bulk::over(emails, |email| {
            self.check_present(email)?;
            self.switch(now, email, enable);
            Ok(())
        });
        self.sync_inbounds_of(emails, now);
        bulk
    }

    /// Each inbound these clients are on is copied into the records. The real panel takes them
    /// in no fixed order; these are the orders recorded, and they differ in which flow is left.
    fn sync_inbounds_of(&mut self, emails: &[String], now: i64) {
        let touched: BTreeSet<i64> = emails
            .iter()
            .filter_map(|email| self.records.get(email))
            .flat_map(|record| record.inbounds.iter().copied())
            .collect();
        let mut order: Vec<i64> = touched.into_iter().collect();
        if self.version < PanelVersion::Head {
            order.reverse();
        }
        for id in order {
            self.sync_records(id, now);
        }
    }

    /// Writes the flag into settings, record and row.
    pub(crate) fn switch(&mut self, now: i64, email: &str, enable: bool) {
        self.edit_settings(now, email, |client| client.enable = enable);
        if let Some(row) = self.rows.get_mut(email) {
            row.enable = enable;
        }
    }

    /// `bulkAdjust`: relative, not idempotent, and it brings depleted clients back.
    pub(crate) fn adjust(
        &mut self,
        now: i64,
        emails: &[String],
        add_ms: i64,
        add_bytes: i64,
    ) -> Bulk {
        let bulk = Bulk::over(emails, |email| {
            self.check_present(email)?;
            let client =
                self.records.get(email).map(|record| record.client.clone()).unwrap_or_default();
            let was_depleted = self.rows.get(email).is_some_and(|row| row.depleted(now));
            let end = match client.expiry_time {
                _ if add_ms == 0 => client.expiry_time,
                0 => return Err("unlimited expiry".to_owned()),
                end if end > 0 => end + add_ms,
                delay => delay - add_ms,
            };
            let cap = match client.total_gb {
                _ if add_bytes == 0 => client.total_gb,
                0 => return Err("unlimited traffic".to_owned()),
                cap => cap + add_bytes,
            };
            let (more_time, more_bytes) = (end - client.expiry_time, cap - client.total_gb);
            // Each entry on its own: duplicates that differ go on differing.
            self.edit_settings(now, email, |client| {
                client.expiry_time += more_time;
                client.total_gb += more_bytes;
            });
            if let Some(row) = self.rows.get_mut(email) {
                row.expiry_time = end;
                row.total = cap;
            }
            if was_depleted && !client.enable {
                self.switch(now, email, true);
            }
            Ok(())
        });
        self.sync_inbounds_of(emails, now);
        bulk
    }

    /// Edits one client in every inbound it is on and in its record, not in its row.
    pub(crate) fn edit_settings(
        &mut self,
        now: i64,
        email: &str,
        edit: impl Fn(&mut SettingsClient),
    ) {
        for inbound in self.inbounds.values_mut() {
            for client in inbound.clients.iter_mut().filter(|c| c.email == email) {
                edit(client);
                client.updated_at = now;
            }
        }
        if let Some(record) = self.records.get_mut(email) {
            edit(&mut record.client);
            record.updated_at = now;
        }
    }
}
