//! Quantities as the files write them: exact, and always with a unit.

use super::words::suggest;
use crate::model::{
    Bytes, Currency, DAY_MS, DurationMs, HOUR_MS, MINUTE_MS, Money, Quota, SECOND_MS,
};
use std::collections::BTreeMap;

/// What a refused quantity needs to hear: what is wrong, and which units exist.
pub(super) type BadValue = (String, String);

const LENGTHS: [(&str, u64); 4] =
    [("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", SECOND_MS)];
const SIZES: [(&str, u64); 9] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];
const SPEEDS: [(&str, u64); 3] = [("Kbit", 1_000), ("Mbit", 1_000_000), ("Gbit", 1_000_000_000)];
/// A hundred years: longer is a slip of the finger, and far from any overflow.
const LONGEST_DAYS: u64 = 36_500;

/// The most traffic of one term, 8 PiB: a panel keeps a cap as a signed number of 64 bits, and a
/// thousand renewals on top of its counter must fit in.
const MOST_TRAFFIC: u64 = 1 << 53;

/// How lengths of time are written.
pub(super) const LENGTH_HELP: &str =
    "write days, hours, minutes, seconds, such as 30d or 1d 12h (units: d, h, m, s)";
/// How amounts of traffic are written.
pub(super) const SIZE_HELP: &str = "write 50GB (50 × 10⁹ bytes), 50GiB (50 × 2³⁰ bytes; units: B, KB, MB, GB, TB, KiB, MiB, GiB, TiB) or unlimited";
/// How speeds are written.
pub(super) const SPEED_HELP: &str = "write a speed such as 1Gbit (units: Kbit, Mbit, Gbit)";
/// How prices are written.
pub(super) const PRICE_HELP: &str =
    "write the amount, a space and the currency's code, such as 100.00 EGP";

/// `30d 12h 45m 30s`: each unit at most once, the larger first.
pub(super) fn length(text: &str) -> Result<DurationMs, BadValue> {
    let refuse = |why: String| {
        let help = spelled_out(text).map(|near| format!("did you mean `{near}`? {LENGTH_HELP}"));
        (why, help.unwrap_or_else(|| LENGTH_HELP.to_owned()))
    };
    let mut total = 0u64;
    let mut allowed = LENGTHS.as_slice();
    for part in text.split_whitespace() {
        let (number, unit) = split(part);
        let Some(position) = allowed.iter().position(|(u, _)| *u == unit) else {
            let why = match LENGTHS.iter().any(|(u, _)| *u == unit) {
                true => format!("`{part}` is out of order or written twice"),
                false if unit.is_empty() => format!("`{part}` has no unit"),
                false => format!("`{part}` has the unknown unit `{unit}`"),
            };
            return Err(refuse(why));
        };
        let unit_ms = allowed.get(position).map_or(0, |(_, ms)| *ms);
        allowed = allowed.get(position + 1..).unwrap_or_default();
        let number = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit_ms));
        total = number
            .and_then(|ms| total.checked_add(ms))
            .filter(|ms| *ms <= LONGEST_DAYS * DAY_MS)
            .ok_or_else(|| refuse(format!("`{part}` is not a whole number of a sane size")))?;
    }
    if text.trim().is_empty() {
        return Err(refuse("a length of time is missing".into()));
    }
    Ok(DurationMs(total))
}

/// A length as people say it, in our units: `1 month` → `30d`, `2weeks` → `14d`, `1,5h` is not exact.
fn spelled_out(text: &str) -> Option<String> {
    const SAID: [(&str, u64, &str); 10] = [
        ("d", 1, "d"),
        ("day", 1, "d"),
        ("w", 7, "d"),
        ("week", 7, "d"),
        ("month", 30, "d"),
        ("year", 365, "d"),
        ("h", 1, "h"),
        ("hour", 1, "h"),
        ("min", 1, "m"),
        ("minute", 1, "m"),
    ];
    let tight: String = text.split_whitespace().collect::<String>().to_lowercase();
    let (number, unit) = split(&tight);
    let unit = unit.strip_suffix('s').filter(|u| !u.is_empty()).unwrap_or(unit);
    let number = number.parse::<u64>().ok()?;
    let (_, times, unit) = SAID.iter().find(|(said, ..)| *said == unit)?;
    let near = format!("{}{unit}", number.checked_mul(*times)?);
    length_is_sane(&near).then_some(near)
}

