//! An account: what one customer owns. It survives server moves.

use super::{AccountId, CustomerId, FamilyId, PlanId, ServerId, TermSource, UnixMs};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why an account is switched off by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// What staff gave as the reason.
    pub reason: String,
    /// Since when.
    pub since: UnixMs,
}

/// The account's credentials: the same on every server, chosen and durable before any call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// For VLESS and VMess.
    pub uuid: uuid::Uuid,
    /// The panel's subscription key: 16 of a–z and 0–9; of an adopted client the one that it had.
    pub sub_id: String,
    /// For the protocols that need a password: 32 bytes, base64url.
    pub secret: String,
    /// Rises with each rotation.
    pub version: u32,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials(version {}, redacted)", self.version)
    }
}

/// Where an account's client comes from, where it was somebody's own before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The server on whose panel it was.
    pub server: ServerId,
    /// The name that it had there.
    pub email: String,
    /// What stood beside it there.
    pub comment: String,
    /// When it was adopted.
    pub at: UnixMs,
    /// [Made](TermSource::of_client) of the uuid that it had there, by which it is known whatever became of
    /// its name and of the account's credentials.
    pub source: TermSource,
}

/// That an account's client was given back: it stays on its panel, and is not the shop's any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// The server on whose panel it is.
    pub server: ServerId,
    /// When staff said so.
    pub at: UnixMs,
    /// Why.
    pub reason: String,
}

/// How an account came to the shop and left it, where that was no order and no end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    /// Its client was somebody's own before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<Adopted>,
    /// Its client was given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Released>,
    /// It began as a trial of this plan; none of a store that did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<PlanId>,
}

/// What one customer owns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id, part of the client's name on the panels.
    pub id: AccountId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Which plans can renew it.
    pub family: FamilyId,
    /// How it came to the shop and left it, where that was no order and no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custody: Option<Box<Custody>>,
    /// Switched off by hand.
    #[serde(rename = "hold")]
    pub suspension: Option<Box<Suspension>>,
    /// What opens the door.
    pub credentials: Credentials,
    /// For the subscription address: 32 bytes, base64url.
    pub subscription_token: String,
    /// When it was made.
    pub created_at: UnixMs,
    /// How many terms it has: the next term's sequence. Part of the record, so that adding a term
    /// changes the account's version and two approvals cannot both take one sequence.
    pub terms: u32,
    /// How many runs it has: the next run's sequence.
    pub runs: u32,
}

impl Account {
    /// What its subscription address ends with: the id finds it, and the token opens it.
    #[must_use]
    pub fn address_end(&self) -> String {
        format!("{}{}", self.id, self.subscription_token)
    }

    /// What its client was before it was adopted; `None` of one that was ordered.
    #[must_use]
    pub fn adopted(&self) -> Option<&Adopted> {
        self.custody.as_deref()?.adopted.as_ref()
    }

    /// That its client was given back; `None` of one that is the shop's.
    #[must_use]
    pub fn released(&self) -> Option<&Released> {
        self.custody.as_deref()?.released.as_ref()
    }

    /// The plan that it is a trial of; `None` of one that was no trial, or of a store that did not keep it.
    #[must_use]
    pub fn tried(&self) -> Option<&PlanId> {
        self.custody.as_deref()?.tried.as_ref()
    }

    /// The name under which its client was on this server's panel before it was adopted there.
    #[must_use]
    pub fn adopted_on(&self, server: &ServerId) -> Option<&str> {
        let adopted = self.adopted()?;
        (adopted.server == *server).then_some(&*adopted.email)
    }

    /// What tells the client that it was: made of the uuid that this had.
    #[must_use]
    pub fn adoption(&self) -> Option<TermSource> {
        Some(self.adopted()?.source.clone())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("customer", &self.customer)
            .field("family", &self.family)
            .field("custody", &self.custody)
            .field("suspension", &self.suspension)
            .field("credentials", &self.credentials)
            .field("created_at", &self.created_at)
            .field("terms", &self.terms)
            .field("runs", &self.runs)
            .finish_non_exhaustive()
    }
}
