//! What staff wrote down of a customer is on pages of staff alone.

use super::every_page;
use crate::model::{Actor, Customer, Identity, Language, StaffNote};
use crate::view::sample::{ALICE, FRONT, NOW};
use std::collections::BTreeSet;

/// The beginning of what staff wrote down of Alice.
const NOTED: &str = "keeps-her-link-to-herself";

/// Alice with as long a name and a note as may be, of what takes most room.
pub(super) fn alice(reader: Option<Language>) -> Customer {
    let rest = "*".repeat(StaffNote::MOST_CHARS - NOTED.len());
    let (text, by) = (format!("{NOTED}{rest}").into(), Actor::Cli("W".repeat(200)));
    let note = Some(Box::new(StaffNote { text, by, at: NOW }));
    let known = Customer::bare(ALICE, [Identity::Discord(u64::MAX)]);
    Customer { name: "W".repeat(200).into(), language: reader, created_at: NOW, note, ..known }
}

#[test]
fn what_staff_noted_of_a_customer_stands_where_staff_read_of_them_and_on_no_page_of_customers() {
    let mut stands = BTreeSet::new();
    for (name, page) in every_page(&FRONT, "") {
        if page.plain().contains(NOTED) {
            let (page, state) = name.split_once(": ").unwrap().1.rsplit_once(", ").unwrap();
            assert!(page != "card" || state == "AwaitingReview", "{name}");
            stands.insert(page.to_owned());
        }
    }
    assert_eq!(stands, ["card", "a card of many", "staff's"].map(str::to_owned).into());
}
