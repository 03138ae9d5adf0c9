//! Texts and plan copies that many records have in common: kept once.

use super::{OrderPlan, Record, Selector};
use imbl::OrdMap;
use std::sync::Arc;

/// What was seen so far, by content. It grows with the plans, servers and catalog revisions that
/// were ever sold from, not with customers.
#[derive(Debug, Clone, Default)]
pub(super) struct Interned {
    plans: OrdMap<Arc<OrderPlan>, ()>,
    selectors: OrdMap<Arc<Selector>, ()>,
    texts: OrdMap<Arc<str>, ()>,
}

/// The one of this content that is kept.
fn share<T: Ord + ?Sized>(kept: &mut OrdMap<Arc<T>, ()>, value: &mut Arc<T>) {
    match kept.get_key_value(value) {
        Some((known, ())) => *value = Arc::clone(known),
        None => {
            kept.insert(Arc::clone(value), ());
        }
    }
}

impl Interned {
    /// Lets a record share what others have.
    pub(super) fn share(&mut self, record: &mut Record) {
        match record {
            Record::Order(order) => {
                self.plan(&mut order.plan);
                self.text(order.method.method.text());
                self.text(&mut order.method.price.currency.code);
            }
            Record::Account(account) => self.text(account.family.text()),
            Record::Term(term) => {
                share(&mut self.selectors, &mut term.selector);
                self.text(&mut term.revision);
                if let Some(price) = &mut term.price {
                    self.text(&mut price.currency.code);
                }
            }
            Record::Binding(binding) => self.text(binding.server.text()),
            Record::BindingStatus(status) => {
                self.text(status.server.text());
                if let Some(incarnation) = &mut status.incarnation {
                    self.text(&mut incarnation.panel);
                }
            }
            Record::Ledger(ledger) => {
                self.text(ledger.server.text());
                self.text(&mut ledger.incarnation.panel);
            }
            _ => {}
        }
    }

    /// Lets an order's plan be the one that others were sold as well.
    pub(super) fn plan(&mut self, plan: &mut Arc<OrderPlan>) {
        share(&mut self.plans, plan);
    }

    fn text(&mut self, text: &mut Arc<str>) {
        share(&mut self.texts, text);
    }
}
