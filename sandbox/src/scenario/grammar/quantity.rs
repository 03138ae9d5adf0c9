//! Lengths of time and amounts of traffic, as scenarios write and show them.

/// `30d`, `1h 30m`, `45s` in milliseconds.
pub(crate) fn length_ms(text: &str) -> Option<u64> {
    let mut sum = 0_u64;
    let mut any = false;
    for part in text.split_whitespace() {
        let digits = part.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = part.split_at_checked(digits)?;
        let factor = match unit {
            "d" => 86_400_000,
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(factor)?)?;
        any = true;
    }
    any.then_some(sum)
}

/// `50GiB`, `700 MB` in bytes.
pub(crate) fn bytes(text: &str) -> Option<i64> {
    let text: String = text.split_whitespace().collect();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit {
        "B" => 1,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

/// Milliseconds as the two largest units, to the nearest minute: `30d`, `29d 23h`, `5m`.
pub(crate) fn spell_length(ms: i64) -> String {
    let minutes = (ms + 30_000).div_euclid(60_000);
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "m")];
    let shown: Vec<String> = parts
        .iter()
        .skip_while(|(n, _)| *n == 0)
        .filter(|(n, _)| *n != 0)
        .take(2)
        .map(|(n, unit)| format!("{n}{unit}"))
        .collect();
    if shown.is_empty() { "0m".to_owned() } else { shown.join(" ") }
}

/// Seconds as scenarios read them: `30d`, `1h 5s`.
pub(crate) fn spell_seconds(seconds: u64) -> String {
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let shown = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}"));
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { "0s".to_owned() } else { shown.join(" ") }
}

/// Bytes to the last one, in the largest unit that has no rest.
pub(crate) fn spell_exactly(n: i64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB")];
    let whole = units.into_iter().find(|(unit, _)| n % unit == 0);
    let (unit, name) = whole.unwrap_or((1, "B"));
    format!("{}{name}", n / unit)
}

/// Bytes as whole units where they are, else with two decimals of GiB.
pub(crate) fn spell_bytes(n: i64) -> String {
    const GIB: i64 = 1 << 30;
    if n % GIB == 0 {
        return format!("{}GiB", n / GIB);
    }
    let hundredths = n / (GIB / 100);
    format!("{}.{:02}GiB", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_with_their_units_only() {
        assert_eq!(length_ms("30d"), Some(2_592_000_000));
        assert_eq!(length_ms("1h 30m 5s"), Some(5_405_000));
        assert_eq!(length_ms("30"), None);
        assert_eq!(length_ms(""), None);
        assert_eq!(length_ms("3 days"), None);
    }

    #[test]
    fn lengths_are_shown_to_the_minute() {
        assert_eq!(spell_length(2_592_000_000 - 4_000), "30d");
        assert_eq!(spell_length(2_592_000_000 - 3_600_000), "29d 23h");
        assert_eq!(spell_length(90_000), "2m");
        assert_eq!(spell_length(0), "0m");
    }

    #[test]
    fn seconds_are_read_as_they_are_spelled() {
        for seconds in [0, 1, 59, 3_600, 90_061, 2_592_000] {
            assert_eq!(length_ms(&spell_seconds(seconds)), Some(seconds * 1_000), "{seconds}");
        }
    }

    #[test]
    fn bytes_are_read_and_shown() {
        assert_eq!(bytes("50GiB"), Some(50 << 30));
        assert_eq!(bytes("30 MB"), Some(30_000_000));
        assert_eq!(bytes("30"), None);
        for n in [50 << 30, 3 << 20, 1_234_567, 0] {
            assert_eq!(bytes(&spell_exactly(n)), Some(n), "{n}");
        }
        assert_eq!(spell_bytes(50 << 30), "50GiB");
        assert_eq!(spell_bytes((1 << 30) + (1 << 29)), "1.50GiB");
    }
}
