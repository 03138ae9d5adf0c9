//! Money is integer minor units and a currency that knows its decimals; never a float.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A currency: its code and how many decimals its amounts have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency {
    /// ISO 4217, or one that `shop.yaml` declares.
    pub code: Arc<str>,
    /// Decimals of an amount: 2 for EGP, 0 for JPY, 6 for USDT.
    pub decimals: u8,
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// In the currency's smallest unit.
    pub minor: u64,
    /// Which currency.
    pub currency: Currency,
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Digits and at most one point are wanted.
    #[error("`{0}` is not an amount: write digits, a point and decimals, such as 100.00")]
    NotANumber(String),
    /// The currency has fewer decimals.
    #[error("`{text}` has {found} decimals, and {currency} has {allowed}")]
    TooPrecise {
        /// The amount as written.
        text: String,
        /// Its decimals.
        found: usize,
        /// The currency's code.
        currency: Arc<str>,
        /// The currency's decimals.
        allowed: u8,
    },
    /// More than fits.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

impl Money {
    /// Reads the number of an amount (`100.00`) in a currency.
    ///
    /// # Errors
    /// When it is not a plain decimal number, has more decimals than the currency, or is too large.
    pub fn parse(number: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        let dangling = number.ends_with('.');
        if whole.is_empty() || dangling || !digits(whole) || !digits(fraction) {
            return Err(MoneyError::NotANumber(number.to_owned()));
        }
        let allowed = usize::from(currency.decimals);
        if fraction.len() > allowed {
            return Err(MoneyError::TooPrecise {
                text: number.to_owned(),
                found: fraction.len(),
                currency: currency.code,
                allowed: currency.decimals,
            });
        }
        let minor = format!("{whole}{fraction:0<allowed$}")
            .parse()
            .map_err(|_| MoneyError::TooLarge(number.to_owned()))?;
        Ok(Self { minor, currency })
    }
}

impl Currency {
    /// A sum in this currency's smallest unit as a number that no rounding touched: `-1,234` of two decimals is
    /// `-12.34`.
    #[must_use]
    pub fn number(&self, minor: i128) -> String {
        let decimals = usize::from(self.decimals);
        let sign = if minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let point = if decimals == 0 { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { minor, currency } = self;
        write!(f, "{} {}", currency.number((*minor).into()), currency.code)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn currency(code: &str, decimals: u8) -> Currency {
        Currency { code: code.into(), decimals }
    }

    #[test]
    fn an_amount_prints_as_it_was_written() {
        for (text, decimals) in [("100.00", 2), ("0.05", 2), ("7", 0), ("2.100000", 6)] {
            let money = Money::parse(text, currency("XXX", decimals)).unwrap();
            assert_eq!(money.to_string(), format!("{text} XXX"));
        }
    }

    #[test]
    fn a_sloppy_amount_is_refused() {
        for bad in ["", ".5", "5.", "-1", "1,0", "1e3", "١", "1.234", "99999999999999999999"] {
            assert!(Money::parse(bad, currency("EGP", 2)).is_err(), "{bad}");
        }
    }
}
