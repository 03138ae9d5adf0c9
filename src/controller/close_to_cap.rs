//! Who is close to the cap, by server, as the last list has it. It need not survive: the next list
//! says it again.

use super::lock::Locked;
use crate::model::{AccountId, ServerId};
use std::collections::BTreeMap;

/// The most of a server at a time, the most urgent first: the others wait for the list.
const AT_ONCE: usize = 20;

/// Who is close to the cap, by server: as the last list has it.
#[derive(Debug, Default)]
pub(super) struct CloseToCap(Locked<BTreeMap<ServerId, Vec<AccountId>>>);

impl CloseToCap {
    /// These are to be read alone; answers how many that are.
    pub(super) fn set(&self, server: &ServerId, mut accounts: Vec<AccountId>) -> usize {
        accounts.truncate(AT_ONCE);
        let count = accounts.len();
        let mut all = self.0.lock();
        match count {
            0 => all.remove(server),
            _ => all.insert(server.clone(), accounts),
        };
        count
    }

    /// Who is to be read alone.
    pub(super) fn of(&self, server: &ServerId) -> Vec<AccountId> {
        let all = self.0.lock();
        all.get(server).cloned().unwrap_or_default()
    }
}
