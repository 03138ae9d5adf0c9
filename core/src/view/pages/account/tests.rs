use crate::model::*;
use crate::view::pages::Pages;
use crate::view::sample::*;
use crate::view::{Action, Answer, Block, with_moments};

fn waiting(n: u128) -> Order {
    order(n, Target::New, "vodafone-cash")
}

fn in_review(n: u128) -> Order {
    Order { evidence: vec![evidence(1)], ..waiting(n) }
}

fn thread(n: u128, channel: u64) -> Edits {
    let key = SurfaceKey::OrderThread(order_id(n));
    put(Surface { channel: Some(channel), ..Surface::new(key) })
}

/// What is shown to alice, page by page.
fn all_pages(snapshot: &Snapshot) -> Vec<Answer> {
    let catalog = catalog();
    let pages = Pages::new(&FRONT, snapshot, &catalog, NOW);
    let mut all = vec![pages.my_accounts(ALICE)];
    for n in 1..99 {
        let (Answer::Private(message) | Answer::Replace(message)) = all.last().unwrap() else {
            panic!()
        };
        let next = Action::Accounts(n).to_string();
        let is_next =
            |block: &Block| matches!(block, Block::Buttons(b) if b.iter().any(|b| b.id == next));
        if !message.blocks.iter().any(is_next) {
            break;
        }
        all.push(pages.accounts_page(ALICE, n));
    }
    all
}

#[test]
fn every_open_order_shows_its_step_and_the_way_to_it_and_none_that_is_over_does() {
    let mut declined = in_review(3);
    let verdict = Verdict::Declined { reason: "no".into() };
    declined.decision = Some(Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict });
    let mut cancelled = waiting(4);
    cancelled.cancelled = Some(Cancellation { by: Actor::Person(ALICE_THERE), at: NOW });
    let lapsed = Order { pay_by: NOW, ..waiting(5) };
    let strangers = Order { customer: OMAR, ..waiting(6) };
    let orders = [waiting(1), in_review(2), declined, cancelled, lapsed, strangers].map(put);
    let snapshot = snapshot(orders.into_iter().chain([thread(1, 77)]));
    let catalog = catalog();
    let shown = Pages::new(&FRONT, &snapshot, &catalog, NOW).my_accounts(ALICE).plain();
    insta::assert_snapshot!(shown, @r#"
    ## My accounts
    ### Orders that go on
    `NL-000002` · Basic · in review: staff check your proof
    `NL-000001` · Basic · waiting for your payment until 1 Dec 2026, 02:53 EET · <#77>
    [Notifications] [Language] [Guide]
    "#);
}

#[test]
fn an_approved_order_shows_that_it_waits_for_its_server_until_that_has_it() {
    let catalog = catalog();
    let shown = |ready| {
        let snapshot = snapshot([served_account(1, ready), thread(1_001, 78)]);
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        [pages.my_accounts(ALICE).plain(), pages.my_account(ALICE, account_id(1)).plain()]
    };
    for page in shown(false) {
        assert!(page.contains("approved, waiting for the server. Being set up"), "{page}");
        assert!(page.contains("<#78>") && page.contains("**State**"), "{page}");
    }
    assert!(shown(true).iter().all(|page| !page.contains("approved")));
}

#[test]
fn every_account_and_every_open_order_is_on_a_page_however_many_there_are() {
    for (accounts, orders) in [(45_u128, 2_u128), (3, 40), (26, 9), (0, 20), (1, 9), (1, 8)] {
        let accounts = 1..=accounts;
        let edits = accounts.clone().map(|n| served_account(n, true));
        let edits = edits.chain((1..=orders).map(|n| put(in_review(n))));
        let pages = all_pages(&snapshot(edits));
        let text: String = pages.iter().map(Answer::plain).collect();
        for page in &pages {
            assert!(FRONT.answer_problems(page).is_empty(), "{:?}", FRONT.answer_problems(page));
        }
        for n in 1..=orders {
            let number = order_id(n).reference().to_string();
            assert_eq!(text.matches(&number).count(), 1, "order {n} of {orders}");
        }
        let listed = |n: u128| text.matches(&format!("{} = ", account_id(n))).count();
        let alone = *accounts.end() == 1 && orders <= 8;
        assert!(accounts.clone().all(|n| alone || listed(n) == 1), "{accounts:?}, {orders}");
    }
}

#[test]
fn bars_show_what_is_used_and_how_much_of_the_time_has_passed() {
    let catalog = catalog();
    let day = |n: u64| NOW + DurationMs(n * DAY_MS);
    let snapshot = snapshot([served_account(1, true)]);
    let at =
        |now| Pages::new(&FRONT, &snapshot, &catalog, now).my_account(ALICE, account_id(1)).plain();
    assert!(at(day(0)).contains("▱▱▱▱▱▱▱▱▱▱ 30 days to go"), "{}", at(day(0)));
    assert!(at(day(15)).contains("▰▰▰▰▰▱▱▱▱▱ 15 days to go"), "{}", at(day(15)));
    assert!(at(day(0)).contains("5GiB · ▰▱▱▱▱▱▱▱▱▱ 10%"), "{}", at(day(0)));
    assert!(!at(day(31)).contains("to go"), "{}", at(day(31)));
}

#[test]
fn an_account_without_a_limit_has_no_bar_of_traffic() {
    let mut edits = served_account(1, true);
    for record in edits.puts.values_mut() {
        match record {
            Record::Run(run) => run.kind = RunKind::Unlimited,
            Record::Term(term) => term.quota = Quota::Unlimited,
            _ => {}
        }
    }
    let (snapshot, catalog) = (snapshot([edits]), catalog());
    let shown =
        Pages::new(&FRONT, &snapshot, &catalog, NOW).my_account(ALICE, account_id(1)).plain();
    assert!(shown.contains("**Used** · 5GiB\n") && shown.contains("unlimited"), "{shown}");
}

#[test]
fn an_end_is_a_moment_that_a_front_may_count_down_to() {
    let (snapshot, catalog) = (snapshot([served_account(1, true)]), catalog());
    let answer = Pages::new(&FRONT, &snapshot, &catalog, NOW).my_account(ALICE, account_id(1));
    let Answer::Private(message) = answer else { panic!() };
    let Some(Block::Text(text)) = message.blocks.get(1) else { panic!("{:?}", message.blocks) };
    let ends = (NOW + DurationMs(30 * DAY_MS)).0 / SECOND_MS;
    assert!(with_moments(text, |s| format!(" <{s}>")).contains(&format!("EET <{ends}>")), "{text}");
}
