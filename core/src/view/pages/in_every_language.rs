//! Laws of every page in every language, with the longest words that `check` lets pass.

use super::tests::{in_every_state, posted_card};
use super::*;
use crate::catalog::{
    Faq, LONGEST_INSTRUCTIONS, PlanLifecycle, Referral, Requirement, Text, WRITTEN,
};
use crate::model::*;
use crate::view::sample::*;
use crate::view::{Answer, AskedOnce, AuditPage, Block, Modal, Platform, ProofProblem, Question};
use rejections::REJECTIONS;
use std::sync::Arc;

mod broadcasts;
mod noted;
mod rejections;
mod right_to_left;
mod set_up;
mod smaller;
mod tickets;

/// An operator's text in the default language and in another.
fn both(language: &str, words: &str) -> Text {
    Text([("en".to_owned(), "words".to_owned()), (language.to_owned(), words.to_owned())].into())
}

/// A shop whose operator wrote as much as `check` allows, in a reader's language; `mark` stands in each
/// of their words.
fn shop(language: &str, mark: &str) -> Catalog {
    let mut catalog = catalog();
    catalog.shop.languages = vec!["en".to_owned(), language.to_owned()];
    let long = format!("{}{mark}", "W".repeat(80 - mark.chars().count()));
    for n in 0..60 {
        let mut plan = plan(&format!("p-{n}"), "", PlanLifecycle::Active);
        plan.prices = vec![egp(u64::MAX), egp(u64::MAX - 1), egp(u64::MAX - 2)];
        (plan.devices, plan.duration) =
            (u32::MAX, DurationMs(9_999 * DAY_MS + 23 * HOUR_MS + 59 * MINUTE_MS));
        // One of them is free.
        plan.trial = n == 0;
        catalog.plans.push(plan);
        catalog.methods.push(method(&format!("m-{n}"), "", "EGP", Requirement::Optional));
    }
    catalog.plans.iter_mut().for_each(|plan| plan.name = both(language, &long));
    catalog.servers.values_mut().for_each(|server| server.name = both(language, &long));
    for n in 10..35 {
        let question = format!("{n}{}{mark}", "W".repeat(98 - mark.chars().count()));
        let answer = format!("{}{mark}", "x".repeat(3_000 - mark.chars().count()));
        let (question, answer) = (both(language, &question), both(language, &answer));
        catalog.shop.faq.push(Faq {
            question: Text(
                [("en".to_owned(), n.to_string())]
                    .into_iter()
                    .chain(question.0.into_iter().filter(|(l, _)| l == language))
                    .collect(),
            ),
            answer,
        });
    }
    let reward = DurationMs(9_999 * DAY_MS);
    catalog.shop.referral = Some(Referral { reward, limit: 1_000 });
    let filled = "{account} {amount} {reference}";
    let rest = LONGEST_INSTRUCTIONS - 202 - 30 - 28 - 2 - mark.chars().count();
    for method in &mut catalog.methods {
        method.name = both(language, &long);
        method.account = "9".repeat(200);
        method.instructions = both(language, &format!("{filled}{}{mark}", "x".repeat(rest)));
    }
    catalog
}

/// With days that a friend's order brought.
fn rewarded(snapshot: &Snapshot, order: OrderId) -> Snapshot {
    let term = snapshot.terms(account_id(1)).next().unwrap().clone();
    let source = TermSource::Referral(order);
    let term = Term { seq: 1, source, length: DurationMs(9_999 * DAY_MS), ..term };
    snapshot.after(&put(term), snapshot.revision() + 1)
}

