//! A message as data. Adapters turn it into what their front wants; tests read it as text. How much of each
//! a front takes is its [`FrontProfile`](super::FrontProfile).

use crate::model::Identity;
use nebulalinks_protocol::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The stripe beside a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Accent {
    /// Nothing to do.
    Neutral,
    /// Somebody must do something.
    Waiting,
    /// It went well.
    Good,
    /// It did not.
    Bad,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ButtonStyle {
    /// The thing to do.
    Primary,
    /// Another thing to do.
    Secondary,
    /// The answer that agrees.
    Success,
    /// No, or something that cannot be taken back.
    Danger,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What it does: an [`super::Action`] as text, at most 100 characters.
    pub id: String,
    /// What it says.
    pub label: String,
    /// How it looks.
    pub style: ButtonStyle,
}

/// A button that leads out of the front: nobody hears of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads: https, and never a person's own address.
    pub url: String,
}

/// One line of a select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What is sent back: a key.
    pub value: String,
    /// What it says.
    pub label: String,
    /// A second line.
    pub description: Option<String>,
}

/// Pick one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Select {
    /// What it does: an [`super::Action`] as text.
    pub id: String,
    /// What it says before something is picked.
    pub placeholder: String,
    /// The lines, at least one.
    pub choices: Vec<Choice>,
}

/// Where a file's content is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum FileSource {
    /// The content itself.
    Bytes(Vec<u8>),
    /// A proof of payment, by its file name under the folder of proofs.
    Proof(String),
}

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its name, with an ending; `Block::Image` or `Block::File` names it.
    pub name: String,
    /// Its content.
    pub source: FileSource,
}

/// A part of a message, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Block {
    /// Markdown.
    Text(String),
    /// A thin line.
    Separator,
    /// The attachment of this name, as a picture.
    Image(String),
    /// The attachment of this name, to be kept.
    File(String),
    /// Buttons in a row, at least one.
    Buttons(Vec<Button>),
    /// Links in a row, at least one.
    Links(Vec<Link>),
    /// A select.
    Select(Select),
}

/// What people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The stripe.
    pub accent: Accent,
    /// The parts.
    pub blocks: Vec<Block>,
    /// The files.
    pub files: Vec<Attachment>,
    /// Who is called by it, where a text of it names them: nobody else is, whomever it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<Identity>,
    /// The roles that are called by it, by snowflake, where a text of it names them: once, when it is
    /// posted. An edit calls nobody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls_roles: Vec<u64>,
}

impl Message {
    /// A message of one text.
    #[must_use]
    pub fn text(accent: Accent, text: impl Into<String>) -> Self {
        let blocks = vec![Block::Text(text.into())];
        Self { accent, blocks, files: Vec::new(), calls: None, calls_roles: Vec::new() }
    }

    /// Hash of all that is shown: a surface is edited only when it changes.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let digest: [u8; 32] = Sha256::digest(json).into();
        hex(&digest[..16])
    }
}

/// One line or paragraph to type in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextField {
    /// Its key in what comes back.
    pub id: String,
    /// What it asks for.
    pub label: String,
    /// Whether it may stay empty.
    pub required: bool,
    /// Several lines.
    pub paragraph: bool,
    /// At most this many characters.
    pub max_length: u16,
}

/// Pictures to choose in a dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileField {
    /// Its key in what comes back.
    pub id: String,
    /// What it asks for.
    pub label: String,
    /// A second line.
    pub description: String,
    /// At least one is chosen, and at most this many.
    pub most: usize,
}

/// A dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Modal {
    /// What it does: an [`super::Action`] as text.
    pub id: String,
    /// Its title.
    pub title: String,
    /// At least one, unless it asks for files.
    pub fields: Vec<TextField>,
    /// The files that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<FileField>,
}

/// What the person who clicked gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Answer {
    /// A new message that only they see.
    Private(Message),
    /// The private message they clicked in becomes this.
    Replace(Message),
    /// A dialog.
    Modal(Modal),
    /// What may be meant by what they are typing; without descriptions.
    Choices(Vec<Choice>),
}

impl Answer {
    /// Both as one message, that of this one first; a dialog stands alone.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (
                Self::Private(mut message) | Self::Replace(mut message),
                Self::Private(more) | Self::Replace(more),
            ) => {
                message.accent = message.accent.max(more.accent);
                message.blocks.push(Block::Separator);
                message.blocks.extend(more.blocks);
                message.files.extend(more.files);
                Self::Private(message)
            }
            (dialog @ Self::Modal(_), _) | (_, dialog) => dialog,
        }
    }
}
