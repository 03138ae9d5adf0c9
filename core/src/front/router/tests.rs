use super::*;
use crate::model::{Actor, Delivery, Front, RequestKey};
use crate::view::sample::*;

fn person(identity: Identity, role: Option<u64>) -> Person {
    Person { identity, name: "x".into(), roles: role.into_iter().collect() }
}

fn by(person: Person, input: Input) -> Click {
    Click {
        id: RequestKey::of(Front::Discord, 42),
        person,
        language: "ru".parse().ok(),
        channel: Some(12),
        input,
    }
}

fn component(id: &Action, value: Option<&str>) -> Input {
    Input::Component { id: id.to_string(), values: value.into_iter().map(str::to_owned).collect() }
}

fn step_of(snapshot: &Snapshot, click: &Click) -> Step {
    let catalog = catalog();
    let pages = Pages::new(&FRONT, snapshot, &catalog, NOW);
    let fetched = Fetched::default();
    Router { pages: &pages, catalog: &catalog, snapshot, fetched: &fetched }.step(click)
}

fn shown(step: Step) -> String {
    let Step::Show(answer) = step else { panic!("{step:?}") };
    assert!(FRONT.answer_problems(&answer).is_empty());
    answer.plain()
}

#[test]
fn a_purchase_walks_from_plan_to_method_to_an_intent() {
    let empty = Snapshot::default();
    let alice = person(ALICE_THERE, None);
    let pick = step_of(&empty, &by(alice.clone(), component(&Action::Buy, None)));
    assert!(shown(pick).contains("basic-30"));
    let pick = step_of(&empty, &by(alice.clone(), component(&Action::PickPlan, Some("basic-30"))));
    assert!(shown(pick).contains("vodafone-cash"));
    let plan: PlanId = "basic-30".parse().unwrap();
    let method = component(&Action::PickMethod(plan.clone()), Some("vodafone-cash"));
    assert_eq!(
        step_of(&empty, &by(alice.clone(), method)),
        Step::Submit(Intent::Place(Placement {
            customer: alice,
            language: "ru".parse().ok(),
            target: Target::New,
            plan,
            method: "vodafone-cash".parse().unwrap(),
            interaction: RequestKey::of(Front::Discord, 42),
        }))
    );
}

#[test]
fn a_trial_is_asked_for_by_whoever_clicks_and_under_that_click() {
    let (empty, alice) = (Snapshot::default(), person(ALICE_THERE, None));
    let plan: PlanId = "basic-30".parse().unwrap();
    let take = component(&Action::TakeTrial(plan.clone()), None);
    assert_eq!(
        step_of(&empty, &by(alice.clone(), take)),
        Step::Submit(Intent::Try(TrialRequest {
            customer: alice,
            language: "ru".parse().ok(),
            plan,
            interaction: RequestKey::of(Front::Discord, 42),
        }))
    );
}

#[test]
fn whoever_is_not_let_in_is_told_at_the_first_click_and_keeps_what_they_have() {
    let snapshot = snapshot([served_account(1, true), put(order(1, Target::New, "vodafone-cash"))]);
    let mut catalog = catalog();
    catalog.shop.limits.block = [ALICE_THERE].into();
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let fetched = Fetched::default();
    let router =
        Router { pages: &pages, catalog: &catalog, snapshot: &snapshot, fetched: &fetched };
    let refused = pages.refused(Rejection::NotAdmitted).plain();
    let plan: PlanId = "basic-30".parse().unwrap();
    let is_refused = |action: &Action, value| {
        let step = router.step(&by(person(ALICE_THERE, None), component(action, value)));
        matches!(&step, Step::Show(answer) if answer.plain() == refused)
    };
    assert!(is_refused(&Action::Buy, None));
    assert!(is_refused(&Action::PickPlan, Some("basic-30")));
    assert!(is_refused(&Action::Methods(plan.clone(), 0), None));
    assert!(is_refused(&Action::Renew(account_id(1)), None));
    assert!(is_refused(&Action::Redeem(account_id(1)), None));
    // The decision refuses these, and knows a redelivery.
    for (asks, value) in
        [(Action::PickMethod(plan.clone()), Some("vodafone-cash")), (Action::TakeTrial(plan), None)]
    {
        let step = router.step(&by(person(ALICE_THERE, None), component(&asks, value)));
        assert!(matches!(step, Step::Submit(_)), "{step:?}");
    }
    for kept in [Action::MyAccounts, Action::MyAccount(account_id(1)), Action::Cancel(order_id(1))]
    {
        assert!(!is_refused(&kept, None), "{kept:?}");
    }
}

