//! The roles of the staff: who may do what, and who is called by what needs them.

use super::reader::Reader;
use super::tree::Node;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The keys of `ping`.
pub(super) const PING_KEYS: &[&str] = &["review", "tickets", "alerts"];
/// The words of each of them.
pub(super) const CALLED: &[(&str, Called)] = &[
    ("owner", Called::Owner),
    ("admin", Called::Admin),
    ("support", Called::Support),
    ("nobody", Called::Nobody),
];

/// So many roles are called by one message at the most: a message must have room for what it says.
const MOST_CALLED: usize = 10;

/// Discord roles of the staff, by snowflake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// May do everything.
    pub owner: BTreeSet<u64>,
    /// May decide orders.
    pub admin: BTreeSet<u64>,
    /// May look.
    pub support: BTreeSet<u64>,
}

impl Roles {
    /// Whether somebody with these roles may do everything.
    #[must_use]
    pub fn owns(&self, theirs: &BTreeSet<u64>) -> bool {
        theirs.iter().any(|role| self.owner.contains(role))
    }

    /// Whether somebody with these roles may decide orders.
    #[must_use]
    pub fn may_decide(&self, theirs: &BTreeSet<u64>) -> bool {
        theirs.iter().any(|role| self.owner.contains(role) || self.admin.contains(role))
    }

    /// Whether somebody with these roles may look at what staff see.
    #[must_use]
    pub fn may_look(&self, theirs: &BTreeSet<u64>) -> bool {
        self.may_decide(theirs) || theirs.iter().any(|role| self.support.contains(role))
    }

    /// The ids of those who are called, the first ten; none where the file names no such role.
    #[must_use]
    pub fn called(&self, whom: Called) -> Vec<u64> {
        let ids = match whom {
            Called::Owner => &self.owner,
            Called::Admin => &self.admin,
            Called::Support => &self.support,
            Called::Nobody => return Vec::new(),
        };
        ids.iter().copied().take(MOST_CALLED).collect()
    }
}

/// Which role of the staff is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Called {
    /// `roles.owner`.
    Owner,
    /// `roles.admin`.
    Admin,
    /// `roles.support`.
    Support,
    /// Nobody.
    #[default]
    Nobody,
}

/// Who is called, once, by what needs them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pings {
    /// By an order that waits for a decision.
    pub review: Called,
    /// By a customer's question.
    pub tickets: Called,
    /// By a new alert.
    pub alerts: Called,
}

impl Pings {
    /// What counts where the file says nothing: the lowest role there is that may do it.
    pub(super) fn of(roles: &Roles) -> Self {
        let is_there = |called: &&Called| !roles.called(**called).is_empty();
        let first = |these: &[Called]| these.iter().find(is_there).copied().unwrap_or_default();
        Self {
            review: first(&[Called::Admin, Called::Owner]),
            tickets: first(&[Called::Support, Called::Admin, Called::Owner]),
            alerts: first(&[Called::Owner]),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_, '_>, node: &Node, roles: &Roles) -> Option<Self> {
        let fields = reader.fields(node, "ping", PING_KEYS)?;
        let default = Self::of(roles);
        let mut one = |key, default| match fields.get(key) {
            Some(n) => {
                let called = reader.choice(n, key, CALLED)?;
                if called != Called::Nobody && roles.called(called).is_empty() {
                    let word = CALLED.iter().find(|(_, of)| *of == called).map_or("", |(w, _)| w);
                    let message = format!("`{key}: {word}` calls nobody");
                    let help = format!("add `{word}` to `roles`, or write another role, or nobody");
                    reader.add(n.at, message, help);
                    return None;
                }
                Some(called)
            }
            None => Some(default),
        };
        let review = one("review", default.review);
        let tickets = one("tickets", default.tickets);
        let alerts = one("alerts", default.alerts);
        Some(Self { review: review?, tickets: tickets?, alerts: alerts? })
    }
}
