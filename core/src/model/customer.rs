//! A customer: one person, wherever they talk to us. What is sold is sold to them, and not to the name
//! that a front has for them.

use super::{CustomerId, Identity, Language, UnixMs};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// One customer. Made by the first order, never by a click.
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
}

impl Customer {
    /// One of whom no more is known than their id and where they are known: they came when the id was drawn.
    #[must_use]
    pub fn bare(id: CustomerId, identities: impl Into<Box<[Identity]>>) -> Self {
        let created_at = UnixMs(Ulid::from_bytes(id.to_bytes()).timestamp_ms());
        let (identities, name) = (identities.into(), Box::default());
        Self { id, identities, name, language: None, created_at }
    }
}

/// Index: whose an identity is. The lock of a first order: two at once make one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerIdentity {
    /// Where somebody is known.
    pub identity: Identity,
    /// Who that is.
    pub customer: CustomerId,
}