#[test]
fn a_second_purchase_leads_back_to_the_open_order() {
    let mut edits = put(order(1, Target::New, "vodafone-cash"));
    edits.put(crate::model::UnpaidOrder { customer: ALICE, order: order_id(1) });
    let snapshot = snapshot([edits]);
    let step = step_of(&snapshot, &by(person(ALICE_THERE, None), component(&Action::Buy, None)));
    let page = shown(step);
    assert!(page.contains("You have an open order") && page.contains("[Cancel order]"), "{page}");
}

#[test]
fn only_staff_get_the_dialogs_and_the_lists() {
    let snapshot = snapshot([put(order(1, Target::New, "vodafone-cash"))]);
    let admin = |sub: &str| Input::Command {
        name: "admin".into(),
        sub: sub.into(),
        options: BTreeMap::new(),
    };
    let clicks = [
        (component(&Action::Approve(order_id(1)), None), false),
        (component(&Action::Decline(order_id(1)), None), false),
        (component(&Action::ApproveReference(order_id(1)), None), false),
        (admin("pending"), true),
        (admin("account show"), true),
    ];
    for (data, support_may) in clicks {
        let refused = |role| {
            let page = shown(step_of(&snapshot, &by(person(OMAR_THERE, role), data.clone())));
            page.contains("Only staff can do that") || page.contains("Only admins and owners")
        };
        assert!(refused(None) && refused(Some(7)), "{data:?}");
        assert!(!refused(Some(ADMIN_ROLE)), "{data:?}");
        assert_eq!(refused(Some(SUPPORT_ROLE)), !support_may, "{data:?}");
    }
}

#[test]
fn the_dialog_brings_a_reason_trimmed_and_never_empty() {
    let empty = Snapshot::default();
    let omar = person(OMAR_THERE, Some(ADMIN_ROLE));
    let modal = |action: Action, key: &str, text: &str| Input::Modal {
        id: action.to_string(),
        fields: BTreeMap::from([(key.to_owned(), text.to_owned())]),
    };
    let decline = modal(Action::DeclineReason(order_id(1)), FIELD_REASON, "  no  ");
    assert_eq!(
        step_of(&empty, &by(omar.clone(), decline)),
        Step::Submit(Intent::Decline {
            order: order_id(1),
            staff: omar.clone().into(),
            reason: "no".into()
        })
    );
    let blank = modal(Action::DeclineReason(order_id(1)), FIELD_REASON, "   ");
    assert!(shown(step_of(&empty, &by(omar, blank))).contains("A reason is needed"));
}

#[test]
fn a_proof_goes_to_the_order_that_is_typed_or_whose_thread_it_is() {
    let surface = crate::model::Surface {
        channel: Some(77),
        ..crate::model::Surface::new(crate::model::SurfaceKey::OrderThread(order_id(5)))
    };
    let mine = |n| put(order(n, Target::New, "vodafone-cash"));
    let snapshot = snapshot([put(surface), mine(5), mine(6)]);
    let pay_as = |who: Identity, typed: Option<&str>, channel| {
        let options = typed.map(|t| ("order".to_owned(), t.to_owned())).into_iter().collect();
        let data = Input::Command { name: "pay".into(), sub: String::new(), options };
        step_of(&snapshot, &Click { channel: Some(channel), ..by(person(who, None), data) })
    };
    let pay = |typed, channel| pay_as(ALICE_THERE, typed, channel);
    assert_eq!(pay(None, 77), Step::TakeProof(Some(order_id(5))));
    assert_eq!(pay(None, 78), Step::TakeProof(None));
    let upper = order_id(6).to_string().to_ascii_uppercase();
    assert_eq!(pay(Some(&upper), 77), Step::TakeProof(Some(order_id(6))));
    // By its reference, as it is read out, and only by whose it is.
    for typed in ["NL-000006", "nl-oooo06", "000006"] {
        assert_eq!(pay(Some(typed), 77), Step::TakeProof(Some(order_id(6))), "{typed}");
        assert!(shown(pay_as(OMAR_THERE, Some(typed), 78)).contains("not yours"), "{typed}");
    }
    // One that memory does not know by its reference is looked for, and then is theirs or is not.
    assert_eq!(pay(Some("NL-000007"), 77), Step::FindOrder("NL-000007".parse().unwrap()));
    let found = |who, id| {
        let catalog = catalog();
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        Router {
            pages: &pages,
            catalog: &catalog,
            snapshot: &snapshot,
            fetched: &Fetched::default(),
        }
        .pay_for_found(who, id)
    };
    assert!(shown(found(ALICE_THERE, None)).contains("not yours"));
    assert!(shown(found(OMAR_THERE, Some(order_id(6)))).contains("not yours"));
    assert_eq!(found(ALICE_THERE, Some(order_id(6))), Step::TakeProof(Some(order_id(6))));
    // On a keyboard with other digits, and copied out of a text with marks of direction.
    let arabic = |digits: [char; 10]| -> String {
        let plain = order_id(6).to_string();
        let other = |c: char| c.to_digit(10).map_or(c, |d| digits[d as usize]);
        format!("\u{2068}{}\u{2069}", plain.chars().map(other).collect::<String>())
    };
    for digits in ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"] {
        let digits: Vec<char> = digits.chars().collect();
        let typed = arabic(digits.try_into().unwrap());
        assert_eq!(pay_as(ALICE_THERE, Some(&typed), 77), Step::TakeProof(Some(order_id(6))));
    }
    assert!(shown(pay(Some("nonsense"), 77)).contains("not an order number"));
    // Nothing is fetched for a stranger.
    assert!(shown(pay_as(OMAR_THERE, None, 78)).contains("no order that waits"));
    assert!(shown(pay_as(OMAR_THERE, Some(&upper), 78)).contains("not yours"));
    assert!(shown(pay_as(OMAR_THERE, None, 77)).contains("not yours"));
}

