//! P23: what the books say of each day is what the orders come to that were approved, less what was taken back.

use super::Monitors;
use futures::FutureExt as _;
use nebulalinks::model::*;
use nebulalinks::ports::{Span, Store as _};
use nebulalinks::store::MemoryStore;
use std::collections::BTreeMap;

/// Of each day of UTC and currency.
type Days = BTreeMap<(u64, Currency), Sums>;

impl Monitors {
    /// The whole books against a walk over all orders. What an order brought in is read off its decision here,
    /// and not by the rule by which it was booked.
    pub(in super::super) fn check_books(&self, store: &MemoryStore) {
        let (mut orders, mut books) = (Days::new(), Days::new());
        each(store, Kind::Order, |record| {
            if let Record::Order(order) = record {
                add(&order, &mut orders);
            }
        });
        each(store, Kind::Takings, |record| {
            if let Record::Takings(day) = record {
                books.insert((u64::from(day.day), day.currency.clone()), day.total());
            }
        });
        for (key, due) in &orders {
            let booked = books.remove(key).unwrap_or_default();
            if booked != *due {
                let what =
                    format!("day {} in {}: {booked:?}, and {due:?} is due", key.0, key.1.code);
                self.breach("P23", &what);
            }
        }
        for ((day, currency), booked) in books {
            self.breach("P23", &format!("day {day} in {}: {booked:?} of no order", currency.code));
        }
    }
}

/// What was decided over an order's money.
fn add(order: &Order, days: &mut Days) {
    let Some(decision) = &order.decision else { return };
    if !matches!(decision.verdict, Verdict::Approved { .. }) {
        return;
    }
    let Money { minor, currency } = &order.method.price;
    let amount = u128::from(*minor);
    let mut on = |at: UnixMs, sums: Sums| {
        let day = days.entry((at.0 / DAY_MS, currency.clone())).or_default();
        *day = day.plus(&sums);
    };
    on(decision.at, Sums { approved: 1, taken: amount, ..Sums::default() });
    if let Some(reversed) = &order.reversed {
        on(reversed.at, Sums { reversed: 1, returned: amount, ..Sums::default() });
    }
}

/// Every record of a kind that is durable.
fn each(store: &MemoryStore, kind: Kind, mut of: impl FnMut(Record)) {
    let mut span = Span::of(kind, Span::MOST);
    loop {
        let page = store.scan(span.clone()).now_or_never().unwrap().unwrap();
        let Some(last) = page.last().map(|record| record.value.key()) else { return };
        page.into_iter().for_each(|record| of(record.value));
        span = Span::of(kind, Span::MOST).after(&last);
    }
}
