//! Who of the staff may do what: one table, for commands, for the clicks that come of them, and for what
//! is said to who may not.

use crate::catalog::Roles;
use crate::view::Action;
use std::collections::BTreeSet;

/// One row: a command of `/admin`, and whether owners, admins and support may enter it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// As [`Input::Command`](super::Input::Command) has it: `account show`.
    pub command: &'static str,
    /// Owners may.
    pub owner: bool,
    /// Admins may.
    pub admin: bool,
    /// Support may.
    pub support: bool,
}

const fn looks(command: &'static str) -> Right {
    Right { command, owner: true, admin: true, support: true }
}

const fn decides(command: &'static str) -> Right {
    Right { command, owner: true, admin: true, support: false }
}

const fn owns(command: &'static str) -> Right {
    Right { command, owner: true, admin: false, support: false }
}

/// The table. How the server is set up, and lists of all there is, are for owners and admins. Whom the shop forgets, owners alone decide. Support looks and writes notes for other staff, owners and admins decide; what the decision itself refuses is the same
/// (`crate::intent`), and a test holds that.
pub const RIGHTS: [Right; 26] = [
    looks("pending"),
    looks("order show"),
    decides("order approve"),
    decides("order decline"),
    decides("order cancel"),
    decides("order reverse"),
    looks("account show"),
    decides("account suspend"),
    decides("account resume"),
    decides("account grant"),
    decides("account rotate"),
    decides("account move"),
    looks("user find"),
    looks("user show"),
    looks("user note"),
    owns("user forget"),
    looks("plan list"),
    looks("plan show"),
    looks("server list"),
    looks("server show"),
    looks("health"),
    looks("stats"),
    looks("audit"),
    decides("setup"),
    decides("export"),
    decides("broadcast"),
];

impl Right {
    /// The row of a command.
    #[must_use]
    pub fn of(command: &str) -> Option<Self> {
        RIGHTS.into_iter().find(|right| right.command == command)
    }

    /// The row of what a button of a list does.
    #[must_use]
    pub fn of_list(action: &Action) -> Option<Self> {
        match action {
            Action::AdminPlans(_) => Self::of("plan list"),
            Action::AdminServers(_) => Self::of("server list"),
            Action::AuditBefore(_) => Self::of("audit"),
            _ => None,
        }
    }

    /// Whether somebody with these roles may.
    #[must_use]
    pub fn allows(&self, roles: &Roles, theirs: &BTreeSet<u64>) -> bool {
        let one_of = |these: &BTreeSet<u64>| theirs.iter().any(|role| these.contains(role));
        (self.owner && one_of(&roles.owner))
            || (self.admin && one_of(&roles.admin))
            || (self.support && one_of(&roles.support))
    }

    /// The word for who may, down to the lowest role that does.
    #[must_use]
    pub const fn lowest(&self) -> &'static str {
        match self {
            Self { support: true, .. } => "support",
            Self { admin: true, .. } => "admin",
            _ => "owner",
        }
    }
}