#[test]
fn the_pictures_of_a_message_are_a_proof_of_who_wrote_it_for_the_order_of_its_thread() {
    let surface = crate::model::Surface {
        channel: Some(77),
        ..crate::model::Surface::new(crate::model::SurfaceKey::OrderThread(order_id(5)))
    };
    let mine = |n| put(order(n, Target::New, "vodafone-cash"));
    let snapshot = snapshot([put(surface), mine(5), mine(6)]);
    let used = |author, channel, in_thread| {
        let used = by(person(ALICE_THERE, None), Input::UseAsProof { author, in_thread });
        step_of(&snapshot, &Click { channel: Some(channel), ..used })
    };
    assert_eq!(used(ALICE_THERE, 77, true), Step::TakeProof(Some(order_id(5))));
    assert_eq!(used(ALICE_THERE, 78, false), Step::TakeProof(None));
    // The thread of an order long settled: not for whichever order is the newest.
    assert!(shown(used(ALICE_THERE, 78, true)).contains("`/pay order:`"));
    for channel in [77, 78] {
        assert!(shown(used(OMAR_THERE, channel, true)).contains("somebody else's"));
    }
    let author = OMAR_THERE;
    let theirs = by(person(OMAR_THERE, None), Input::UseAsProof { author, in_thread: true });
    let theirs = Click { channel: Some(77), ..theirs };
    assert!(shown(step_of(&snapshot, &theirs)).contains("not yours"));
}

#[test]
fn nothing_is_fetched_for_an_order_that_takes_no_proof_more() {
    let mut full = order(5, Target::New, "vodafone-cash");
    full.evidence = (1..=8).map(evidence).collect();
    let mut declined = order(6, Target::New, "vodafone-cash");
    let verdict = crate::model::Verdict::Declined { reason: "no".into() };
    declined.decision =
        Some(crate::model::Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict });
    let pay = |snapshot: &Snapshot, typed: Option<u128>| {
        let options = typed.map(|n| ("order".to_owned(), order_id(n).to_string()));
        let data = Input::Command {
            name: "pay".into(),
            sub: String::new(),
            options: options.into_iter().collect(),
        };
        step_of(snapshot, &by(person(ALICE_THERE, None), data))
    };
    let both = snapshot([put(full.clone()), put(declined)]);
    for typed in [Some(5), Some(6), None] {
        assert!(matches!(pay(&both, typed), Step::Show(_)), "{typed:?}");
    }
    let third = snapshot([put(full), put(order(7, Target::New, "vodafone-cash"))]);
    assert_eq!(pay(&third, None), Step::TakeProof(None));
}

#[test]
fn who_pays_for_an_order_of_theirs_that_is_decided_reads_what_became_of_it() {
    let decided = |n, verdict| {
        let decision = crate::model::Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict };
        crate::model::Order { decision: Some(decision), ..order(n, Target::New, "vodafone-cash") }
    };
    let declined = decided(6, crate::model::Verdict::Declined { reason: "too little".into() });
    let verdict = crate::model::Verdict::Approved { reference: None, account: account_id(1) };
    let old = crate::model::Order { archived: true, ..decided(8, verdict) };
    let snapshot = snapshot([served_account(1, true), put(declined), put(old)]);
    let catalog = catalog();
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let fetched = Fetched::default();
    let router =
        Router { pages: &pages, catalog: &catalog, snapshot: &snapshot, fetched: &fetched };
    let said = |n| shown(router.pay_for_found(ALICE_THERE, Some(order_id(n))));
    assert!(said(6).contains("is declined") && said(6).contains("too little"), "{}", said(6));
    assert!(said(1_001).contains("is approved") && said(1_001).contains("[Show my link]"));
    // Of one of long ago memory knows that much.
    assert!(said(8).contains("`NL-000008` (Basic) is approved"), "{}", said(8));
    for n in [6, 1_001, 8] {
        let strangers = shown(router.pay_for_found(OMAR_THERE, Some(order_id(n))));
        assert!(strangers.contains("not yours"), "{strangers}");
    }
}

