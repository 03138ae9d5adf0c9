//! What every part of the answer goes by, and how it words what it found.

use super::fates::Fates;
use super::types::{Effect, Weight};
use crate::catalog::Catalog;
use crate::model::{AccountId, Entitlement, Snapshot, Standing, UnixMs};

/// What every part of the answer goes by.
pub(super) struct Edit<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// In force now, with what is retained.
    pub(super) before: &'a Catalog,
    /// In force then, with what is retained then.
    pub(super) after: &'a Catalog,
    pub(super) now: UnixMs,
    /// What happens anyway.
    pub(super) anyway: &'a Fates,
    /// What happens with the edit.
    pub(super) then: &'a Fates,
}

impl Edit<'_> {
    /// Whether an account may be used now.
    pub(super) fn is_active(&self, account: AccountId) -> bool {
        let entitlement = Entitlement::of(self.snapshot, account);
        entitlement.is_some_and(|e| e.standing(self.now) == Standing::Active)
    }
}

pub(super) fn effect(
    weight: Weight,
    code: &str,
    count: usize,
    about: Option<&dyn std::fmt::Display>,
    text: String,
) -> Effect {
    let about = about.map(ToString::to_string);
    Effect { weight, code: code.to_owned(), count, about, text }
}

/// `1 account`, `2,140 accounts`.
pub(super) fn counted(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", number(count))
}

/// One of two words, by how many there are.
pub(super) const fn by<'w>(count: usize, one: &'w str, more: &'w str) -> &'w str {
    if count == 1 { one } else { more }
}

/// Digits in threes.
pub(super) fn number(count: usize) -> String {
    let digits = count.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && n % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
