//! A stretch of each day, such as `03:00-05:00`.

use super::units::BadValue;
use crate::model::UnixMs;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What may be written.
pub(super) const DAILY_HELP: &str =
    "write two times of day in the shop's zone, such as 03:00-05:00";

/// A stretch of each day by the shop's clocks; one that ends before it begins lasts over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daily {
    /// Minutes after midnight.
    from_min: u16,
    /// Minutes after midnight, no longer in it.
    to_min: u16,
}

const HOUR_MIN: u16 = 60;
/// A server is listed each minute, and may be silent for a few.
const LEAST_MIN: u16 = 10;

/// `03:00-05:00`.
pub(super) fn daily(text: &str) -> Result<Daily, BadValue> {
    let refuse = |why: &str| (format!("`{text}` {why}"), DAILY_HELP.to_owned());
    let Some((from, to)) = text.split_once('-') else {
        return Err(refuse("is no stretch of a day"));
    };
    let read = |text: &str| time_of_day(text.trim());
    let (Some(from_min), Some(to_min)) = (read(from), read(to)) else {
        return Err(refuse("is no stretch of a day"));
    };
    let day_min = 24 * HOUR_MIN;
    if (to_min + day_min - from_min) % day_min < LEAST_MIN {
        return Err(refuse("is shorter than 10 minutes"));
    }
    Ok(Daily { from_min, to_min })
}

/// `03:00` as minutes after midnight.
fn time_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |digits: &str| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
    let (hour, minute) = (Some(hour).filter(|h| two(h))?, Some(minute).filter(|m| two(m))?);
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < HOUR_MIN).then_some(hour * HOUR_MIN + minute)
}

impl fmt::Display for Daily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to] = [self.from_min, self.to_min].map(|min| (min / HOUR_MIN, min % HOUR_MIN));
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.0, from.1, to.0, to.1)
    }
}

impl std::str::FromStr for Daily {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        daily(text).map_err(|(why, help)| format!("{why}: {help}"))
    }
}

impl Daily {
    /// When the stretch began that `now` lies in, by the clocks of a zone; `None` outside of it.
    #[must_use]
    pub fn began(&self, now: UnixMs, zone: &str) -> Option<UnixMs> {
        self.around(now, zone).map(|(began, _)| began)
    }

    /// When the stretch that `now` lies in began and when it ends, by the clocks of a zone; `None` outside
    /// of it.
    #[must_use]
    pub fn around(&self, now: UnixMs, zone: &str) -> Option<(UnixMs, UnixMs)> {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let zoned = Timestamp::from_millisecond(i64::try_from(now.0).ok()?).ok()?.to_zoned(zone);
        let clock = zoned.datetime();
        let minute =
            u16::try_from(clock.hour()).ok()? * HOUR_MIN + u16::try_from(clock.minute()).ok()?;
        let over_midnight = self.to_min < self.from_min;
        let today = minute >= self.from_min && (over_midnight || minute < self.to_min);
        let yesterday = over_midnight && minute < self.to_min;
        let day = match (today, yesterday) {
            (true, _) => clock.date(),
            (false, true) => clock.date().checked_sub(1.day()).ok()?,
            (false, false) => return None,
        };
        let last = if over_midnight { day.checked_add(1.day()).ok()? } else { day };
        // Where clocks jump over one of its ends, or pass it twice, it is the longer one: one for all of it.
        let zone = zoned.time_zone();
        let began = zone.to_ambiguous_zoned(on(day, self.from_min)?).earlier().ok()?;
        let ends = zone.to_ambiguous_zoned(on(last, self.to_min)?).later().ok()?;
        let ms = |at: Zoned| u64::try_from(at.timestamp().as_millisecond()).ok().map(UnixMs);
        Some((ms(began)?, ms(ends)?))
    }
}

/// So many minutes after a day's midnight, as clocks show it.
fn on(day: Date, minutes: u16) -> Option<DateTime> {
    let hour = i8::try_from(minutes / HOUR_MIN).ok()?;
    Some(day.at(hour, i8::try_from(minutes % HOUR_MIN).ok()?, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixMs {
        let zoned: jiff::Zoned = text.parse().unwrap();
        UnixMs(u64::try_from(zoned.timestamp().as_millisecond()).unwrap())
    }

    #[test]
    fn a_stretch_is_two_times_of_day() {
        for good in ["03:00-05:00", "23:30-01:00", "00:00-23:59", "03:00 - 05:00"] {
            assert!(daily(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "03:00",
            "3:00-5:00",
            "03:00-24:00",
            "03:60-05:00",
            "03:00-03:00",
            "03:00-03:09",
            "23:55-00:04",
            "a-b",
            "03:00-05:00-07:00",
            "+3:00-05:00",
        ] {
            assert!(daily(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn its_beginning_is_known_within_it_and_only_there() {
        let early = daily("03:00-05:00").unwrap();
        let cairo = |stretch: Daily, time: &str| {
            stretch.began(at(&format!("{time}[Africa/Cairo]")), "Africa/Cairo")
        };
        let began = Some(at("2027-01-02T03:00[Africa/Cairo]"));
        assert_eq!(cairo(early, "2027-01-02T02:59:59"), None);
        assert_eq!(cairo(early, "2027-01-02T03:00"), began);
        assert_eq!(cairo(early, "2027-01-02T04:59:59"), began);
        assert_eq!(cairo(early, "2027-01-02T05:00"), None);
        let night = daily("23:30-01:00").unwrap();
        let began = Some(at("2027-01-01T23:30[Africa/Cairo]"));
        let whole = night.around(at("2027-01-02T00:10[Africa/Cairo]"), "Africa/Cairo");
        assert_eq!(whole, began.zip(Some(at("2027-01-02T01:00[Africa/Cairo]"))));
        assert_eq!(cairo(night, "2027-01-01T23:40"), began);
        assert_eq!(cairo(night, "2027-01-02T00:59"), began);
        assert_eq!(cairo(night, "2027-01-02T01:00"), None);
    }

    /// In Cairo clocks jump from 00:00 to 01:00 on 2026-04-24, and from 24:00 back to 23:00 on 2026-10-29.
    #[test]
    fn clocks_that_jump_make_no_second_stretch() {
        let night = daily("00:30-03:00").unwrap();
        let began = |time: &str| night.began(at(time), "Africa/Cairo");
        let first = began("2026-04-24T01:00+03[Africa/Cairo]").unwrap();
        assert!(first <= at("2026-04-24T01:00+03[Africa/Cairo]"));
        for later in ["01:10", "01:20", "02:10", "02:59"] {
            let time = format!("2026-04-24T{later}+03[Africa/Cairo]");
            assert_eq!(began(&time), Some(first), "{later}");
        }
        let evening = daily("23:00-23:50").unwrap();
        let first = evening.began(at("2026-10-29T23:10+03[Africa/Cairo]"), "Africa/Cairo");
        let again = evening.began(at("2026-10-29T23:10+02[Africa/Cairo]"), "Africa/Cairo");
        assert!(first.is_some() && first == again, "{first:?} {again:?}");
    }
}
