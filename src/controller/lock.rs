//! Locks of what need not survive a restart: one that outlives a panic, and one per server.

use crate::model::ServerId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A mutex that goes on working after a panic: a run that panicked is caught and tried again, and
/// each change made under this lock is whole in itself.
#[derive(Debug, Default)]
pub(super) struct Locked<T>(Mutex<T>);

impl<T> Locked<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One lock per server, held across calls: different servers never wait for each other.
#[derive(Debug, Default)]
pub(super) struct ServerLocks(Locked<BTreeMap<ServerId, Arc<tokio::sync::Mutex<()>>>>);

impl ServerLocks {
    /// The lock of one server.
    pub(super) fn of(&self, server: &ServerId) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.0.lock().entry(server.clone()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_under_the_lock_leaves_it_usable() {
        let counted = Arc::new(Locked::new(1));
        let theirs = Arc::clone(&counted);
        let panicked = std::thread::spawn(move || {
            let _held = theirs.lock();
            panic!("a defect in one run");
        });
        assert!(panicked.join().is_err());
        *counted.lock() += 1;
        assert_eq!(*counted.lock(), 2);
    }

    #[test]
    fn one_server_s_lock_does_not_hold_up_another() {
        let locks = ServerLocks::default();
        let (fra, ams) = ("fra-1".parse().unwrap(), "ams-1".parse().unwrap());
        let held = locks.of(&fra);
        let _held = held.try_lock().unwrap();
        assert!(locks.of(&fra).try_lock().is_err());
        assert!(locks.of(&ams).try_lock().is_ok());
    }
}
