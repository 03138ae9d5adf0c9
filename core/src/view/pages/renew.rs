//! A renewal: which plan of the family, what one has after paying, and how to pay. A change of plan is a
//! renewal with another plan.

use super::{Draft, Pages};
use crate::catalog::Plan;
use crate::model::{AccountId, CustomerId, Entitlement, PlanId, Quota, Rejection, UnixMs};
use crate::view::{Accent, Action, Answer, Choice, Message};

/// What a customer is choosing a plan for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Renewal,
    Change,
}

impl Pages<'_> {
    /// The plans that renew an account: those of its family on sale or for renewals only, and a
    /// hidden one for whoever has it.
    pub(super) fn renewing(&self, account: AccountId) -> Vec<&Plan> {
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
        Answer::Private(self.family_plans(customer.into(), account, 0, For::Renewal))
    }

    /// Another page of the plans that renew an account.
    #[must_use]
    pub fn renew_page(
        &self,
        customer: impl Into<Option<CustomerId>>,
        account: AccountId,
        page: u16,
    ) -> Answer {
        Answer::Replace(self.family_plans(customer.into(), account, page, For::Renewal))
    }

    /// The way to another plan of the family, as [`Pages::renew`] is to a renewal.
    #[must_use]
    pub fn change_plan(
        &self,
        customer: impl Into<Option<CustomerId>>,
        account: AccountId,
    ) -> Answer {
        Answer::Private(self.family_plans(customer.into(), account, 0, For::Change))
    }

    /// Another page of the plans that an account can change to.
    #[must_use]
    pub fn change_page(
        &self,
        customer: impl Into<Option<CustomerId>>,
        account: AccountId,
        page: u16,
    ) -> Answer {
        Answer::Replace(self.family_plans(customer.into(), account, page, For::Change))
    }

    fn family_plans(
        &self,
        customer: Option<CustomerId>,
        account: AccountId,
        page: u16,
        what_for: For,
    ) -> Message {
        if self.own_account(customer, account).is_none() {
            return self.refused(Rejection::UnknownAccount);
        }
        let t = &self.texts;
        let (plans, none, title, intro) = match what_for {
            For::Renewal => {
                let title = t.renew_title(self.account_plan(account));
                (self.renewing(account), t.renew_none(), title, t.renew_intro())
            }
            For::Change => {
                let title = t.change_title(self.account_plan(account));
                (self.changing(account), t.change_none(), title, t.change_intro())
            }
        };
        match plans.as_slice() {
            [] => Message::text(Accent::Neutral, none),
            [only] => self.renew_methods(account, only, 0),
            several => {
                let choices = several.iter().map(|plan| self.renewal_choice(account, plan));
                let pick = Action::PickRenewPlan(account);
                let turn = |n| match what_for {
                    For::Renewal => Action::RenewPlans(account, n),
                    For::Change => Action::ChangePlans(account, n),
                };
                let choices = (choices.collect(), page);
                Draft::new(Accent::Neutral)
                    .text(title)
                    .text(intro)
                    .paged(self, &pick, t.pick_plan_placeholder(), choices, turn)
                    .done()
            }
        }
    }

    fn renewal_choice(&self, account: AccountId, plan: &Plan) -> Choice {
        let t = &self.texts;
        let (ends, left) = self.after(account, plan);
        let line = t.renew_line(self.when(ends), t.left(left));
        let name = || self.plan_name(plan);
        let label = self.line_with_prices(plan, |prices| t.plan_for_price(name(), prices));
        self.choice(&plan.id, &label, &line)
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
        let now = Entitlement::of(self.snapshot, account);
        let heading = match now.filter(|_| self.is_change(account, plan)) {
            Some(now) => self.change_heading(account, plan, &now),
            None => self.renewal_heading(account, plan),
        };
        let pick = Action::PickRenewMethod(account, plan.id.clone());
        let turn = |n| Action::RenewMethods(account, plan.id.clone(), n);
        self.methods(plan, heading, &pick, page, turn)
    }

    fn renewal_heading(&self, account: AccountId, plan: &Plan) -> String {
        let t = &self.texts;
        let now = Entitlement::of(self.snapshot, account);
        let mut lines = vec![t.renew_method(
            self.plan_name(plan),
            t.length(plan.duration),
            t.traffic(plan.traffic),
            t.devices(plan.devices),
        )];
        // What has ended is no more: what is paid for begins anew.
        if let Some(now) = now.as_ref().filter(|now| now.takes_terms(self.now)) {
            lines.push(t.renew_now(self.when(now.ends_at), t.left(now.left)));
        }
        let (ends, left) = self.after(account, plan);
        lines.push(t.renew_after(self.when(ends), t.left(left)));
        lines.extend(now.and_then(|now| self.fewer_devices(plan, &now)));
        lines.join("\n")
    }
}
