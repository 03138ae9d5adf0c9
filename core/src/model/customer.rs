//! A customer: one person, wherever they talk to us. What is sold is sold to them, and not to the name
//! that a front has for them.

use super::{Actor, CustomerId, Forgotten, Identity, Language, NoticeTopic, Reads, UnixMs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use ulid::Ulid;

/// One customer. Made by the first order, or the first question to the staff; never by a click that only looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The shop's own id.
    pub id: CustomerId,
    /// Where they are known, the one to write to first. Each belongs to one customer: see
    /// [`CustomerIdentity`].
    pub identities: Box<[Identity]>,
    /// The name that their front showed last; for people only.
    pub name: Box<str>,
    /// The language that their front told last: what is sent to them is written in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When they became one.
    pub created_at: UnixMs,
    /// What they chose or did for themselves; in a box, since most never do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<OwnSettings>>,
    /// What staff wrote down of them, for each other: no page of a customer's has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<StaffNote>>,
}

/// What staff wrote down of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffNote {
    /// The text, as whoever reads it sees it: at most [`StaffNote::MOST_CHARS`] characters.
    pub text: Box<str>,
    /// Who wrote it.
    pub by: Actor,
    /// When it was written.
    pub at: UnixMs,
}

impl StaffNote {
    /// The most characters of one.
    pub const MOST_CHARS: usize = 1_000;
}

impl Customer {
    /// One of whom no more is known than their id and where they are known: they came when the id was drawn.
    #[must_use]
    pub fn bare(id: CustomerId, identities: impl Into<Box<[Identity]>>) -> Self {
        let created_at = UnixMs(Ulid::from_bytes(id.to_bytes()).timestamp_ms());
        let (identities, name) = (identities.into(), Box::default());
        Self { id, identities, name, language: None, created_at, own: None, note: None }
    }

    /// What they chose to read, and what their front told.
    #[must_use]
    pub fn reads(&self) -> Reads {
        Reads { chosen: self.chosen_language(), told: self.language }
    }

    /// The language that they chose, whatever their front tells.
    #[must_use]
    pub fn chosen_language(&self) -> Option<Language> {
        self.own.as_ref()?.language
    }

    /// Whether they want to hear of a topic.
    #[must_use]
    pub fn hears(&self, topic: NoticeTopic) -> bool {
        self.own.as_ref().is_none_or(|own| !own.muted.contains(&topic))
    }

    /// When they last replaced a link themselves.
    #[must_use]
    pub fn replaced_link_at(&self) -> Option<UnixMs> {
        self.own.as_ref()?.replaced_link_at
    }

    /// When they opened their last tickets, the oldest first.
    #[must_use]
    pub fn opened_tickets(&self) -> &[UnixMs] {
        self.own.as_ref().map_or(&[], |own| &own.opened_tickets)
    }

    /// The same with their own settings changed; none are kept where all are as at first.
    #[must_use]
    pub fn with_own(&self, change: impl FnOnce(&mut OwnSettings)) -> Self {
        let mut own = self.own.as_deref().cloned().unwrap_or_default();
        change(&mut own);
        let own = (own != OwnSettings::default()).then(|| Box::new(own));
        Self { own, ..self.clone() }
    }
}

/// What a customer chose for themselves, and when they did what may be done only so often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSettings {
    /// The language that they chose; none is what their front tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What they do not want to hear of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub muted: BTreeSet<NoticeTopic>,
    /// When they last replaced a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_link_at: Option<UnixMs>,
    /// When they opened their last tickets, the oldest first. Each one more changes it, so that of two that
    /// are opened at once one conflicts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened_tickets: Vec<UnixMs>,
    /// Who invited them; the first whom they named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<CustomerId>,
    /// They wanted to be forgotten: nothing else of theirs is kept with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<Box<Forgotten>>,
}

/// Index: whose an identity is. The lock of a first order: two at once make one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerIdentity {
    /// Where somebody is known.
    pub identity: Identity,
    /// Who that is.
    pub customer: CustomerId,
}
