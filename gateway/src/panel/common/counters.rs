//! The table of counters: one row for each client.

use serde::de::{IgnoredAny, MapAccess};

use super::json::{Object, Scalar};

/// A row of the table of counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::panel) struct Stats {
    pub(in crate::panel) row: i64,
    pub(in crate::panel) enable: bool,
    pub(in crate::panel) total: i64,
    pub(in crate::panel) expiry: i64,
    pub(in crate::panel) reset: i64,
    pub(in crate::panel) used: u64,
    /// The inbound it counts for: in gen-3 the first of several.
    pub(in crate::panel) inbound: Option<i64>,
}

/// A row of the table of counters, as it is given.
#[derive(Debug, Default)]
pub(in crate::panel) struct Counter {
    email: Option<String>,
    id: Option<i64>,
    enable: Option<bool>,
    total: Option<i64>,
    expiry: Option<i64>,
    reset: Option<i64>,
    inbound: Option<i64>,
    up: Option<i64>,
    down: Option<i64>,
}

impl Object for Counter {
    fn field<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let number = match name {
            "id" => &mut self.id,
            "total" => &mut self.total,
            "expiryTime" => &mut self.expiry,
            "reset" => &mut self.reset,
            "inboundId" => &mut self.inbound,
            "up" => &mut self.up,
            "down" => &mut self.down,
            "email" => {
                self.email = map.next_value::<Scalar<'_>>()?.text();
                return Ok(());
            }
            "enable" => {
                self.enable = map.next_value::<Scalar<'_>>()?.flag();
                return Ok(());
            }
            _ => return map.next_value::<IgnoredAny>().map(drop),
        };
        *number = map.next_value::<Scalar<'_>>()?.int();
        Ok(())
    }
}

impl Counter {
    /// The row with its client's name, when it says all that counts.
    pub(in crate::panel) fn checked(self) -> Result<(String, Stats), &'static str> {
        let count = |n: Option<i64>| n.map(|n| u64::try_from(n).unwrap_or(0));
        let used = count(self.up).zip(count(self.down)).map(|(up, down)| up.saturating_add(down));
        let email = self.email.ok_or("a counter has no name")?;
        let stats = Stats {
            row: self.id.ok_or("a counter has no number")?,
            enable: self.enable.ok_or("a counter has no flag")?,
            total: self.total.ok_or("a counter has no cap")?,
            expiry: self.expiry.ok_or("a counter has no end")?,
            reset: self.reset.unwrap_or(0),
            inbound: self.inbound,
            used: used.ok_or("a counter does not count")?,
        };
        Ok((email, stats))
    }
}
