//! The few rows of one kind that one account has, side by side in one shared slice.

use super::record::Versioned;
use super::visits::visit;
use super::{
    Binding, BindingStatus, Forgiveness, Incarnation, Notice, NoticeKind, OrderId, Overrun,
    Reversal, Run, Served, ServerId, Term, UsageLedger,
};
use std::sync::Arc;

/// A record of which an account may have several.
pub(super) trait Row: Clone {
    /// What tells it from the account's others of its kind, in the order of the store's keys.
    type Key<'a>: Ord
    where
        Self: 'a;

    /// Its key within the account.
    fn row_key(&self) -> Self::Key<'_>;
}

macro_rules! rows {
    ($($row:ident: $key:ty, |$v:ident| $of:expr;)*) => {$(
        impl Row for $row {
            type Key<'a> = $key;

            fn row_key(&self) -> Self::Key<'_> {
                let $v = self;
                $of
            }
        }
    )*};
}

rows! {
    Run: u32, |v| v.seq;
    Term: u32, |v| v.seq;
    Reversal: u32, |v| v.term;
    Served: u32, |v| v.run;
    Overrun: u32, |v| v.run;
    Forgiveness: OrderId, |v| v.id;
    Binding: &'a ServerId, |v| &v.server;
    BindingStatus: &'a ServerId, |v| &v.server;
    UsageLedger: (&'a ServerId, &'a Incarnation), |v| (&v.server, &v.incarnation);
    Notice: (u32, NoticeKind), |v| (v.run, v.kind);
}

/// Rows in the order of their keys. A clone shares them; a change copies the few there are.
#[derive(Debug, Clone)]
pub(super) struct Rows<T>(Option<Arc<[Versioned<T>]>>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Rows<T> {
    pub(super) fn slice(&self) -> &[Versioned<T>] {
        self.0.as_deref().unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Every row, each counted as read.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.slice().iter().inspect(|_| visit()).map(|row| &row.value)
    }
}

impl<T: Row> Rows<T> {
    pub(super) fn find<'s: 'k, 'k>(&'s self, key: &T::Key<'k>) -> Option<&'s Versioned<T>> {
        visit();
        self.slice().iter().find(|row| {
            let value: &'k T = &row.value;
            value.row_key() == *key
        })
    }

    /// Puts a row in the place of its key.
    pub(super) fn put(&mut self, row: Versioned<T>) {
        let (before, after) = {
            let (key, rows) = (row.value.row_key(), self.slice());
            let before = rows.iter().take_while(|old| old.value.row_key() < key);
            let after = rows.iter().skip_while(|old| old.value.row_key() <= key);
            (before.cloned().collect::<Vec<_>>(), after.cloned().collect::<Vec<_>>())
        };
        self.0 = Some(before.into_iter().chain([row]).chain(after).collect());
    }

    pub(super) fn remove(&mut self, is: impl Fn(&T) -> bool) {
        let left: Arc<[_]> = self.slice().iter().filter(|row| !is(&row.value)).cloned().collect();
        self.0 = Some(left).filter(|left| !left.is_empty());
    }
}
