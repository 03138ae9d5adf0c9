use super::*;
use crate::model::{Actor, Edits, HOUR_MS, Order, Snapshot, Surface, Target, Ticket, UnixMs};
use crate::view::Block;
use crate::view::sample::*;

fn thread(n: u128, channel: u64) -> Edits {
    let surface = Surface::new(SurfaceKey::TicketThread(ticket_id(n)));
    put(Surface { channel: Some(channel), ..surface })
}

fn ended() -> Ticket {
    let closed = Some(Box::new(TicketClosing { by: Actor::Person(OMAR_THERE), at: NOW }));
    Ticket { closed, ..ticket(1) }
}

fn drawn<T>(records: impl IntoIterator<Item = Edits>, draw: impl FnOnce(&Pages<'_>) -> T) -> T {
    let (snapshot, catalog) = (snapshot(records), catalog());
    draw(&Pages::new(&FRONT, &snapshot, &catalog, NOW))
}

#[test]
fn a_person_is_asked_by_a_button_and_who_has_an_open_question_is_led_to_it() {
    let support = |records: Vec<Edits>| drawn(records, |pages| pages.support(ALICE).plain());
    let none = support(Vec::new());
    assert!(none.contains("[Ask a person] [Guide]"), "{none}");
    let opening = support(vec![put(ticket(1))]);
    assert!(!opening.contains("[Ask a person]") && opening.contains("being opened"), "{opening}");
    let open = support(vec![put(ticket(1)), thread(1, 71)]);
    assert!(!open.contains("[Ask a person]") && open.contains("<#71>"), "{open}");
    assert!(open.contains("[Close]"), "whoever has left the thread comes to no other way: {open}");
    assert!(support(vec![put(ended()), thread(1, 71)]).contains("[Ask a person]"));
    let others = drawn([put(ticket(1)), thread(1, 71)], |pages| pages.support(OMAR).plain());
    assert!(others.contains("[Ask a person]") && !others.contains("<#"), "{others}");
}

#[test]
fn a_front_without_private_threads_says_where_staff_are_and_has_no_such_button() {
    let (snapshot, catalog) = (Snapshot::default(), catalog());
    let front = crate::view::FrontProfile { private_threads: false, ..FRONT };
    let page = Pages::new(&front, &snapshot, &catalog, NOW).support(None).plain();
    assert!(page.contains("write to our staff") && !page.contains("[Ask a person]"), "{page}");
}

#[test]
fn the_thread_is_in_the_customers_language_and_says_that_no_picture_there_pays() {
    let (snapshot, mut catalog) = (snapshot([alice_reads("ru"), put(ticket(1))]), catalog());
    catalog.shop.languages = vec!["en".to_owned(), "ru".to_owned()];
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let of = |key| pages.surface(key).unwrap().plain();
    let first = of(SurfaceKey::TicketThread(ticket_id(1)));
    assert!(first.contains("не** считается подтверждением оплаты"), "{first}");
    assert!(first.contains("<@101>") && first.contains("[Закрыть]"), "{first}");
    assert!(of(SurfaceKey::TicketCard(ticket_id(1))).contains("[Close]"), "staff read the shop's");
    let over = pages.ticket_over(&ended()).plain();
    // The button in the store stands there in the shop's language.
    assert!(over.contains("**Support**") && over.contains("закрыт"), "{over}");
}

#[test]
fn the_card_has_what_staff_need_and_the_thread_nothing_of_it() {
    let open = Order { placed_at: NOW, ..order(2, Target::New, "vodafone-cash") };
    let records = || [served_account(1, true), put(open.clone()), put(ticket(1)), thread(1, 71)];
    let reference = open.id.reference().to_string();
    let account = account_id(1).to_string();
    drawn(records(), |pages| {
        let card = pages.ticket_card(ticket_id(1)).unwrap().plain();
        let first = pages.ticket_thread(ticket_id(1)).unwrap().plain();
        for fact in ["<@101>", "alice", "<#71>", &account, "active", "50GiB", "`fra-1`", &reference]
        {
            assert!(card.contains(fact), "{fact}: {card}");
        }
        for fact in [&account, &reference, "fra-1"] {
            assert!(!first.contains(fact), "{fact}: {first}");
        }
        // A name is shown as a name, whatever it would format.
        assert!(!card.contains("alice **x**"), "{card}");
    });
    let closed = records().into_iter().chain([put(ended())]);
    let card = drawn(closed, |pages| pages.ticket_card(ticket_id(1)).unwrap().plain());
    assert!(card.contains("Closed by <@202>") && card.contains("<#71>"), "{card}");
    assert!(!card.contains(&account) && !card.contains("[Close]"), "it changes no more: {card}");
}

#[test]
fn a_card_of_many_accounts_and_orders_names_the_newest_and_how_many_more() {
    let accounts = (1..=40).map(|n| served_account(n, true));
    let orders = (100..140).map(|n| put(order(n, Target::New, "vodafone-cash")));
    let records = accounts.chain(orders).chain([put(ticket(1))]);
    drawn(records, |pages| {
        let card = pages.ticket_card(ticket_id(1)).unwrap();
        let text = |block: &Block| match block {
            Block::Text(text) => text.lines().count(),
            _ => 0,
        };
        let lines: usize = card.blocks.iter().map(text).sum();
        assert!(lines <= 4 + 2 * MOST, "{}", card.plain());
        let card = card.plain();
        assert!(card.contains(&account_id(40).to_string()) && card.contains("35"), "{card}");
        assert!(!card.contains(&account_id(1).to_string()), "{card}");
    });
}

#[test]
fn nobody_gets_a_card_of_a_question_that_was_closed_before_there_was_one() {
    let card = SurfaceKey::TicketCard(ticket_id(1));
    let shown = |records: Vec<Edits>| drawn(records, |pages| pages.surface(card).is_some());
    let posted = || put(Surface { posts: 1, ..Surface::new(card) });
    assert!(!shown(vec![put(ended())]));
    assert!(shown(vec![put(ended()), posted()]));
    assert!(shown(vec![put(ticket(1))]));
}

#[test]
fn who_may_ask_again_later_reads_when() {
    let again = UnixMs(NOW.0 + HOUR_MS);
    let why = crate::model::Rejection::TooManyTickets(again);
    let page = drawn([], |pages| (pages.refused(why).plain(), pages.when(again)));
    assert!(page.0.contains(&page.1), "{page:?}");
}
