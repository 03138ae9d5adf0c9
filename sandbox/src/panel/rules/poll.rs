//! The panel's own rule, run every few seconds while Xray runs: start delayed clients, renew,
//! and disable who is expired or depleted.

use crate::panel::state::Db;
use crate::panel::wire::StatsRow;

const DAY_MS: i64 = 86_400_000;

impl StatsRow {
    /// Bytes both ways.
    #[must_use]
    pub fn used(&self) -> i64 {
        self.up.saturating_add(self.down)
    }

    pub(crate) fn depleted(&self, now: i64) -> bool {
        (self.total > 0 && self.used() >= self.total)
            || (self.expiry_time > 0 && self.expiry_time <= now)
    }
}

impl Db {
    /// Whose rows the poll would change now.
    pub(crate) fn poll_targets(&self, now: i64) -> Vec<String> {
        self.rows
            .values()
            .filter(|row| row.starts() || (row.depleted(now) && (row.enable || row.renews(now))))
            .map(|row| row.email.clone())
            .collect()
    }

    /// Applies the rule to these clients.
    pub(crate) fn poll(&mut self, now: i64, targets: &[String]) {
        for email in targets {
            let Some(row) = self.rows.get_mut(email) else { continue };
            if row.starts() {
                let end = now.saturating_sub(row.expiry_time);
                row.expiry_time = end;
                self.edit_settings(now, email, |client| client.expiry_time = end);
            } else if row.renews(now) {
                let period = row.reset.saturating_mul(DAY_MS);
                let missed = (now - row.expiry_time) / period + 1;
                let end = row.expiry_time + missed * period;
                row.expiry_time = end;
                (row.up, row.down) = (0, 0);
                self.edit_settings(now, email, |client| client.expiry_time = end);
                self.switch(now, email, true);
            } else if row.depleted(now) {
                self.switch(now, email, false);
            }
        }
    }
}

impl StatsRow {
    fn starts(&self) -> bool {
        self.expiry_time < 0 && self.used() > 0
    }

    fn renews(&self, now: i64) -> bool {
        self.reset > 0 && self.expiry_time > 0 && self.expiry_time <= now
    }
}
