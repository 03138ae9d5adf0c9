//! The books, as the cluster has them.

use super::cluster::Cluster;
use super::mutation::Mutation;
use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::ports::Store as _;

impl Cluster {
    /// A planted mutation: an approval that finds its order approved is booked all the same.
    pub(super) async fn book_again(&self, intent: &Intent, answer: &Result<Reply, Rejection>) {
        let is_again = matches!(answer, Ok(Reply::AlreadyDone(_, OrderState::Approved)));
        let Intent::Approve { order, .. } = intent else { return };
        if !is_again || self.mutation != Mutation::BooksAgain {
            return;
        }
        let snapshot = self.snapshot();
        let Some(booking) = snapshot.order(*order).and_then(|order| order.bookings().next()) else {
            return;
        };
        let key = Key::Takings(day_of(booking.at), booking.amount.currency.clone());
        let Ok(Some(stored)) = self.store.get(&key).await else { return };
        if let Record::Takings(mut takings) = stored.value {
            takings.add(&booking);
            self.put(takings).await;
        }
    }
}
