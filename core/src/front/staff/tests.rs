use super::super::{Fetched, Input, RIGHTS, Wanted};
use super::*;
use crate::intent::Person;
use crate::model::{Edits, Front, Reason, ReasonCode, RequestKey, Snapshot, Target, UnixMs};
use crate::view::sample::*;
use crate::view::{Action, Pages};

const OWNER_ROLE: u64 = 9_000;

fn roles() -> crate::catalog::Catalog {
    let mut catalog = catalog();
    catalog.shop.roles.owner = [OWNER_ROLE].into();
    catalog.written.plans.insert("basic-30".parse().unwrap(), 7);
    catalog
}

fn click(by: Identity, role: Option<u64>, input: Input) -> Click {
    Click {
        id: RequestKey::of(Front::Discord, 42),
        person: Person { identity: by, name: "x".into(), roles: role.into_iter().collect() },
        language: None,
        channel: Some(12),
        input,
    }
}

fn command(sub: &str, options: &[(&str, &str)]) -> Input {
    let options = options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Input::Command { name: "admin".into(), sub: sub.into(), options }
}

/// Alice with an account, an unpaid order and one that is approved.
fn shop() -> Snapshot {
    snapshot([served_account(1, true), put(order(1, Target::New, "vodafone-cash"))])
}

fn step_at(snapshot: &Snapshot, click: &Click, fetched: &Fetched, now: UnixMs) -> Step {
    let catalog = roles();
    let pages = Pages::new(&FRONT, snapshot, &catalog, now);
    Router { pages: &pages, catalog: &catalog, snapshot, fetched }.step(click)
}

fn step(click: &Click) -> Step {
    step_at(&shop(), click, &Fetched { audit: Some(full_page()), ..Fetched::default() }, NOW)
}

/// A full page of the audit, and more.
fn full_page() -> AuditPage {
    let mut page = AuditPage::default();
    page.take((0..30).map(audit_line), false);
    page
}

fn page(step: Step) -> (Answer, String) {
    let Step::Show(answer) = step else { panic!("{step:?}") };
    assert_eq!(FRONT.answer_problems(&answer), Vec::<String>::new());
    let text = answer.plain();
    (answer, text)
}

fn said(step: Step) -> String {
    page(step).1
}

/// Options with which each command leads somewhere.
fn options_of(command: &str) -> Vec<(&'static str, String)> {
    let (account, order) = (account_id(1).to_string(), order_id(1).to_string());
    let approved = order_id(1_001).to_string();
    match command {
        "order reverse" => vec![("order", approved)],
        _ if command.starts_with("order") => vec![("order", order)],
        "account grant" => {
            vec![("account", account), ("days", "3".into()), ("reason", "sorry".into())]
        }
        "account move" => vec![("account", account), ("server", "fra-1".into())],
        _ if command.starts_with("account") => vec![("account", account), ("reason", "x".into())],
        "user find" => vec![("name", "al".into())],
        "user note" => vec![("customer", ALICE.to_string()), ("note", "pays late".into())],
        "user forget" | "user show" => vec![("customer", ALICE.to_string())],
        "plan show" => vec![("plan", "basic-30".into())],
        "server show" => vec![("server", "fra-1".into())],
        _ => Vec::new(),
    }
}

fn entered(by: Identity, role: Option<u64>, of: &str) -> Click {
    let options = options_of(of);
    let options: Vec<(&str, &str)> = options.iter().map(|(k, v)| (*k, v.as_str())).collect();
    click(by, role, command(of, &options))
}

