//! The answer: what an edit would do.

use crate::catalog::Commit;
use serde::{Deserialize, Serialize};

/// What an edit would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogDiff {
    /// The files in force.
    pub from: Files,
    /// The edited files.
    pub to: Files,
    /// How many accounts the records had; 0 also where no records were looked at.
    pub accounts: usize,
    /// In customers' terms: what happens to whom, what matters most first.
    pub effects: Vec<Effect>,
    /// Each plan, server, method, part of the shop and promo code that is not the same.
    pub changes: Vec<Change>,
}

/// Which files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// The hash of their contents.
    pub revision: String,
    /// The commit they come from, where that is known.
    pub commit: Option<Commit>,
}

/// How much an effect matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Somebody loses something, or a person must act.
    Warning,
    /// Somebody notices it.
    Notice,
    /// What one may want to be sure of.
    Info,
}

/// What happens to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// How much it matters.
    pub weight: Weight,
    /// What happens, as a word that never changes, such as `move`.
    pub code: String,
    /// How many accounts, orders or places.
    pub count: usize,
    /// The server, plan, plans or method that it is about, where it is about one.
    pub about: Option<String>,
    /// A sentence without a full stop.
    pub text: String,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is new.
    Added,
    /// It is in the files no more.
    Removed,
    /// Something of it differs.
    Changed,
}

/// An entry of the files that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The file's name.
    pub file: String,
    /// Where the entry stands in the edited file.
    pub line: Option<usize>,
    /// `plan`, `server`, `method`, `shop` or `code`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What became of it.
    pub became: Became,
    /// What differs.
    pub fields: Vec<Field>,
}

/// A part of an entry that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// As the file names it, such as `prices` or `orders.pay_within`.
    pub name: String,
    /// Where it stands in the edited file.
    pub line: Option<usize>,
    /// What it was; `None` where it was not there.
    pub was: Option<String>,
    /// What it is; `None` where it is gone.
    pub is: Option<String>,
    /// For whom it counts, where that is not plain.
    pub note: Option<String>,
}

impl CatalogDiff {
    /// Whether nothing but comments and the like differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.effects.is_empty()
    }
}