/// The pages of an order as it stands, and all `others`.
fn pages_of(
    front: &FrontProfile,
    language: &str,
    mark: &str,
    (order, now): (Order, UnixMs),
    others: bool,
) -> Vec<(String, Answer)> {
    let catalog = shop(language, mark);
    let reader: Option<Language> = language.parse().ok();
    let long = Arc::new(catalog.plans[0].name.0.clone());
    let renamed = |mut order: Order| {
        order.method.price = egp(u64::MAX);
        let promo = "w".repeat(32).parse().unwrap();
        order.promo = Some(Box::new(OrderPromo { promo, full: egp(u64::MAX) }));
        Arc::make_mut(&mut order.plan).name = Arc::clone(&long);
        order
    };
    let id = order.id;
    let mut edits: Vec<Edits> = (1..40).map(|n| served_account(n, true)).collect();
    edits.push(put(noted::alice(reader)));
    edits.push(put(renamed(order.clone())));
    edits.extend([put(posted_card(id)), tickets::tickets(), broadcasts::broadcasts()]);
    edits.push(put(AccountStatus {
        account: account_id(1),
        conditions: ConditionKind::ALL
            .iter()
            .map(|k| Condition { kind: *k, reason: "why ".repeat(100), since: NOW })
            .collect(),
    }));
    for n in 100..150 {
        let mut order = renamed(self::order(n, Target::New, "vodafone-cash"));
        order.evidence = (1..9).map(evidence).collect();
        order.evidence[0].deleted_at = Some(NOW);
        edits.push(put(order));
    }
    let snapshot = rewarded(&snapshot(edits), id);
    let shops = Pages::new(front, &snapshot, &catalog, now);
    let pages = shops.for_reader(reader);
    let named = |(name, page): (&str, Option<Answer>)| {
        (format!("{language}: {name}, {:?}", shops.state(&order)), page.unwrap())
    };
    let of_the_order = [
        ("thread", shops.surface(SurfaceKey::OrderThread(id)).map(Answer::Private)),
        ("card", pages.review_card(id).map(Answer::Private)),
        ("a card of many", pages.review_card(order_id(100)).map(Answer::Private)),
        ("placed", Some(pages.order_placed(id))),
        ("already open", Some(pages.order_already_open(id))),
        ("confirm", Some(pages.confirm_approve(id, OMAR_THERE))),
        ("reduced", Some(pages.order_reduced(id))),
        ("invited", Some(pages.order_invited(id))),
        ("code", Some(pages.code_modal(id))),
        ("paid", Some(pages.paid_modal(id))),
        ("reference", Some(pages.reference_modal(id, OMAR_THERE))),
        ("decline", Some(pages.decline_modal(id))),
        ("proof taken", Some(Answer::Private(pages.proof_taken(id)))),
    ];
    let others = others.then(|| pages_of_anything(&shops, &pages, id));
    of_the_order.into_iter().chain(others.into_iter().flatten()).map(named).collect()
}

