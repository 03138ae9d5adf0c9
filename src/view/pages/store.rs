//! The store's panel, and the way to an order: which plan, paid how.

use super::{Draft, MAX_CHOICES, Pages, button, choice};
use crate::catalog::{Method, MethodLifecycle, Plan, PlanLifecycle};
use crate::model::PlanId;
use crate::view::format::clip;
use crate::view::{Accent, Action, Answer, ButtonStyle, Choice, Message};

/// So that a long list of plans stays within what one message takes.
const MAX_PANEL_TEXT: usize = 3_000;

impl Pages<'_> {
    fn on_sale(&self) -> impl Iterator<Item = &Plan> {
        let catalog = self.catalog;
        catalog.plans.iter().filter(|p| {
            p.lifecycle == PlanLifecycle::Active && !catalog.retained_plans.contains(&p.id)
        })
    }

    /// The panel in the store channel.
    #[must_use]
    pub fn store_panel(&self) -> Message {
        let t = &self.texts;
        let plans: Vec<_> = self
            .on_sale()
            .take(MAX_CHOICES)
            .map(|p| {
                t.store_plan(
                    self.plan_name(p),
                    Self::prices(p),
                    t.length(p.duration),
                    t.traffic(p.traffic),
                    t.devices(p.devices),
                )
            })
            .collect();
        let mut buttons = Vec::new();
        let list = if plans.is_empty() {
            t.store_empty()
        } else {
            buttons.push(button(&Action::Buy, t.button_buy(), ButtonStyle::Primary));
            clip(&plans.join("\n"), MAX_PANEL_TEXT)
        };
        let account = t.button_my_account();
        buttons.push(button(&Action::MyAccounts, account, ButtonStyle::Secondary));
        Draft::new(Accent::Neutral)
            .text(t.store_title())
            .text(t.store_intro())
            .rule()
            .text(list)
            .buttons(buttons)
            .done()
    }

    /// Which plan? The value is the plan's id.
    #[must_use]
    pub fn plan_picker(&self) -> Answer {
        let t = &self.texts;
        let choices: Vec<_> = self
            .on_sale()
            .take(MAX_CHOICES)
            .map(|p| {
                let line = t.pick_plan_line(
                    Self::prices(p),
                    t.length(p.duration),
                    t.traffic(p.traffic),
                    t.devices(p.devices),
                );
                choice(&p.id, &self.plan_name(p), &line)
            })
            .collect();
        if choices.is_empty() {
            return Answer::Private(Message::text(Accent::Neutral, t.store_empty()));
        }
        Answer::Private(
            Draft::new(Accent::Neutral)
                .text(t.pick_plan())
                .select(&Action::PickPlan, t.pick_plan_placeholder(), choices)
                .done(),
        )
    }

    /// How to pay for a plan on sale: only methods that take one of its currencies, each with its
    /// price. The value is the method's id.
    #[must_use]
    pub fn method_picker(&self, plan: &PlanId) -> Answer {
        let Some(plan) = self.on_sale().find(|p| p.id == *plan) else {
            return Answer::Replace(self.refused(super::Refusal::PlanNotSold));
        };
        let t = &self.texts;
        let heading = t.pick_method(
            self.plan_name(plan),
            t.length(plan.duration),
            t.traffic(plan.traffic),
            t.devices(plan.devices),
        );
        Answer::Replace(self.methods(plan, heading, &Action::PickMethod(plan.id.clone())))
    }

    /// The select of methods below a heading.
    pub(super) fn methods(&self, plan: &Plan, heading: String, action: &Action) -> Message {
        let t = &self.texts;
        let choices = self.method_choices(plan);
        if choices.is_empty() {
            return Message::text(Accent::Bad, t.pick_method_none(self.plan_name(plan)));
        }
        Draft::new(Accent::Neutral)
            .text(heading)
            .select(action, t.pick_method_placeholder(), choices)
            .done()
    }

    fn method_choices(&self, plan: &Plan) -> Vec<Choice> {
        let language = self.catalog.default_language();
        let offered = |m: &&Method| m.lifecycle == MethodLifecycle::Active;
        self.catalog
            .methods
            .iter()
            .filter(offered)
            .filter_map(|m| {
                let price = self.catalog.price(plan, m)?.to_string();
                Some(choice(&m.id, m.name.get(language, language), &price))
            })
            .take(MAX_CHOICES)
            .collect()
    }
}
