//! The panel's own rule, run every few seconds while Xray runs: start delayed clients, renew,
//! and disable who is expired or depleted.

use crate::state::Db;

const DAY_MS: i64 = 86_400_000;

impl Db {
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
