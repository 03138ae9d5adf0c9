//! What the shop took: a record for each day of UTC and currency, added to by the commit that approves an order
//! or takes an approval back. Its parts are quarters of an hour, so that the days of any zone are sums of them:
//! all zones of today are whole quarters from UTC.

use super::{Currency, DAY_MS, MINUTE_MS, Money, Order, UnixMs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Milliseconds in a quarter of an hour.
const QUARTER_MS: u64 = 15 * MINUTE_MS;

/// How much was taken and given back, in a currency's smallest unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// How many orders were approved.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub approved: u64,
    /// What these were paid with.
    #[serde(default, skip_serializing_if = "exact::is_zero", with = "exact")]
    pub taken: u128,
    /// How many approvals were taken back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reversed: u64,
    /// What those had been paid with.
    #[serde(default, skip_serializing_if = "exact::is_zero", with = "exact")]
    pub returned: u128,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Sums {
    /// What is left: below zero where more was given back than taken.
    #[must_use]
    pub fn net(&self) -> i128 {
        let signed = |n| i128::try_from(n).unwrap_or(i128::MAX);
        signed(self.taken).saturating_sub(signed(self.returned))
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: &Self) -> Self {
        Self {
            approved: self.approved.saturating_add(other.approved),
            taken: self.taken.saturating_add(other.taken),
            reversed: self.reversed.saturating_add(other.reversed),
            returned: self.returned.saturating_add(other.returned),
        }
    }
}

/// Something that is booked once: an approval, or its reversal.
#[derive(Debug, Clone, Copy)]
pub struct Booking<'a> {
    /// When it was decided: a reversal counts on the day of the reversal.
    pub at: UnixMs,
    /// What the order was paid with.
    pub amount: &'a Money,
    /// Given back, and not taken.
    pub returned: bool,
}

impl Booking<'_> {
    fn sums(&self) -> Sums {
        let amount = u128::from(self.amount.minor);
        if self.returned {
            Sums { reversed: 1, returned: amount, ..Sums::default() }
        } else {
            Sums { approved: 1, taken: amount, ..Sums::default() }
        }
    }
}

impl Order {
    /// What it brought into the books: nothing before its approval, and what was taken back twice, once each way.
    pub fn bookings(&self) -> impl Iterator<Item = Booking<'_>> {
        let amount = &self.method.price;
        let approved = self.decision.as_ref().filter(|_| self.approved_account().is_some());
        let taken = approved.map(|decision| Booking { at: decision.at, amount, returned: false });
        let reversed = self.reversed.as_ref().filter(|_| approved.is_some());
        let back = reversed.map(|reversed| Booking { at: reversed.at, amount, returned: true });
        taken.into_iter().chain(back)
    }
}

/// What was taken on one day of UTC in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takings {
    /// Days since 1970-01-01.
    pub day: u32,
    /// A currency whose decimals the files changed is another one.
    pub currency: Currency,
    /// By the quarter of an hour, 0 to 95, in which something was booked.
    pub quarters: BTreeMap<u8, Sums>,
}

impl Takings {
    /// The day that a moment lies in, without any yet.
    #[must_use]
    pub fn none_at(at: UnixMs, currency: Currency) -> Self {
        Self { day: day_of(at), currency, quarters: BTreeMap::new() }
    }

    /// Adds one; the day and the currency are its own.
    pub fn add(&mut self, booking: &Booking<'_>) {
        let quarter = booking.at.0 % DAY_MS / QUARTER_MS;
        let of = self.quarters.entry(u8::try_from(quarter).unwrap_or(u8::MAX)).or_default();
        *of = of.plus(&booking.sums());
    }

    /// Each quarter of an hour with its beginning.
    pub fn moments(&self) -> impl Iterator<Item = (UnixMs, &Sums)> {
        let day = u64::from(self.day).saturating_mul(DAY_MS);
        let begins = move |quarter: u8| day.saturating_add(u64::from(quarter) * QUARTER_MS);
        self.quarters.iter().map(move |(quarter, sums)| (UnixMs(begins(*quarter)), sums))
    }

