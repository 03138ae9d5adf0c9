//! Customers by how their name begins, as somebody types it: an index over the words of names.

use unicode_general_category::{GeneralCategory, get_general_category};

/// So many words of a name are found.
const WORDS: usize = 3;
/// So many characters of what is typed count.
const CHARACTERS: usize = 24;

/// A name, or what is typed of one, as it is compared: in lower case, one space between words, without
/// marks that nobody sees.
pub(super) fn folded(text: &str) -> Box<str> {
    let text = seen(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase().chars().take(CHARACTERS).collect()
}

/// What a name is found by: how it goes on from each of its first words.
pub(super) fn beginnings(name: &str) -> Vec<Box<str>> {
    let name = seen(name);
    let words: Vec<&str> = name.split_whitespace().collect();
    let from = (0..words.len().min(WORDS)).filter_map(|at| words.get(at..));
    from.map(|rest| folded(&rest.join(" "))).collect()
}

/// Without format characters: marks of direction, joiners.
fn seen(text: &str) -> String {
    text.chars().filter(|c| get_general_category(*c) != GeneralCategory::Format).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Customer, CustomerId, Edits, Identity, Key, Snapshot, UnixMs, visits};
    use ulid::Ulid;

    fn id(n: u128) -> CustomerId {
        CustomerId::new(Ulid((1 << 99) + n))
    }

    fn named(n: u128, name: &str) -> Customer {
        let identities = [Identity::Discord(u64::try_from(n).unwrap())].into();
        Customer {
            id: id(n),
            identities,
            name: name.into(),
            language: None,
            created_at: UnixMs(0),
            own: None,
            note: None,
        }
    }

    fn shop(people: &[(u128, &str)]) -> Snapshot {
        let mut edits = Edits::new();
        people.iter().for_each(|(n, name)| edits.put(named(*n, name)));
        Snapshot::default().after(&edits, 1)
    }

    fn found(snapshot: &Snapshot, text: &str) -> Vec<CustomerId> {
        snapshot.customers_named(text).collect()
    }

    #[test]
    fn a_customer_is_found_by_how_a_word_of_their_name_begins_and_by_no_name_that_they_had() {
        let shop =
            shop(&[(1, "Alice Smith"), (2, "albert"), (3, "أحمد Ali"), (4, "Bob"), (5, " ")]);
        assert_eq!(found(&shop, "AL"), [id(2), id(3), id(1)]);
        assert_eq!(found(&shop, "alice s"), [id(1)]);
        assert_eq!(found(&shop, "smi"), [id(1)]);
        assert_eq!(found(&shop, "أح"), [id(3)]);
        for nobody in ["", " ", "lice", "bobby", "z"] {
            assert_eq!(found(&shop, nobody), [], "{nobody}");
        }
        let mut edits = Edits::new();
        edits.put(named(1, "Carol"));
        edits.delete(Key::Customer(id(2)));
        let later = shop.after(&edits, 2);
        assert_eq!(found(&later, "al"), [id(3)]);
        assert_eq!(found(&later, "car"), [id(1)]);
        assert_eq!(later.indexes(), later.rebuilt().indexes());
    }

    #[test]
    fn a_customer_is_found_whatever_unseen_marks_are_in_their_name_or_in_what_is_typed() {
        let shop = shop(&[(1, "\u{200f}\u{202b}سارة\u{61c} \u{200e}Lee\u{202c}"), (2, "\u{2060}")]);
        for typed in ["سا", "lee", "\u{200b}l\u{2060}ee", "سارة \u{2067}lee\u{2069}"] {
            assert_eq!(found(&shop, typed), [id(1)], "{typed:?}");
        }
        assert_eq!(found(&shop, "\u{2060}\u{200e}"), []);
        assert!(shop.is_named(id(1), "سارة LEE") && !shop.is_named(id(1), "سارة"));
        assert_eq!(shop.indexes(), shop.rebuilt().indexes());
    }

    #[test]
    fn a_look_for_a_name_reads_those_that_it_finds_however_many_there_are() {
        let mut edits = Edits::new();
        (0..2_000).for_each(|n| edits.put(named(n, &format!("guest {n:04}"))));
        edits.put(named(9_999, "Zoe"));
        let shop = Snapshot::default().after(&edits, 1);
        let before = visits();
        assert_eq!(found(&shop, "zo"), [id(9_999)]);
        assert_eq!(shop.customers_named("guest").take(25).count(), 25);
        assert!(visits() - before <= 30, "{}", visits() - before);
    }
}
