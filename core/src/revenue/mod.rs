//! What was taken, by days, months, quarters and years as the shop's clocks show them. Exact: whole numbers in a
//! currency's smallest unit, and a sum of days is that of their year.

use crate::model::{Currency, Sums, Takings, UnixMs};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// `2026-11-30`.
    Day,
    /// `2026-11`.
    Month,
    /// `2026-Q4`.
    Quarter,
    /// `2026`.
    Year,
}

impl Period {
    /// Every one, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Month, Self::Quarter, Self::Year];

    /// Its word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    fn label(self, day: Date) -> String {
        let (year, month) = (day.year(), day.month());
        match self {
            Self::Day => format!("{year:04}-{month:02}-{:02}", day.day()),
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Quarter => format!("{year:04}-Q{}", (month - 1) / 3 + 1),
            Self::Year => format!("{year:04}"),
        }
    }
}

/// Days from one to another, both in it, as the shop's clocks show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    first: Date,
    last: Date,
}

impl Days {
    /// All there are.
    pub const ALL: Self = Self { first: date(1970, 1, 1), last: date(9999, 12, 31) };

    /// From one written day to another; where one is not said, without that end.
    ///
    /// # Errors
    /// A line for whoever typed it.
    pub fn parse(from: Option<&str>, to: Option<&str>) -> Result<Self, String> {
        let read = |text: &str| {
            let day = text.parse::<Date>().ok().filter(|_| text.len() == 10);
            day.ok_or_else(|| format!("`{text}` is no day: write it as 2026-11-30"))
        };
        let first = from.map_or(Ok(Self::ALL.first), read)?;
        let last = to.map_or(Ok(Self::ALL.last), read)?;
        if last < first {
            return Err(format!("{last} is before {first}: nothing lies between them"));
        }
        Ok(Self { first, last })
    }

    /// The day that a moment lies in, in a zone.
    #[must_use]
    pub fn today(now: UnixMs, zone: &str) -> Self {
        let day = day_in(now, &zone_of(zone));
        Self { first: day, last: day }
    }

    /// The days up to this one's last, so many with it.
    #[must_use]
    pub fn back(self, days: u16) -> Self {
        let more = i32::from(days.max(1)) - 1;
        Self { first: self.last.checked_sub(more.days()).unwrap_or(Self::ALL.first), ..self }
    }

    /// The month of the last of them, up to that day.
    #[must_use]
    pub fn this_month(self) -> Self {
        Self { first: self.last.first_of_month(), ..self }
    }

    /// The whole month before that one.
    #[must_use]
    pub fn last_month(self) -> Self {
        let last = self.last.first_of_month().yesterday().unwrap_or(Self::ALL.first);
        Self { first: last.first_of_month(), last }
    }

    /// The quarter of the last of them, up to that day.
    #[must_use]
    pub fn this_quarter(self) -> Self {
        let month = self.last.month();
        let first = self.last.first_of_month().checked_sub(i32::from((month - 1) % 3).months());
        Self { first: first.unwrap_or(Self::ALL.first), ..self }
    }

    /// The year of the last of them, up to that day.
    #[must_use]
    pub fn this_year(self) -> Self {
        Self { first: self.last.first_of_year(), ..self }
    }

    /// When the first of them begins and the last ends, in a zone.
    #[must_use]
    pub fn between(self, zone: &str) -> (UnixMs, UnixMs) {
        let zone = zone_of(zone);
        let begins = |day: Date| {
            let at = day.to_zoned(zone.clone()).map(|at| at.timestamp().as_millisecond());
            at.ok().and_then(|ms| u64::try_from(ms).ok()).map(UnixMs)
        };
        let end = self.last.tomorrow().ok().and_then(begins);
        (begins(self.first).unwrap_or(UnixMs(0)), end.unwrap_or(UnixMs(u64::MAX)))
    }

    /// All that [`Self::last_month`], [`Self::this_year`] and [`Self::back`] of 30 days need of this day: no more than
    /// thirteen months.
    #[must_use]
    pub fn lately(self) -> Self {
        let firsts = [self.last_month(), self.this_year(), self.back(30)].map(|days| days.first);
        Self { first: firsts.into_iter().min().unwrap_or(self.first), ..self }
    }

    /// The first and the last day of UTC that a part of them may lie in.
    #[must_use]
    pub fn of_utc(self) -> (u32, u32) {
        let number = |day: Date| {
            let hours = day.duration_since(Self::ALL.first).as_hours();
            u32::try_from(hours / 24).unwrap_or(0)
        };
        // No clock is a whole day and more away from UTC's.
        (number(self.first).saturating_sub(1), number(self.last).saturating_add(1))
    }

    fn has(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = String> {
        let (mut next, last) = (Some(self.first), self.last);
        std::iter::from_fn(move || {
            let day = next.filter(|day| *day <= last)?;
            next = day.tomorrow().ok();
            Some(Period::Day.label(day))
        })
    }
}

/// What a period came to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revenue {
    /// Which one, as its numbers say it.
    pub period: String,
    /// In which currency.
    pub currency: Currency,
    /// Its sums.
    pub sums: Sums,
}

/// Sums by period and currency, the oldest first. Periods without any are left out; of one that is only partly
/// among the days that part.
#[must_use]
pub fn by_period<'a>(
    takings: impl IntoIterator<Item = &'a Takings>,
    zone: &str,
    by: Period,
    days: Days,
) -> Vec<Revenue> {
    let zone = zone_of(zone);
    let mut sums: BTreeMap<(String, &Currency), Sums> = BTreeMap::new();
    for takings in takings {
        for (at, booked) in takings.moments() {
            let day = day_in(at, &zone);
            if days.has(day) {
                let of = sums.entry((by.label(day), &takings.currency)).or_default();
                *of = of.plus(booked);
            }
        }
    }
    let row = |((period, currency), sums): ((String, &Currency), Sums)| Revenue {
        period,
        currency: currency.clone(),
        sums,
    };
    sums.into_iter().map(row).collect()
}

/// What some days came to, by currency.
#[must_use]
pub fn total<'a>(
    takings: impl IntoIterator<Item = &'a Takings>,
    zone: &str,
    days: Days,
) -> Vec<(Currency, Sums)> {
    let mut all: BTreeMap<Currency, Sums> = BTreeMap::new();
    for row in by_period(takings, zone, Period::Year, days) {
        let of = all.entry(row.currency).or_default();
        *of = of.plus(&row.sums);
    }
    all.into_iter().collect()
}

fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn day_in(at: UnixMs, zone: &TimeZone) -> Date {
    let ms = i64::try_from(at.0).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    zone.to_datetime(at).date()
}

#[cfg(test)]
mod tests;
