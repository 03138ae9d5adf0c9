//! What was read of the files before the checks of meaning, with the place of every part.

use super::codes::Promo;
use super::files::DesiredFile;
use super::place::Place;
use super::tree::{Node, Value};
use super::types::{Method, Plan, Server, Shop};
use super::units::Declared;
use std::collections::BTreeMap;

/// One entry, and where its parts stand: `prices.1` → line and column.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) value: T,
    at: Place,
    parts: BTreeMap<String, Part>,
}

/// Where a part stands, and what is written there unless it has parts itself.
#[derive(Debug)]
struct Part {
    at: Place,
    text: Option<String>,
}

impl From<&Node> for Part {
    fn from(node: &Node) -> Self {
        let text = match &node.value {
            Value::Scalar { text, .. } => Some(text.clone()),
            Value::List(_) | Value::Map(_) | Value::Refused => None,
        };
        Self { at: node.at, text }
    }
}

impl<T> Entry<T> {
    pub(super) fn new(value: T, node: &Node) -> Self {
        let mut parts = BTreeMap::new();
        index(node, "", &mut parts);
        Self { value, at: node.at, parts }
    }
    /// A part that the file has: its place, and the text of a scalar.
    pub(super) fn given(&self, part: &str) -> Option<(Place, Option<&str>)> {
        self.parts.get(part).map(|part| (part.at, part.text.as_deref()))
    }
    /// The place of a part; the entry's own when it was left out.
    pub(super) fn place(&self, part: &str) -> Place {
        self.parts.get(part).map_or(self.at, |part| part.at)
    }
}

/// The depth of the tree is bounded when it is read.
fn index(node: &Node, path: &str, parts: &mut BTreeMap<String, Part>) {
    let below = |part: &str| match path {
        "" => part.to_owned(),
        path => format!("{path}.{part}"),
    };
    match &node.value {
        Value::Map(pairs) => {
            for (key, value) in pairs {
                let path = below(&key.text);
                parts.entry(path.clone()).or_insert_with(|| value.into());
                index(value, &path, parts);
            }
        }
        Value::List(items) => {
            for (n, value) in items.iter().enumerate() {
                let path = below(&n.to_string());
                parts.entry(path.clone()).or_insert_with(|| value.into());
                index(value, &path, parts);
            }
        }
        Value::Scalar { .. } | Value::Refused => {}
    }
}

/// The entries of one file.
#[derive(Debug)]
pub(super) struct Section<T> {
    /// Those that could be read.
    pub(super) entries: Vec<Entry<T>>,
    /// The ids of all, broken ones included.
    pub(super) ids: Vec<(String, Place)>,
    /// Whether every entry could be read: without that, others cannot be checked against them.
    pub(super) complete: bool,
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), ids: Vec::new(), complete: false }
    }
}

impl<T> Section<T> {
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|e| &e.value)
    }
}

/// What the other files need to know of `shop.yaml`, even when it is broken elsewhere.
#[derive(Debug, Default)]
pub(super) struct ShopFacts {
    /// The languages, the default first; `None` when unreadable.
    pub(super) languages: Option<Vec<String>>,
    /// Currencies that ISO 4217 lacks; `None` when unreadable.
    pub(super) currencies: Declared,
}

/// The files, read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) plans: Section<Plan>,
    pub(super) servers: Section<Server>,
    pub(super) methods: Section<Method>,
    pub(super) shop: Option<Entry<Shop>>,
    pub(super) promos: Section<Promo>,
}

impl Draft {
    /// The place of a part of an entry, for findings that come later.
    pub(super) fn find(&self, file: DesiredFile, id: &str, part: &str) -> Option<Place> {
        match file {
            DesiredFile::Plans | DesiredFile::Shop => self.place(file, id, part),
            DesiredFile::Servers | DesiredFile::Payments | DesiredFile::Promos => None,
        }
    }

    /// The place of a part of an entry of any file; of the nearest part around it that is written.
    pub(super) fn place(&self, file: DesiredFile, id: &str, part: &str) -> Option<Place> {
        fn of<T>(entry: &Entry<T>, part: &str) -> Place {
            let around = std::iter::successors(Some(part), |p| Some(p.rsplit_once('.')?.0));
            let mut written = around.filter_map(|part| entry.given(part));
            written.next().map_or(entry.at, |(at, _)| at)
        }
        fn among<T>(section: &Section<T>, part: &str, is: impl Fn(&T) -> bool) -> Option<Place> {
            section.entries.iter().find(|e| is(&e.value)).map(|e| of(e, part))
        }
        match file {
            DesiredFile::Plans => among(&self.plans, part, |p| p.id.as_str() == id),
            DesiredFile::Servers => among(&self.servers, part, |s| s.id.as_str() == id),
            DesiredFile::Payments => among(&self.methods, part, |m| m.id.as_str() == id),
            DesiredFile::Shop => self.shop.as_ref().map(|entry| of(entry, part)),
            DesiredFile::Promos => among(&self.promos, part, |p| p.id.as_str() == id),
        }
    }
}