#[test]
fn each_role_may_what_the_table_says_and_each_refusal_says_who_may() {
    // role × command → may or may not: the whole of it, as people agreed on it.
    let looks = [
        "pending",
        "order show",
        "account show",
        "user find",
        "user show",
        "user note",
        "plan list",
        "plan show",
        "server list",
        "server show",
        "health",
        "stats",
        "audit",
    ];
    let decides = [
        "order approve",
        "order decline",
        "order cancel",
        "order reverse",
        "account suspend",
        "account resume",
        "account grant",
        "account rotate",
        "account move",
        "setup",
        "export",
        "broadcast",
    ];
    let owns = ["user forget"];
    let expected = |command: &str, role: u64| match role {
        OWNER_ROLE if owns.contains(&command) => true,
        OWNER_ROLE | ADMIN_ROLE => looks.contains(&command) || decides.contains(&command),
        SUPPORT_ROLE => looks.contains(&command),
        _ => false,
    };
    assert_eq!(RIGHTS.len(), looks.len() + decides.len() + owns.len());
    for right in RIGHTS {
        for role in [OWNER_ROLE, ADMIN_ROLE, SUPPORT_ROLE, 7] {
            let step = step(&entered(OMAR_THERE, Some(role), right.command));
            let text = match &step {
                Step::Show(answer) => answer.plain(),
                other => format!("{other:?}"),
            };
            let refused = text.contains("Only owners") || text.contains("Only staff");
            assert_eq!(!refused, expected(right.command, role), "{} {role}: {text}", right.command);
            if refused && owns.contains(&right.command) && role != 7 {
                assert!(text.contains("Only owners may do that"), "{text}");
            } else if refused && role == SUPPORT_ROLE {
                assert!(text.contains("Only owners and admins may do that"), "{text}");
            } else if refused {
                assert!(text.contains("Only staff can do that"), "{text}");
            }
        }
    }
}

#[test]
fn whom_an_owner_forgets_is_asked_once_and_never_told_by_the_beginning_of_a_name() {
    let asks = |typed: &str| {
        let entered = command("user forget", &[("customer", typed)]);
        said(step(&click(OMAR_THERE, Some(OWNER_ROLE), entered)))
    };
    let (by_id, by_name) = (asks(&ALICE.to_string()), asks("alice"));
    // An order of hers is open: what would have to be done is said instead of asked.
    assert!(by_id.contains("is open. Cancel or decide it"), "{by_id}");
    assert!(!by_name.contains("is open.") && by_name.contains("alice"), "{by_name}");
    let question = Question::new(AskedOnce::Forget(ALICE), OMAR_THERE, NOW);
    let press = |by, role| {
        let id = Action::Sure(question.clone()).to_string();
        step(&click(by, Some(role), Input::Component { id, values: Vec::new() }))
    };
    let staff = click(OMAR_THERE, Some(OWNER_ROLE), command("", &[])).person.into();
    let wanted = Intent::Forget(ForgetRequest { customer: ALICE, staff });
    assert_eq!(press(OMAR_THERE, OWNER_ROLE), Step::Decide(wanted));
    for (by, role) in [(OMAR_THERE, ADMIN_ROLE), (ALICE_THERE, OWNER_ROLE)] {
        assert!(matches!(press(by, role), Step::Show(_)), "{by} {role}");
    }
}

#[test]
fn what_destroys_is_asked_once_and_done_with_a_reason() {
    let (account, order) = (account_id(1), order_id(1_001));
    let staff = || Staff::from(click(OMAR_THERE, Some(ADMIN_ROLE), command("", &[])).person);
    let of = || OfAccount { account, reason: "abuse".into(), staff: staff() };
    let done = [
        ("order reverse", Intent::Reverse { order, staff: staff(), reason: "abuse".into() }),
        ("account suspend", Intent::Suspend(of())),
        ("account rotate", Intent::Rotate { of: of(), version: 1 }),
        ("account move", Intent::Move { of: of(), to: "fra-1".parse().unwrap() }),
    ];
    for (command, intent) in done {
        let (question, text) = page(step(&entered(OMAR_THERE, Some(ADMIN_ROLE), command)));
        assert!(text.contains("within five minutes"), "{text}");
        let id = button_of(&question);
        let pressed = Input::Component { id: id.clone(), values: Vec::new() };
        let (modal, _) = page(step(&click(OMAR_THERE, Some(ADMIN_ROLE), pressed)));
        let Answer::Modal(modal) = modal else { panic!("{modal:?}") };
        let typed = |text: &str| Input::Modal {
            id: modal.id.clone(),
            fields: BTreeMap::from([(FIELD_REASON.to_owned(), text.to_owned())]),
        };
        let sent = step(&click(OMAR_THERE, Some(ADMIN_ROLE), typed(" abuse ")));
        assert_eq!(sent, Step::Decide(intent));
        let empty = step(&click(OMAR_THERE, Some(ADMIN_ROLE), typed("  ")));
        assert!(said(empty).contains("A reason is needed"));
    }
    let (question, _) = page(step(&entered(OMAR_THERE, Some(ADMIN_ROLE), "order cancel")));
    let pressed = Input::Component { id: button_of(&question), values: Vec::new() };
    let cancel = Intent::Cancel { order: order_id(1), by: staff() };
    assert_eq!(step(&click(OMAR_THERE, Some(ADMIN_ROLE), pressed)), Step::Decide(cancel));
}

