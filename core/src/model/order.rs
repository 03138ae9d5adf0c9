//! An order: facts with their times. Its state is a function of the facts and the time.

use super::binding::Selector;
use super::{
    AccountId, Actor, CustomerId, DAY_MS, DurationMs, FamilyId, MethodId, Money, OrderId,
    PictureLook, PlanId, PromoId, Quota, UnixMs,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a proof keeps a place by records that do not say.
const REVIEW_BEFORE: DurationMs = DurationMs(3 * DAY_MS);

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A new account.
    New,
    /// A further term for this account.
    Renew(AccountId),
}

/// The plan as it was when the order was placed: what is sold never follows the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderPlan {
    /// The plan.
    pub id: PlanId,
    /// Plans of one family renew each other.
    pub family: FamilyId,
    /// The catalog's revision that was shown.
    pub revision: Arc<str>,
    /// The git commit that it came from, in hex. None where there was none, and in records of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Arc<str>>,
    /// The plan's name in each language of the shop.
    pub name: Arc<BTreeMap<String, String>>,
    /// How long a term is.
    pub length: DurationMs,
    /// How much it may carry.
    pub quota: Quota,
    /// Devices at once; 0 is without limit.
    pub devices: u32,
    /// Which servers may serve it.
    pub selector: Arc<Selector>,
}

/// How the customer wants to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodChoice {
    /// The method.
    pub method: MethodId,
    /// What is asked in that method's currency.
    pub price: Money,
    /// When it was chosen.
    pub at: UnixMs,
}

/// The promo code that an order was reduced by: pinned, whatever becomes of the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPromo {
    /// Which code.
    pub promo: PromoId,
    /// What was asked without it. Where that is due, the order has lost its code.
    pub full: Money,
}

/// What a proof of payment is, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceKind {
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A WebP picture.
    Webp,
    /// A GIF picture.
    Gif,
}

impl EvidenceKind {
    /// The file name's ending.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }

    /// The name under the folder of proofs of the file with this content.
    #[must_use]
    pub fn file_name(self, sha256: &str) -> String {
        format!("{sha256}.{}", self.extension())
    }
}

/// The payment's own number, as whoever sent a proof typed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedReference {
    /// On one line, at most 64 characters.
    pub typed: Box<str>,
    /// The number as it is compared, where it counts as this order's: no other order had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<str>>,
    /// The other order under which the same number stood by the same method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<OrderId>,
}

/// A proof of payment: the file lies under `state/proofs`, durable before this record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// SHA-256 of what was sent, in lower-case hex; also the file's name. What is kept of it is the picture alone.
    pub sha256: String,
    /// The size in bytes of what is kept.
    pub size_bytes: u64,
    /// The type of what is kept, by content.
    pub kind: EvidenceKind,
    /// When it came.
    pub at: UnixMs,
    /// It came while the clock was in doubt: `at` is no later than that, and is set when the doubt
    /// ends.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undated: bool,
    /// What it looks like. None where it shows nothing or could not be decoded, and in records of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Box<PictureLook>>,
    /// The earlier order under which a picture stands that is the same or looks the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resembles: Option<OrderId>,
    /// The payment's own number, where it was typed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Box<StatedReference>>,
    /// When its file was deleted, since `retention.proofs` was over. The rest stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<UnixMs>,
}

impl Evidence {
    /// The file's name under the folder of proofs.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.kind.file_name(&self.sha256)
    }
}

/// What staff said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Staff saw the payment, and the term is added.
    Approved {
        /// The payment's own number, if it was given; unique per method.
        reference: Option<String>,
        /// The account that got the term.
        account: AccountId,
    },
    /// Not paid.
    Declined {
        /// The reason that the customer reads.
        reason: String,
    },
}

/// Who decided what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who of the staff.
    pub by: Actor,
    /// When staff decided.
    pub at: UnixMs,
    /// Approved or declined.
    pub verdict: Verdict,
}

/// The customer, or staff, gave the order up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The person who gave the order up.
    pub by: Actor,
    /// When the order was given up.
    pub at: UnixMs,
}

/// An approval was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversed {
    /// The staff who took the approval back.
    pub by: Actor,
    /// When the approval was taken back.
    pub at: UnixMs,
    /// The reason that the staff gave.
    pub reason: String,
}

/// A decline was taken back: the order awaits review again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    /// Who of the staff.
    pub by: Actor,
    /// When the decline was taken back.
    pub at: UnixMs,
    /// The reason that the staff gave.
    pub reason: String,
}