/// The pages that do not depend on how an order stands.
fn pages_of_anything(
    shops: &Pages<'_>,
    pages: &Pages<'_>,
    id: OrderId,
) -> Vec<(&'static str, Option<Answer>)> {
    let (account, plan) = (account_id(1), "basic-30".parse().unwrap());
    let other = "p-1".parse().unwrap();
    let mut all = vec![
        ("panel", Some(Answer::Private(pages.store_panel()))),
        ("plans", Some(pages.plan_picker())),
        ("plans, a page", Some(pages.plan_page(1))),
        ("methods", Some(pages.method_picker(&plan))),
        ("methods, a page", Some(pages.method_page(&plan, 1))),
        ("a trial", Some(pages.method_picker(&"p-0".parse().unwrap()))),
        ("days", Some(pages.days_modal(account))),
        ("invite", Some(Answer::Private(pages.invite(ALICE)))),
        ("days given", Some(Answer::Private(pages.days_given(account)))),
        ("trial given", Some(Answer::Private(pages.trial_given(account)))),
        ("accounts", Some(pages.my_accounts(ALICE))),
        ("accounts, a page", Some(pages.accounts_page(ALICE, 1))),
        ("nobody's accounts", Some(pages.my_accounts(OMAR))),
        ("account", Some(pages.my_account(ALICE, account))),
        ("notices", Some(Answer::Private(pages.notices(ALICE)))),
        ("devices", Some(Answer::Private(pages.devices(ALICE, account, &connected())))),
        ("nobody's notices", Some(Answer::Private(pages.notices(OMAR)))),
        ("languages", Some(Answer::Private(pages.languages(ALICE)))),
        ("a wait of a second", Some(Answer::Private(pages.too_many_presses(1)))),
        ("a wait of two", Some(Answer::Private(pages.too_many_presses(2)))),
        ("a wait of five", Some(Answer::Private(pages.too_many_presses(5)))),
        ("a wait of eleven", Some(Answer::Private(pages.too_many_presses(11)))),
        ("a wait of a minute", Some(Answer::Private(pages.too_many_presses(60)))),
        ("guide", Some(Answer::Private(pages.guide()))),
        ("replace", Some(Answer::Private(pages.ask_replace_link(ALICE, account)))),
        ("too late", Some(Answer::Private(pages.replace_too_late(account)))),
        ("replaced", Some(Answer::Private(pages.link_replaced(account)))),
        ("became of", Some(pages.what_became_of(id))),
        ("renew", Some(pages.renew(ALICE, account))),
        ("renew with", Some(pages.renew_method_picker(ALICE, account, &plan, 0))),
        ("change", Some(pages.change_plan(ALICE, account))),
        ("change, a page", Some(pages.change_page(ALICE, account, 1))),
        ("change to", Some(pages.renew_method_picker(ALICE, account, &other, 0))),
        ("link", Some(pages.show_link(ALICE, account))),
        ("sent link", shops.for_owner(account).link_message(account).map(Answer::Private)),
        ("pending", Some(Answer::Private(pages.pending()))),
        ("admin", Some(Answer::Private(pages.admin_account(account)))),
        ("admin, a customer", Some(Answer::Private(pages.admin_customer(ALICE)))),
        ("admin, nobody", Some(Answer::Private(pages.admin_customer(OMAR)))),
        ("no order", Some(Answer::Private(pages.bad_order_number(&"9".repeat(999))))),
        ("no order, to staff", Some(Answer::Private(pages.staff_bad_order_number("x")))),
        ("no account", Some(Answer::Private(pages.bad_account_number("x")))),
        ("old button", Some(Answer::Private(pages.unknown_click()))),
        ("defect", Some(Answer::Private(pages.went_wrong()))),
        ("no reason", Some(Answer::Private(pages.reason_missing()))),
        ("cancelled", Some(Answer::Private(pages.order_cancelled()))),
        ("approved", Some(Answer::Private(pages.staff_approved(id, account)))),
        ("declined", Some(Answer::Private(pages.staff_declined(id)))),
        ("reopened", Some(Answer::Private(pages.staff_reopened(id, OrderState::Expired)))),
        ("reversed", Some(Answer::Private(pages.staff_reversed(id, account)))),
        ("granted", Some(Answer::Private(pages.staff_granted(account, false)))),
        ("granted before", Some(Answer::Private(pages.staff_granted(account, true)))),
        ("suspended", Some(Answer::Private(pages.staff_suspended(account)))),
        ("resumed", Some(Answer::Private(pages.staff_resumed(account)))),
        ("rotated", Some(Answer::Private(pages.staff_rotated(account)))),
        ("moving", Some(Answer::Private(pages.staff_moving(account, &"fra-1".parse().unwrap())))),
        ("unchanged", Some(Answer::Private(pages.staff_unchanged(account)))),
        (
            "panel accepted",
            Some(Answer::Private(pages.staff_panel_accepted(&"fra-1".parse().unwrap()))),
        ),
        ("forgiven before", Some(Answer::Private(pages.staff_forgave("server:x", None)))),
        ("forgiven", Some(Answer::Private(pages.staff_forgave("server:x", Some((3, Bytes(7))))))),
    ];
    all.extend(pages_of_staff(pages, id));
    all.extend(tickets::pages_of_tickets(shops, pages));
    all.extend(broadcasts::pages_of_broadcasts(pages));
    all.extend(
        pages
            .question_keys()
            .into_iter()
            .map(|key| ("question", Some(Answer::Replace(pages.question(ALICE, &key))))),
    );
    for platform in Platform::ALL {
        all.push(("guide", Some(Answer::Replace(pages.guide_for(platform)))));
    }
    for kind in [
        NoticeKind::Expired,
        NoticeKind::Depleted,
        NoticeKind::Renewed,
        NoticeKind::Lapsed,
        NoticeKind::NotConnected,
        NoticeKind::Reminder(86_400),
        NoticeKind::Resumed,
        NoticeKind::Rewarded,
        NoticeKind::Suspended,
        NoticeKind::Traffic(80),
    ] {
        all.push(("notice", pages.notice(account, kind).map(Answer::Private)));
    }
    for news in [OrderNews::InReview, OrderNews::Approved, OrderNews::Undelivered] {
        all.push(("news", pages.order_news_message(id, news).map(Answer::Private)));
    }
    for why in [
        ProofProblem::Missing,
        ProofProblem::NotOwn,
        ProofProblem::OldThread,
        ProofProblem::Unread,
        ProofProblem::NotAnImage,
        ProofProblem::TooLarge(Bytes(u64::MAX)),
        ProofProblem::DownloadFailed,
    ] {
        all.push(("proof", Some(Answer::Private(pages.proof_problem(why)))));
    }
    let codes = CodeProblem::ALL.map(Rejection::Code);
    for why in REJECTIONS.map(|of| of(id)).into_iter().chain(codes) {
        all.push(("refused", Some(Answer::Private(pages.refused(why.clone())))));
        all.push(("staff refused", Some(Answer::Private(pages.refused_staff(why)))));
    }
    all
}