fn button_of(answer: &Answer) -> String {
    let Answer::Private(page) = answer else { panic!("{answer:?}") };
    let ids = page.blocks.iter().find_map(|block| match block {
        crate::view::Block::Buttons(all) => all.first().map(|button| button.id.clone()),
        _ => None,
    });
    ids.unwrap()
}

#[test]
fn an_answer_is_of_who_was_asked_counts_for_five_minutes_and_needs_the_right() {
    let (question, _) = page(step(&entered(OMAR_THERE, Some(ADMIN_ROLE), "account suspend")));
    let pressed = || Input::Component { id: button_of(&question), values: Vec::new() };
    let other = step(&click(Identity::Discord(303), Some(ADMIN_ROLE), pressed()));
    assert!(said(other).contains("Somebody else was asked"));
    let demoted = step(&click(OMAR_THERE, Some(SUPPORT_ROLE), pressed()));
    assert!(said(demoted).contains("Only owners and admins"));
    let customer = step(&click(ALICE_THERE, None, pressed()));
    assert!(said(customer).contains("Only staff can do that"));
    let late = NOW + DurationMs(5 * crate::model::MINUTE_MS);
    let late = step_at(
        &shop(),
        &click(OMAR_THERE, Some(ADMIN_ROLE), pressed()),
        &Fetched::default(),
        late,
    );
    assert!(said(late).contains("more than five minutes ago"));
    let unknown = Input::Component { id: "v1.sure.burn.x.y".into(), values: Vec::new() };
    assert!(said(step(&click(OMAR_THERE, Some(ADMIN_ROLE), unknown))).contains("older message"));
}

#[test]
fn an_approval_is_of_who_was_asked_counts_for_five_minutes_and_at_what_was_due() {
    let paid = Order { evidence: vec![evidence(1)], ..order(1, Target::New, "vodafone-cash") };
    let mut reduced = paid.clone();
    reduced.method.price.minor -= 1;
    let (shop, reduced) = (snapshot([put(paid)]), snapshot([put(reduced)]));
    let at = |shop: &Snapshot, by: Identity, input: Input, now: UnixMs| {
        step_at(shop, &click(by, Some(ADMIN_ROLE), input), &Fetched::default(), now)
    };
    let of_card =
        Input::Component { id: Action::Approve(order_id(1)).to_string(), values: Vec::new() };
    for asked in [of_card, command("order approve", &[("order", &order_id(1).to_string())])] {
        let (question, _) = page(at(&shop, OMAR_THERE, asked, NOW));
        let id = button_of(&question);
        let yes = || Input::Component { id: id.clone(), values: Vec::new() };
        let number = || Input::Modal {
            id: id.clone(),
            fields: BTreeMap::from([(FIELD_REFERENCE.to_owned(), " TX9 ".to_owned())]),
        };
        let staff = || Staff::from(click(OMAR_THERE, Some(ADMIN_ROLE), yes()).person);
        for (input, reference) in [(yes(), None), (number(), Some("TX9".to_owned()))] {
            let (order, staff) = (order_id(1), staff());
            let approve = Step::Submit(Intent::Approve { order, staff, reference });
            assert_eq!(at(&shop, OMAR_THERE, input, NOW), approve);
        }
        let other = at(&shop, Identity::Discord(303), yes(), NOW);
        assert!(said(other).contains("Somebody else was asked"));
        let later = NOW + DurationMs(5 * crate::model::MINUTE_MS);
        for (shop, now, why) in
            [(&shop, later, "more than five minutes ago"), (&reduced, NOW, "is 99.99 EGP now")]
        {
            let (pressed, text) = page(at(shop, OMAR_THERE, yes(), now));
            assert!(matches!(pressed, Answer::Replace(_)) && text.contains(why), "{text}");
            // The dialog may have been opened from the card, which stays as it is.
            let (typed, text) = page(at(shop, OMAR_THERE, number(), now));
            assert!(matches!(typed, Answer::Private(_)) && text.contains(why), "{text}");
        }
    }
}

