//! YAML text → a tree in which every key and value knows its line and column. Nothing is lost on
//! the way (duplicate keys stay, numbers stay text), and what could blow up or surprise (anchors,
//! tags, deep nesting, a second document) is refused here, from the event stream, before any
//! recursive code sees it.

use super::files::DesiredFile;
use super::findings::Findings;
use super::place::Place;
use super::syntax::report_odd_spaces;
use super::words::show;
use saphyr_parser::{Event, Parser, ScalarStyle};

/// The files need 7 levels; more is a mistake or an attack.
const MAX_DEPTH: usize = 16;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: Place,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    /// Text as it was written; `plain` when without quotes, so that it may be a number or null.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// Already reported: the reader keeps quiet about it.
    Refused,
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) at: Place,
    pub(super) text: String,
}

enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<(Key, Node)>, Option<Key>),
}

/// Reads one file; `None` when it has no usable tree, which is then among the findings.
pub(super) fn read(file: DesiredFile, text: &str, findings: &mut Findings<'_>) -> Option<Node> {
    let before = findings.count(file);
    if super::syntax::check_characters(file, text, findings) {
        return None;
    }
    let mut builder =
        Builder { file, findings, open: Vec::new(), root: None, documents: 0, misread: false };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => {
                if !builder.take(event, span.into()) {
                    return None;
                }
            }
            Err(error) => {
                super::syntax::report(file, text, &error, findings);
                return None;
            }
        }
    }
    if builder.misread {
        return None;
    }
    let root = builder.root;
    let empty = match &root {
        None => true,
        Some(node) => node.is_null(),
    };
    if empty {
        let help = "restore it from git; an empty file never means \"remove everything\"";
        findings.whole(file, "the file is empty", help);
        return None;
    }
    if findings.count(file) == before {
        super::syntax::second_opinion(file, text, findings);
    }
    root
}

impl Node {
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

struct Builder<'f, 't> {
    file: DesiredFile,
    findings: &'f mut Findings<'t>,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    /// Something was not read as it looks: what else would be said follows from that.
    misread: bool,
}

impl Builder<'_, '_> {
    /// Takes one event; `false` when reading on makes no sense.
    fn take(&mut self, event: Event<'_>, at: Place) -> bool {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = "keep one document per file: remove the `---` and what follows it";
                    self.findings.add(self.file, at, "a second document starts here", help);
                    return false;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(at, anchor, tag.is_some());
                let plain = style == ScalarStyle::Plain;
                if plain && report_odd_spaces(self.file, at, &text, self.findings) {
                    self.misread = true;
                    self.attach(Node { at, value: Value::Refused });
                    return true;
                }
                self.attach(Node { at, value: Value::Scalar { text: text.into_owned(), plain } });
            }
            Event::Alias(_) => {
                let help = "write the value out: anchors and aliases are not supported here";
                self.findings.add(self.file, at, "an alias (`*name`)", help);
                self.attach(Node { at, value: Value::Refused });
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(at, anchor, tag.is_some());
                self.open.push(Open::List(at, Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(at, anchor, tag.is_some());
                self.open.push(Open::Map(at, Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(at, items)) => self.attach(Node { at, value: Value::List(items) }),
                Some(Open::Map(at, pairs, _)) => {
                    self.attach(Node { at, value: Value::Map(pairs) });
                }
                None => {}
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        if self.open.len() > MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            self.findings.add(self.file, at, message, "the files never need this");
            return false;
        }
        true
    }

    fn refuse_extras(&mut self, at: Place, anchor: usize, tagged: bool) {
        if anchor != 0 {
            let help = "write the value out where it is needed: anchors are not supported here";
            self.findings.add(self.file, at, "an anchor (`&name`)", help);
        }
        if tagged {
            self.findings.add(self.file, at, "a tag (`!name`)", "remove it: types are fixed here");
        }
    }

    fn attach(&mut self, mut node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, pairs, key)) => match key.take() {
                Some(key) => {
                    // A value that is left out has no place of its own: its key's is the useful one.
                    if node.is_null() {
                        node.at = key.at;
                    }
                    pairs.push((key, node));
                }
                None => {
                    let (at, text) = match node.value {
                        Value::Scalar { text, .. } => (node.at, text),
                        Value::Refused => (node.at, String::new()),
                        Value::List(_) | Value::Map(_) => {
                            let help = "write `key: value`; text with { } or [ ] goes in quotes";
                            self.findings.add(self.file, node.at, "a key that is not text", help);
                            (node.at, String::new())
                        }
                    };
                    *key = Some(Key { at, text });
                }
            },
        }
    }
}

/// How a plain scalar reads by YAML 1.2's core schema.
pub(super) fn plain_kind(text: &str) -> Option<&'static str> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let radix = unsigned.starts_with("0x") || unsigned.starts_with("0o");
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some("nothing (null)"),
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Some("a yes/no value"),
        _ if digits(unsigned) || radix => Some("a number"),
        _ if unsigned.bytes().any(|b| b.is_ascii_digit()) && unsigned.parse::<f64>().is_ok() => {
            Some("a number")
        }
        _ if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") => {
            Some("a number")
        }
        _ => None,
    }
}

/// What a node is, for messages.
pub(super) fn kind(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, plain } => match plain_kind(text).filter(|_| *plain) {
            Some("nothing (null)") => "nothing (null)".into(),
            Some(kind) => format!("{kind}, {}", show(text)),
            None => format!("the text {}", show(text)),
        },
        Value::List(_) => "a list".into(),
        Value::Map(_) => "a map of keys".into(),
        Value::Refused => "something that is not supported".into(),
    }
}
