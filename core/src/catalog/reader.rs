//! The typed reader over the tree: each method returns a value, or adds a finding and returns
//! nothing, so that one pass reports everything.

use super::characters::{self, For};
use super::files::DesiredFile;
use super::findings::Findings;
use super::place::Place;
use super::tree::{Node, Value, kind, plain_kind};
use super::units::{self, BadValue};
use super::words::{show, suggest};
use crate::model::{DurationMs, IdError};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Reads one file's tree.
pub(super) struct Reader<'f, 't> {
    pub(super) file: DesiredFile,
    pub(super) findings: &'f mut Findings<'t>,
}

/// The keys of one map, each known and there once.
pub(super) struct Fields<'n> {
    at: Place,
    by_key: BTreeMap<&'n str, &'n Node>,
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.by_key.get(key).copied()
    }
}

impl Reader<'_, '_> {
    pub(super) fn add(&mut self, at: Place, message: impl Into<String>, help: impl Into<String>) {
        self.findings.add(self.file, at, message, help);
    }

    /// Says that a node is of the wrong kind, unless that was said already.
    fn wrong(&mut self, node: &Node, name: &str, wanted: &str, help: &str) {
        if !matches!(node.value, Value::Refused) {
            self.add(node.at, format!("`{name}` must be {wanted}, and is {}", kind(node)), help);
        }
    }

