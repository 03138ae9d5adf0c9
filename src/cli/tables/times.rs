//! Moments and lengths of time as people read them.

use super::view::View;
use jiff::{Span, SpanRound, Timestamp, Unit};
use serde_json::Value;

/// A moment by how far it is away, in the wide form with the moment itself.
pub(super) fn told(value: &Value, view: View) -> String {
    let Some(at) = value.as_u64() else { return String::new() };
    let near = relative(at, view.now_ms);
    if view.every { format!("{near} ({})", absolute(value)) } else { near }
}

/// `3h ago`, `in 12d`, `now`: in the largest unit of which there is one, rounded down.
fn relative(at_ms: u64, now_ms: u64) -> String {
    let seconds = at_ms.abs_diff(now_ms) / 1_000;
    let (number, unit) = match seconds {
        0 => return "now".to_owned(),
        1..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "m"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    if at_ms < now_ms { format!("{number}{unit} ago") } else { format!("in {number}{unit}") }
}

/// A moment in UTC.
pub(in super::super) fn absolute(value: &Value) -> String {
    let ms = value.as_u64().and_then(|ms| i64::try_from(ms).ok());
    let at = ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(String::new, |at| format!("{at:.0}"))
}

/// A length of time in days of 24 h, down to seconds.
pub(super) fn length(value: &Value) -> String {
    let whole = SpanRound::new().largest(Unit::Day).days_are_24_hours();
    let seconds = value.as_u64().and_then(|ms| i64::try_from(ms / 1_000).ok());
    let span = seconds.and_then(|s| Span::new().try_seconds(s).ok()?.round(whole).ok());
    span.map_or_else(String::new, |span| format!("{span:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_moment_is_told_by_its_distance_and_in_the_wide_form_by_itself_too() {
        let now_ms = 1_764_403_200_000;
        let view = |every| View { every, now_ms, colours: false };
        let at = |ahead_s: i64| json!(now_ms.checked_add_signed(ahead_s * 1_000).unwrap());
        for (ahead_s, said) in [
            (0, "now"),
            (-1, "1s ago"),
            (-59, "59s ago"),
            (-60, "1m ago"),
            (-3 * 3_600 - 3_599, "3h ago"),
            (86_399, "in 23h"),
            (12 * 86_400, "in 12d"),
            (400 * 86_400, "in 400d"),
        ] {
            assert_eq!(told(&at(ahead_s), view(false)), said);
        }
        assert_eq!(told(&at(-3_600), view(true)), "1h ago (2025-11-29T07:00:00Z)");
        assert_eq!(told(&Value::Null, view(true)), "");
        // What no calendar has is still told by its distance.
        assert_eq!(absolute(&json!(u64::MAX)), "");
    }

    #[test]
    fn a_length_is_told_in_its_units() {
        assert_eq!(length(&json!(90_061_000_u64)), "1d 1h 1m 1s");
        assert_eq!(length(&Value::Null), "");
    }
}
