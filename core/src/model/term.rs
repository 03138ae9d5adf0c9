//! Terms and runs: what was paid for, and how it adds up. Inserted once, never changed.

use super::binding::Selector;
use super::{
    AccountId, Bytes, CustomerId, DurationMs, Money, OrderId, PromoId, Quota, RequestKey, UnixMs,
};
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
    Compensation(Box<MadeGood>),
    /// The one free trial of this customer.
    Trial(CustomerId),
    /// A promo code gave days.
    Promo(Box<PromoTerm>),
    /// A friend whom its customer invited paid for the first time; the id is the friend's order.
    Referral(OrderId),
}

/// One compensation of a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MadeGood {
    /// Whose run.
    pub account: AccountId,
    /// Which run.
    pub run: u32,
    /// The how-many-th of that run.
    pub n: u32,
}

/// A use of a promo code that gave days: one for each click, however often that is delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PromoTerm {
    /// Which code.
    pub promo: PromoId,
    /// Who used it.
    pub customer: CustomerId,
    /// What the front calls the click that asked for it.
    pub asked: RequestKey,
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
            Self::Compensation(given) => {
                let MadeGood { account, run, n } = &**given;
                write!(f, "compensation:{account}:{run}:{n}")
            }
            Self::Trial(customer) => write!(f, "trial:{customer}"),
            Self::Referral(order) => write!(f, "referral:{order}"),
            Self::Promo(given) => {
                let PromoTerm { promo, customer, asked } = &**given;
                write!(f, "promo:{promo}:{customer}:{asked}")
            }
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
    /// What was paid; nothing for a grant, a trial, a code, an invitation or a compensation.
    pub price: Option<Money>,
    /// The catalog's revision it was sold from.
    pub revision: Arc<str>,
    /// When it was committed.
    pub at: UnixMs,
}

impl Term {
    /// Whether the term was sold or given for itself: it sets devices and selector, and an account stands by it.
    /// What only lengthens a run does neither: where all else of the run is taken back, it is over.
    #[must_use]
    pub const fn sets_service(&self) -> bool {
        self.carries_gifts() || matches!(self.source, TermSource::Trial(_))
    }

    /// Whether days that were given for nothing stand by it: it was sold, granted or adopted.
    #[must_use]
    pub const fn carries_gifts(&self) -> bool {
        match self.source {
            TermSource::Order(_) | TermSource::Grant(_) | TermSource::Adoption(_) => true,
            TermSource::Trial(_)
            | TermSource::Compensation(_)
            | TermSource::Promo(_)
            | TermSource::Referral(_) => false,
        }
    }

    /// Whether it is days that were given for nothing.
    #[must_use]
    pub const fn is_gift(&self) -> bool {
        matches!(self.source, TermSource::Promo(_) | TermSource::Referral(_))
    }

    /// Whether it makes good for an outage of ours.
    #[must_use]
    pub const fn is_compensation(&self) -> bool {
        matches!(self.source, TermSource::Compensation(_))
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
