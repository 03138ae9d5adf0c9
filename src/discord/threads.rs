//! Which threads stand below a channel: listed once, then kept by what is opened.
//!
//! A thread has no nonce; it is found by its name. Asking Discord anew before each opening would
//! read all open threads for every order: a thousand orders would read a million threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Mutex, MutexGuard};

/// Names that are remembered; beyond it all are listed anew.
const MOST: usize = 8_192;

/// The names of a channel's threads, and the oldest thread of each: one name is one order.
#[derive(Default)]
pub(super) struct Names {
    parent: u64,
    /// The age of what was listed; 0 when nothing was.
    listed: u64,
    by_name: BTreeMap<String, u64>,
}

/// What is known, and how often it came to be doubted.
#[derive(Default)]
pub(super) struct Threads {
    names: Mutex<Names>,
    doubts: AtomicU64,
}

impl Names {
    /// Whether a channel's threads were listed and nothing has made that doubtful since.
    pub(super) fn is_known(&self, parent: u64, doubts: u64) -> bool {
        self.parent == parent && self.listed == doubts + 1 && self.by_name.len() <= MOST
    }

    /// Forgets every name: the next search lists the threads anew.
    pub(super) fn list(&mut self, parent: u64, doubts: u64, threads: Vec<(String, u64)>) {
        *self = Self { parent, listed: doubts + 1, by_name: BTreeMap::new() };
        for (name, id) in threads {
            self.add(name, id);
        }
    }

    pub(super) fn add(&mut self, name: String, id: u64) {
        let oldest = self.by_name.entry(name).or_insert(id);
        *oldest = (*oldest).min(id);
    }

    pub(super) fn get(&self, name: &str) -> Option<u64> {
        self.by_name.get(name).copied()
    }
}

impl Threads {
    /// Anything may have happened: what was listed is not believed any more.
    pub(super) fn doubt(&self) {
        self.doubts.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn doubts(&self) -> u64 {
        self.doubts.load(Ordering::SeqCst)
    }

    /// Held while the threads are listed, so that they are listed once.
    pub(super) async fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_counts_until_it_is_doubted_and_the_oldest_of_a_name_wins() {
        let threads = Threads::default();
        let mut names = threads.names().await;
        assert!(!names.is_known(1, threads.doubts()));
        names.list(1, threads.doubts(), vec![("a".into(), 7), ("a".into(), 5)]);
        assert!(names.is_known(1, threads.doubts()) && !names.is_known(2, threads.doubts()));
        assert_eq!(names.get("a"), Some(5));
        threads.doubt();
        assert!(!names.is_known(1, threads.doubts()));
    }
}
