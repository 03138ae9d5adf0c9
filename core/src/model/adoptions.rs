//! Accounts whose client was somebody's own before, by what tells it: few, and found without a walk.

use super::visits::visit;
use super::{Account, AccountId, Snapshot, TermSource};

impl Snapshot {
    /// Whether there is one.
    #[must_use]
    pub fn has_adopted(&self) -> bool {
        !self.index.adopted.is_empty()
    }

    /// The account that the client which had this uuid was adopted as, unless it was given back since.
    #[must_use]
    pub fn adopted_as(&self, uuid: uuid::Uuid) -> Option<&Account> {
        visit();
        let source = TermSource::of_client(uuid);
        let (found, id) = self.index.adopted.range((source.clone(), AccountId::MIN)..).next()?;
        self.account(*id).filter(|_| *found == source)
    }

    /// Which of them has this subscription key.
    #[must_use]
    pub fn adopted_with_key(&self, key: &str) -> Option<AccountId> {
        visit();
        let (found, id) = self.index.adopted_keys.range((key.into(), AccountId::MIN)..).next()?;
        (**found == *key).then_some(*id)
    }

    /// All of them: as many as were adopted.
    pub fn adopted(&self) -> impl Iterator<Item = &Account> {
        let all = self.index.adopted.iter().filter_map(|(_, id)| self.account(*id));
        all.inspect(|_| visit())
    }
}
