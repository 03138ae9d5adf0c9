//! How records are held: one in a slot, or the few rows of one kind that one account has, side by
//! side in one shared slice.

use super::record::Versioned;
use super::visits::visit;
use super::{
    Binding, BindingStatus, Forgiveness, Incarnation, Notice, NoticeKind, OrderId, Overrun,
    Reversal, Run, Served, ServerId, Term, UsageLedger,
};
use triomphe::{Arc, ThinArc};

/// A record that there is at most one of, shared by the snapshots that have it.
pub(super) type Slot<T> = Option<Arc<Versioned<T>>>;

/// The value in a slot, counted as read.
pub(super) fn value<T>(slot: &Slot<T>) -> Option<&T> {
    visit();
    slot.as_deref().map(|record| &record.value)
}

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

/// Rows in the order of their keys, behind one thin pointer. A clone shares them; a change copies the few there are.
#[derive(Debug, Clone)]
pub(super) struct Rows<T>(Option<ThinArc<(), Versioned<T>>>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Rows<T> {
    pub(super) fn slice(&self) -> &[Versioned<T>] {
        self.0.as_ref().map_or(&[], |rows| &rows.slice)
    }

    pub(super) fn len(&self) -> usize {
        self.slice().len()
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
    /// Rows that are in order.
    pub(super) fn of(rows: Vec<Versioned<T>>) -> Self {
        let mut all = Self::default();
        all.keep(rows);
        all
    }

    pub(super) fn find<'s: 'k, 'k>(&'s self, key: &T::Key<'k>) -> Option<&'s Versioned<T>> {
        visit();
        self.slice().iter().find(|row| {
            let value: &'k T = &row.value;
            value.row_key() == *key
        })
    }

    /// Puts a row in the place of its key.
    pub(super) fn put(&mut self, row: Versioned<T>) {
        let at = self.slice().iter().take_while(|old| old.value.row_key() < row.value.row_key());
        let at = at.count();
        let mut rows = self.slice().to_vec();
        match rows.get_mut(at).filter(|old| old.value.row_key() == row.value.row_key()) {
            Some(old) => *old = row,
            None => rows.insert(at, row),
        }
        self.keep(rows);
    }

    pub(super) fn remove(&mut self, is: impl Fn(&T) -> bool) {
        self.keep(self.slice().iter().filter(|row| !is(&row.value)).cloned().collect());
    }

    fn keep(&mut self, rows: Vec<Versioned<T>>) {
        let any = !rows.is_empty();
        self.0 = any.then(|| ThinArc::from_header_and_iter((), rows.into_iter()));
    }
}