#[test]
fn a_grant_is_the_same_however_often_its_command_is_delivered() {
    let once = step(&entered(OMAR_THERE, Some(ADMIN_ROLE), "account grant"));
    let Step::Decide(Intent::Grant(grant)) = &once else { panic!("{once:?}") };
    assert_eq!((grant.length, grant.traffic), (DurationMs(3 * DAY_MS), None));
    assert_eq!(step(&entered(OMAR_THERE, Some(ADMIN_ROLE), "account grant")), once);
    let another = Click {
        id: RequestKey::of(Front::Discord, 43),
        ..entered(OMAR_THERE, Some(ADMIN_ROLE), "account grant")
    };
    assert_ne!(step(&another), once);
    let (account, reason) = (account_id(1).to_string(), "sorry");
    for (days, traffic, fits) in [
        ("0", "10GiB", true),
        ("", "unlimited", true),
        ("36500", "", true),
        ("36501", "", false),
        ("-1", "", false),
        ("3", "ten", false),
    ] {
        let options = [
            ("account", account.as_str()),
            ("reason", reason),
            ("days", days),
            ("traffic", traffic),
        ];
        let step = step(&click(OMAR_THERE, Some(ADMIN_ROLE), command("account grant", &options)));
        assert_eq!(matches!(step, Step::Decide(_)), fits, "{days} {traffic} {step:?}");
    }
}

#[test]
fn an_order_is_meant_by_its_reference_and_read_from_the_store_where_it_is_archived() {
    let reference = order_id(1).reference();
    let asked = click(
        OMAR_THERE,
        Some(SUPPORT_ROLE),
        command("order show", &[("order", &reference.to_string().to_lowercase())]),
    );
    let (catalog, shop) = (roles(), shop());
    let pages = Pages::new(&FRONT, &shop, &catalog, NOW);
    let wants = |click: &Click, fetched: &Fetched| {
        Router { pages: &pages, catalog: &catalog, snapshot: &shop, fetched }.wants(click)
    };
    let nothing = Fetched::default();
    assert_eq!(wants(&asked, &nothing), Some(Wanted::References(reference, reference)));
    let found = Fetched { orders: Some(vec![order_id(1)]), ..Fetched::default() };
    assert_eq!(wants(&asked, &found), None);
    let shown = said(step_at(&shop, &asked, &found, NOW));
    assert!(shown.contains("waiting for payment") && shown.contains("Pay by"), "{shown}");
    let none = Fetched { orders: Some(Vec::new()), ..Fetched::default() };
    assert!(said(step_at(&shop, &asked, &none, NOW)).contains("no such order"));
    // An old one is nowhere but in the store.
    let old = Fetched {
        orders: Some(vec![order_id(9)]),
        order: Some(Some(order(9, Target::New, "bank"))),
        ..Fetched::default()
    };
    assert!(said(step_at(&shop, &asked, &old, NOW)).contains("Order"));
    let customer = Click { person: click(ALICE_THERE, None, command("", &[])).person, ..asked };
    assert_eq!(wants(&customer, &nothing), None);
}