/// What staff run the shop by.
fn pages_of_staff(pages: &Pages<'_>, id: OrderId) -> Vec<(&'static str, Option<Answer>)> {
    let (account, server) = (account_id(1), "fra-1".parse::<ServerId>().unwrap());
    let order = pages.snapshot.order(id);
    let ask = |of| {
        let question = Question::new(of, OMAR_THERE, NOW);
        [Some(pages.ask_once(&question, order)), Some(pages.why_modal(&question))]
    };
    let line = Audit {
        id: id.to_string(),
        actor: Actor::Cli("W".repeat(200)),
        verb: "accept-panel".into(),
        subject: "s".repeat(200),
        outcome: Outcome::Failed("c".repeat(200)),
        of: None,
        reason: Some("w".repeat(500)),
        catalog: String::new(),
        commit: None,
        at: NOW,
    };
    let mut audit = AuditPage::default();
    audit.take(vec![line; 40], false);
    let reason = Reason {
        code: ReasonCode::DiskNearlyFull,
        since: None,
        detail: "d".repeat(2_000),
        remedy: "r".repeat(2_000),
    };
    let mut all: Vec<Option<Answer>> = [
        AskedOnce::Approve(id, 10_000),
        AskedOnce::Cancel(id),
        AskedOnce::Reverse(id),
        AskedOnce::Suspend(account),
        AskedOnce::Rotate(account, 1),
        AskedOnce::Move(account, server),
        AskedOnce::Forget(ALICE),
    ]
    .into_iter()
    .flat_map(ask)
    .collect();
    let private = [
        order.map(|order| pages.admin_order(order)),
        Some(pages.found_customers(&"W".repeat(99), [ALICE, OMAR].into_iter().cycle().take(99))),
        Some(pages.admin_user(Some(ALICE))),
        Some(pages.forgot(ALICE)),
        Some(pages.admin_user(None)),
        Some(pages.admin_plans(0)),
        Some(pages.admin_plans(99)),
        Some(pages.admin_plan("basic-30")),
        Some(pages.admin_plan("x")),
        Some(pages.admin_servers(0)),
        Some(pages.admin_server("fra-1")),
        Some(pages.admin_server("x")),
        Some(pages.health(&[])),
        Some(pages.stats()),
        Some(pages.stats_panel(&[])),
        Some(pages.health(&vec![reason; 40])),
        Some(pages.audit(&AuditPage::default())),
        Some(pages.audit(&audit)),
        Some(pages.asked_another()),
        Some(pages.asked_long_ago()),
        Some(pages.why_missing()),
        Some(pages.bad_amount(&"W".repeat(99))),
        Some(pages.staff_cancelled(id)),
        Some(pages.refused_right("owner")),
        Some(pages.refused_right("admin")),
        Some(pages.refused_right("support")),
    ];
    all.extend(private.into_iter().map(|page| page.map(Answer::Private)));
    all.extend(set_up::pages(pages).into_iter().map(Answer::Private).map(Some));
    all.into_iter().map(|page| ("staff's", page)).collect()
}