/// Files of an order's proofs whose end is decided, durably, and not done yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleting {
    /// The audit line of the intent.
    pub intent: String,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id, which is also the reference that customers write in the payment's note.
    pub id: OrderId,
    /// Who buys.
    pub customer: CustomerId,
    /// What for.
    pub target: Target,
    /// The plan as it was, shared by the orders that were sold the same.
    pub plan: Arc<OrderPlan>,
    /// How it will be paid; with a promo code, what is due with that.
    pub method: MethodChoice,
    /// The promo code that it was reduced by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo: Option<Box<OrderPromo>>,
    /// When it was placed.
    pub placed_at: UnixMs,
    /// Until when it wants to be paid.
    pub pay_by: UnixMs,
    /// Until when a place is kept for it: until it wants to be paid, and from its first proof on
    /// for as long as a review may take. None in records of before: see [`Order::place_until`].
    #[serde(default)]
    pub place_until: Option<UnixMs>,
    /// Proofs, oldest first.
    pub evidence: Vec<Evidence>,
    /// What staff said.
    pub decision: Option<Decision>,
    /// Given up.
    pub cancelled: Option<Cancellation>,
    /// Taken back.
    pub reversed: Option<Reversed>,
    /// The last decline that was taken back; the audit has them all.
    #[serde(default)]
    pub reopened: Option<Reopened>,
    /// It was settled long ago: only the store holds it, until that is taken back or a late proof
    /// comes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// The files of its proofs are being deleted: it is not known yet that they are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleting: Option<Box<Deleting>>,
}

/// Where an order stands: derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderState {
    /// No proof yet.
    AwaitingPayment,
    /// A proof waits for staff.
    AwaitingReview,
    /// Staff saw the payment, and the term is added.
    Approved,
    /// Not paid, said staff.
    Declined,
    /// Not paid in time. A late proof reopens it.
    Expired,
    /// Given up. A proof that comes after reopens it.
    Cancelled,
    /// Approved once, then taken back.
    Reversed,
}

impl OrderState {
    /// Every one, for metrics.
    pub const ALL: [Self; 7] = [
        Self::AwaitingPayment,
        Self::AwaitingReview,
        Self::Approved,
        Self::Declined,
        Self::Expired,
        Self::Cancelled,
        Self::Reversed,
    ];

    /// Whether a proof may still come. A late one, or one after a cancel, reopens its order: nobody
    /// pays for nothing.
    #[must_use]
    pub const fn takes_proof(self) -> bool {
        matches!(
            self,
            Self::AwaitingPayment | Self::AwaitingReview | Self::Expired | Self::Cancelled
        )
    }

    /// The word for logs, metrics and tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting-payment",
            Self::AwaitingReview => "awaiting-review",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Reversed => "reversed",
        }
    }
}

impl Order {
    /// The most proofs of one order whose pictures are kept: a record is small.
    pub const MOST_PROOFS: usize = 8;
    /// The same with those whose pictures were deleted.
    pub const MOST_PROOFS_EVER: usize = 2 * Self::MOST_PROOFS;

    /// The promo code that it is reduced by.
    #[must_use]
    pub fn code(&self) -> Option<&OrderPromo> {
        self.promo.as_deref().filter(|promo| promo.full != self.method.price)
    }

    /// The promo code that it was reduced by: it came back after it was given up or not paid in time, when
    /// that did not count any more, and is due in full.
    #[must_use]
    pub fn lost_code(&self) -> Option<&OrderPromo> {
        self.promo.as_deref().filter(|promo| promo.full == self.method.price)
    }

    /// The payment's own numbers that were typed with its proofs, oldest first.
    pub fn stated_references(&self) -> impl DoubleEndedIterator<Item = &StatedReference> {
        self.evidence.iter().filter_map(|proof| proof.stated.as_deref())
    }

    /// What it is approved with where staff type no number: what its customer typed last, if that counts as its own.
    #[must_use]
    pub fn own_reference(&self) -> Option<&str> {
        self.stated_references().next_back()?.own.as_deref()
    }

    /// The proofs whose pictures are kept, oldest first.
    pub fn kept_proofs(&self) -> impl DoubleEndedIterator<Item = &Evidence> + Clone {
        self.evidence.iter().filter(|proof| proof.deleted_at.is_none())
    }

    /// Whether a picture with this content is kept for it.
    #[must_use]
    pub fn keeps_picture(&self, sha256: &str) -> bool {
        self.kept_proofs().any(|proof| proof.sha256 == sha256)
    }

    /// The proofs whose pictures were deleted, and did not come again since.
    pub fn deleted_proofs(&self) -> impl Iterator<Item = &Evidence> {
        let deleted = self.evidence.iter().filter(|proof| proof.deleted_at.is_some());
        deleted.filter(|proof| !self.keeps_picture(&proof.sha256))
    }

