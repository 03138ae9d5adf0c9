use super::*;
use crate::catalog::{Catalog, Text};
use crate::model::Snapshot;
use crate::view::Block;
use crate::view::sample::*;

fn text(en: &str, ru: &str) -> Text {
    Text([("en".to_owned(), en.to_owned()), ("ru".to_owned(), ru.to_owned())].into())
}

fn shop() -> Catalog {
    let mut catalog = catalog();
    catalog.shop.languages = vec!["en".to_owned(), "ru".to_owned()];
    catalog.shop.faq = vec![
        Faq {
            question: text("How fast?", "Как быстро?"), answer: text("Fast.", "Быстро.")
        },
        Faq {
            question: text("How safe?", "Как безопасно?"), answer: text("Safe.", "Надёжно.")
        },
    ];
    catalog
}

fn choices(message: &Message) -> Vec<(String, String)> {
    let select = message.blocks.iter().find_map(|block| match block {
        Block::Select(select) => Some(select),
        _ => None,
    });
    let choices = select.into_iter().flat_map(|select| &select.choices);
    choices.map(|choice| (choice.value.clone(), choice.label.clone())).collect()
}

#[test]
fn each_question_leads_to_its_answer_in_the_readers_language_and_on_to_the_others() {
    let (snapshot, catalog) = (Snapshot::default(), shop());
    let shops = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    for (reader, asked, answered) in
        [("en", "How safe?", "Safe."), ("ru", "Как безопасно?", "Надёжно.")]
    {
        let pages = shops.for_reader(reader.parse().ok());
        let all = choices(&pages.support(None));
        let (key, label) = all.get(1).cloned().unwrap();
        assert_eq!(label, asked);
        let page = pages.question(None, &key);
        assert!(page.plain().contains(&format!("## {asked}\n{answered}\n")), "{}", page.plain());
        assert_eq!(choices(&page), all);
    }
}

#[test]
fn a_question_stays_the_same_one_when_the_file_is_put_in_another_order() {
    let (snapshot, mut catalog) = (Snapshot::default(), shop());
    let key = choices(&Pages::new(&FRONT, &snapshot, &catalog, NOW).support(None))[1].0.clone();
    catalog.shop.faq.swap(0, 1);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    assert!(pages.question(None, &key).plain().contains("Safe."));
    catalog.shop.faq.remove(0);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    assert_eq!(pages.question(None, &key), pages.support(None), "it is gone: all questions again");
}

#[test]
fn a_shop_without_questions_has_the_guide_and_says_where_a_person_is_asked() {
    let (snapshot, catalog) = (Snapshot::default(), catalog());
    let page = Pages::new(&FRONT, &snapshot, &catalog, NOW).support(None);
    let plain = page.plain();
    assert!(choices(&page).is_empty());
    assert!(plain.contains("[Ask a person] [Guide]"), "{plain}");
}

#[test]
fn support_stands_on_the_panel_also_where_nothing_is_sold() {
    let (snapshot, mut catalog) = (Snapshot::default(), catalog());
    let panel = |catalog: &_| Pages::new(&FRONT, &snapshot, catalog, NOW).store_panel().plain();
    assert!(panel(&catalog).contains("[Buy] [My account] [Support]"));
    catalog.plans.clear();
    assert!(panel(&catalog).contains("[My account] [Support]"));
}
