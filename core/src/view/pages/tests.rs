use super::*;
use crate::catalog::Delivery as DeliverBy;
use crate::model::*;
use crate::view::sample::*;
use crate::view::{Answer, links};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An order in each state, by the state's name.
pub(super) fn in_every_state() -> Vec<(OrderState, Order, UnixMs)> {
    let waiting = order(1, Target::New, "vodafone-cash");
    let mut review = order(2, Target::New, "vodafone-cash");
    review.evidence = vec![evidence(1), evidence(2)];
    let mut approved = review.clone();
    let verdict = Verdict::Approved { reference: Some("TX`9".into()), account: account_id(1) };
    approved.decision = Some(Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict });
    let mut declined = review.clone();
    let verdict = Verdict::Declined { reason: "wrong **amount**\n@everyone".into() };
    declined.decision = Some(Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict });
    let mut cancelled = waiting.clone();
    cancelled.cancelled = Some(Cancellation { by: Actor::Person(ALICE_THERE), at: NOW });
    let mut reversed = approved.clone();
    reversed.reversed =
        Some(Reversed { by: Actor::Person(OMAR_THERE), at: NOW, reason: "charge back".into() });
    let late = waiting.pay_by;
    vec![
        (OrderState::AwaitingPayment, waiting.clone(), NOW),
        (OrderState::AwaitingReview, review, NOW),
        (OrderState::Approved, approved, NOW),
        (OrderState::Declined, declined, NOW),
        (OrderState::Cancelled, cancelled, NOW),
        (OrderState::Expired, waiting, late),
        (OrderState::Reversed, reversed, NOW),
    ]
}

/// A card that stands goes on standing in every state.
pub(super) fn posted_card(order: OrderId) -> Surface {
    Surface { posts: 1, ..Surface::new(SurfaceKey::ReviewCard(order)) }
}

#[test]
fn every_page_of_an_order_stays_within_discords_limits() {
    let catalog = catalog();
    for (state, order, now) in in_every_state() {
        assert_eq!(order.state(now), state);
        let id = order.id;
        let snapshot = snapshot([served_account(1, true), put(order), put(posted_card(id))]);
        let pages = Pages::new(&FRONT, &snapshot, &catalog, now);
        for key in [SurfaceKey::OrderThread(id), SurfaceKey::ReviewCard(id)] {
            let message = pages.surface(key).unwrap();
            assert!(
                FRONT.problems(&message).is_empty(),
                "{state:?} {:?}",
                FRONT.problems(&message)
            );
        }
        for answer in [
            pages.order_placed(id),
            pages.order_already_open(id),
            pages.confirm_approve(id, OMAR_THERE),
            pages.reference_modal(id, OMAR_THERE),
            pages.decline_modal(id),
        ] {
            assert!(
                FRONT.answer_problems(&answer).is_empty(),
                "{:?}",
                FRONT.answer_problems(&answer)
            );
        }
    }
}

#[test]
fn every_other_page_stays_within_discords_limits() {
    let mut catalog = catalog();
    for n in 0..60 {
        let name = "A plan with a very long name that goes on and on ".repeat(4);
        let mut plan = plan(&format!("p-{n}"), &name, crate::catalog::PlanLifecycle::Active);
        plan.prices = vec![egp(u64::MAX), egp(u64::MAX - 1), egp(u64::MAX - 2)];
        catalog.plans.push(plan);
    }
    let mut edits: Vec<Edits> = (1..40).map(|n| served_account(n, true)).collect();
    edits.push(put(AccountStatus {
        account: account_id(1),
        conditions: ConditionKind::ALL
            .iter()
            .map(|k| Condition { kind: *k, reason: "why ".repeat(100), since: NOW })
            .collect(),
    }));
    for n in 100..150 {
        let mut order = order(n, Target::New, "vodafone-cash");
        order.evidence = (1..20).map(evidence).collect();
        edits.push(put(order));
    }
    let snapshot = snapshot(edits);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let account = account_id(1);
    let plan = "basic-30".parse().unwrap();
    let answers = [
        pages.plan_picker(),
        pages.method_picker(&plan),
        pages.my_accounts(ALICE),
        pages.my_account(ALICE, account),
        pages.renew(ALICE, account),
        pages.renew_method_picker(ALICE, account, &plan, 0),
        pages.show_link(ALICE, account),
        Answer::Private(pages.store_panel()),
        Answer::Private(pages.pending()),
        Answer::Private(pages.admin_account(account)),
        Answer::Private(pages.admin_customer(ALICE)),
        Answer::Private(pages.review_card(order_id(100)).unwrap()),
        Answer::Private(pages.link_message(account).unwrap()),
        Answer::Private(pages.notice(account, NoticeKind::Expired).unwrap()),
        Answer::Private(pages.notice(account, NoticeKind::Depleted).unwrap()),
        Answer::Private(pages.notice(account, NoticeKind::Renewed).unwrap()),
    ];
    for answer in answers {
        assert!(
            FRONT.answer_problems(&answer).is_empty(),
            "{:?}\n{}",
            FRONT.answer_problems(&answer),
            answer.plain()
        );
    }
}

