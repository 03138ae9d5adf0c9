//! Texts and plan copies that many records have in common: kept once.

use super::{
    Account, Binding, BindingStatus, Order, OrderPlan, PromoId, Record, Selector, Term, TermSource,
    UsageLedger,
};
use imbl::OrdMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What records refer to, by content. The plan of two catalog revisions is two copies of one name, one
/// selector and one family. It grows with what the records at hand have in common, not with
/// customers, nor with what they had once.
#[derive(Debug, Clone, Default)]
pub(super) struct Interned {
    plans: Pool<OrderPlan>,
    names: Pool<BTreeMap<String, String>>,
    selectors: Pool<Selector>,
    texts: Pool<str>,
}

/// Values of one kind.
#[derive(Debug)]
struct Pool<T: Ord + ?Sized> {
    known: OrdMap<Arc<T>, ()>,
    /// How many make it look for those that nobody refers to: each look at all of them is paid for by
    /// as many new ones.
    sweep_at: usize,
}

/// Fewer are not worth a look.
const FEW: usize = 64;

impl<T: Ord + ?Sized> Default for Pool<T> {
    fn default() -> Self {
        Self { known: OrdMap::new(), sweep_at: FEW }
    }
}

impl<T: Ord + ?Sized> Clone for Pool<T> {
    fn clone(&self) -> Self {
        Self { known: self.known.clone(), sweep_at: self.sweep_at }
    }
}

impl<T: Ord + ?Sized> Pool<T> {
    /// Puts the one of this content that is kept in its place; answers whether it is a new one.
    fn share(&mut self, value: &mut Arc<T>) -> bool {
        if let Some((known, ())) = self.known.get_key_value(value) {
            *value = Arc::clone(known);
            return false;
        }
        if self.known.len() >= self.sweep_at {
            self.sweep();
        }
        self.known.insert(Arc::clone(value), ());
        true
    }

    fn take_in(&mut self, other: Self) {
        let Self { known, sweep_at } = other;
        self.known = std::mem::take(&mut self.known).union(known);
        self.sweep_at = self.sweep_at.max(sweep_at).max(self.known.len());
    }

    /// Drops what this map alone holds. What an older snapshot refers to stays until the next time.
    fn sweep(&mut self) {
        let used = self.known.keys().filter(|value| Arc::strong_count(value) > 1);
        self.known = used.map(|value| (Arc::clone(value), ())).collect();
        self.sweep_at = self.known.len().saturating_mul(2).max(FEW);
    }
}

impl Interned {
    /// Lets a record share what others have.
    pub(super) fn share(&mut self, record: &mut Record) {
        match record {
            Record::Order(order) => self.order(order),
            Record::Account(account) => self.account(account),
            Record::Term(term) => self.term(term),
            Record::Binding(binding) => self.binding(binding),
            Record::BindingStatus(status) => self.binding_status(status),
            Record::Ledger(ledger) => self.ledger(ledger),
            _ => {}
        }
    }

    pub(super) fn order(&mut self, order: &mut Order) {
        self.plan(&mut order.plan);
        self.text(order.method.method.text());
        self.text(&mut order.method.price.currency.code);
        if let Some(reduced) = &mut order.promo {
            self.promo(&mut reduced.promo);
            self.text(&mut reduced.full.currency.code);
        }
    }

    pub(super) fn promo(&mut self, promo: &mut PromoId) {
        self.text(promo.text());
    }

    pub(super) fn account(&mut self, account: &mut Account) {
        self.text(account.family.text());
        if let Some(tried) = account.custody.as_deref_mut().and_then(|of| of.tried.as_mut()) {
            self.text(tried.text());
        }
    }

    pub(super) fn term(&mut self, term: &mut Term) {
        self.selectors.share(&mut term.selector);
        self.text(&mut term.revision);
        if let TermSource::Promo(given) = &mut term.source {
            self.promo(&mut given.promo);
        }
        if let Some(price) = &mut term.price {
            self.text(&mut price.currency.code);
        }
    }

