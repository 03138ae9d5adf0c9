//! Localised text: a string, or a map of language → string.

use super::characters::For;
use super::draft::ShopFacts;
use super::reader::Reader;
use super::tree::{Node, Value};
use super::types::Text;
use super::words::{show, suggest};
use std::collections::BTreeMap;

/// What a text may be.
#[derive(Clone, Copy)]
pub(super) struct TextRule {
    /// Characters at most, so that it fits where it is shown.
    pub(super) longest: usize,
    /// On how many lines it may stand.
    pub(super) whom: For,
    /// The names in braces that are filled in.
    pub(super) placeholders: &'static [&'static str],
}

/// A name fits a button of Discord.
pub(super) const NAME: TextRule = TextRule { longest: 80, whom: For::Line, placeholders: &[] };

impl Reader<'_, '_> {
    /// A text with at least the shop's default language.
    pub(super) fn localised(
        &mut self,
        node: &Node,
        name: &str,
        rule: TextRule,
        facts: &ShopFacts,
    ) -> Option<Text> {
        let default = facts.languages.as_ref().and_then(|l| l.first()).map_or("en", |l| l.as_str());
        let Value::Map(pairs) = &node.value else {
            let text = self.short(node, name, rule.longest, rule.whom)?;
            self.placeholders(node, name, &text, rule);
            return Some(Text(BTreeMap::from([(default.to_owned(), text)])));
        };
        self.pairs(node, name)?;
        let mut texts = BTreeMap::new();
        let mut whole = true;
        for (key, value) in pairs {
            if let Some(languages) = &facts.languages
                && !languages.contains(&key.text)
            {
                let help = suggest(&key.text, languages.iter().map(String::as_str));
                let message = format!("{} is not a language of the shop", show(&key.text));
                self.add(key.at, message, help);
                whole = false;
            }
            let part = format!("{name}.{}", key.text);
            match self.short(value, &part, rule.longest, rule.whom) {
                Some(text) => {
                    self.placeholders(value, name, &text, rule);
                    texts.insert(key.text.clone(), text);
                }
                None => whole = false,
            }
        }
        if whole && facts.languages.is_some() && !texts.contains_key(default) {
            let message = format!("`{name}` lacks the shop's default language, `{default}`");
            self.add(node.at, message, format!("add `{default}: …`"));
            return None;
        }
        whole.then_some(Text(texts))
    }

    fn placeholders(&mut self, node: &Node, name: &str, text: &str, rule: TextRule) {
        for part in text.split('{').skip(1) {
            let Some((inner, _)) = part.split_once('}') else {
                self.add(node.at, format!("`{name}` has a `{{` that is not closed"), "close it");
                continue;
            };
            if !rule.placeholders.contains(&inner) {
                let help = match rule.placeholders {
                    [] => "nothing is filled in here: write it without braces".to_owned(),
                    known => suggest(inner, known.iter().copied()),
                };
                self.add(
                    node.at,
                    format!("nothing is known to fill {{{}}} with", show(inner)),
                    help,
                );
            }
        }
    }
}
