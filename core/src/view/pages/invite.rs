//! How a customer invites a friend, and who may say by whom they were invited.

use super::{Draft, Pages};
use crate::model::{Customer, CustomerId, Identity, Rejection};
use crate::view::format::code_block;
use crate::view::{Accent, Message};

impl Pages<'_> {
    /// A customer's own code, what it brings, and how often it has.
    #[must_use]
    pub fn invite(&self, customer: impl Into<Option<CustomerId>>) -> Message {
        let t = &self.texts;
        let customer = customer.into().filter(|id| self.snapshot.customer(*id).is_some());
        let Some(customer) = customer else { return self.refused(Rejection::UnknownAccount) };
        let code = self.snapshot.invite_code(customer);
        let Some((referral, code)) = self.catalog.shop.referral.zip(code) else {
            return self.unknown_click();
        };
        let reward = t.length(referral.reward);
        let admits = |who: &Identity| self.catalog.shop.limits.admits(*who);
        let identities = self.snapshot.customer(customer).map(|known| &known.identities);
        if !identities.is_some_and(|all| all.iter().all(admits)) {
            return self.refused(Rejection::NotAdmitted);
        }
        let rewarded = u32::try_from(self.snapshot.rewards_of(customer)).unwrap_or(u32::MAX);
        if rewarded >= referral.limit {
            let all = Draft::new(Accent::Neutral).text(t.invite_title());
            return all.text(t.invite_full(rewarded)).done();
        }
        Draft::new(Accent::Neutral)
            .text(t.invite_title())
            .text(code_block(&code.to_string()))
            .text(t.invite_how(reward))
            .text(t.invite_count(rewarded, referral.limit))
            .done()
    }

    /// Whether somebody may still say who invited them.
    pub(super) fn may_be_invited(&self, customer: CustomerId) -> bool {
        let unsaid = |customer: &Customer| customer.invited_by().is_none();
        self.catalog.shop.referral.is_some()
            && self.snapshot.customer(customer).is_some_and(unsaid)
            && self.snapshot.is_newcomer(customer)
    }
}