    pub(super) fn binding(&mut self, binding: &mut Binding) {
        self.text(binding.server.text());
    }

    pub(super) fn binding_status(&mut self, status: &mut BindingStatus) {
        self.text(status.server.text());
        if let Some(incarnation) = &mut status.incarnation {
            self.text(&mut incarnation.panel);
        }
    }

    pub(super) fn ledger(&mut self, ledger: &mut UsageLedger) {
        self.text(ledger.server.text());
        self.text(&mut ledger.incarnation.panel);
    }

    /// Keeps what another has kept, for records that come.
    pub(super) fn take_in(&mut self, other: Self) {
        let Self { plans, names, selectors, texts } = other;
        self.plans.take_in(plans);
        self.names.take_in(names);
        self.selectors.take_in(selectors);
        self.texts.take_in(texts);
    }

    /// Lets an order's plan be the one that others were sold as well, and a new one consist of the
    /// parts that others have.
    pub(super) fn plan(&mut self, plan: &mut Arc<OrderPlan>) {
        if let Some((known, ())) = self.plans.known.get_key_value(plan) {
            *plan = Arc::clone(known);
            return;
        }
        let mut parts = OrderPlan::clone(plan);
        self.text(parts.id.text());
        self.text(parts.family.text());
        self.text(&mut parts.revision);
        self.names.share(&mut parts.name);
        self.selectors.share(&mut parts.selector);
        *plan = Arc::new(parts);
        self.plans.share(plan);
    }

    fn text(&mut self, text: &mut Arc<str>) {
        self.texts.share(text);
    }

    /// How many values of any kind are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        let Self { plans, names, selectors, texts } = self;
        plans.known.len() + names.known.len() + selectors.known.len() + texts.known.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Target;
    use crate::view::sample::order;

    /// An order from a catalog revision, each with texts of its own.
    fn sold_at(revision: u32) -> Record {
        let mut order = order(u128::from(revision), Target::New, "cash");
        let mut plan = OrderPlan::clone(&order.plan);
        plan.revision = format!("revision-{revision}").into();
        plan.name = Arc::new(BTreeMap::clone(&plan.name));
        plan.selector = Arc::new(Selector::clone(&plan.selector));
        order.plan = Arc::new(plan);
        order.into()
    }

    fn plan_of(record: &Record) -> Arc<OrderPlan> {
        match record {
            Record::Order(order) => Arc::clone(&order.plan),
            _ => panic!("not an order"),
        }
    }

    #[test]
    fn the_plan_of_two_catalog_revisions_is_made_of_the_same_parts() {
        let mut interned = Interned::default();
        let (mut first, mut again, mut later) = (sold_at(1), sold_at(1), sold_at(2));
        for record in [&mut first, &mut again, &mut later] {
            interned.share(record);
        }
        let [first, again, later] = [&first, &again, &later].map(plan_of);
        assert!(Arc::ptr_eq(&first, &again));
        assert_ne!(first.revision, later.revision);
        assert!(Arc::ptr_eq(&first.name, &later.name));
        assert!(Arc::ptr_eq(&first.selector, &later.selector));
    }

    #[test]
    fn what_no_record_refers_to_any_more_is_dropped() {
        let mut interned = Interned::default();
        let mut kept = sold_at(0);
        interned.share(&mut kept);
        for revision in 1..10_000 {
            // As a commit does: the snapshot before it is there until the one after it is.
            let mut next = interned.clone();
            next.share(&mut sold_at(revision));
            interned = next;
        }
        assert!(interned.len() < 10 * FEW, "{} are kept", interned.len());
        let mut again = sold_at(0);
        interned.share(&mut again);
        assert!(Arc::ptr_eq(&plan_of(&again), &plan_of(&kept)), "that one is in use");
    }
}
