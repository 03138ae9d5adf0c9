//! A renewal: which plan of the family, what one has after paying, and how to pay.

use super::{Draft, Pages};
use crate::catalog::Plan;
use crate::model::{AccountId, CustomerId, Entitlement, PlanId, Quota, Rejection, UnixMs};
use crate::view::{Accent, Action, Answer, Message};

impl Pages<'_> {
    /// The plans that renew an account: those of its family on sale or for renewals only, and a
    /// hidden one for whoever has it.
    fn renewing(&self, account: AccountId) -> Vec<&Plan> {
        let Some(record) = self.snapshot.account(account) else { return Vec::new() };
        let kind = |q: &Quota| matches!(q, Quota::Unlimited);
        let has = Entitlement::of(self.snapshot, account).map(|e| kind(&e.granted));
        self.catalog
            .plans
            .iter()
            .filter(|p| p.family == record.family)
            .filter(|p| self.catalog.renews(p, self.snapshot.has_bought(account, &p.id)))
            .filter(|p| has.is_none_or(|unlimited| unlimited == kind(&p.traffic)))
            .collect()
    }

    /// What the account will have after paying for a plan now.
    fn after(&self, account: AccountId, plan: &Plan) -> (UnixMs, Quota) {
        Entitlement::of(self.snapshot, account).map_or_else(
            || (self.now + plan.duration, plan.traffic),
            |e| e.after_term(plan.duration, plan.traffic, self.now),
        )
    }

    /// The way into a renewal: which plan, each with the end and allowance after paying. The value
    /// is the plan's id. With one plan only, how to pay for it.
    #[must_use]
    pub fn renew(&self, customer: impl Into<Option<CustomerId>>, account: AccountId) -> Answer {
        Answer::Private(self.renew_plans(customer.into(), account, 0))
    }

    /// Another page of the plans that renew an account.
    #[must_use]
    pub fn renew_page(
        &self,
        customer: impl Into<Option<CustomerId>>,
        account: AccountId,
        page: u16,
    ) -> Answer {
        Answer::Replace(self.renew_plans(customer.into(), account, page))
    }

    fn renew_plans(&self, customer: Option<CustomerId>, account: AccountId, page: u16) -> Message {
        if self.own_account(customer, account).is_none() {
            return self.refused(Rejection::UnknownAccount);
        }
        let t = &self.texts;
        match self.renewing(account).as_slice() {
            [] => Message::text(Accent::Neutral, t.renew_none()),
            [only] => self.renew_methods(account, only, 0),
            several => {
                let choices = several.iter().map(|p| {
                    let (ends, left) = self.after(account, p);
                    let line = t.renew_line(self.when(ends), t.left(left));
                    let label = self
                        .line_with_prices(p, |prices| t.plan_for_price(self.plan_name(p), prices));
                    self.choice(&p.id, &label, &line)
                });
                let title = t.renew_title(self.account_plan(account));
                let pick = Action::PickRenewPlan(account);
                let turn = |n| Action::RenewPlans(account, n);
                let choices = (choices.collect(), page);
                Draft::new(Accent::Neutral)
                    .text(title)
                    .text(t.renew_intro())
                    .paged(self, &pick, t.pick_plan_placeholder(), choices, turn)
                    .done()
            }
        }
    }

    /// How to pay for a renewal, with what one has after it. The value is the method's id.
    #[must_use]
    pub fn renew_method_picker(
        &self,
        customer: impl Into<Option<CustomerId>>,
        account: AccountId,
        plan: &PlanId,
        page: u16,
    ) -> Answer {
        if self.own_account(customer, account).is_none() {
            return Answer::Replace(self.refused(Rejection::UnknownAccount));
        }
        match self.renewing(account).into_iter().find(|p| p.id == *plan) {
            Some(plan) => Answer::Replace(self.renew_methods(account, plan, page)),
            None => Answer::Replace(self.refused(Rejection::PlanNotSold)),
        }
    }

    fn renew_methods(&self, account: AccountId, plan: &Plan, page: u16) -> Message {
        let t = &self.texts;
        let (ends, left) = self.after(account, plan);
        let heading = t.renew_method(
            self.plan_name(plan),
            t.length(plan.duration),
            t.traffic(plan.traffic),
            t.devices(plan.devices),
            self.when(ends),
            t.left(left),
        );
        let pick = Action::PickRenewMethod(account, plan.id.clone());
        let turn = |n| Action::RenewMethods(account, plan.id.clone(), n);
        self.methods(plan, heading, &pick, page, turn)
    }
}