    /// The whole day.
    #[must_use]
    pub fn total(&self) -> Sums {
        self.quarters.values().fold(Sums::default(), Sums::plus)
    }
}

/// The day of UTC that a moment lies in.
#[must_use]
pub fn day_of(at: UnixMs) -> u32 {
    u32::try_from(at.0 / DAY_MS).unwrap_or(u32::MAX)
}

/// The takings that a walk over orders comes to: what the records must say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllTakings(BTreeMap<(u32, Currency), Takings>);

impl AllTakings {
    /// Adds an order's bookings.
    pub fn add(&mut self, order: &Order) {
        for booking in order.bookings() {
            let currency = booking.amount.currency.clone();
            let of = self.0.entry((day_of(booking.at), currency.clone()));
            of.or_insert_with(|| Takings::none_at(booking.at, currency)).add(&booking);
        }
    }

    /// Adds a record as it is stored.
    pub fn insert(&mut self, takings: Takings) {
        self.0.insert((takings.day, takings.currency.clone()), takings);
    }

    /// What both have and say differently, and what only one has: this one's, then the other's.
    pub fn differences<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (Option<&'a Takings>, Option<&'a Takings>)> {
        let ours = self.0.iter().map(|(key, ours)| (Some(ours), other.0.get(key)));
        let theirs = other.0.iter().filter(|(key, _)| !self.0.contains_key(key));
        let theirs = theirs.map(|(_, theirs)| (None, Some(theirs)));
        ours.chain(theirs).filter(|(ours, theirs)| ours != theirs)
    }

    /// All of them, by day.
    pub fn takings(&self) -> impl Iterator<Item = &Takings> {
        self.0.values()
    }
}

/// A sum as a number; one that no JSON number holds exactly everywhere as its digits.
mod exact {
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};
    use std::fmt;

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    pub(super) const fn is_zero(n: &u128) -> bool {
        *n == 0
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(n: &u128, to: S) -> Result<S::Ok, S::Error> {
        match u64::try_from(*n) {
            Ok(n) => to.serialize_u64(n),
            Err(_) => to.collect_str(n),
        }
    }

    struct Sum;

    impl Visitor<'_> for Sum {
        type Value = u128;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_u64<E: Error>(self, n: u64) -> Result<u128, E> {
            Ok(n.into())
        }

        fn visit_str<E: Error>(self, digits: &str) -> Result<u128, E> {
            digits.parse().map_err(E::custom)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        from.deserialize_any(Sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_however_large() {
        for sums in [
            Sums::default(),
            Sums { approved: 3, taken: 30_000, reversed: 0, returned: 0 },
            Sums { approved: u64::MAX, taken: u128::MAX, reversed: 7, returned: 1 << 64 },
        ] {
            let json = serde_json::to_string(&sums).unwrap();
            assert_eq!(serde_json::from_str::<Sums>(&json).unwrap(), sums, "{json}");
        }
        let small = Sums { approved: 1, taken: 10_000, ..Sums::default() };
        let json = serde_json::to_string(&small).unwrap();
        assert_eq!(json, r#"{"approved":1,"taken":10000}"#);
        assert_eq!(Sums { returned: 5, ..small }.net(), 9_995);
        assert_eq!(Sums { returned: 5, ..Sums::default() }.net(), -5);
    }

    /// A record is at most 16 KiB.
    #[test]
    fn a_day_with_something_in_each_quarter_fits_into_a_record() {
        let most = u128::from(u64::MAX);
        let sums = Sums { approved: 99_999, taken: most, reversed: 99_999, returned: most };
        let takings = Takings {
            day: u32::MAX,
            currency: Currency { code: "USDT".into(), decimals: 6 },
            quarters: (0..96).map(|quarter| (quarter, sums)).collect(),
        };
        let json = crate::model::Record::Takings(takings).to_json().unwrap();
        assert!(json.len() < 12_000, "{}", json.len());
    }
}
