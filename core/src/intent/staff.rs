//! Who asks, and who may do what only staff may.

use crate::catalog::{Catalog, characters};
use crate::model::{Actor, Identity, Rejection};
use std::collections::BTreeSet;

/// Somebody on a front, as it showed them with what they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Where they are known.
    pub identity: Identity,
    /// The name shown; for people only.
    pub name: String,
    /// Their roles in the shop, as their front numbers them.
    pub roles: BTreeSet<u64>,
}

/// Who asks for what staff may do, and some of it customers for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staff {
    /// Somebody on a front: their roles tell whether they are of the staff.
    Member(Person),
    /// An operator at the command line, by the name of the host's user. Whoever reaches the
    /// control socket runs the shop.
    Operator(String),
}

impl Staff {
    /// Who it is, for decisions and the audit.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Member(person) => Actor::Person(person.identity),
            Self::Operator(user) => Actor::Cli(user.clone()),
        }
    }

    /// Whether they may do what only owners may.
    pub(super) fn owns(&self, catalog: &Catalog) -> bool {
        match self {
            Self::Member(person) => catalog.shop.roles.owns(&person.roles),
            Self::Operator(_) => true,
        }
    }

    /// Whether they may see what staff see.
    pub(super) fn may_look(&self, catalog: &Catalog) -> bool {
        match self {
            Self::Member(person) => catalog.shop.roles.may_look(&person.roles),
            Self::Operator(_) => true,
        }
    }

    /// Whether they may decide orders.
    pub(super) fn may_decide(&self, catalog: &Catalog) -> bool {
        match self {
            Self::Member(person) => catalog.shop.roles.may_decide(&person.roles),
            Self::Operator(_) => true,
        }
    }
}

impl From<Person> for Staff {
    fn from(person: Person) -> Self {
        Self::Member(person)
    }
}

/// Characters of a reason at the most.
const REASON_CHARS: usize = 500;

/// Whether a reason is one.
///
/// # Errors
/// It is empty, or too long.
pub fn check_reason(why: &str) -> Result<(), Rejection> {
    match reason(why).chars().count() {
        0 => Err(Rejection::ReasonRequired),
        1..=REASON_CHARS => Ok(()),
        _ => Err(Rejection::ReasonTooLong),
    }
}

/// A reason as it is kept: what people read of it. An empty one is none, and refused, and so is one
/// of more than [`REASON_CHARS`].
pub(super) fn reason(text: &str) -> String {
    characters::as_read(text)
}
