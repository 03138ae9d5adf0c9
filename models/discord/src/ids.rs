//! Snowflakes and the spellings of time.

use crate::time::UnixMs;

/// Milliseconds from 1970 to Discord's own epoch, the start of 2015.
const EPOCH_MS: u64 = 1_420_070_400_000;

/// Draws ids that rise, whatever the clock does.
#[derive(Debug, Default)]
pub(crate) struct Snowflakes {
    last: u64,
}

impl Snowflakes {
    pub(crate) fn next(&mut self, now: UnixMs) -> u64 {
        let by_clock = now.0.saturating_sub(EPOCH_MS) << 22;
        self.last = by_clock.max(self.last.saturating_add(1));
        self.last
    }
}

/// The id of a user called `name`: the same in every run.
pub(crate) fn user_id(name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    200_000_000_000_000_000 + hash % 1_000_000_000_000
}

fn spelled(moment: UnixMs, format: &str) -> String {
    let ms = i64::try_from(moment.0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).unwrap_or_default().strftime(format).to_string()
}

/// As Discord writes moments in JSON.
pub(crate) fn iso(moment: UnixMs) -> String {
    spelled(moment, "%Y-%m-%dT%H:%M:%S%.6f+00:00")
}

/// As HTTP writes moments in its `Date` header.
pub(crate) fn http_date(moment: UnixMs) -> String {
    spelled(moment, "%a, %d %b %Y %H:%M:%S GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_falls() {
        let mut ids = Snowflakes::default();
        let later = ids.next(UnixMs(1_800_000_000_000));
        assert!(ids.next(UnixMs(1_700_000_000_000)) > later);
    }

    #[test]
    fn moments_are_spelled_as_discord_does() {
        assert_eq!(iso(UnixMs(1_700_000_000_123)), "2023-11-14T22:13:20.123000+00:00");
        assert_eq!(http_date(UnixMs(1_700_000_000_000)), "Tue, 14 Nov 2023 22:13:20 GMT");
    }
}
