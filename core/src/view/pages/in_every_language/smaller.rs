//! A front that takes less of everything gets every page, too.

use super::every_page;
use crate::view::sample::{FRONT, SMALL_FRONT};
use crate::view::{Answer, Block, FrontProfile, Message};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The page as an adapter sends it.
fn sent(front: &FrontProfile, page: Answer) -> Answer {
    match page {
        Answer::Private(message) => Answer::Private(front.fit(&message).into_owned()),
        Answer::Replace(message) => Answer::Replace(front.fit(&message).into_owned()),
        other @ (Answer::Modal(_) | Answer::Choices(_)) => other,
    }
}

fn message_of(page: &Answer) -> Option<&Message> {
    match page {
        Answer::Private(message) | Answer::Replace(message) => Some(message),
        Answer::Modal(_) | Answer::Choices(_) => None,
    }
}

/// What somebody can use on a page: what its buttons and selects send.
fn ids_of(page: &Answer) -> BTreeSet<String> {
    let blocks = message_of(page).into_iter().flat_map(|message| &message.blocks);
    blocks
        .flat_map(|block| match block {
            Block::Buttons(row) => row.iter().map(|button| button.id.clone()).collect(),
            Block::Select(select) => select
                .choices
                .iter()
                .map(|choice| format!("{} {}", select.id, choice.value))
                .collect(),
            Block::Links(row) => row.iter().map(|link| link.url.clone()).collect(),
            Block::Text(_) | Block::Separator | Block::Image(_) | Block::File(_) => Vec::new(),
        })
        .collect()
}

/// Their selects have no further pages: the platforms, and the shop's own questions. A front that takes
/// fewer choices refuses them until they are turned over, too.
const WITHOUT_PAGES: [&str; 3] = ["guide,", "support,", "question,"];

#[test]
fn every_page_holds_on_a_front_that_takes_less_and_what_is_to_be_copied_is_whole() {
    for (name, page) in every_page(&SMALL_FRONT, "") {
        let fitted = sent(&SMALL_FRONT, page.clone());
        let mut problems = SMALL_FRONT.answer_problems(&fitted);
        if WITHOUT_PAGES.iter().any(|page| name.contains(page)) {
            problems.retain(|problem| !problem.ends_with(" choices"));
        }
        assert!(problems.is_empty(), "{name}: {problems:?}\n{}", fitted.plain());
        assert_eq!(ids_of(&fitted), ids_of(&page), "{name}: nothing that is pressed is lost");
        let copied = |page: &Answer| page.plain().matches("```").count();
        assert_eq!(copied(&fitted), copied(&page), "{name}");
    }
}

#[test]
fn a_front_that_takes_a_page_gets_that_very_page() {
    for (name, page) in every_page(&FRONT, "") {
        let Some(message) = message_of(&page) else { continue };
        assert!(matches!(FRONT.fit(message), Cow::Borrowed(_)), "{name}");
    }
}

#[test]
fn where_orders_have_no_threads_of_their_own_nobody_is_sent_to_one() {
    let placed = |front| {
        let all = every_page(front, "").into_iter();
        all.filter(|(name, _)| name.starts_with("en: placed")).map(|(_, page)| page.plain())
    };
    assert!(placed(&FRONT).any(|page| page.contains("thread")));
    assert!(!placed(&SMALL_FRONT).any(|page| page.contains("Everything about it")));
}