    /// A map with any keys, each there once.
    pub(super) fn pairs<'n>(&mut self, node: &'n Node, name: &str) -> Option<Fields<'n>> {
        let Value::Map(pairs) = &node.value else {
            self.wrong(node, name, "a map of keys", "write `key: value` lines below it");
            return None;
        };
        let mut by_key = BTreeMap::new();
        let mut first = BTreeMap::new();
        for (key, value) in pairs {
            if let Some(at) = first.insert(key.text.as_str(), key.at) {
                let message = format!("the key {} is here twice", show(&key.text));
                let help = format!("it is also on line {}: keep one", at.line);
                let first = (at, "first here");
                self.findings.add_beside(self.file, key.at, message, help, first);
            }
            by_key.entry(key.text.as_str()).or_insert(value);
        }
        Some(Fields { at: node.at, by_key })
    }

    /// A map with these keys and no others.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        name: &str,
        known: &[&str],
    ) -> Option<Fields<'n>> {
        let fields = self.pairs(node, name)?;
        if let Value::Map(pairs) = &node.value {
            for (key, _) in pairs {
                if !key.text.is_empty() && !known.contains(&key.text.as_str()) {
                    let help = suggest(&key.text, known.iter().copied());
                    self.add(key.at, format!("unknown key {}", show(&key.text)), help);
                }
            }
        }
        Some(fields)
    }

    /// The value of a key that must be there.
    pub(super) fn need<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            self.add(fields.at, format!("`{key}` is missing"), format!("add `{key}: …` here"));
        }
        found
    }

    /// A list with at least one entry.
    pub(super) fn list<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) if items.is_empty() => {
                let help =
                    "it needs at least one entry; an empty list never means \"remove everything\"";
                self.add(node.at, format!("`{name}` is an empty list"), help);
                None
            }
            Value::List(items) => Some(items),
            _ if node.is_null() => {
                let help =
                    "it needs at least one entry; an empty list never means \"remove everything\"";
                self.add(node.at, format!("`{name}` has no value (null)"), help);
                None
            }
            Value::Scalar { .. } | Value::Map(_) | Value::Refused => {
                self.wrong(node, name, "a list", "write `- entry` lines below it, or [a, b]");
                None
            }
        }
    }

    /// Text, in quotes where YAML would take it for something else.
    pub(super) fn text<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        match &node.value {
            Value::Scalar { text, plain } if !*plain || plain_kind(text).is_none() => Some(text),
            Value::Scalar { text, .. } if !node.is_null() => {
                let help = format!("write it in quotes: \"{}\"", show(text).trim_matches('`'));
                self.wrong(node, name, "text", &help);
                None
            }
            _ => {
                self.wrong(node, name, "text", &format!("write `{name}: …`"));
                None
            }
        }
    }

    /// Text as it was written, even where it looks like a number.
    pub(super) fn raw<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => Some(text),
            _ => {
                self.wrong(node, name, "text", &format!("write `{name}: …`"));
                None
            }
        }
    }

    /// Whether whoever reads a text sees all of it, after YAML's escapes were read.
    pub(super) fn seen(&mut self, at: Place, name: &str, text: &str, whom: For) -> bool {
        let Some(c) = characters::forbidden(text, whom) else { return true };
        let help = match c {
            '\n' | '\r' => "write it on one line",
            '\t' => "write a space instead",
            c if characters::is_odd_space(c) => "write an ordinary space instead",
            _ => "delete it, or retype the text; it may be hidden in an escape such as \\u200b",
        };
        self.add(at, format!("`{name}` has {} in it", characters::name(c)), help);
        false
    }

    /// Text of 1 to `longest` characters, not only spaces.
    pub(super) fn short(
        &mut self,
        node: &Node,
        name: &str,
        longest: usize,
        whom: For,
    ) -> Option<String> {
        let text = self.text(node, name)?;
        if !self.seen(node.at, name, text, whom) {
            return None;
        }
        let length = text.chars().count();
        if characters::is_blank(text) {
            self.add(node.at, format!("`{name}` is blank"), "write something that people can see");
            return None;
        }
        if length > longest {
            let message = format!("`{name}` has {length} characters, and {longest} fit");
            self.add(node.at, message, "shorten it");
            return None;
        }
        Some(text.to_owned())
    }

    /// An id of one of the model's kinds.
    pub(super) fn id<T: FromStr<Err = IdError>>(&mut self, node: &Node, name: &str) -> Option<T> {
        let text = self.text(node, name)?;
        text.parse()
            .map_err(|e: IdError| {
                self.add(node.at, format!("{} is not a valid {}", show(text), e.kind), e.rule);
            })
            .ok()
    }

    /// A quantity with a unit; a bare number is told which units exist.
    pub(super) fn quantity<T>(
        &mut self,
        node: &Node,
        name: &str,
        help: &str,
        parse: impl FnOnce(&str) -> Result<T, BadValue>,
    ) -> Option<T> {
        let Value::Scalar { text, plain } = &node.value else {
            self.wrong(node, name, "one value", help);
            return None;
        };
        if *plain && plain_kind(text) == Some("a number") {
            let message = match text.starts_with('-') {
                true => format!("`{name}` is negative: {}", show(text)),
                false => format!("`{name}` is the bare number {}: it needs a unit", show(text)),
            };
            self.add(node.at, message, help);
            return None;
        }
        if node.is_null() || text.chars().count() > 64 {
            self.wrong(node, name, "a number with a unit", help);
            return None;
        }
        if !self.seen(node.at, name, text, For::Machines) {
            return None;
        }
        parse(text).map_err(|(why, help)| self.add(node.at, format!("`{name}`: {why}"), help)).ok()
    }

    /// A whole number in a range.
    pub(super) fn whole(
        &mut self,
        node: &Node,
        name: &str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let (from, to) = (*range.start(), *range.end());
        let help = format!("write a whole number from {from} to {to}");
        let Value::Scalar { text, plain: true } = &node.value else {
            self.wrong(node, name, "a whole number", &help);
            return None;
        };
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let octal = text.len() > 1 && text.starts_with('0');
        match text.parse::<u32>().ok().filter(|n| digits && !octal && range.contains(n)) {
            Some(number) => Some(number),
            None if plain_kind(text) == Some("a number") => {
                let message = format!("`{name}` cannot be {}", show(text));
                self.add(node.at, message, help);
                None
            }
            None => {
                self.wrong(node, name, "a whole number", &help);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        node: &Node,
        name: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(node, name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let help = suggest(text, words.iter().map(|(word, _)| *word));
            self.add(node.at, format!("`{name}` cannot be {}", show(text)), help);
        }
        found.map(|(_, value)| *value)
    }

    /// A Discord id: 17 to 20 digits, in quotes so that no tool rounds it.
    pub(super) fn snowflake(&mut self, node: &Node, name: &str) -> Option<u64> {
        let text = self.text(node, name)?;
        let number = Some(text)
            .filter(|t| (17..=20).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|t| t.parse::<u64>().ok())
            .filter(|n| *n > 0);
        if number.is_none() {
            let help = "in Discord: developer mode, then \"Copy ID\": 17 to 20 digits, in quotes";
            self.add(node.at, format!("{} is not a Discord id", show(text)), help);
        }
        number
    }

    /// A length of at least so many ms.
    pub(super) fn length(&mut self, node: &Node, key: &str, least: u64) -> Option<DurationMs> {
        let length = self.quantity(node, key, units::LENGTH_HELP, units::length)?;
        if length.0 < least {
            let least = DurationMs(least).to_std().as_secs();
            self.add(node.at, format!("`{key}` is shorter than {least} s"), "make it longer");
            return None;
        }
        Some(length)
    }
}