    /// Whether it had a picture with this content, which was deleted.
    #[must_use]
    pub fn deleted_picture(&self, sha256: &str) -> bool {
        self.deleted_proofs().any(|proof| proof.sha256 == sha256)
    }

    /// Whether one more proof fits, whatever its state takes.
    #[must_use]
    pub fn has_room_for_proof(&self) -> bool {
        self.room_for_proofs() > 0
    }

    /// How many more proofs fit, whatever its state takes.
    #[must_use]
    pub fn room_for_proofs(&self) -> usize {
        let to_keep = Self::MOST_PROOFS.saturating_sub(self.kept_proofs().count());
        to_keep.min(Self::MOST_PROOFS_EVER.saturating_sub(self.evidence.len()))
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn state(&self, now: UnixMs) -> OrderState {
        if self.reversed.is_some() {
            return OrderState::Reversed;
        }
        match self.decision.as_ref().map(|d| &d.verdict) {
            Some(Verdict::Approved { .. }) => return OrderState::Approved,
            Some(Verdict::Declined { .. }) => return OrderState::Declined,
            None => {}
        }
        let last_proof = self.evidence.iter().map(|e| e.at).max();
        match (&self.cancelled, last_proof) {
            (Some(cancelled), Some(proof)) if proof >= cancelled.at => OrderState::AwaitingReview,
            (Some(_), _) => OrderState::Cancelled,
            (None, Some(_)) => OrderState::AwaitingReview,
            (None, None) if now >= self.pay_by => OrderState::Expired,
            (None, None) => OrderState::AwaitingPayment,
        }
    }

    /// When its first proof came.
    #[must_use]
    pub fn first_proof(&self) -> Option<UnixMs> {
        self.evidence.iter().map(|e| e.at).min()
    }

    /// Until when a place is, or was, kept for it: the account's own for a renewal of one that has
    /// a place.
    #[must_use]
    pub fn place_until(&self) -> UnixMs {
        let unwritten = || self.first_proof().map_or(self.pay_by, |at| at + REVIEW_BEFORE);
        self.place_until.unwrap_or_else(unwritten)
    }

    /// Until when a place is kept for it, while staff have not decided it and it is not given up.
    #[must_use]
    pub fn claims_place(&self) -> Option<UnixMs> {
        let given_up =
            self.cancelled.as_ref().is_some_and(|c| self.evidence.iter().all(|e| e.at < c.at));
        let open = self.decision.is_none() && self.reversed.is_none() && !given_up;
        open.then(|| self.place_until())
    }

    /// Whether a place is kept for it now.
    #[must_use]
    pub fn keeps_place(&self, now: UnixMs) -> bool {
        self.claims_place().is_some_and(|until| now < until)
    }

    /// Whether it was approved when no place was kept for it any more.
    #[must_use]
    pub fn was_approved_late(&self) -> bool {
        self.decision.as_ref().is_some_and(|d| d.at >= self.place_until())
    }

    /// When it came to what it is: staff last decided it, or it was given up, or its time to be paid
    /// was over. `None` while it waits for somebody.
    #[must_use]
    pub fn settled_at(&self, now: UnixMs) -> Option<UnixMs> {
        let decided = || self.decision.as_ref().map(|decision| decision.at);
        match self.state(now) {
            OrderState::AwaitingPayment | OrderState::AwaitingReview => None,
            OrderState::Approved | OrderState::Declined => decided(),
            OrderState::Reversed => decided().max(self.reversed.as_ref().map(|r| r.at)),
            OrderState::Expired => Some(self.pay_by),
            OrderState::Cancelled => self.cancelled.as_ref().map(|c| c.at),
        }
    }

    /// Since when files of its proofs are kept though nobody waits for a decision; 0 once they are being
    /// deleted, which is to be finished. `None` while it waits for somebody, and where there are none. Where the
    /// order has left memory whole seconds are known of it, rounded up.
    #[must_use]
    pub fn pictures_since(&self) -> Option<UnixMs> {
        if self.deleting.is_some() {
            return Some(UnixMs(0));
        }
        // Where there is a proof the time tells nothing.
        self.kept_proofs().next().and_then(|_| self.settled_at(UnixMs(0)))
    }

    /// The account that its approval made or extended.
    #[must_use]
    pub fn approved_account(&self) -> Option<AccountId> {
        match self.decision.as_ref().map(|d| &d.verdict) {
            Some(Verdict::Approved { account, .. }) => Some(*account),
            _ => None,
        }
    }
}
