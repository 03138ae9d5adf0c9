//! Quantities as the files write them, read digit by digit.

/// A decimal number: its digits, and how many of them stand after the point.
fn decimal(text: &str) -> Option<(Vec<u32>, usize)> {
    let mut digits = Vec::new();
    let (mut point, mut decimals) = (false, 0);
    for (n, c) in text.chars().enumerate() {
        match c {
            '0'..='9' => {
                digits.push(c.to_digit(10)?);
                decimals += usize::from(point);
            }
            '.' if !point && n > 0 => point = true,
            _ => return None,
        }
    }
    (!digits.is_empty() && (!point || decimals > 0)).then_some((digits, decimals))
}

/// Digits as a number, `None` from 30 digits on: nothing that long is sane.
fn number(digits: &[u32]) -> Option<u128> {
    let significant: Vec<u32> = digits.iter().copied().skip_while(|d| *d == 0).collect();
    (significant.len() <= 30).then(|| significant.iter().fold(0, |n, d| n * 10 + u128::from(*d)))
}

/// How many bytes a size is, if it is written as the files want it: a decimal number of at most twelve
/// decimals, a unit, exact, from 1 to 2⁵³.
#[must_use]
pub fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| c != '.' && !c.is_ascii_digit())?;
    let (digits, decimals) = decimal(&text[..end])?;
    let unit = text[end..].trim_start();
    let mut size: u128 = match unit.chars().next()? {
        'B' => 0,
        'K' => 1,
        'M' => 2,
        'G' => 3,
        'T' => 4,
        _ => return None,
    };
    let step: u128 = match unit {
        "B" => 1,
        "KB" | "MB" | "GB" | "TB" => 1_000,
        "KiB" | "MiB" | "GiB" | "TiB" => 1_024,
        _ => return None,
    };
    let mut factor = 1;
    while size > 0 {
        factor *= step;
        size -= 1;
    }
    if decimals > 12 {
        return None;
    }
    let product = number(&digits)?.checked_mul(factor)?;
    let divisor = 10_u128.pow(u32::try_from(decimals).ok()?);
    let exact = product.is_multiple_of(divisor).then(|| product / divisor)?;
    (1..=1 << 53).contains(&exact).then(|| u64::try_from(exact).unwrap_or(u64::MAX))
}

/// How many of its smallest unit an amount is, in a currency of so many decimals.
#[must_use]
pub fn minor(text: &str, decimals: u8) -> Option<u64> {
    let (mut digits, written) = decimal(text)?;
    let missing = usize::from(decimals).checked_sub(written)?;
    digits.extend(std::iter::repeat_n(0, missing));
    number(&digits).and_then(|n| u64::try_from(n).ok())
}

/// How many milliseconds a length is: days, hours, minutes, seconds in this order, each at most once,
/// in all from 1 ms to 100 years.
#[must_use]
pub fn length_ms(text: &str) -> Option<u64> {
    let units = [("d", 86_400_000_u128), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let mut left = units.iter();
    let mut total = 0;
    for part in text.split_whitespace() {
        let (_, ms) = left.find(|(unit, _)| part.ends_with(unit))?;
        let digits = &part[..part.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (digits, _) = decimal(digits)?;
        total += number(&digits)?.checked_mul(*ms)?;
        if total > 36_500 * 86_400_000 {
            return None;
        }
    }
    (total > 0).then(|| u64::try_from(total).unwrap_or(u64::MAX))
}
