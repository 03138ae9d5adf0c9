//! Traffic rows, as both generations read them.

use super::state::Db;
use super::version::Generation;
use super::wire::StatsRow;

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

    /// A delayed client that has had its first traffic.
    pub(crate) fn starts(&self) -> bool {
        self.expiry_time < 0 && self.used() > 0
    }

    pub(crate) fn renews(&self, now: i64) -> bool {
        self.reset > 0 && self.expiry_time > 0 && self.expiry_time <= now
    }

    pub(crate) fn start_over(&mut self) {
        (self.up, self.down) = (0, 0);
        self.enable = true;
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

    /// A customer's traffic; refused to whoever is off. Says whether it flowed. In generation 2
    /// one without a row has what it likes, and nobody counts it.
    pub(crate) fn count(&mut self, now: i64, email: &str, up: i64, down: i64, open: bool) -> bool {
        let on = self
            .inbounds
            .values()
            .flat_map(|inbound| &inbound.clients)
            .any(|client| client.email == email && !client.is_switched_off());
        match self.rows.get_mut(email) {
            // Xray goes on counting for whoever is connected, and the panel writes down what it counts.
            Some(row) if open || (on && row.enable) => {
                row.up = row.up.saturating_add(up);
                row.down = row.down.saturating_add(down);
                row.all_time = row.all_time.saturating_add(up).saturating_add(down);
                row.last_online = now;
                true
            }
            None => on && self.version.generation() == Generation::Two,
            Some(_) => false,
        }
    }
}