/// Every page for a front in every language, in each state of an order.
fn every_page(front: &FrontProfile, mark: &str) -> Vec<(String, Answer)> {
    let mut all = Vec::new();
    for language in WRITTEN {
        for (n, (_, order, now)) in in_every_state().into_iter().enumerate() {
            all.extend(pages_of(front, language, mark, (order, now), n == 0));
        }
    }
    all
}

/// All that somebody reads of a page, piece by piece.
fn texts_of(answer: &Answer) -> Vec<&str> {
    let (Answer::Private(message) | Answer::Replace(message)) = answer else {
        let Answer::Modal(Modal { title, fields, files, .. }) = answer else { return Vec::new() };
        let files = files.iter().flat_map(|f| [f.label.as_str(), f.description.as_str()]);
        let fields = fields.iter().map(|f| f.label.as_str());
        return fields.chain(files).chain([title.as_str()]).collect();
    };
    let mut texts = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Text(text) => texts.push(text.as_str()),
            Block::Buttons(row) => texts.extend(row.iter().map(|b| b.label.as_str())),
            Block::Links(row) => texts.extend(row.iter().map(|link| link.label.as_str())),
            Block::Select(select) => {
                texts.push(&select.placeholder);
                for choice in &select.choices {
                    texts.extend(
                        [Some(choice.label.as_str()), choice.description.as_deref()]
                            .into_iter()
                            .flatten(),
                    );
                }
            }
            Block::Separator | Block::Image(_) | Block::File(_) => {}
        }
    }
    texts
}

