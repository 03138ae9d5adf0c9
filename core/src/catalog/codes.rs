//! Promo codes: what each gives, for which plans, and when.

use super::units::BadValue;
use crate::model::{
    Account, AccountRecords, CodeProblem, DAY_MS, DurationMs, FamilyId, Money, PlanId, PromoId,
    Snapshot, UnixMs,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// How the days of a code are written.
pub(super) const DAYS_HELP: &str =
    "write the first and the last day in the shop's zone, such as 2026-03-01..2026-04-01";

/// What a code gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// So many hundredths off an order's price: 1 to 99.
    Percent(u32),
    /// So much off the price of an order in this currency.
    Amount(Money),
    /// So many days more for an account: 1 to 365.
    Days(u32),
}

/// Which plans a code is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// All.
    Any,
    /// Those of these families.
    Families(BTreeSet<FamilyId>),
    /// These.
    Ids(BTreeSet<PlanId>),
}

impl Covers {
    /// Whether a plan of this family is one of them.
    #[must_use]
    pub fn covers(&self, plan: &PlanId, family: &FamilyId) -> bool {
        match self {
            Self::Any => true,
            Self::Families(families) => families.contains(family),
            Self::Ids(ids) => ids.contains(plan),
        }
    }
}

/// Whole days by the shop's clocks, the last one included; in JSON as the file writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Days {
    first: Date,
    last: Date,
}

impl Days {
    /// When they begin, in this IANA zone.
    #[must_use]
    pub fn begin(&self, zone: &str) -> UnixMs {
        midnight(self.first, zone)
    }

    /// When they are over, in this IANA zone: the first moment that is no longer in them.
    #[must_use]
    pub fn end(&self, zone: &str) -> UnixMs {
        self.last.tomorrow().map_or(UnixMs(u64::MAX), |day| midnight(day, zone))
    }
}

/// A day's first moment; days before 1970 are all over.
fn midnight(day: Date, zone: &str) -> UnixMs {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = day.to_zoned(zone).map(|at| at.timestamp().as_millisecond());
    at.map_or(UnixMs(u64::MAX), |ms| UnixMs(u64::try_from(ms).unwrap_or(0)))
}

/// `2026-03-01..2026-04-01`.
pub(super) fn days(text: &str) -> Result<Days, BadValue> {
    let refuse = |why: &str| (format!("`{text}` {why}"), DAYS_HELP.to_owned());
    let (first, last) = text.split_once("..").ok_or_else(|| refuse("is not two days"))?;
    let day = |text: &str| {
        let shape = |(n, b): (usize, u8)| matches!(n, 4 | 7) == (b == b'-');
        let written = text.len() == 10 && text.bytes().enumerate().all(shape);
        written.then(|| text.parse::<Date>().ok()).flatten()
    };
    let not_a_day = || refuse("is not two days of the calendar");
    let first = day(first.trim()).ok_or_else(not_a_day)?;
    let last = day(last.trim()).ok_or_else(not_a_day)?;
    if last < first {
        return Err(refuse("ends before it begins"));
    }
    Ok(Days { first, last })
}

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        days(text).map_err(|(why, help)| format!("{why}: {help}"))
    }
}

impl TryFrom<String> for Days {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Days> for String {
    fn from(days: Days) -> Self {
        days.to_string()
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// A promo code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promo {
    /// Its id, under which its uses are counted: it never changes.
    pub id: PromoId,
    /// What customers type: 3 to 32 letters, digits and hyphens of ASCII, compared without case.
    pub code: String,
    /// What it gives.
    pub gives: Gives,
    /// Which plans it is for.
    pub plans: Covers,
    /// How often it is used in all; without a limit, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How often one customer uses it.
    pub per_customer: u32,
    /// On which days it is used; always, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<Days>,
}

/// Whether two codes are the same to people: their letters of ASCII are compared without case.
#[must_use]
pub fn same_code(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl Promo {
    /// Whether its days have begun and are not over, in this IANA zone.
    #[must_use]
    pub fn is_valid(&self, now: UnixMs, zone: &str) -> bool {
        self.valid.is_none_or(|days| days.begin(zone) <= now && now < days.end(zone))
    }

    /// Whether its days are over, in this IANA zone.
    #[must_use]
    pub fn is_over(&self, now: UnixMs, zone: &str) -> bool {
        self.valid.is_some_and(|days| days.end(zone) <= now)
    }

    /// Whether so many uses are all that there may be.
    #[must_use]
    pub fn is_used_up(&self, uses: usize) -> bool {
        self.limit.is_some_and(|limit| uses >= limit as usize)
    }

    /// Whether it gives days to an account of the plan that this one has: the newest that was paid for. Where
    /// none was, the account has its family. What was taken back does not count.
    ///
    /// # Errors
    /// Why it does not.
    pub fn gives_to(
        &self,
        snapshot: &Snapshot,
        account: &Account,
    ) -> Result<DurationMs, CodeProblem> {
        let length = self.gift().ok_or(CodeProblem::OfOrders)?;
        if snapshot.records_of(account.id).is_none_or(AccountRecords::is_only_tried) {
            return Err(CodeProblem::Trial);
        }
        let covered = match (snapshot.standing_plan(account.id), &self.plans) {
            (Some(plan), covers) => covers.covers(&plan.id, &plan.family),
            (None, Covers::Any) => true,
            (None, Covers::Families(families)) => families.contains(&account.family),
            (None, Covers::Ids(_)) => false,
        };
        covered.then_some(length).ok_or(CodeProblem::OtherAccountPlan)
    }

    /// What is due instead of a price: at least one of the currency's smallest unit, and what is taken off
    /// is rounded down to whole ones. `None` where it takes nothing off, because it gives something else or
    /// in another currency, or less than one unit.
    #[must_use]
    pub fn reduced(&self, price: &Money) -> Option<Money> {
        let off = match &self.gives {
            Gives::Percent(percent) => {
                let off = u128::from(price.minor) * u128::from(*percent) / 100;
                u64::try_from(off).unwrap_or(u64::MAX)
            }
            Gives::Amount(amount) if amount.currency == price.currency => amount.minor,
            Gives::Amount(_) | Gives::Days(_) => return None,
        };
        let due = price.minor.saturating_sub(off).max(1);
        (due < price.minor).then(|| Money { minor: due, currency: price.currency.clone() })
    }

    /// How much longer an account lasts by it.
    #[must_use]
    pub fn gift(&self) -> Option<DurationMs> {
        match self.gives {
            Gives::Days(days) => Some(DurationMs(u64::from(days) * DAY_MS)),
            Gives::Percent(_) | Gives::Amount(_) => None,
        }
    }
}