fn length_is_sane(text: &str) -> bool {
    let (number, unit) = split(text);
    let unit = LENGTHS.iter().find(|(u, _)| *u == unit);
    let length = unit.and_then(|(_, ms)| number.parse::<u64>().ok()?.checked_mul(*ms));
    length.is_some_and(|ms| ms <= LONGEST_DAYS * DAY_MS)
}

/// `50GiB`, `50GB` or `unlimited`.
pub(super) fn traffic(text: &str) -> Result<Quota, BadValue> {
    if text == "unlimited" {
        return Ok(Quota::Unlimited);
    }
    match scaled(text, &SIZES, SIZE_HELP)? {
        0 => Err(("an allowance of nothing".into(), SIZE_HELP.into())),
        bytes if bytes > MOST_TRAFFIC => Err((
            format!("`{text}` is more than a panel can hold with its renewals"),
            "write at most 8192TiB, or unlimited".into(),
        )),
        bytes => Ok(Quota::Bytes(Bytes(bytes))),
    }
}

/// An amount of traffic as it is typed at the command line.
///
/// # Errors
/// What is wrong with it, and which units exist.
pub fn typed_traffic(text: &str) -> Result<Quota, String> {
    traffic(text).map_err(|(why, help)| format!("{why}; {help}"))
}

/// A length of time as it is typed at the command line.
///
/// # Errors
/// What is wrong with it, and which units exist.
pub fn typed_length(text: &str) -> Result<DurationMs, String> {
    length(text).map_err(|(why, help)| format!("{why}; {help}"))
}

