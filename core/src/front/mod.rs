//! What every front does with what a person does there: a front reads its own wire into a [`Click`],
//! the [`Router`] says what comes next, and [`reply`] draws what an intent came to. Pure: it decides
//! nothing and changes nothing; who may do what is decided by [`crate::intent`], on the records.

mod broadcast;
mod fetched;
mod guesses;
mod replies;
mod rights;
mod router;
mod staff;
mod suggest;
mod wants;

pub use fetched::{Fetched, Wanted};
pub use guesses::Guesses;
pub use replies::{decided, reply};
pub use rights::{RIGHTS, Right};
pub use router::{Router, Step};

use crate::intent::Person;
use crate::model::{Identity, Language, RequestKey};
use crate::view::FIELD_REFERENCE;
use std::collections::BTreeMap;

/// Something that a person did: used a button, typed a command, sent a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// What the front calls it: a redelivery has the same.
    pub id: RequestKey,
    /// The person, with the roles that count in the shop.
    pub person: Person,
    /// The language that they read: what answers them is drawn in it.
    pub language: Option<Language>,
    /// The channel or thread it happened in.
    pub channel: Option<u64>,
    /// What they did.
    pub input: Input,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// `/name sub option:…`.
    Command {
        /// The command's name: `pay` or `admin`.
        name: String,
        /// `pending`, `account show`, or nothing.
        sub: String,
        /// Options by name, as text.
        options: BTreeMap<String, String>,
    },
    /// An option of a command is being typed: what may be meant?
    Typing {
        /// The command's name.
        name: String,
        /// As of [`Input::Command`].
        sub: String,
        /// The option that is typed in.
        option: String,
        /// What stands in the options so far, this one's too.
        options: BTreeMap<String, String>,
    },
    /// A button or select was used.
    Component {
        /// An [`Action`](crate::view::Action) as text, if it is one of ours.
        id: String,
        /// What was picked.
        values: Vec<String>,
    },
    /// The pictures of a message are to be used as a proof of payment.
    UseAsProof {
        /// Who wrote the message.
        author: Identity,
        /// It is in a thread.
        in_thread: bool,
    },
    /// A dialog was sent.
    Modal {
        /// An [`Action`](crate::view::Action) as text, if it is one of ours.
        id: String,
        /// What was typed, by field.
        fields: BTreeMap<String, String>,
    },
}

impl Input {
    /// The payment's own number that was typed with pictures of it.
    #[must_use]
    pub fn stated_reference(&self) -> Option<&str> {
        let typed = match self {
            Self::Command { options, .. } => options.get("number"),
            Self::Modal { fields, .. } => fields.get(FIELD_REFERENCE),
            Self::Typing { .. } | Self::Component { .. } | Self::UseAsProof { .. } => None,
        };
        typed.map(String::as_str).filter(|typed| !typed.trim().is_empty())
    }
}
