//! Which pictures were seen under which orders: of the newest pictures alone, so that neither memory nor the
//! time of a look grows with the shop.

use crate::model::{
    CustomerId, DAY_MS, DurationMs, Kind, Order, OrderId, PictureCuts, PictureLook, Record,
};
use crate::ports::{Span, Store, StoreError};
use std::collections::{BTreeSet, VecDeque};

/// So many orders are read at once: while the store reads, it commits nothing.
const AT_ONCE: usize = 200;
/// So many pictures are remembered, the newest; 300 bytes each.
const PICTURES: usize = 10_000;
/// Orders that were placed longer than this before the newest one are not read.
const AGE: DurationMs = DurationMs(365 * DAY_MS);
/// So many customers are named at most, one of whom may be who sends the picture; and so many orders of each,
/// one of which may be the order itself.
const NAMED: usize = 2;

/// A picture of an order.
struct SeenPicture {
    order: OrderId,
    customer: CustomerId,
    look: PictureLook,
}

/// The looks of the newest pictures, oldest first.
#[derive(Default)]
pub(super) struct Seen {
    pictures: VecDeque<SeenPicture>,
    read: bool,
}

impl Seen {
    /// Reads the pictures of earlier orders, once after a start.
    pub(super) async fn begin(&mut self, store: &dyn Store) {
        if !self.read
            && let Err(error) = self.read(store).await
        {
            // A hint for staff: the proof is taken without.
            tracing::warn!(%error, "the pictures of earlier orders could not be read");
        }
    }

    /// The orders under which a picture looks like this one: of the first two customers who sent it, the oldest
    /// two of each.
    pub(super) fn alike(&self, cuts: &PictureCuts) -> Vec<OrderId> {
        let mut named: Vec<(CustomerId, OrderId)> = Vec::new();
        for SeenPicture { order, customer, look } in &self.pictures {
            let theirs = named.iter().filter(|(whose, _)| whose == customer).count();
            let customers: BTreeSet<_> = named.iter().map(|(whose, _)| whose).collect();
            let room = if theirs == 0 { customers.len() } else { theirs } < NAMED;
            if room && !named.contains(&(*customer, *order)) && cuts.resemble(look) {
                named.push((*customer, *order));
            }
        }
        named.into_iter().map(|(_, order)| order).collect()
    }

    /// Remembers a picture that an order took.
    pub(super) fn add(&mut self, order: OrderId, customer: CustomerId, look: PictureLook) {
        self.pictures.push_back(SeenPicture { order, customer, look });
        while self.pictures.len() > PICTURES {
            self.pictures.pop_front();
        }
    }

    async fn read(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let mut found: VecDeque<SeenPicture> = VecDeque::new();
        let (mut before, mut oldest) = (None, None);
        'all: loop {
            let span = Span::of(Kind::Order, AT_ONCE).backwards();
            let span = before.iter().fold(span, |span, key| span.before(key));
            let piece = store.scan(span).await?;
            let last = piece.len() < AT_ONCE;
            for record in piece {
                before = Some(record.value.key());
                let Record::Order(order) = record.value else { continue };
                let oldest = *oldest.get_or_insert(order.placed_at - AGE);
                if order.placed_at < oldest || found.len() >= PICTURES {
                    break 'all;
                }
                looks(order).for_each(|picture| found.push_front(picture));
            }
            if last {
                break;
            }
        }
        self.pictures = found;
        self.read = true;
        Ok(())
    }
}

/// The pictures of an order, the newest first.
fn looks(order: Order) -> impl Iterator<Item = SeenPicture> {
    let (id, customer) = (order.id, order.customer);
    let all = order.evidence.into_iter().rev();
    all.filter_map(move |proof| Some(SeenPicture { order: id, customer, look: *proof.look? }))
}

#[cfg(test)]
mod tests;
