//! Whom a commit touches: only they are looked at after it.

use nebulalinks::model::*;
use std::collections::BTreeSet;

/// Whom a commit touches.
#[derive(Default)]
pub(super) struct Touched {
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) orders: BTreeSet<OrderId>,
    /// What orders rest on is deleted: any of them may be touched.
    pub(super) all: bool,
}

impl Touched {
    pub(super) fn add(&mut self, other: Self) {
        self.accounts.extend(other.accounts);
        self.orders.extend(other.orders);
        self.all |= other.all;
    }

    /// Of these edits.
    pub(super) fn by(edits: &Edits) -> Self {
        let basis = |key: &Key| matches!(key, Key::Account(_) | Key::Run(..) | Key::Term(..));
        let all = edits.deletes.iter().any(basis);
        let mut touched = Self { all, ..Self::default() };
        for key in edits.puts.keys().chain(&edits.deletes) {
            match key {
                Key::Order(id) => {
                    touched.orders.insert(*id);
                }
                Key::Account(id)
                | Key::Run(id, _)
                | Key::Term(id, _)
                | Key::Reversal(id, _)
                | Key::Served(id, _)
                | Key::Overrun(id, _)
                | Key::Forgiveness(id, _)
                | Key::Ledger(id, ..) => {
                    touched.accounts.insert(*id);
                }
                _ => {}
            }
        }
        touched
    }
}