#[test]
fn a_forged_or_outdated_click_is_answered_politely() {
    let empty = Snapshot::default();
    for id in ["", "v0.buy", "v1.method", "v1.plan", "v1.buy.x", "v1.approve.zzz"] {
        let data = Input::Component { id: id.into(), values: Vec::new() };
        let page = shown(step_of(&empty, &by(person(ALICE_THERE, None), data)));
        assert!(page.contains("older message"), "{id}: {page}");
    }
}

#[test]
fn a_link_that_the_dm_could_not_bring_is_written_down_when_it_is_shown() {
    let account = account_id(1);
    let served = snapshot([served_account(1, true)]);
    let fingerprint = delivery_fingerprint(&served, &catalog(), account).unwrap();
    let with = |state| {
        let delivery = Delivery::after(None, account, fingerprint.clone(), state, NOW);
        snapshot([served_account(1, true), put(delivery)])
    };
    let press = |snapshot: &Snapshot, who| {
        step_of(snapshot, &by(person(who, None), component(&Action::ShowLink(account), None)))
    };
    let closed = with(DeliveryState::Undelivered("dm_closed".into()));
    let Step::Submit(Intent::LinkShown { fingerprint: told, .. }) = press(&closed, ALICE_THERE)
    else {
        panic!("not written down")
    };
    assert_eq!(told, fingerprint);
    for quiet in [served.clone(), with(DeliveryState::Delivered), with(DeliveryState::Shown)] {
        assert!(matches!(press(&quiet, ALICE_THERE), Step::Show(_)));
    }
    assert!(matches!(press(&closed, OMAR_THERE), Step::Show(_)), "somebody else's is refused");
}

#[test]
fn a_link_is_replaced_only_after_a_question_of_the_last_five_minutes() {
    let snapshot = snapshot([served_account(1, true)]);
    let (account, alice) = (account_id(1), person(ALICE_THERE, None));
    let press =
        |who: &Person, action| step_of(&snapshot, &by(who.clone(), component(&action, None)));
    let question = shown(press(&alice, Action::ReplaceLink(account)));
    assert!(question.contains("stops working") && question.contains("[Replace it]"), "{question}");
    let now = NOW.0 / 1_000;
    assert_eq!(
        press(&alice, Action::ConfirmReplaceLink(account, 1, now - 299)),
        Step::Submit(Intent::ReplaceLink { account, by: alice.clone(), version: 1 })
    );
    for forged in [now - 300, now + 1, 0, u64::MAX] {
        let late = shown(press(&alice, Action::ConfirmReplaceLink(account, 1, forged)));
        assert!(late.contains("five minutes old") && late.contains("[Replace my link]"), "{late}");
    }
    let omar = person(OMAR_THERE, None);
    assert!(shown(press(&omar, Action::ReplaceLink(account))).contains("not yours"));
}

#[test]
fn a_customer_chooses_what_they_hear_of_and_a_language_of_the_shop() {
    let snapshot = snapshot([served_account(1, true)]);
    let alice = person(ALICE_THERE, None);
    let press = |action, value| step_of(&snapshot, &by(alice.clone(), component(&action, value)));
    let chosen = |choice| Step::Submit(Intent::Choose { by: alice.clone(), choice });
    for topic in crate::model::NoticeTopic::ALL {
        for on in [true, false] {
            let step = press(Action::SetNotices(topic, on), None);
            assert_eq!(step, chosen(Choice::Notices(topic, on)));
        }
    }
    let pick = |value| press(Action::PickLanguage, Some(value));
    assert_eq!(pick("en"), chosen(Choice::Language("en".parse().ok())));
    assert_eq!(pick("-"), chosen(Choice::Language(None)));
    assert!(shown(pick("xx")).contains("older message"));
    let nobody =
        |action| step_of(&snapshot, &by(person(OMAR_THERE, None), component(&action, None)));
    assert!(shown(nobody(Action::Notices)).contains("not yours"));
    assert!(shown(nobody(Action::Languages)).contains("not yours"));
}
