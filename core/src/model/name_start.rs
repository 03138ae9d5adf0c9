//! The key of the index of names: of a fixed size, so that a copied node of the index copies no text.

/// So many bytes of a name order the index.
const BYTES: usize = 16;

/// How a folded name starts, in the order of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NameStart([u8; BYTES]);

impl NameStart {
    /// Of a name, or of what is typed of one.
    pub(super) fn of(folded: &str) -> Self {
        let mut bytes = [0; BYTES];
        bytes.iter_mut().zip(folded.bytes()).for_each(|(to, from)| *to = from);
        Self(bytes)
    }

    /// Whether names with this start may go on as it was typed.
    pub(super) fn may_begin_with(self, typed: &str) -> bool {
        self.0.iter().zip(typed.bytes()).all(|(ours, theirs)| *ours == theirs)
    }

    /// Whether more was typed than this tells.
    pub(super) const fn is_short_of(typed: &str) -> bool {
        typed.len() > BYTES
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Customer, CustomerId, Edits, Identity, Snapshot};
    use ulid::Ulid;

    #[test]
    fn names_that_start_alike_for_long_are_told_apart_by_what_follows() {
        let id = |n: u128| CustomerId::new(Ulid((1 << 99) + n));
        let mut edits = Edits::new();
        for n in 0..300 {
            let identity = Identity::Discord(u64::try_from(n).unwrap());
            let name = format!("telegram guest {n:04}").into();
            edits.put(Customer { name, ..Customer::bare(id(n), [identity]) });
        }
        let shop = Snapshot::default().after(&edits, 1);
        let found = |text| shop.customers_named(text).collect::<Vec<_>>();
        assert_eq!(found("telegram guest 0017"), [id(17)]);
        assert_eq!(found("Guest 0017"), [id(17)]);
        assert_eq!(found("telegram guest 03"), []);
        assert_eq!(found("telegram gu").len(), 300);
        assert_eq!(shop.indexes(), shop.rebuilt().indexes());
    }
}
