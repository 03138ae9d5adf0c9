//! The time, as a port: the sandbox moves it.

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in ms since 1970. It may step.
    fn now_ms(&self) -> u64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the adapter that reads the real clock")]
    fn now_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A moment as an HTTP date, such as `Sat, 21 Nov 2026 10:00:00 GMT`.
///
/// Answers carry the date of the *port*, not of the machine, so that a moved clock shows.
#[must_use]
pub fn http_date(now_ms: u64) -> String {
    // The form ends with the year 9999, and a clock may say anything.
    const LAST_S: u64 = 253_402_300_799;
    let since = std::time::Duration::from_secs((now_ms / 1000).min(LAST_S));
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_rfc_9110() {
        for (ms, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_795_255_200_999, "Sat, 21 Nov 2026 10:00:00 GMT"),
            (u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(http_date(ms), text);
        }
    }
}