/// Whether a character steers the direction of others, or is not seen at all.
fn is_mark(c: &char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[test]
fn every_page_in_every_language_stays_within_the_limits_of_a_wide_front() {
    for (name, page) in every_page(&FRONT, "") {
        let problems = FRONT.answer_problems(&page);
        assert!(problems.is_empty(), "{name}: {problems:?}\n{}", page.plain());
    }
}

#[test]
fn no_page_has_a_mark_of_its_own_or_a_blank_that_was_not_filled_in() {
    for (name, page) in every_page(&FRONT, "") {
        for text in texts_of(&page) {
            assert!(!text.chars().any(|c| is_mark(&c)), "{name}: {text:?}");
            assert!(!text.contains(['{', '}', '$']), "{name}: {text}");
        }
    }
}

/// An operator may write marks into names and instructions, where a script needs them.
#[test]
fn nothing_that_people_copy_has_a_mark_in_it_whatever_the_operator_wrote() {
    let mut copied = 0;
    for (name, page) in every_page(&FRONT, "\u{200f}\u{2067}") {
        for text in texts_of(&page) {
            // Every other piece between backticks is code: blocks first, then single words.
            for (n, block) in text.split("```").enumerate() {
                let code = if n % 2 == 1 {
                    vec![block]
                } else {
                    block.split('`').skip(1).step_by(2).collect()
                };
                for code in code {
                    copied += 1;
                    assert!(!code.chars().any(|c| is_mark(&c)), "{name}: {code:?}");
                    assert!(
                        !code.contains("%E2%80%8F") && !code.contains("%E2%81%A7"),
                        "{name}: {code}"
                    );
                }
            }
            // Digits that are typed into a bank's form are those that it takes.
            assert!(!text.chars().any(|c| c.is_numeric() && !c.is_ascii_digit()), "{name}: {text}");
        }
    }
    assert!(copied > 300, "{copied}");
}

#[test]
fn a_reader_gets_the_bots_words_and_the_operators_in_their_language_if_the_shop_has_it() {
    let mut catalog = catalog();
    catalog.shop.languages = ["en", "ru"].map(str::to_owned).to_vec();
    let name = |en: &str, ru: &str| {
        Text([("en".to_owned(), en.to_owned()), ("ru".to_owned(), ru.to_owned())].into())
    };
    catalog.plans[0].name = name("Basic", "Базовый");
    catalog.servers.values_mut().for_each(|s| s.name = name("Frankfurt", "Франкфурт"));
    catalog.methods[0].name = name("Cash", "Наличные");
    catalog.methods[0].instructions = name("Send {amount}.", "Отправьте {amount}.");
    let mut order = order(1, Target::New, "vodafone-cash");
    Arc::make_mut(&mut order.plan).name = Arc::new(catalog.plans[0].name.0.clone());
    let card = put(posted_card(order_id(1)));
    let snapshot = snapshot([served_account(1, true), alice_reads("ru"), put(order), card]);
    let shops = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let read = |locale: &str| shops.for_reader(locale.parse().ok());

    let plans = |locale: &str| read(locale).plan_picker().plain();
    assert!(plans("ru").contains("Какой тариф?") && plans("ru").contains("Базовый"));
    for other in ["ar", "fr", "en-GB"] {
        assert!(plans(other).contains("Which plan?") && plans(other).contains("Basic"), "{other}");
    }
    let account = read("ru").my_account(ALICE, account_id(1)).plain();
    assert!(account.contains("**Сервер** · Франкфурт"), "{account}");
    let methods = read("ru").method_picker(&"basic-30".parse().unwrap()).plain();
    assert!(methods.contains("Наличные"), "{methods}");

    // What is sent later is in the customer's language, what staff and everybody see in the shop's.
    let thread = shops.surface(SurfaceKey::OrderThread(order_id(1))).unwrap().plain();
    assert!(
        thread.contains("Заказ: Базовый") && thread.contains("Отправьте **100.00 EGP**."),
        "{thread}"
    );
    for pages in [&shops, &read("ru")] {
        let card = pages.surface(SurfaceKey::ReviewCard(order_id(1))).unwrap().plain();
        assert!(card.contains("Payment to check") && card.contains("Basic"), "{card}");
        assert!(pages.surface(SurfaceKey::StorePanel).unwrap().plain().contains("[Buy]"));
    }
    let link = shops.for_owner(account_id(1)).link_message(account_id(1)).unwrap().plain();
    let named = "#%D0%A4%D1%80%D0%B0%D0%BD%D0%BA%D1%84%D1%83%D1%80%D1%82";
    assert!(link.contains("Ваша ссылка") && link.contains(named), "{link}");
    let shown = read("ar").show_link(ALICE, account_id(1)).plain();
    assert!(shown.contains("Your link") && shown.contains(named), "the link itself stays: {shown}");
}

/// Discord takes a paragraph's direction from its first letter.
#[test]
fn every_line_of_arabic_begins_in_arabic() {
    let file = include_str!("../texts/ar.ftl");
    for line in file.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
        let said = match line.split_once(" =") {
            Some((_, said)) if !line.starts_with(' ') => said,
            _ => line.trim_start().split_once("] ").map_or(line, |(_, said)| said),
        };
        let said = said.trim_start().strip_prefix('}').unwrap_or(said);
        let mut inside = 0;
        let first = said.chars().find(|c| {
            inside += i32::from(*c == '{') - i32::from(*c == '}');
            inside == 0 && c.is_alphabetic()
        });
        assert!(first.is_none_or(|c| ('\u{600}'..='\u{6ff}').contains(&c)), "{line}");
    }
}
