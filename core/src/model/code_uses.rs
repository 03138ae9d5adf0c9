//! How often promo codes are used: derived from orders and terms, and counted while records change.

use super::due::{DueCounts, step};
use super::{CustomerId, Order, OrderState, PromoId, Term, TermSource, UnixMs};
use imbl::OrdMap;

/// Until when a use counts that nothing ends any more but a decision of staff.
const FOR_GOOD: UnixMs = UnixMs(u64::MAX);

/// One use of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeUse {
    pub(super) promo: PromoId,
    pub(super) customer: CustomerId,
    /// Until when it counts.
    pub(super) until: UnixMs,
}

impl CodeUse {
    /// A use that counts for good.
    pub(super) const fn for_good(promo: PromoId, customer: CustomerId) -> Self {
        Self { promo, customer, until: FOR_GOOD }
    }

    pub(super) fn is_for_good(&self) -> bool {
        self.until == FOR_GOOD
    }
}

/// The uses of every code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CodeUses {
    /// All of them, by until when they count.
    all: OrdMap<PromoId, DueCounts>,
    /// Of each customer those that count for good: those of unpaid orders are told by these.
    theirs: OrdMap<(PromoId, CustomerId), usize>,
}

impl Term {
    /// Its use of a code that gave days.
    pub(super) fn code_use(&self) -> Option<CodeUse> {
        match &self.source {
            TermSource::Promo(given) => {
                Some(CodeUse::for_good(given.promo.clone(), given.customer))
            }
            _ => None,
        }
    }
}

impl CodeUses {
    /// How often a code is used in all.
    pub(super) fn of(&self, promo: &PromoId, now: UnixMs) -> usize {
        self.all.get(promo).map_or(0, |uses| uses.after(now))
    }

    /// How often one customer uses it for good.
    pub(super) fn for_good(&self, promo: &PromoId, customer: CustomerId) -> usize {
        self.theirs.get(&(promo.clone(), customer)).copied().unwrap_or(0)
    }

    /// Counts a use, or takes it out.
    pub(super) fn count(&mut self, used: &CodeUse, there: bool) {
        let mut all = self.all.get(&used.promo).cloned().unwrap_or_default();
        all.count(used.until, there);
        if all.is_empty() {
            self.all.remove(&used.promo);
        } else {
            self.all.insert(used.promo.clone(), all);
        }
        if used.is_for_good() {
            step(&mut self.theirs, (used.promo.clone(), used.customer), there);
        }
    }
}

impl Order {
    /// Its use of a code: until it wants to be paid, and for good once a proof came. One that was declined,
    /// given up or taken back uses none.
    pub(super) fn code_use(&self) -> Option<CodeUse> {
        let until = match self.state(UnixMs(0)) {
            OrderState::AwaitingPayment => self.pay_by,
            OrderState::AwaitingReview | OrderState::Approved => FOR_GOOD,
            OrderState::Declined
            | OrderState::Expired
            | OrderState::Cancelled
            | OrderState::Reversed => return None,
        };
        let promo = self.code()?.promo.clone();
        Some(CodeUse { promo, customer: self.customer, until })
    }
}
