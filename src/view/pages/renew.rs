//! A renewal: which plan of the family, what one has after paying, and how to pay.

use super::{Draft, MAX_CHOICES, Pages, Refusal, choice};
use crate::catalog::{Plan, PlanLifecycle};
use crate::model::{AccountId, CustomerId, Entitlement, PlanId, Quota, UnixMs};
use crate::view::{Accent, Action, Answer, Message};

impl Pages<'_> {
    /// The plans that renew an account: those of its family on sale or for renewals only, and a
    /// hidden one for whoever has it.
    fn renewing(&self, account: AccountId) -> Vec<&Plan> {
        let Some(record) = self.snapshot.account(account) else { return Vec::new() };
        let bought = self.bought_plans(account);
        let kind = |q: &Quota| matches!(q, Quota::Unlimited);
        let has = Entitlement::of(self.snapshot, account).map(|e| kind(&e.granted));
        self.catalog
            .plans
            .iter()
            .filter(|p| p.family == record.family && !self.catalog.retained_plans.contains(&p.id))
            .filter(|p| p.lifecycle != PlanLifecycle::Hidden || bought.contains(&p.id))
            .filter(|p| has.is_none_or(|unlimited| unlimited == kind(&p.traffic)))
            .take(MAX_CHOICES)
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
    pub fn renew(&self, customer: CustomerId, account: AccountId) -> Answer {
        if self.own_account(customer, account).is_none() {
            return Answer::Private(self.refused(Refusal::UnknownAccount));
        }
        let t = &self.texts;
        match self.renewing(account).as_slice() {
            [] => Answer::Private(Message::text(Accent::Neutral, t.renew_none())),
            [only] => Answer::Private(self.renew_methods(account, only)),
            several => {
                let choices = several.iter().map(|p| {
                    let (ends, left) = self.after(account, p);
                    let line = t.renew_line(self.when(ends), t.left(left));
                    let label = format!("{} · {}", self.plan_name(p), Self::prices(p));
                    choice(&p.id, &label, &line)
                });
                let title = t.renew_title(self.account_plan(account));
                Answer::Private(
                    Draft::new(Accent::Neutral)
                        .text(title)
                        .text(t.renew_intro())
                        .select(
                            &Action::PickRenewPlan(account),
                            t.pick_plan_placeholder(),
                            choices.collect(),
                        )
                        .done(),
                )
            }
        }
    }

    /// How to pay for a renewal, with what one has after it. The value is the method's id.
    #[must_use]
    pub fn renew_method_picker(
        &self,
        customer: CustomerId,
        account: AccountId,
        plan: &PlanId,
    ) -> Answer {
        if self.own_account(customer, account).is_none() {
            return Answer::Replace(self.refused(Refusal::UnknownAccount));
        }
        match self.renewing(account).into_iter().find(|p| p.id == *plan) {
            Some(plan) => Answer::Replace(self.renew_methods(account, plan)),
            None => Answer::Replace(self.refused(Refusal::PlanNotSold)),
        }
    }

    fn renew_methods(&self, account: AccountId, plan: &Plan) -> Message {
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
        self.methods(plan, heading, &Action::PickRenewMethod(account, plan.id.clone()))
    }
}
