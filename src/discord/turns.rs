//! What keeps posted messages from crowding: one of a customer at a time, and what is said once.

use crate::model::{Identity, OrderId, OrderState};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many messages of a customer are in hand or wait: an order takes no more pictures than that.
const WAITING: usize = 8;
/// So many things said are remembered, the newest.
const REMEMBERED: usize = 1_000;

/// The customers whose posted messages are in hand, how many each has, and who of them is next.
#[derive(Default)]
pub(super) struct Turns(Mutex<BTreeMap<Identity, (usize, Arc<Semaphore>)>>);

/// A customer's turn, until it is dropped.
pub(super) struct Turn<'a> {
    _place: Place<'a>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A place among the messages of a customer.
struct Place<'a>(&'a Turns, Identity);

impl Turns {
    /// Waits until no earlier message of theirs is in hand; `None` where too many wait already.
    pub(super) async fn of(&self, who: Identity) -> Option<Turn<'_>> {
        let next = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (count, next) = all.entry(who).or_insert_with(|| (0, Arc::new(Semaphore::new(1))));
            if *count >= WAITING {
                return None;
            }
            *count += 1;
            Arc::clone(next)
        };
        let place = Place(self, who);
        // It is never closed.
        let permit = next.acquire_owned().await.ok();
        Some(Turn { _place: place, _permit: permit })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, _)) = all.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.1);
            }
        }
    }
}

/// What is said of an order once, however much is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// What became of it.
    State(OrderState),
    /// That nobody sees what is posted.
    Unread,
}

/// What was said since the start.
#[derive(Default)]
pub(super) struct Told(Mutex<VecDeque<(OrderId, Said)>>);

impl Told {
    /// Whether it is said for the first time.
    pub(super) fn first(&self, order: OrderId, said: Said) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.contains(&(order, said)) {
            return false;
        }
        all.push_back((order, said));
        if all.len() > REMEMBERED {
            all.pop_front();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{ALICE_THERE, OMAR_THERE, order_id};
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn poll<T>(work: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        work.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn of_a_customer_one_message_is_in_hand_and_nobody_elses_waits_for_it() {
        let turns = Turns::default();
        let Poll::Ready(Some(first)) = poll(pin!(turns.of(ALICE_THERE))) else { panic!() };
        let mut waiting: Vec<_> = (1..WAITING).map(|_| Box::pin(turns.of(ALICE_THERE))).collect();
        for more in &mut waiting {
            assert!(poll(more.as_mut()).is_pending());
        }
        assert!(matches!(poll(pin!(turns.of(ALICE_THERE))), Poll::Ready(None)), "too many");
        assert!(matches!(poll(pin!(turns.of(OMAR_THERE))), Poll::Ready(Some(_))));
        drop(first);
        assert!(matches!(poll(waiting[0].as_mut()), Poll::Ready(Some(_))));
        drop(waiting);
        assert!(turns.0.lock().unwrap().is_empty(), "nobody is remembered");
    }

    #[test]
    fn it_is_said_once_of_each_order_and_state_and_not_remembered_for_ever() {
        let told = Told::default();
        let approved = Said::State(OrderState::Approved);
        assert!(told.first(order_id(1), approved) && !told.first(order_id(1), approved));
        assert!(told.first(order_id(1), Said::State(OrderState::Reversed)));
        assert!(told.first(order_id(2), approved) && told.first(order_id(1), Said::Unread));
        for n in 0..u128::try_from(REMEMBERED).unwrap() {
            told.first(order_id(10 + n), approved);
        }
        assert_eq!(told.0.lock().unwrap().len(), REMEMBERED);
        assert!(told.first(order_id(1), approved));
    }
}
