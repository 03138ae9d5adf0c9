//! Operators' own words, and moments, as the reader of a page gets them.

use super::Pages;
use crate::catalog::{Method, Text};
use crate::model::{Order, OrderPlan, UnixMs};
use crate::view::format::code;
use crate::view::moment::marked;

impl Pages<'_> {
    /// A moment in the shop's zone.
    pub(super) fn when(&self, moment: UnixMs) -> String {
        self.texts.at(moment, &self.catalog.shop.time_zone)
    }

    /// The same, and how far away it is where the front can show that.
    pub(super) fn when_counted(&self, moment: UnixMs) -> String {
        self.when(moment) + &marked(moment)
    }

    /// An operator's text in the reader's language.
    pub(super) fn own<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.language, self.catalog.default_language())
    }

    /// A plan's name as it was when it was sold.
    pub(super) fn sold_plan(&self, plan: &OrderPlan) -> String {
        let names = &plan.name;
        let name = names.get(self.language).or_else(|| names.get(self.catalog.default_language()));
        let name = name.or_else(|| names.values().next());
        name.cloned().unwrap_or_else(|| plan.id.to_string())
    }

    /// A method's name, or its id when it is gone from the file.
    pub(super) fn method_name(&self, order: &Order) -> String {
        let id = &order.method.method;
        self.catalog.method(id).map_or_else(|| id.to_string(), |m| self.own(&m.name).to_owned())
    }

    /// What to do to pay, with the amount, account and reference put in.
    pub(super) fn instructions(&self, method: &Method, order: &Order) -> String {
        self.own(&method.instructions)
            .replace("{amount}", &format!("**{}**", order.method.price))
            .replace("{account}", &code(&method.account))
            .replace("{reference}", &code(&order.id.reference().to_string()))
    }
}
