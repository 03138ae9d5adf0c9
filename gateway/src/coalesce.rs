//! One reading of the panel at a time, shared by all who wait for the next.
//!
//! A list of 10,000 clients is tens of megabytes while it is made. Who asks while one is being made
//! waits, and everybody who waits gets the same next one. It starts after all of them asked, so
//! nobody gets what was true before the question.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::failure::Failure;

type Outcome<T> = Arc<OnceLock<Result<T, Failure>>>;

/// Readings of one kind.
#[derive(Debug)]
pub(crate) struct Coalesced<T> {
    /// Held by who reads.
    turn: tokio::sync::Mutex<()>,
    /// The reading that has not begun.
    next: Mutex<Option<Outcome<T>>>,
}

impl<T> Default for Coalesced<T> {
    fn default() -> Self {
        Self { turn: tokio::sync::Mutex::default(), next: Mutex::default() }
    }
}

impl<T: Clone> Coalesced<T> {
    /// What `read` gives, or what another one who asked before it began was given.
    ///
    /// Who hangs up while reading leaves the turn to the next one who waits.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) async fn get(
        &self,
        read: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mine = Arc::clone(self.next().get_or_insert_default());
        let _turn = self.turn.lock().await;
        if let Some(done) = mine.get() {
            return done.clone();
        }
        // It begins: who asks from here on gets another one.
        self.next().take_if(|next| Arc::ptr_eq(next, &mine));
        let outcome = read.await;
        // Only one has the turn, so nobody has set it.
        let _ = mine.set(outcome.clone());
        outcome
    }

    fn next(&self) -> std::sync::MutexGuard<'_, Option<Outcome<T>>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks_protocol::ErrorCode;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use tokio::sync::Notify;

    /// A panel whose state is a number, and a door that readings stand before.
    #[derive(Default)]
    struct Panel {
        readings: Coalesced<usize>,
        state: AtomicUsize,
        begun: AtomicUsize,
        at_once: AtomicUsize,
        most: AtomicUsize,
        door: Notify,
    }

    impl Panel {
        async fn ask(self: Arc<Self>) -> Result<usize, Failure> {
            let read = async {
                let now = self.at_once.fetch_add(1, SeqCst) + 1;
                self.most.fetch_max(now, SeqCst);
                self.begun.fetch_add(1, SeqCst);
                let seen = self.state.load(SeqCst);
                self.door.notified().await;
                self.at_once.fetch_sub(1, SeqCst);
                Ok(seen)
            };
            self.readings.get(read).await
        }
    }

    async fn until(done: impl Fn() -> bool) {
        for _ in 0..10_000 {
            if done() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("it never came");
    }

    #[tokio::test]
    async fn who_asks_meanwhile_shares_the_next_reading_and_never_the_one_under_way() {
        let panel = Arc::new(Panel::default());
        let first = tokio::spawn(Arc::clone(&panel).ask());
        until(|| panel.begun.load(SeqCst) == 1).await;
        // A write: what is under way has not seen it.
        panel.state.store(7, SeqCst);
        let later: Vec<_> = (0..4).map(|_| tokio::spawn(Arc::clone(&panel).ask())).collect();
        tokio::task::yield_now().await;
        panel.door.notify_one();
        assert_eq!(first.await.unwrap(), Ok(0));
        until(|| panel.begun.load(SeqCst) == 2).await;
        panel.door.notify_one();
        for asked in later {
            assert_eq!(asked.await.unwrap(), Ok(7));
        }
        assert_eq!((panel.begun.load(SeqCst), panel.most.load(SeqCst)), (2, 1));
        panel.door.notify_one();
        assert_eq!(Arc::clone(&panel).ask().await, Ok(7));
        assert_eq!(panel.begun.load(SeqCst), 3, "nothing is kept for later");
    }

    #[tokio::test]
    async fn who_hangs_up_while_reading_leaves_it_to_the_next() {
        let panel = Arc::new(Panel::default());
        let first = tokio::spawn(Arc::clone(&panel).ask());
        until(|| panel.begun.load(SeqCst) == 1).await;
        let later: Vec<_> = (0..2).map(|_| tokio::spawn(Arc::clone(&panel).ask())).collect();
        tokio::task::yield_now().await;
        first.abort();
        until(|| panel.begun.load(SeqCst) == 2).await;
        later[0].abort();
        until(|| panel.begun.load(SeqCst) == 3).await;
        panel.door.notify_one();
        assert_eq!(later.into_iter().next_back().unwrap().await.unwrap(), Ok(0));
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_who_waited_and_not_kept() {
        let readings = Coalesced::default();
        let failed = Failure::new(ErrorCode::PanelUnreachable, "down");
        assert_eq!(readings.get(async { Err::<u8, _>(failed.clone()) }).await, Err(failed));
        assert_eq!(readings.get(async { Ok(1) }).await, Ok(1));
    }
}
