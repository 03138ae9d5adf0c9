use super::super::{Fetched, Input, Step, Wanted};
use super::*;
use crate::catalog::Requirement;
use crate::intent::Person;
use crate::model::{Front, RequestKey, Snapshot, Target, visits};
use crate::view::Pages;
use crate::view::sample::*;
use std::collections::BTreeMap;

fn typing(by: Identity, role: Option<u64>, at: (&str, &str, &str), text: &str) -> Click {
    let (name, sub, option) = at;
    Click {
        id: RequestKey::of(Front::Discord, 42),
        person: Person { identity: by, name: "x".into(), roles: role.into_iter().collect() },
        language: None,
        channel: Some(12),
        input: Input::Typing {
            name: name.into(),
            sub: sub.into(),
            option: option.into(),
            options: BTreeMap::from([(option.to_owned(), text.to_owned())]),
        },
    }
}

fn offered_with(snapshot: &Snapshot, click: &Click, fetched: &Fetched) -> Vec<Choice> {
    let catalog = catalog();
    let pages = Pages::new(&FRONT, snapshot, &catalog, NOW).for_reader(click.language);
    let router = Router { pages: &pages, catalog: &catalog, snapshot, fetched };
    let step = router.step(click);
    let Step::Show(answer) = step else { panic!("{step:?}") };
    assert_eq!(FRONT.answer_problems(&answer), Vec::<String>::new());
    let Answer::Choices(choices) = answer else { panic!("{answer:?}") };
    choices
}

fn offered(snapshot: &Snapshot, click: &Click) -> Vec<Choice> {
    offered_with(snapshot, click, &Fetched::default())
}

fn labels(choices: &[Choice]) -> Vec<&str> {
    choices.iter().map(|choice| choice.label.as_str()).collect()
}

const STAFF: (Identity, Option<u64>) = (OMAR_THERE, Some(SUPPORT_ROLE));
const PAY: (&str, &str, &str) = ("pay", "", "order");
const ACCOUNT: (&str, &str, &str) = ("admin", "account show", "account");
const ORDER: (&str, &str, &str) = ("admin", "order show", "order");

/// Alice with two accounts, an unpaid order and one that was declined.
fn shop() -> Snapshot {
    let declined = Order { decision: Some(declined()), ..order(2, Target::New, "bank") };
    snapshot([
        served_account(1, true),
        served_account(2, true),
        put(order(1, Target::New, "vodafone-cash")),
        put(declined),
    ])
}

use crate::model::{Actor, Decision, Order, Verdict};

fn declined() -> Decision {
    let verdict = Verdict::Declined { reason: "no".into() };
    Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict }
}

#[test]
fn a_customer_is_offered_their_own_open_orders_alone() {
    let shop = shop();
    let theirs = offered(&shop, &typing(ALICE_THERE, None, PAY, ""));
    let reference = order_id(1).reference().to_string();
    assert_eq!(
        labels(&theirs),
        [format!("{reference} · Basic · 100.00 EGP · waiting for payment")]
    );
    assert_eq!(theirs[0].value, reference);
    let typed = reference[3..].to_lowercase();
    assert_eq!(offered(&shop, &typing(ALICE_THERE, None, PAY, &typed)), theirs);
    assert_eq!(offered(&shop, &typing(ALICE_THERE, None, PAY, "nothing so")), []);
    for other in [OMAR_THERE, Identity::Discord(777)] {
        assert_eq!(offered(&shop, &typing(other, Some(ADMIN_ROLE), PAY, "")), []);
    }
}

#[test]
fn whoever_is_not_of_the_staff_is_offered_nothing_and_nothing_is_read_for_them() {
    let shop = shop();
    for (sub, option) in [
        ("account show", "account"),
        ("order show", "order"),
        ("user show", "customer"),
        ("plan show", "plan"),
        ("server show", "server"),
    ] {
        let catalog = catalog();
        let pages = Pages::new(&FRONT, &shop, &catalog, NOW);
        let fetched = Fetched::default();
        let router =
            Router { pages: &pages, catalog: &catalog, snapshot: &shop, fetched: &fetched };
        for text in ["", "al", "a", "basic", "fra", "NL-00"] {
            for role in [None, Some(7)] {
                let click = typing(ALICE_THERE, role, ("admin", sub, option), text);
                assert_eq!(offered(&shop, &click), [], "{option}:{text}");
                assert_eq!(router.wants(&click), None);
            }
        }
        let (by, role) = STAFF;
        assert_ne!(offered(&shop, &typing(by, role, ("admin", sub, option), "")), []);
    }
}