#[test]
fn the_thread_says_how_to_pay_and_amount_account_and_reference_are_copied_each_alone() {
    let catalog = catalog();
    let (_, order, now) = in_every_state().remove(0);
    let snapshot = snapshot([put(order.clone())]);
    let shown = Pages::new(&FRONT, &snapshot, &catalog, now).order_card(order.id).unwrap().plain();
    insta::assert_snapshot!(shown, @r#"
    ## Order: Basic
    30 days · 50GiB of traffic · 2 devices
    ---
    Send **100.00 EGP** to `01000000000` and write `NL-000001` in the note.
    **Amount, EGP**
    ```
    100.00
    ```
    **Account**
    ```
    01000000000
    ```
    **Reference**
    ```
    NL-000001
    ```
    When you have paid, press **I have paid** and choose a screenshot of the payment. If you see no place for it there, type `/pay` and attach it as `proof`. It goes to staff only.
    Please pay before **1 Dec 2026, 02:53 EET**.
    [I have paid] [Cancel order]
    "#);
}

#[test]
fn only_methods_that_take_the_plans_currencies_are_offered() {
    let catalog = catalog();
    let snapshot = Snapshot::default();
    let plan = "basic-30".parse().unwrap();
    let shown = Pages::new(&FRONT, &snapshot, &catalog, NOW).method_picker(&plan).plain();
    insta::assert_snapshot!(shown, @r#"
    ## How would you like to pay?
    **Basic** · 30 days · 50GiB of traffic · 2 devices
    <Pick a way to pay>
      vodafone-cash = Vodafone Cash | 100.00 EGP
      bank = Bank | 2.10 USD
    "#);
}

#[test]
fn an_account_shows_its_end_in_the_shops_zone_and_what_is_left() {
    let catalog = catalog();
    let snapshot = snapshot([served_account(1, true)]);
    let shown = Pages::new(&FRONT, &snapshot, &catalog, NOW).my_accounts(ALICE).plain();
    insta::assert_snapshot!(shown, @r#"
    ## Basic
    **State** · Active
    **Server** · Frankfurt 1
    **Ends** · 30 Dec 2026, 02:53 EET
    ▱▱▱▱▱▱▱▱▱▱ 30 days to go
    **Used** · 5GiB · ▰▱▱▱▱▱▱▱▱▱ 10%
    **Left** · 45GiB
    **Devices** · 2 devices
    [Renew] [Show my link] [Replace my link] [Devices]
    [Notifications] [Language] [Guide]
    "#);
}

#[test]
fn a_renewal_shows_the_old_and_the_new_end_and_allowance_before_paying() {
    let catalog = catalog();
    let snapshot = snapshot([served_account(1, true)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let shown = pages.renew(ALICE, account_id(1)).plain();
    insta::assert_snapshot!(shown, @r#"
    ## Renew Basic
    Each plan is added to what you have. Below each one: what you will have after paying today.
    <Pick a plan>
      basic-30 = Basic · 100.00 EGP / 2.10 USD | ends 29 Jan 2027, 02:53 EET, 95GiB left
      basic-60 = Basic old · 100.00 EGP / 2.10 USD | ends 29 Jan 2027, 02:53 EET, 95GiB left
    "#);
    let plan = "basic-30".parse().unwrap();
    let shown = pages.renew_method_picker(ALICE, account_id(1), &plan, 0).plain();
    insta::assert_snapshot!(shown, @r#"
    ## How would you like to pay?
    Renewal with **Basic** · 30 days · 50GiB of traffic · 2 devices
    Now: ends **30 Dec 2026, 02:53 EET**, **45GiB** left.
    After paying: ends **29 Jan 2027, 02:53 EET**, **95GiB** left.
    <Pick a way to pay>
      vodafone-cash = Vodafone Cash | 100.00 EGP
      bank = Bank | 2.10 USD
    "#);
    let hidden = "basic-vip".parse().unwrap();
    let refused = pages.renew_method_picker(ALICE, account_id(1), &hidden, 0).plain();
    assert!(refused.contains("not sold"), "{refused}");
}

#[test]
fn a_link_is_shown_only_once_the_client_was_read_back() {
    let catalog = catalog();
    let early = snapshot([served_account(1, false), put(facts())]);
    let pages = Pages::new(&FRONT, &early, &catalog, NOW);
    assert_eq!(pages.link_message(account_id(1)), None);
    assert!(pages.show_link(ALICE, account_id(1)).plain().contains("being prepared"));
    assert_eq!(links::delivery_fingerprint(&early, &catalog, account_id(1)), None);

    let ready = snapshot([served_account(1, true)]);
    let pages = Pages::new(&FRONT, &ready, &catalog, NOW);
    let shown = pages.show_link(ALICE, account_id(1));
    insta::assert_snapshot!(shown.plain(), @r#"
    ## Your link
    ```
    vless://00000000-0000-0000-0000-00005783c26d@fra1.vpn.example.net:443?encryption=none&flow=xtls-rprx-vision&fp=chrome&pbk=PBK&security=reality&sid=ab12&sni=www.example.com&type=tcp#Frankfurt%201
    ```
    (picture link.png)
    Copy the link, or scan the picture with your VPN app: v2rayNG, Hiddify, Streisand or any other that reads this kind of link. Keep it to yourself: whoever has it uses your traffic.
    [Show my link] [Guide]
    "#);
    let Answer::Private(message) = shown else { panic!("{shown:?}") };
    assert_eq!(message.files.len(), 1);
}

#[test]
fn the_delivery_fingerprint_follows_what_the_link_is_made_of_and_nothing_else() {
    let catalog = catalog();
    let id = account_id(1);
    let base = snapshot([served_account(1, true)]);
    let print = |s: &Snapshot, c: &Catalog| links::delivery_fingerprint(s, c, id).unwrap();
    let before = print(&base, &catalog);
    let mut renamed = catalog.clone();
    let server = renamed.servers.values_mut().next().unwrap();
    server.name = text("Renamed");
    assert_eq!(print(&base, &renamed), before);

    let mut moved = catalog.clone();
    moved.servers.values_mut().next().unwrap().host = "other.example.net".into();
    assert_ne!(print(&base, &moved), before);
    let mut rotated = account(1);
    rotated.credentials.version = 2;
    // Once its server has them.
    let rotated = base.after(&put(rotated), 9);
    assert_eq!(links::delivery_fingerprint(&rotated, &catalog, id), None);
    let mut status = rotated.binding_status(id, &facts().server).unwrap().clone();
    status.applied.as_mut().unwrap().credentials = 2;
    assert_ne!(print(&rotated.after(&put(status), 10), &catalog), before);
    let mut changed = facts();
    changed.inbounds[0].port = 8443;
    assert_ne!(print(&base.after(&put(changed), 9), &catalog), before);
}

#[test]
fn somebody_elses_account_is_unknown() {
    let catalog = catalog();
    let snapshot = snapshot([served_account(1, true)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let plan = "basic-30".parse().unwrap();
    for answer in [
        pages.my_account(OMAR, account_id(1)),
        pages.show_link(OMAR, account_id(1)),
        pages.renew(OMAR, account_id(1)),
        pages.renew_method_picker(OMAR, account_id(1), &plan, 0),
    ] {
        let shown = answer.plain();
        assert!(shown.contains("not yours") && !shown.contains("vless"), "{shown}");
    }
}

#[test]
fn a_closed_dm_is_said_where_the_button_is() {
    let mut catalog = catalog();
    let undelivered = Delivery {
        account: account_id(1),
        fingerprint: "".into(),
        state: DeliveryState::Undelivered("dm_closed".into()),
        at: NOW,
        earlier: false,
        to_old: false,
    };
    let snapshot = snapshot([served_account(1, true), put(undelivered)]);
    let card = |c: &Catalog| {
        Pages::new(&FRONT, &snapshot, c, NOW).order_card(order_id(1_001)).unwrap().plain()
    };
    assert!(card(&catalog).contains("could not send you a direct message"));
    assert!(card(&catalog).contains("[Show my link]"));
    catalog.shop.orders.deliver = DeliverBy::Button;
    assert!(card(&catalog).contains("Press the button below to see your link"));
}

#[test]
fn staff_pages_never_show_a_credential_or_a_link() {
    let catalog = catalog();
    let snapshot = snapshot([served_account(1, true)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let shown = pages.admin_account(account_id(1)).plain();
    for secret in ["TOPSECRET", "TOKENSECRET", "sub0000000000001", "vless://", "5783c26d"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    insta::assert_snapshot!(shown, @r#"
    ## Account `00000200000000000000000001`
    **Customer** · <@101> (alice \*\*x\*\*) · family `basic`
    **Credentials** · version 1
    ---
    **Run 0** · since 30 Nov 2026, 02:53 EET, ends 30 Dec 2026, 02:53 EET · granted 50GiB, used 5GiB, left 45GiB · 2 devices
    **Standing** · active
    **fra-1** · serving since 30 Nov 2026, 02:53 EET · on
    No conditions.
    **Delivery** · none yet
    "#);
}

#[test]
fn what_others_typed_cannot_format_mention_or_break_out() {
    let catalog = catalog();
    let (_, order, now) = in_every_state().remove(3);
    let snapshot = snapshot([put(order.clone())]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, now);
    let card = pages.order_card(order.id).unwrap().plain();
    assert!(card.contains("> wrong \\*\\*amount\\*\\* \\@everyone\n"), "{card}");
    let bad = pages.bad_order_number("x`y\n@everyone").plain();
    assert!(bad.starts_with("`xy@everyone`"), "{bad}");
}

#[test]
fn only_owner_and_admin_decide_and_support_looks() {
    let roles = catalog().shop.roles;
    let has = |r: u64| BTreeSet::from([r]);
    assert!(roles.may_decide(&has(ADMIN_ROLE)) && roles.may_look(&has(ADMIN_ROLE)));
    assert!(!roles.may_decide(&has(SUPPORT_ROLE)) && roles.may_look(&has(SUPPORT_ROLE)));
    assert!(!roles.may_look(&has(1)) && !roles.may_look(&BTreeSet::new()));
}

#[test]
fn only_in_the_orders_thread_is_a_customer_asked_to_simply_post_the_picture() {
    let mut catalog = catalog();
    let snapshot = snapshot([put(order(1, Target::New, "vodafone-cash"))]);
    for reads in [false, true] {
        catalog.shop.message_content = reads;
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        let asks = |said: String| said.contains("post the picture");
        assert_eq!(asks(pages.order_card(order_id(1)).unwrap().plain()), reads);
        // These are read in the store's channel, where everybody would see it.
        for page in [pages.order_placed(order_id(1)), pages.order_already_open(order_id(1))] {
            assert!(!asks(page.plain()));
        }
    }
}

#[test]
fn a_surface_does_not_change_while_only_time_passes() {
    let catalog = catalog();
    for (state, order, now) in in_every_state() {
        let card = put(posted_card(order.id));
        let snapshot = snapshot([served_account(1, true), put(order.clone()), card]);
        for key in [SurfaceKey::OrderThread(order.id), SurfaceKey::ReviewCard(order.id)] {
            let print = |now| {
                Pages::new(&FRONT, &snapshot, &catalog, now).surface(key).unwrap().fingerprint()
            };
            assert_eq!(print(now), print(now + DurationMs(MINUTE_MS)), "{state:?}");
        }
    }
}

#[test]
fn an_order_with_the_longest_texts_that_check_lets_pass_fits_into_a_message() {
    let mut catalog = catalog();
    let method = &mut catalog.methods[0];
    let name = "N".repeat(80);
    method.name = text(&name);
    method.account = "9".repeat(200);
    let filled = "{account} {amount} {reference}";
    let rest = crate::catalog::LONGEST_INSTRUCTIONS - 202 - 30 - 28 - 2;
    method.instructions = text(&format!("{filled}{}", "x".repeat(rest)));
    let mut order = order(1, Target::New, "vodafone-cash");
    Arc::make_mut(&mut order.plan).name = Arc::new(text(&name).0);
    order.method.price = egp(u64::MAX);
    let id = order.id;
    let snapshot = snapshot([put(order)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    for answer in [
        pages.order_placed(id),
        pages.order_already_open(id),
        Answer::Private(pages.order_card(id).unwrap()),
    ] {
        assert!(FRONT.answer_problems(&answer).is_empty(), "{:?}", FRONT.answer_problems(&answer));
    }
}

#[test]
fn a_customer_reads_the_truth_about_a_server_in_trouble_and_never_a_minute_for_ever() {
    let catalog = catalog();
    let id = account_id(1);
    let order = order_id(1_001);
    let fra: ServerId = "fra-1".parse().unwrap();
    let world = |ready: bool, outage: Option<Outage>, kinds: &[ConditionKind]| {
        let of = |kind: &ConditionKind| Condition { kind: *kind, reason: "why".into(), since: NOW };
        let conditions: Vec<_> = kinds.iter().map(of).collect();
        let server = ServerStatus { outage, ..ServerStatus::new(fra.clone()) };
        let account = AccountStatus { account: id, conditions };
        snapshot([served_account(1, ready), put(server), put(account)])
    };
    let read = |snapshot: &Snapshot| {
        let pages = Pages::new(&FRONT, snapshot, &catalog, NOW);
        [
            pages.my_account(ALICE, id).plain(),
            pages.show_link(ALICE, id).plain(),
            pages.order_card(order).unwrap().plain(),
        ]
    };
    for outage in Outage::ALL {
        for ready in [false, true] {
            let [account, link, card] =
                read(&world(ready, Some(outage), &[ConditionKind::Stalled]));
            for page in [&account, &link, &card] {
                assert!(page.contains("has a fault") && !page.contains("a minute"), "{page}");
            }
            let works = ready && !outage.leaves_no_link();
            assert_eq!(link.contains("vless://"), works, "{outage:?} {link}");
        }
    }
    for (kind, word) in
        [(ConditionKind::Unreachable, "does not answer"), (ConditionKind::Stalled, "staff")]
    {
        let waits = [ConditionKind::Reconciling, kind];
        for page in read(&world(false, None, &waits)) {
            assert!(page.contains(word) && !page.contains("a minute"), "{kind:?} {page}");
        }
        let [account, ..] = read(&world(true, None, &[ConditionKind::Ready, kind]));
        assert!(account.contains("Active"), "what is served goes on: {account}");
    }
    // Its client is not in the last list: a second one is owed, or none that proves anything comes.
    for (change, word) in [
        ((|s| s.missing_since = Some(NOW)) as fn(&mut BindingStatus), "a minute"),
        (|s| s.unseen_since = Some(NOW), "staff"),
    ] {
        let before = world(true, None, &[ConditionKind::Reconciling]);
        let mut status = before.binding_status(id, &fra).unwrap().clone();
        change(&mut status);
        let [account, ..] = read(&snapshot([served_account(1, true), put(status)]));
        assert!(account.contains(word) && !account.contains("Active"), "{account}");
    }
    let [account, link, _] = read(&world(false, None, &[ConditionKind::Reconciling]));
    assert!(account.contains("a minute") && link.contains("a minute"), "{account}{link}");
}
