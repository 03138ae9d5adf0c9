//! Who somebody at the page is: one of six people of the guild, as scenarios know them.

use nebulalinks_model_discord::{Actor, Emulator};
use serde::{Deserialize, Serialize};

/// One of the people that the page can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Person {
    /// A customer.
    Alice,
    /// Another customer.
    Bob,
    /// The owner of the shop.
    Olga,
    /// An admin.
    Omar,
    /// Somebody of support.
    Sam,
    /// Somebody who bought nothing.
    Eve,
}

impl Person {
    /// All of them, in the order in which the page offers them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Alice, Self::Bob, Self::Olga, Self::Omar, Self::Sam, Self::Eve];

    /// The name by which scenarios and the guild know them.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
            Self::Olga => "olga",
            Self::Omar => "omar",
            Self::Sam => "sam",
            Self::Eve => "eve",
        }
    }

    /// The person of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|person| person.name() == name)
    }

    /// What they are to the shop, as the page says it.
    pub(crate) const fn part(self) -> &'static str {
        match self {
            Self::Alice => "customer A",
            Self::Bob => "customer B",
            Self::Olga => "owner",
            Self::Omar => "admin",
            Self::Sam => "support",
            Self::Eve => "outsider",
        }
    }

    /// The person in the guild.
    pub(crate) fn actor(self, emulator: &Emulator) -> Actor {
        crate::scenario::actor(emulator, self.name())
    }
}
