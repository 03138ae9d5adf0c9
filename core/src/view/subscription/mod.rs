//! What an account's subscription address answers: its links in the form that an app reads, or one
//! entry that says why there are none.

pub(super) mod apps;
mod clash;
mod format;
mod sing_box;

pub use apps::{AppButton, Platform};
pub use format::Format;

use super::links::{Access, Endpoint, Security, Transport};
use crate::model::{Bytes, UnixMs};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nebulalinks_protocol::percent_encoded;
use std::collections::BTreeSet;
use std::fmt;

/// What an account's address answers at a moment.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What apps call it.
    pub title: String,
    /// What was used.
    pub used: Bytes,
    /// What there was to use; `None` without a limit.
    pub total: Option<Bytes>,
    /// When it ends; `None` where nothing was ever bought.
    pub ends_at: Option<UnixMs>,
    /// The ways in, or why there are none.
    pub entries: Entries,
    /// What stands in place of ways that an app cannot go.
    pub other_app: String,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription({}, redacted)", self.title)
    }
}

/// The ways in, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entries {
    /// At least one way in.
    Served(Vec<Endpoint>),
    /// Why there is none, in one line that the customer reads in place of a server's name.
    Told(String),
}

/// A body, and what of the ways in it leaves out.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// The body.
    pub text: String,
    /// What that form cannot say, each once.
    pub left_out: BTreeSet<String>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document(redacted, without {:?})", self.left_out)
    }
}

impl Subscription {
    /// The body in a form; `None` for the page, which is no form of an app.
    #[must_use]
    pub fn document(&self, format: Format) -> Option<Document> {
        match format {
            Format::Base64 => Some(self.links(|text| STANDARD.encode(text))),
            Format::Links => Some(self.links(|text| format!("{text}\n"))),
            Format::SingBox => Some(self.entries_as(sing_box::entry, sing_box::document)),
            Format::Clash => Some(self.entries_as(clash::entry, clash::document)),
            Format::Page => None,
        }
    }

    fn links(&self, write: impl Fn(&str) -> String) -> Document {
        let urls: Vec<String> = match &self.entries {
            Entries::Served(ways) => ways.iter().map(|way| way.url.clone()).collect(),
            Entries::Told(why) => vec![told(why).url],
        };
        Document { text: write(&urls.join("\n")), left_out: BTreeSet::new() }
    }

    /// The ways that a form can say; one entry for people where it can say none.
    fn entries_as<T>(
        &self,
        entry: impl Fn(&Endpoint, String) -> Result<T, String>,
        document: impl Fn(Vec<(String, T)>, &BTreeSet<String>) -> String,
    ) -> Document {
        let mut left_out = BTreeSet::new();
        let mut entries = Vec::new();
        let mut names = BTreeSet::new();
        let mut add = |way: &Endpoint| {
            let name = unlike(&way.label, &names);
            match entry(way, name.clone()) {
                Ok(made) => {
                    names.insert(name.clone());
                    entries.push((name, made));
                }
                Err(what) => {
                    left_out.insert(what);
                }
            }
        };
        match &self.entries {
            Entries::Served(ways) => ways.iter().for_each(&mut add),
            Entries::Told(why) => add(&told(why)),
        }
        if entries.is_empty() {
            let way = told(&self.other_app);
            entries.extend(entry(&way, way.label.clone()).map(|made| (way.label, made)));
        }
        let text = document(entries, &left_out);
        Document { text, left_out }
    }
}

/// A name that no entry before has: apps take two of one name for a fault.
fn unlike(label: &str, names: &BTreeSet<String>) -> String {
    let numbered = (2..).map(|n| format!("{label} {n}"));
    let mut all = [label.to_owned()].into_iter().chain(numbered);
    all.find(|name| !names.contains(name)).unwrap_or_default()
}

/// An entry that leads nowhere: its name is what there is to read. Port 1 of the device itself is where
/// an app ends that tries it.
fn told(why: &str) -> Endpoint {
    let uuid = uuid::Uuid::nil();
    let host = "127.0.0.1".to_owned();
    Endpoint {
        url: format!(
            "vless://{uuid}@{host}:1?encryption=none&security=none&type=tcp#{}",
            percent_encoded(why)
        ),
        label: why.to_owned(),
        host,
        port: 1,
        access: Access::Vless { uuid, flow: false, encryption: None },
        transport: Transport::Plain,
        security: Security::None,
    }
}

#[cfg(test)]
mod tests;
