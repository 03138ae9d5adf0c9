//! Who asks, and who may do what only staff may.

use crate::catalog::Catalog;
use crate::model::{Actor, CustomerId};
use std::collections::BTreeSet;
use unicode_general_category::{GeneralCategory, get_general_category};

/// Somebody in Discord, as the interaction showed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their Discord id.
    pub id: CustomerId,
    /// The name shown; for people only.
    pub name: String,
    /// Their roles in the shop's guild.
    pub roles: BTreeSet<u64>,
}

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
}

impl From<Person> for Staff {
    fn from(person: Person) -> Self {
        Self::Member(person)
    }
}

/// A reason as it is kept: at most 500 characters, without what shows nothing at either end. An
/// empty one is none, and refused.
pub(super) fn reason(text: &str) -> String {
    let shows_nothing = |c: char| {
        use GeneralCategory::{Control, Format};
        c.is_whitespace() || matches!(get_general_category(c), Control | Format)
    };
    text.trim_matches(shows_nothing).chars().take(500).collect()
}