#[test]
fn an_order_that_was_picked_is_looked_for_nowhere_and_only_an_archived_one_is_read() {
    let archived = Order { archived: true, ..order(8, Target::New, "bank") };
    let shop = snapshot([put(order(1, Target::New, "vodafone-cash")), put(archived)]);
    let catalog = roles();
    let pages = Pages::new(&FRONT, &shop, &catalog, NOW);
    let fetched = Fetched::default();
    let router = Router { pages: &pages, catalog: &catalog, snapshot: &shop, fetched: &fetched };
    let picked = |n: u128| {
        let id = pages.order_choice(order_id(n)).unwrap().value;
        click(OMAR_THERE, Some(ADMIN_ROLE), command("order decline", &[("order", &id)]))
    };
    assert_eq!(router.wants(&picked(1)), None);
    assert_eq!(router.wants(&picked(8)), Some(Wanted::Order(order_id(8))));
    let (modal, _) = page(router.step(&picked(1)));
    assert!(matches!(modal, Answer::Modal(_)), "{modal:?}");
    // The dialog that the button opens shows nothing of the order, and cannot wait.
    for of in [AskedOnce::Reverse(order_id(8)), AskedOnce::Cancel(order_id(8))] {
        let id = Action::Sure(Question::new(of, OMAR_THERE, NOW)).to_string();
        let pressed = Input::Component { id, values: Vec::new() };
        assert_eq!(router.wants(&click(OMAR_THERE, Some(ADMIN_ROLE), pressed)), None);
    }
}

#[test]
fn what_is_no_number_of_an_order_is_refused_in_staffs_words() {
    let asked = command("order show", &[("order", "alice")]);
    let text = said(step(&click(OMAR_THERE, Some(SUPPORT_ROLE), asked)));
    assert!(text.contains("`alice`") && !text.contains("thread"), "{text}");
}

#[test]
fn an_account_is_shown_by_its_id_however_much_of_it_was_typed_or_as_a_customers_newest() {
    let shown = |options: &[(&str, &str)]| {
        let asked = command("account show", options);
        said(step(&click(OMAR_THERE, Some(SUPPORT_ROLE), asked)))
    };
    let id = account_id(1).to_string();
    for typed in [&id, &id[..20], &id.to_uppercase()] {
        assert!(shown(&[("account", typed)]).contains(&id), "{typed}");
    }
    assert!(shown(&[("customer", "101")]).contains(&id));
    for (nothing, text) in [("zzzz", "not an account number"), (&id[..3], "not an account number")]
    {
        assert!(shown(&[("account", nothing)]).contains(text), "{nothing}");
    }
    let unknown = account_id(99).to_string();
    assert!(shown(&[("account", &unknown)]).contains("There is no account of"));
}

