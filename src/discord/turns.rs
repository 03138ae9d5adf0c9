//! What keeps posted messages from crowding: one of a customer at a time, and what is said once.

use crate::model::{Identity, Order, OrderId, OrderState};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many messages of a customer are in hand or wait: with a picture each, that is all an order takes.
const WAITING: usize = Order::MOST_PROOFS;
/// So many things said are remembered, the newest.
const REMEMBERED: usize = 1_000;

/// The customers whose posted messages are in hand, how many each has, and who of them is next.
#[derive(Default)]
pub(super) struct Turns(Mutex<BTreeMap<Identity, (usize, Arc<Semaphore>)>>);

/// A customer's turn, until it is dropped.
pub(super) struct Turn<'a> {
    _in_hand: InHand<'a>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A message of a customer that is in hand or waits.
struct InHand<'a>(&'a Turns, Identity);

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
        let in_hand = InHand(self, who);
        // It is never closed.
        let permit = next.acquire_owned().await.ok();
        Some(Turn { _in_hand: in_hand, _permit: permit })
    }
}

impl Drop for InHand<'_> {
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
pub(super) struct SaidOnce(Mutex<VecDeque<(OrderId, Said)>>);

impl SaidOnce {
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

    /// It could not be said.
    pub(super) fn forget(&self, order: OrderId, said: Said) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| *one != (order, said));
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
        let said_once = SaidOnce::default();
        let approved = Said::State(OrderState::Approved);
        assert!(said_once.first(order_id(1), approved) && !said_once.first(order_id(1), approved));
        assert!(said_once.first(order_id(1), Said::State(OrderState::Reversed)));
        assert!(
            said_once.first(order_id(2), approved) && said_once.first(order_id(1), Said::Unread)
        );
        // What could not be sent was not said.
        said_once.forget(order_id(2), approved);
        assert!(said_once.first(order_id(2), approved) && !said_once.first(order_id(1), approved));
        for n in 0..u128::try_from(REMEMBERED).unwrap() {
            said_once.first(order_id(10 + n), approved);
        }
        assert_eq!(said_once.0.lock().unwrap().len(), REMEMBERED);
        assert!(said_once.first(order_id(1), approved));
    }
}