/// A length of time as the files write it: `1d 12h`.
#[must_use]
pub fn written_length(length: DurationMs) -> String {
    let mut left = length.0;
    let mut parts = Vec::new();
    for (unit, ms) in LENGTHS {
        if left >= ms {
            parts.push(format!("{}{unit}", left / ms));
            left %= ms;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

/// A speed as the files write it: `1Gbit`.
#[must_use]
pub fn written_speed(bits_per_second: u64) -> String {
    let exact = SPEEDS.iter().rev().find(|(_, bits)| bits_per_second.is_multiple_of(*bits));
    let (unit, bits) = exact.copied().unwrap_or(("bit", 1));
    format!("{}{unit}", bits_per_second / bits)
}

/// `1Gbit`, in bits per second.
pub(super) fn speed(text: &str) -> Result<u64, BadValue> {
    match scaled(text, &SPEEDS, SPEED_HELP)? {
        0 => Err(("a line without speed".into(), SPEED_HELP.into())),
        bits => Ok(bits),
    }
}

/// Currencies that ISO 4217 lacks, by code: decimals. `None` when they could not be read.
pub(super) type Declared = Option<BTreeMap<String, u8>>;

/// A currency by its code.
pub(super) fn currency(code: &str, declared: &Declared) -> Option<Currency> {
    let own = declared.as_ref().and_then(|d| d.get(code).copied());
    let decimals = own.or_else(|| iso_decimals(code))?;
    Some(Currency { code: code.into(), decimals })
}

/// The decimals of an ISO 4217 currency in which one can pay.
pub(super) fn iso_decimals(code: &str) -> Option<u8> {
    let exponent = iso_currency::Currency::from_code(code)?.exponent()?;
    u8::try_from(exponent).ok()
}

/// `100.00 EGP`. `Ok(None)`: well written, but whether the currency exists cannot be told.
pub(super) fn price(text: &str, declared: &Declared) -> Result<Option<Money>, BadValue> {
    let refuse = |why: String| (why, PRICE_HELP.to_owned());
    if text.trim_start().starts_with('-') {
        return Err(refuse(format!("`{text}` is negative")));
    }
    let mut parts = text.split_whitespace();
    let (Some(number), Some(code), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(refuse(format!("`{text}` is not an amount and a currency")));
    };
    let Some(currency) = currency(code, declared) else {
        if declared.is_none() {
            return Ok(None);
        }
        let help = format!(
            "use an ISO 4217 code, or declare its decimals in shop.yaml: `currencies: {{{code}: 6}}`"
        );
        return Err((format!("`{code}` is not a known currency"), help));
    };
    let money = Money::parse(number, currency).map_err(|e| refuse(e.to_string()))?;
    if money.minor == 0 {
        return Err(refuse(format!("`{text}` is a price of nothing")));
    }
    Ok(Some(money))
}

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A decimal number times its unit, exactly.
fn scaled(text: &str, units: &[(&str, u64)], help: &str) -> Result<u64, BadValue> {
    let refuse = |why: String| (why, help.to_owned());
    let (number, unit) = split(text);
    let unit = unit.trim_start();
    let Some((_, size)) = units.iter().find(|(u, _)| *u == unit) else {
        return Err(refuse(match unit {
            "" => format!("`{text}` has no unit"),
            _ if text.starts_with('-') => format!("`{text}` is negative"),
            _ => {
                let near = suggest(unit, units.iter().map(|(u, _)| *u));
                let help =
                    if near.starts_with("did") { format!("{near} {help}") } else { help.into() };
                return Err((format!("`{text}` has the unknown unit `{unit}`"), help));
            }
        }));
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let not_exact = || refuse(format!("`{text}` is not an exact number of a sane size"));
    if whole.is_empty() || number.ends_with('.') || fraction.len() > 12 {
        return Err(not_exact());
    }
    let digits: u128 = format!("{whole}{fraction}").parse().map_err(|_| not_exact())?;
    let divisor = 10u128.pow(u32::try_from(fraction.len()).unwrap_or(12));
    let product = digits.checked_mul(u128::from(*size)).ok_or_else(not_exact)?;
    if product % divisor != 0 {
        return Err(not_exact());
    }
    u64::try_from(product / divisor)
        .ok()
        .filter(|n| *n <= i64::MAX.unsigned_abs())
        .ok_or_else(not_exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_exact_and_in_order() {
        assert_eq!(length("30d"), Ok(DurationMs(30 * DAY_MS)));
        assert_eq!(
            length("30d 12h 45m 30s").unwrap().0,
            30 * DAY_MS + 12 * HOUR_MS + 45 * MINUTE_MS + 30 * SECOND_MS
        );
        assert_eq!(length("0d"), Ok(DurationMs(0)));
        for bad in [
            "",
            "30",
            "30 d",
            "1h 2d",
            "1d 1d",
            "-1d",
            "1.5d",
            "3w",
            "99999999999999999999d",
            "40000d",
            "1d2h",
        ] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_exact_or_refused() {
        assert_eq!(traffic("50GB"), Ok(Quota::Bytes(Bytes(50_000_000_000))));
        assert_eq!(traffic("50GiB"), Ok(Quota::Bytes(Bytes(50 << 30))));
        assert_eq!(traffic("1.5GiB"), Ok(Quota::Bytes(Bytes(3 << 29))));
        assert_eq!(traffic("unlimited"), Ok(Quota::Unlimited));
        assert_eq!(speed("2.5Gbit"), Ok(2_500_000_000));
        for bad in [
            "",
            "50",
            "0GB",
            "0.3B",
            "50gb",
            "50G",
            "-5GB",
            ".5GB",
            "5.GB",
            "1.2.3GB",
            "99999999999TiB",
            "∞",
        ] {
            assert!(traffic(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_price_needs_a_currency_with_enough_decimals() {
        let declared = Some(BTreeMap::from([("USDT".to_owned(), 6)]));
        let shown = |t: &str| price(t, &declared).map(|m| m.unwrap().to_string());
        assert_eq!(shown("100 EGP").unwrap(), "100.00 EGP");
        assert_eq!(shown("2.100001 USDT").unwrap(), "2.100001 USDT");
        assert_eq!(shown("300 JPY").unwrap(), "300 JPY");
        for bad in [
            "100",
            "-1 EGP",
            "1.001 EGP",
            "300.5 JPY",
            "0.00 EGP",
            "1 XYZ",
            "1 XAU",
            "1 egp",
            "1 EGP now",
        ] {
            assert!(price(bad, &declared).is_err(), "{bad}");
        }
        assert_eq!(price("1 WHAT", &None), Ok(None));
    }
}