#[test]
fn staff_find_an_account_by_its_customer_its_id_or_an_order() {
    let shop = shop();
    let (by, role) = STAFF;
    let found = |text: &str| -> Vec<String> {
        offered(&shop, &typing(by, role, ACCOUNT, text)).into_iter().map(|c| c.value).collect()
    };
    let (one, two) = (account_id(1).to_string(), account_id(2).to_string());
    let named = offered(&shop, &typing(by, role, ACCOUNT, "AL"));
    assert_eq!(labels(&named)[0], format!("alice **x** · Basic · active · {one}"));
    assert_eq!(found("alice"), [one.clone(), two.clone()]);
    assert_eq!(found("<@101>"), [one.clone(), two.clone()]);
    assert_eq!(found(""), [two.clone(), one.clone()]);
    assert_eq!(found(&two), std::slice::from_ref(&two));
    assert_eq!(found("bob"), [""; 0]);
    let click = typing(by, role, ACCOUNT, "nl-0z");
    let orders = Some(vec![order_id(1_002), order_id(77)]);
    let by_order = offered_with(&shop, &click, &Fetched { orders, ..Fetched::default() });
    assert_eq!(by_order.iter().map(|c| &c.value).collect::<Vec<_>>(), [&two]);
}

#[test]
fn orders_are_found_by_reference_sent_by_id_and_only_those_that_the_command_can_do_something_with()
{
    let shop = shop();
    let (by, role) = STAFF;
    let of = |sub: &str, text: &str| -> Vec<String> {
        let click = typing(by, role, ("admin", sub, "order"), text);
        offered(&shop, &click).into_iter().map(|choice| choice.value).collect()
    };
    let named =
        |ids: &[u128]| -> Vec<String> { ids.iter().map(|n| order_id(*n).to_string()).collect() };
    assert_eq!(of("order show", ""), named(&[1_002, 1_001, 2, 1]));
    // Its method wants a proof, and has none.
    assert_eq!(of("order approve", ""), named(&[]));
    assert_eq!(of("order cancel", ""), named(&[1]));
    assert_eq!(of("order reverse", ""), named(&[1_002, 1_001]));
    assert_eq!(of("order reverse", "alice"), named(&[1_002, 1_001]));
    let catalog = catalog();
    let pages = Pages::new(&FRONT, &shop, &catalog, NOW);
    let click = typing(by, role, ORDER, "nl-00");
    let fetched = Fetched::default();
    let router = Router { pages: &pages, catalog: &catalog, snapshot: &shop, fetched: &fetched };
    let range = Wanted::References("NL-000000".parse().unwrap(), "NL-00ZZZZ".parse().unwrap());
    assert_eq!(router.wants(&click), Some(range));
    let fetched = Fetched { orders: Some(vec![order_id(2)]), ..Fetched::default() };
    let found = offered_with(&shop, &click, &fetched);
    assert_eq!(found.iter().map(|c| c.value.clone()).collect::<Vec<_>>(), named(&[2]));
    let router = Router { fetched: &fetched, ..router };
    assert_eq!(router.wants(&click), None);
}

