use crate::catalog::Requirement;
use crate::model::*;
use crate::view::pages::Pages;
use crate::view::sample::*;
use crate::view::{Action, Answer, Block};

/// The choices and the buttons of a page.
fn choices_and_turns(answer: &Answer) -> (Vec<String>, Vec<(String, Action)>) {
    let (Answer::Private(message) | Answer::Replace(message)) = answer else { panic!() };
    assert!(FRONT.answer_problems(answer).is_empty(), "{:?}", FRONT.answer_problems(answer));
    let (mut values, mut turns) = (Vec::new(), Vec::new());
    for block in &message.blocks {
        match block {
            Block::Select(select) => values.extend(select.choices.iter().map(|c| c.value.clone())),
            Block::Buttons(row) => {
                turns.extend(row.iter().map(|b| (b.label.clone(), b.id.parse().unwrap())));
            }
            _ => {}
        }
    }
    (values, turns)
}

#[test]
fn every_plan_and_method_can_be_reached_however_many_there_are() {
    let mut catalog = catalog();
    let (plans, methods) = (80, 60);
    for n in 0..plans {
        let plan =
            plan(&format!("p-{n}"), &format!("P {n}"), crate::catalog::PlanLifecycle::Active);
        catalog.plans.push(plan);
    }
    for n in 0..methods {
        catalog.methods.push(method(&format!("m-{n}"), "M", "EGP", Requirement::Optional));
    }
    let snapshot = snapshot([served_account(1, true)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let account = account_id(1);
    let plan: PlanId = "p-0".parse().unwrap();
    let reached = |first: Answer, turn: &dyn Fn(Action) -> Answer| {
        let (mut all, mut turns) = choices_and_turns(&first);
        assert!(turns.iter().all(|(label, _)| !label.contains("Previous")), "{turns:?}");
        while let Some((_, next)) = turns.iter().find(|(label, _)| label.contains("Next")) {
            let (more, further) = choices_and_turns(&turn(next.clone()));
            assert!(further.iter().any(|(label, _)| label.contains("Previous")));
            all.extend(more);
            turns = further;
        }
        let unique: std::collections::BTreeSet<_> = all.iter().cloned().collect();
        assert_eq!(unique.len(), all.len(), "twice");
        all.len()
    };
    let turn = |action: Action| match action {
        Action::Plans(n) => pages.plan_page(n),
        Action::Methods(plan, n) => pages.method_page(&plan, n),
        Action::RenewPlans(account, n) => pages.renew_page(ALICE, account, n),
        Action::ChangePlans(account, n) => pages.change_page(ALICE, account, n),
        Action::RenewMethods(account, plan, n) => {
            pages.renew_method_picker(ALICE, account, &plan, n)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(reached(pages.plan_picker(), &turn), plans + 1);
    assert_eq!(reached(pages.renew(ALICE, account), &turn), plans + 2, "and the retired one");
    assert_eq!(reached(pages.change_plan(ALICE, account), &turn), plans, "neither it nor its own");
    assert_eq!(reached(pages.method_picker(&plan), &turn), methods + 2);
    let renewal = pages.renew_method_picker(ALICE, account, &plan, 0);
    assert_eq!(reached(renewal, &turn), methods + 2);
    assert_eq!(choices_and_turns(&pages.plan_page(999)).0.len(), (plans + 1) % 25, "the last");
}

#[test]
fn the_panel_names_whole_plans_and_says_how_many_more_there_are() {
    let mut catalog = catalog();
    for n in 0..99 {
        let name = format!("Plan number {n} with a longish name");
        catalog.plans.push(plan(&format!("p-{n}"), &name, crate::catalog::PlanLifecycle::Active));
    }
    let snapshot = Snapshot::default();
    let panel = Pages::new(&FRONT, &snapshot, &catalog, NOW).store_panel();
    assert!(FRONT.problems(&panel).is_empty(), "{:?}", FRONT.problems(&panel));
    let text = panel.plain();
    let named = text.matches("2 devices").count();
    assert!(text.contains(&format!("… and {} more: press", 100 - named)), "{text}");
}

#[test]
fn what_stands_behind_many_prices_is_not_cut_off() {
    let mut catalog = catalog();
    let money = |code: &str| Money {
        minor: 123_456_789,
        currency: Currency { code: code.into(), decimals: 2 },
    };
    catalog.plans[0].prices = ["EGP", "USD", "EUR", "SAR", "AED", "KWD"].map(money).to_vec();
    let snapshot = Snapshot::default();
    let text = Pages::new(&FRONT, &snapshot, &catalog, NOW).plan_picker().plain();
    assert!(text.contains("EGP / … · 30 days · 50GiB of traffic · 2 devices"), "{text}");
}