#[test]
fn plans_and_servers_say_where_they_are_written_and_lists_are_paged() {
    let plan = said(step(&entered(OMAR_THERE, Some(SUPPORT_ROLE), "plan show")));
    assert!(plan.contains("plans.yaml:7") && plan.contains("`fra-1` 1/10"), "{plan}");
    let server = said(step(&entered(OMAR_THERE, Some(SUPPORT_ROLE), "server show")));
    assert!(server.contains("servers.yaml") && server.contains("fra1.vpn.example.net"), "{server}");
    let audit = said(step(&entered(OMAR_THERE, Some(SUPPORT_ROLE), "audit")));
    assert!(audit.contains("**suspend**") && audit.contains("[Next ▶]"), "{audit}");
    let tenth = Action::AuditBefore(audit_line(9).id);
    let id = tenth.to_string();
    assert_eq!(id.parse(), Ok(tenth));
    let older =
        click(OMAR_THERE, Some(SUPPORT_ROLE), Input::Component { id: id.clone(), values: vec![] });
    let (catalog, shop) = (roles(), shop());
    let pages = Pages::new(&FRONT, &shop, &catalog, NOW);
    let fetched = Fetched::default();
    let router = Router { pages: &pages, catalog: &catalog, snapshot: &shop, fetched: &fetched };
    assert_eq!(router.wants(&older), Some(Wanted::Audit(Some(audit_line(9).id))));
    let next =
        step_at(&shop, &older, &Fetched { audit: Some(full_page()), ..Fetched::default() }, NOW);
    assert!(page(next).1.contains("[Next ▶]"));
    // Nothing but what was begun, so far: there may be more, and it is not said that there is none.
    let begun = AuditPage::before(Some(audit_line(3).id));
    let next = step_at(&shop, &older, &Fetched { audit: Some(begun), ..Fetched::default() }, NOW);
    let (next, text) = page(next);
    assert!(text.contains("[Next ▶]") && !text.contains("Nothing"), "{text}");
    let Answer::Replace(next) = next else { panic!("{next:?}") };
    assert_eq!(
        button_of(&Answer::Private(next)),
        Action::AuditBefore(audit_line(3).id).to_string()
    );
    let outsider = click(ALICE_THERE, None, Input::Component { id, values: vec![] });
    assert_eq!(router.wants(&outsider), None);
    assert!(said(step(&outsider)).contains("Only staff"));
}

#[test]
fn health_says_what_is_wrong_and_what_to_do_within_what_discord_takes() {
    let reason = |_| Reason {
        code: ReasonCode::DiskNearlyFull,
        since: None,
        detail: "w".repeat(900),
        remedy: "r".repeat(900),
    };
    let reasons = Some((0..30).map(reason).collect());
    let asked = entered(OMAR_THERE, Some(SUPPORT_ROLE), "health");
    let ill = step_at(&shop(), &asked, &Fetched { reasons, ..Fetched::default() }, NOW);
    assert!(said(ill).contains("disk"));
    assert!(said(step(&asked)).contains("Everything is as it should be"));
}

#[test]
fn a_customer_is_meant_by_id_mention_or_name_and_several_are_shown_to_pick_from() {
    let mut edits = Edits::new();
    for (n, name) in [(7_u128, "Zoe Alba"), (8, "Zack"), (9, "Zac"), (11, "Tim"), (12, "Tim")] {
        let id: CustomerId = format!("01j00000000000000000000{n:03}").parse().unwrap();
        edits.put(crate::model::Customer {
            id,
            identities: [Identity::Discord(u64::try_from(n).unwrap())].into(),
            name: name.into(),
            language: None,
            created_at: NOW,
            own: None,
            note: None,
        });
    }
    let shop = snapshot([edits, served_account(1, true)]);
    let shown = |typed: &str| {
        let asked =
            click(OMAR_THERE, Some(SUPPORT_ROLE), command("user show", &[("customer", typed)]));
        said(step_at(&shop, &asked, &Fetched::default(), NOW))
    };
    for typed in ["<@101>", "101", "discord:101", "alice", &ALICE.to_string()] {
        assert!(shown(typed).contains("(alice"), "{typed}: {}", shown(typed));
    }
    assert!(shown("alice").contains(&account_id(1).to_string()));
    // A whole name before what only begins so.
    assert!(shown("zac").contains("discord:9") && shown("zoe").contains("discord:7"));
    for (typed, several) in
        [("al", ["Zoe Alba", "alice"]), ("z", ["Zack", "Zoe Alba"]), ("tim", ["000011", "000012"])]
    {
        let text = shown(typed);
        assert!(several.iter().all(|one| text.contains(one)), "{typed}: {text}");
    }
    for nobody in ["nobody", "", "999"] {
        assert!(shown(nobody).contains("no such customer"), "{nobody}: {}", shown(nobody));
    }
    let found = said(step(&entered(OMAR_THERE, Some(SUPPORT_ROLE), "user find")));
    assert!(found.contains(&ALICE.to_string()), "{found}");
}