#[test]
fn an_order_is_offered_for_approval_where_approving_it_asks() {
    let unpaid = || order(1, Target::New, "vodafone-cash");
    let late = Order { pay_by: NOW, ..unpaid() };
    let archived = Order { archived: true, ..late.clone() };
    for (order, proof, offers) in [
        (unpaid(), Requirement::Required, false),
        (unpaid(), Requirement::Optional, true),
        (late.clone(), Requirement::Optional, true),
        (late, Requirement::Required, false),
        (archived, Requirement::Optional, false),
    ] {
        let (shop, mut catalog) = (snapshot([put(order)]), catalog());
        catalog.methods.iter_mut().for_each(|method| method.proof = proof);
        let pages = Pages::new(&FRONT, &shop, &catalog, NOW);
        let fetched = Fetched::default();
        let router =
            Router { pages: &pages, catalog: &catalog, snapshot: &shop, fetched: &fetched };
        let (by, _) = STAFF;
        let click = typing(by, Some(ADMIN_ROLE), ("admin", "order approve", "order"), "");
        let Step::Show(Answer::Choices(found)) = router.step(&click) else { panic!() };
        assert_eq!(!found.is_empty(), offers, "{proof:?} {found:?}");
        let asked = pages.confirm_approve(order_id(1), by).plain();
        assert_eq!(asked.contains("Approve this payment?"), offers, "{proof:?} {asked}");
    }
}

#[test]
fn plans_servers_and_customers_are_offered_by_id_and_by_name_in_the_readers_language() {
    let shop = shop();
    let (by, role) = STAFF;
    let of = |option: &str, text: &str| {
        let click = typing(by, role, ("admin", "x", option), text);
        offered(&shop, &click).into_iter().map(|choice| choice.label).collect::<Vec<_>>()
    };
    assert_eq!(of("plan", "VIP"), ["basic-vip · Basic VIP · 100.00 EGP / 2.10 USD"]);
    assert_eq!(of("server", "frank"), ["fra-1 · Frankfurt 1 · fra1.vpn.example.net"]);
    assert_eq!(of("customer", "ali"), ["alice **x** · discord:101"]);
    let mut catalog = catalog();
    catalog.shop.languages = ["en", "ru"].map(str::to_owned).to_vec();
    let pages = Pages::new(&FRONT, &shop, &catalog, NOW).for_reader("ru".parse().ok());
    let line = pages.own_order_choice(order_id(1)).unwrap().label;
    assert!(line.ends_with(" · 100.00 EGP · ждёт оплаты"), "{line}");
}

#[test]
fn a_name_that_turns_or_breaks_lines_is_offered_in_one_plain_row_of_a_hundred_characters() {
    let mut edits = alice();
    edits.put(crate::model::Customer {
        id: ALICE,
        identities: [ALICE_THERE].into(),
        name: format!("al\u{202e}ice\n{}", "W".repeat(300)).into(),
        language: None,
        created_at: NOW,
        own: None,
        note: None,
    });
    let shop = snapshot([edits, served_account(1, true)]);
    let (by, role) = STAFF;
    let found = offered(&shop, &typing(by, role, ACCOUNT, ""));
    let label = &found[0].label;
    assert!(label.chars().count() <= 100 && label.ends_with(&account_id(1).to_string()), "{label}");
    assert!(!label.contains(['\n', '\u{202e}']), "{label}");
}

#[test]
fn however_large_the_shop_is_an_offer_reads_what_it_shows_and_a_bounded_number_beside() {
    let reads = |n: u128| {
        let orders = (0..n).map(|n| put(order(10_000 + n, Target::New, "bank")));
        let shop = snapshot((0..n).map(|n| served_account(100 + n, true)).chain(orders));
        let (by, role) = STAFF;
        let mut counted = Vec::new();
        for (at, text) in [
            (ACCOUNT, ""),
            (ACCOUNT, "al"),
            (ACCOUNT, "0"),
            (ORDER, ""),
            (ORDER, "al"),
            (ORDER, "0"),
            (("admin", "order reverse", "order"), ""),
            (("admin", "user show", "customer"), "a"),
            (PAY, ""),
        ] {
            let click = if at == PAY {
                typing(ALICE_THERE, None, at, text)
            } else {
                typing(by, role, at, text)
            };
            let before = visits();
            let found = offered(&shop, &click);
            assert!(found.len() <= 25);
            counted.push((at, text, visits() - before));
        }
        counted
    };
    let (some, many) = (reads(600), reads(2_400));
    for (one, other) in some.iter().zip(&many) {
        assert!(other.2 <= one.2 + 20, "{one:?} {other:?}");
    }
}
