//! The query of a link, and how the texts of an inbound's settings are read for it.

use nebulalinks_protocol::percent_encoded;
use serde_json::Value;

/// Parameters in the order in which they were put; sorted when written.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(&'static str, String)>);

impl Params {
    pub(super) fn put(&mut self, key: &'static str, value: impl Into<String>) {
        self.0.push((key, value.into()));
    }
    pub(super) fn put_text(&mut self, key: &'static str, value: &str) {
        if !value.is_empty() {
            self.put(key, value);
        }
    }
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, value)| value.as_str())
    }
    /// Gives a parameter the name that another kind of link has for it.
    pub(super) fn rename(&mut self, from: &str, to: &'static str) {
        for (key, _) in self.0.iter_mut().filter(|(key, _)| *key == from) {
            *key = to;
        }
    }
    /// Says a parameter in another way.
    pub(super) fn map(&mut self, key: &str, say: impl Fn(&str) -> String) {
        for (_, value) in self.0.iter_mut().filter(|(k, _)| *k == key) {
            *value = say(value);
        }
    }
    /// For links that are no query.
    pub(super) fn into_pairs(self) -> Vec<(&'static str, String)> {
        self.0
    }
    /// `a=1&b=2`, sorted by key and percent-encoded.
    pub(super) fn into_query(mut self) -> String {
        self.0.sort_by_key(|(key, _)| *key);
        let parts: Vec<_> =
            self.0.iter().map(|(k, v)| format!("{k}={}", percent_encoded(v))).collect();
        parts.join("&")
    }
}

/// The text at a path of the settings; empty when there is none.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// A text, a comma list or a list of these: the texts in it that are not empty.
fn texts<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a str> {
    let found = value.pointer(path);
    let list = found.and_then(Value::as_array).map(Vec::as_slice);
    let all = list.or(found.map(std::slice::from_ref)).unwrap_or_default();
    let texts = all.iter().filter_map(Value::as_str).flat_map(|text| text.split(','));
    texts.map(str::trim).filter(|text| !text.is_empty())
}

/// The first of them: lists may begin with empty entries.
pub(super) fn first<'a>(value: &'a Value, path: &str) -> &'a str {
    texts(value, path).next().unwrap_or_default()
}

/// All of them, as a comma list.
pub(super) fn joined(value: &Value, path: &str) -> String {
    texts(value, path).collect::<Vec<_>>().join(",")
}

/// The transport's name; a missing one is TCP.
pub(super) fn network(stream: &Value) -> &str {
    match text(stream, "/network") {
        "" | "raw" => "tcp",
        other => other,
    }
}

/// How the transport is secured; a missing one is not.
pub(super) fn security(stream: &Value) -> &str {
    match text(stream, "/security") {
        "" => "none",
        other => other,
    }
}
