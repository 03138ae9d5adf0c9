//! Who may do what only staff may.

use super::{Person, Records, Rejection};
use crate::catalog::Catalog;
use crate::model::{Actor, Order, OrderId};

/// Who asks for what only staff may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staff {
    /// Somebody in Discord: their roles tell whether they are of the staff.
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
            Self::Member(person) => Actor::Discord(person.id),
            Self::Operator(user) => Actor::Cli(user.clone()),
        }
    }

    /// Whether they may decide orders.
    pub(super) fn may_decide(&self, catalog: &Catalog) -> bool {
        match self {
            Self::Member(person) => catalog.shop.roles.may_decide(&person.roles),
            Self::Operator(_) => true,
        }
    }

    /// The order that they may decide.
    pub(super) fn order<'a>(
        &self,
        records: &Records<'a>,
        catalog: &Catalog,
        id: OrderId,
    ) -> Result<&'a Order, Rejection> {
        if !self.may_decide(catalog) {
            return Err(Rejection::NotStaff);
        }
        records.order(id).ok_or(Rejection::UnknownOrder)
    }
}

impl From<Person> for Staff {
    fn from(person: Person) -> Self {
        Self::Member(person)
    }
}

/// A reason as it is kept: trimmed, at most 500 characters.
pub(super) fn reason(text: &str) -> String {
    text.trim().chars().take(500).collect()
}
