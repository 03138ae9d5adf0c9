//! Which pictures were seen under which orders: of the newest orders alone, so that neither memory nor the
//! time of a look grows with the shop.

use crate::model::{Kind, Order, OrderId, PictureLook, Record};
use crate::ports::{Span, Store, StoreError};
use std::collections::VecDeque;

/// So many of the newest orders are read for the first picture after a start.
const ORDERS: usize = 5_000;
/// So many at once: while the store reads, it commits nothing.
const AT_ONCE: usize = 200;
/// So many pictures are remembered, the newest; 300 bytes each.
const PICTURES: usize = 10_000;
/// So many orders are named at most: the oldest, and one more where that is the order itself.
const NAMED: usize = 2;

/// The looks of the pictures of the newest orders, oldest first.
#[derive(Default)]
pub(super) struct Seen {
    pictures: VecDeque<(OrderId, PictureLook)>,
    read: bool,
}

impl Seen {
    /// The orders under which a picture looks like this one, the oldest first; two at most.
    pub(super) async fn alike(&mut self, store: &dyn Store, look: &PictureLook) -> Vec<OrderId> {
        if !self.read
            && let Err(error) = self.read(store).await
        {
            // A hint for staff: the proof is taken without.
            tracing::warn!(%error, "the pictures of earlier orders could not be read");
        }
        let mut orders = Vec::new();
        for (order, seen) in &self.pictures {
            if orders.len() < NAMED && !orders.contains(order) && seen.resembles(look) {
                orders.push(*order);
            }
        }
        orders
    }

    /// Remembers a picture that an order took.
    pub(super) fn add(&mut self, order: OrderId, look: PictureLook) {
        self.pictures.push_back((order, look));
        while self.pictures.len() > PICTURES {
            self.pictures.pop_front();
        }
    }

    async fn read(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let mut found: VecDeque<(OrderId, PictureLook)> = VecDeque::new();
        let mut before = None;
        for _ in 0..ORDERS / AT_ONCE {
            let span = Span::of(Kind::Order, AT_ONCE).backwards();
            let span = before.iter().fold(span, |span, key| span.before(key));
            let piece = store.scan(span).await?;
            let last = piece.len() < AT_ONCE;
            for record in piece {
                before = Some(record.value.key());
                if let Record::Order(order) = record.value {
                    looks(order).for_each(|picture| found.push_front(picture));
                }
            }
            if last || found.len() >= PICTURES {
                break;
            }
        }
        self.pictures = found;
        self.read = true;
        Ok(())
    }
}

/// The pictures of an order, the newest first.
fn looks(order: Order) -> impl Iterator<Item = (OrderId, PictureLook)> {
    let id = order.id;
    order.evidence.into_iter().rev().filter_map(move |proof| Some((id, *proof.look?)))
}

#[cfg(test)]
mod tests;
