//! What staff write down of a customer: kept as it was written, by whom and when, and nowhere else.

use nebulalinks::intent::{Intent, NoteRequest, Rejection, Reply, Staff};
use nebulalinks::model::*;
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn sold() -> (World, CustomerId) {
    let world = World::settled(catalog(), 1, "basic-30");
    let owner = world.snapshot.account(world.account(0)).unwrap().customer;
    (world, owner)
}

fn write(customer: CustomerId, text: &str, staff: Staff) -> Intent {
    Intent::Note(NoteRequest { customer, text: text.to_owned(), staff })
}

fn note(world: &World, customer: CustomerId) -> Option<StaffNote> {
    world.snapshot.customer(customer).unwrap().note.as_deref().cloned()
}

#[test]
fn a_note_stands_with_who_wrote_it_and_when_until_another_or_none_takes_its_place() {
    let (mut world, owner) = sold();
    let first = people::staff(1);
    let asked = write(owner, "  pays late,\r\nalways \u{202e}does\u{0} ", first.clone());
    assert_eq!(world.submit(&asked), Ok(Reply::Noted(owner)));
    let written =
        StaffNote { text: "pays late, \nalways does".into(), by: first.actor(), at: world.now };
    assert_eq!(note(&world, owner), Some(written.clone()));
    // Delivered once more, and typed once more by somebody else later, it stays whose it was.
    world.wait(DurationMs(HOUR_MS));
    let revision = world.snapshot.revision();
    for again in [asked, write(owner, &written.text, people::staff(2))] {
        assert_eq!(world.submit(&again), Ok(Reply::Noted(owner)));
    }
    assert_eq!(world.snapshot.revision(), revision);
    assert_eq!(note(&world, owner), Some(written));
    world.submit(&write(owner, "pays in time now", people::staff(2))).unwrap();
    let by = people::staff(2).actor();
    let written = StaffNote { text: "pays in time now".into(), by, at: world.now };
    assert_eq!(note(&world, owner), Some(written));
    // What the customer does leaves it where it is.
    world.submit(&people::place(0, "basic-30", Target::New, 4_711)).unwrap();
    assert!(note(&world, owner).is_some());
    world.submit(&write(owner, " \n ", people::staff(1))).unwrap();
    assert_eq!(note(&world, owner), None);
}

#[test]
fn a_note_of_more_than_a_thousand_characters_is_refused_and_changes_nothing() {
    let (mut world, owner) = sold();
    let whole = "ي".repeat(1_000);
    world.submit(&write(owner, &whole, people::staff(1))).unwrap();
    let revision = world.snapshot.revision();
    let asked = write(owner, &format!("{whole}ي"), people::staff(1));
    assert_eq!(world.submit(&asked), Err(Rejection::NoteTooLong));
    assert_eq!(world.snapshot.revision(), revision);
    assert_eq!(&*note(&world, owner).unwrap().text, whole);
    let nobody = write(CustomerId::MAX, "x", people::staff(1));
    assert_eq!(world.submit(&nobody), Err(Rejection::UnknownCustomer));
}

#[test]
fn nobody_but_staff_writes_a_note_least_of_all_the_customer() {
    let (mut world, owner) = sold();
    let revision = world.snapshot.revision();
    for by in [people::customer(77), people::customer(0)] {
        let asked = write(owner, "a good one", by.into());
        assert_eq!(world.submit(&asked), Err(Rejection::NotStaff));
    }
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn the_audit_says_who_wrote_a_note_of_whom_and_never_what() {
    let (mut world, owner) = sold();
    let staff = people::staff(1);
    for text in ["owes-us-money", ""] {
        let asked = write(owner, text, staff.clone());
        let (edits, _) = world.decide(&asked).unwrap();
        let lines: Vec<&Audit> = edits
            .puts
            .values()
            .filter_map(|record| match record {
                Record::Audit(line) => Some(line),
                _ => None,
            })
            .collect();
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((&line.actor, line.verb.as_str()), (&staff.actor(), "note"));
        assert_eq!(line.subject, format!("customer:{owner}"));
        assert!(!serde_json::to_string(line).unwrap().contains("owes"), "{line:?}");
        world.submit(&asked).unwrap();
    }
}
