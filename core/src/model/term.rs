//! Terms and runs: what was paid for, and how it adds up. Inserted once, never changed.

use super::binding::Selector;
use super::{AccountId, Bytes, CustomerId, DurationMs, Money, OrderId, Quota, UnixMs};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// Where a term comes from. One term per source, by index: approving twice inserts it once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermSource {
    /// An approved order.
    Order(OrderId),
    /// Given by staff; the id is the grant's own.
    Grant(OrderId),
    /// A client that was somebody's own became an account's; the id is the account's.
    Adoption(OrderId),
    /// Makes good for an outage of ours before the run was first served.
    Compensation {
        /// Whose run.
        account: AccountId,
        /// Which run.
        run: u32,
        /// The how-many-th of that run.
        n: u32,
    },
    /// The one free trial of this customer.
    Trial(CustomerId),
}

impl TermSource {
    /// That of the adoption that opened this account.
    #[must_use]
    pub const fn of_adoption(account: AccountId) -> Self {
        Self::Adoption(OrderId::new(ulid::Ulid(u128::from_be_bytes(account.to_bytes()))))
    }

    /// What tells a client that was adopted, made of the uuid that it had then. Not the uuid itself: that is a
    /// credential.
    #[must_use]
    pub fn of_client(uuid: uuid::Uuid) -> Self {
        let digest: [u8; 32] = Sha256::digest(uuid.as_bytes()).into();
        let (half, _) = digest.split_at(16);
        let id = half.iter().fold(0_u128, |id, byte| (id << 8) | u128::from(*byte));
        Self::Adoption(OrderId::new(ulid::Ulid(id)))
    }
}

impl fmt::Display for TermSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => write!(f, "order:{id}"),
            Self::Grant(id) => write!(f, "grant:{id}"),
            Self::Adoption(id) => write!(f, "adoption:{id}"),
            Self::Compensation { account, run, n } => {
                write!(f, "compensation:{account}:{run}:{n}")
            }
            Self::Trial(customer) => write!(f, "trial:{customer}"),
        }
    }
}

/// One paid or granted addition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The how-many-th of the account, from 0.
    pub seq: u32,
    /// The run it joined, decided at approval.
    pub run: u32,
    /// Where it comes from.
    pub source: TermSource,
    /// How long.
    pub length: DurationMs,
    /// How much.
    pub quota: Quota,
    /// Devices at once; 0 is without limit.
    pub devices: u32,
    /// Which servers may serve it.
    pub selector: Arc<Selector>,
    /// What was paid; nothing for a grant, a trial or a compensation.
    pub price: Option<Money>,
    /// The catalog's revision it was sold from.
    pub revision: Arc<str>,
    /// When it was committed.
    pub at: UnixMs,
}

impl Term {
    /// Whether the term sets devices and selector (an order, a trial or a grant does, a compensation not).
    #[must_use]
    pub const fn sets_service(&self) -> bool {
        !matches!(self.source, TermSource::Compensation { .. })
    }
}

/// Whether a run counts traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// With an allowance.
    Capped,
    /// Without.
    Unlimited,
}

/// The terms that follow each other without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The how-many-th of the account, from 0.
    pub seq: u32,
    /// The approval that began it.
    pub start: UnixMs,
    /// Whether it counts traffic.
    pub kind: RunKind,
    /// The account's ledgers at the start.
    pub used_before: Bytes,
}

/// A run's enable was read back from a panel: from then on it can end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Which run.
    pub run: u32,
    /// When it was read back.
    pub at: UnixMs,
}

/// A term was taken back: the only thing that lets an end or an allowance fall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Which term.
    pub term: u32,
    /// When the approval was taken back.
    pub at: UnixMs,
    /// The reason that the staff gave.
    pub reason: String,
}
