//! `faq` of `shop.yaml`: questions and answers, as many and as long as one message of Discord holds.

use super::characters::For;
use super::draft::ShopFacts;
use super::reader::Reader;
use super::texts::TextRule;
use super::tree::Node;
use super::types::{Faq, Text};
use std::collections::BTreeSet;

/// The keys of one entry.
pub(super) const KEYS: &[&str] = &["q", "a"];
/// The most entries: they are the lines of one select.
pub(super) const MOST: usize = 25;
/// A line of a select.
const QUESTION: TextRule = TextRule { longest: 100, whom: For::Line, placeholders: &[] };
/// What a message holds besides the question and what stands around both.
const ANSWER: TextRule = TextRule { longest: 3_000, whom: For::Lines, placeholders: &[] };

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    facts: &ShopFacts,
) -> Option<Vec<Faq>> {
    let list = reader.list(node, "faq")?;
    if let Some(beyond) = list.get(MOST) {
        let message = format!("`faq` has {} entries, and {MOST} fit", list.len());
        reader.add(beyond.at, message, "leave out what is asked least");
        return None;
    }
    let mut asked = BTreeSet::new();
    let entries: Vec<Option<Faq>> =
        list.iter().map(|node| entry(reader, node, facts, &mut asked)).collect();
    entries.into_iter().collect()
}

/// An entry is known by its question: it may not be there twice, in any language.
fn entry(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    facts: &ShopFacts,
    asked: &mut BTreeSet<(String, String)>,
) -> Option<Faq> {
    let fields = reader.fields(node, "faq", KEYS)?;
    let question = reader.need(&fields, "q");
    let question = question.and_then(|n| Some((n, reader.localised(n, "q", QUESTION, facts)?)));
    let answer = reader.need(&fields, "a");
    let answer = answer.and_then(|n| reader.localised(n, "a", ANSWER, facts));
    let (at, Text(texts)) = question?;
    let mut again = false;
    for (language, text) in &texts {
        again |= !asked.insert((language.clone(), text.clone()));
    }
    if again {
        reader.add(at.at, "this question is here twice", "keep one");
        return None;
    }
    Some(Faq { question: Text(texts), answer: answer? })
}
