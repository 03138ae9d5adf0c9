//! The store's panel, and the way to an order: which plan, paid how.

use super::{Draft, Pages, button};
use crate::catalog::{Delivery, Method, MethodLifecycle, Places, Plan, Unserved};
use crate::model::{AccountId, Entitlement, PlanId, Rejection, Standing};
use crate::view::{Accent, Action, Answer, ButtonStyle, Choice, Message};

/// Hundredths of a message's text that a long list of plans may have.
const PLANS_PERCENT: usize = 75;
/// So many places of a plan, or fewer, are told: more would be another panel with each sale.
const FEW_PLACES: usize = 5;

impl Pages<'_> {
    fn on_sale(&self) -> impl Iterator<Item = &Plan> {
        self.catalog.plans.iter().filter(|plan| self.catalog.is_offered(plan))
    }

    /// The panel in the store channel.
    #[must_use]
    pub fn store_panel(&self) -> Message {
        let t = &self.texts;
        let places = Places::with_stranded(self.snapshot, self.catalog, self.now);
        let plan = |p: &Plan| {
            let line = t.store_plan(
                self.plan_name(p),
                self.prices(p),
                t.length(p.duration),
                t.traffic(p.traffic),
                t.devices(p.devices),
            );
            match places.room_for(&p.servers) {
                0 => format!("{line}\n{}", t.store_no_place()),
                few @ ..=FEW_PLACES => format!("{line}\n{}", t.store_few_places(few)),
                _ => line,
            }
        };
        let plans: Vec<_> = self.on_sale().map(plan).collect();
        let mut buttons = Vec::new();
        let list = if plans.is_empty() {
            t.store_empty()
        } else {
            buttons.push(button(&Action::Buy, t.button_buy(), ButtonStyle::Primary));
            self.as_many_as_fit(&plans)
        };
        let account = t.button_my_account();
        buttons.push(button(&Action::MyAccounts, account, ButtonStyle::Secondary));
        buttons.push(button(&Action::Support, t.button_support(), ButtonStyle::Secondary));
        Draft::new(Accent::Neutral)
            .text(t.store_title())
            .text(t.store_intro())
            .rule()
            .text(list)
            .buttons(buttons)
            .done()
    }

    /// Whole plans, and how many more there are: *Buy* shows all of them.
    fn as_many_as_fit(&self, plans: &[String]) -> String {
        let most = self.front.part_of_text(PLANS_PERCENT);
        let mut list = String::new();
        for (n, plan) in plans.iter().enumerate() {
            if list.chars().count() + plan.chars().count() > most {
                list.push_str(&self.texts.store_more(plans.len() - n));
                break;
            }
            list.push_str(plan);
            list.push('\n');
        }
        list.trim_end().to_owned()
    }

    /// Which plan? The value is the plan's id.
    #[must_use]
    pub fn plan_picker(&self) -> Answer {
        Answer::Private(self.plans(0))
    }

    /// Another page of the plans.
    #[must_use]
    pub fn plan_page(&self, page: u16) -> Answer {
        Answer::Replace(self.plans(page))
    }

    fn plans(&self, page: u16) -> Message {
        let t = &self.texts;
        let choices: Vec<_> = self
            .on_sale()
            .map(|p| {
                let line = self.line_with_prices(p, |prices| {
                    let (length, traffic) = (t.length(p.duration), t.traffic(p.traffic));
                    t.pick_plan_line(prices, length, traffic, t.devices(p.devices))
                });
                self.choice(&p.id, &self.plan_name(p), &line)
            })
            .collect();
        if choices.is_empty() {
            return Message::text(Accent::Neutral, t.store_empty());
        }
        Draft::new(Accent::Neutral)
            .text(t.pick_plan())
            .paged(
                self,
                &Action::PickPlan,
                t.pick_plan_placeholder(),
                (choices, page),
                Action::Plans,
            )
            .done()
    }

    /// How to pay for a plan on sale: only methods that take one of its currencies, each with its
    /// price. The value is the method's id.
    #[must_use]
    pub fn method_picker(&self, plan: &PlanId) -> Answer {
        self.method_page(plan, 0)
    }

    /// A page of the ways to pay for a plan on sale.
    #[must_use]
    pub fn method_page(&self, plan: &PlanId, page: u16) -> Answer {
        let Some(plan) = self.on_sale().find(|p| p.id == *plan) else {
            return Answer::Replace(self.refused(Rejection::PlanNotSold));
        };
        let t = &self.texts;
        let waits = self.is_unserved(plan).then(|| t.order_unserved());
        if waits.is_some() && self.catalog.shop.orders.unserved == Unserved::Refuse {
            return Answer::Replace(self.refused(Rejection::Unserved));
        }
        if plan.trial {
            let waits = waits.map(|_| t.unserved());
            return Answer::Replace(self.ask_trial(plan, waits));
        }
        let heading = t.pick_method(
            self.plan_name(plan),
            t.length(plan.duration),
            t.traffic(plan.traffic),
            t.devices(plan.devices),
        );
        let heading = match waits {
            Some(waits) => format!("{heading}\n{waits}"),
            None => heading,
        };
        let (pick, turn) =
            (Action::PickMethod(plan.id.clone()), |n| Action::Methods(plan.id.clone(), n));
        Answer::Replace(self.methods(plan, heading, &pick, page, turn))
    }

    /// What a trial gives, and the button that takes it.
    fn ask_trial(&self, plan: &Plan, waits: Option<String>) -> Message {
        let t = &self.texts;
        let text = t.trial_ask(
            self.plan_name(plan),
            t.length(plan.duration),
            t.traffic(plan.traffic),
            t.devices(plan.devices),
        );
        let take = Action::TakeTrial(plan.id.clone());
        let take = button(&take, t.button_take_trial(), ButtonStyle::Success);
        Draft::new(Accent::Neutral).text(text).maybe(waits).buttons(vec![take]).done()
    }

    /// There is no second trial; while the first one runs, the way to its link.
    pub(super) fn trial_taken(&self, id: AccountId) -> Message {
        let t = &self.texts;
        let standing = Entitlement::of(self.snapshot, id).map(|of| of.standing(self.now));
        match standing {
            Some(Standing::Active | Standing::Suspended | Standing::Depleted) => {
                let text = t.refused_trial_runs(self.account_plan(id));
                Draft::new(Accent::Neutral).text(text).buttons(vec![self.link_button(id)]).done()
            }
            Some(Standing::Expired) | None => Message::text(Accent::Bad, t.refused_trial_taken()),
        }
    }

    /// The trial is given: how the link comes, and what goes on after it.
    #[must_use]
    pub fn trial_given(&self, id: AccountId) -> Message {
        let t = &self.texts;
        let by_button = self.catalog.shop.orders.deliver == Delivery::Button;
        let plan = self.account_plan(id);
        let text = if by_button { t.trial_given_button(plan) } else { t.trial_given(plan) };
        let tried = self.snapshot.account(id).and_then(|account| account.tried());
        let tried = tried.and_then(|plan| self.catalog.plan(plan));
        let waits = tried.is_some_and(|plan| self.is_unserved(plan)).then(|| t.unserved());
        let draft = Draft::new(Accent::Good).text(text).maybe(waits);
        draft.buttons(vec![self.link_button(id)]).done()
    }

    /// The select of methods below a heading.
    pub(super) fn methods(
        &self,
        plan: &Plan,
        heading: String,
        action: &Action,
        page: u16,
        turn: impl Fn(u16) -> Action,
    ) -> Message {
        let t = &self.texts;
        let choices = self.method_choices(plan);
        if choices.is_empty() {
            return Message::text(Accent::Bad, t.pick_method_none(self.plan_name(plan)));
        }
        Draft::new(Accent::Neutral)
            .text(heading)
            .paged(self, action, t.pick_method_placeholder(), (choices, page), turn)
            .done()
    }

    fn method_choices(&self, plan: &Plan) -> Vec<Choice> {
        let offered = |m: &&Method| m.lifecycle == MethodLifecycle::Active;
        self.catalog
            .methods
            .iter()
            .filter(offered)
            .filter_map(|m| {
                let price = self.catalog.price(plan, m)?.to_string();
                Some(self.choice(&m.id, self.own(&m.name), &price))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
