//! Looks that somebody asked for: keys that are taken up now, and what the first run of each that began
//! after the question came to.

use super::error::Failure;
use super::keys::{WorkKey, everything};
use crate::model::{AccountId, ServerId, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every server, and every account and order.
    Everything,
    /// One server, with everybody on it.
    Server(ServerId),
    /// One account, and the servers that it is on.
    Account(AccountId),
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Of what.
    pub key: WorkKey,
    /// The code of why it did not come to its end, and what that says.
    pub failure: Option<(&'static str, String)>,
}

/// What is asked, and where the runs that were waited for are told.
pub(super) struct Asked {
    pub(super) target: Target,
    pub(super) done: UnboundedSender<Looked>,
}

/// Asks the loop to look now.
#[derive(Debug, Clone)]
pub struct LookNow(UnboundedSender<Asked>);

impl LookNow {
    pub(super) fn new() -> (Self, UnboundedReceiver<Asked>) {
        let (sender, asked) = unbounded_channel();
        (Self(sender), asked)
    }

    /// Nobody hears it: for pages without a loop.
    #[must_use]
    pub fn nobody() -> Self {
        Self::new().0
    }

    /// Asks, and hears of each run as it ends; the channel closes after the last.
    #[must_use]
    pub fn ask(&self, target: Target) -> UnboundedReceiver<Looked> {
        let (done, looked) = unbounded_channel();
        // Without a loop the other end is dropped, and so the channel is closed.
        let _ = self.0.send(Asked { target, done });
        looked
    }
}

/// What of a target is put into the queue, and the part of it that is waited for: what asks panels and
/// decides. Threads and messages follow, and are nobody's agreement.
pub(super) fn keys_of<'s>(
    target: &Target,
    snapshot: &Snapshot,
    servers: impl Iterator<Item = &'s ServerId>,
) -> (BTreeSet<WorkKey>, BTreeSet<WorkKey>) {
    let of_server = |id: &ServerId| [WorkKey::Drain(id.clone()), WorkKey::Server(id.clone())];
    match target {
        Target::Everything => {
            let all = everything(snapshot, servers);
            let waited = |key: &&WorkKey| matches!(key, WorkKey::Server(_) | WorkKey::Drain(_));
            let waited = all.iter().filter(waited).cloned().collect();
            (all, waited)
        }
        Target::Server(id) => {
            let keys = BTreeSet::from(of_server(id));
            (keys.clone(), keys)
        }
        Target::Account(id) => {
            let mut keys = BTreeSet::from([WorkKey::Account(*id)]);
            keys.extend(snapshot.bindings(*id).map(|b| WorkKey::Server(b.server.clone())));
            let waited = keys.clone();
            keys.insert(WorkKey::Notify(*id));
            (keys, waited)
        }
    }
}

/// Who waits for the end of which run.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    /// For the next run: one that runs already began before it was asked for.
    next: BTreeMap<WorkKey, Vec<UnboundedSender<Looked>>>,
    running: BTreeMap<WorkKey, Vec<UnboundedSender<Looked>>>,
}

impl Awaited {
    pub(super) fn add(&mut self, key: WorkKey, done: UnboundedSender<Looked>) {
        self.next.entry(key).or_default().push(done);
    }

    /// A run of it begins.
    pub(super) fn began(&mut self, key: &WorkKey) {
        if let Some(waiting) = self.next.remove(key) {
            self.running.insert(key.clone(), waiting);
        }
    }

    /// It ended.
    pub(super) fn ended(&mut self, key: &WorkKey, failure: Option<&Failure>) {
        for done in self.running.remove(key).into_iter().flatten() {
            let failure = failure.map(|f| (f.code.as_str(), f.detail.clone()));
            // Whoever asked may have gone.
            let _ = done.send(Looked { key: key.clone(), failure });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_that_began_after_the_question_answers_it() {
        let key = WorkKey::Server("fra-1".parse().unwrap());
        let (done, mut looked) = unbounded_channel();
        let mut awaited = Awaited::default();
        awaited.began(&key);
        awaited.add(key.clone(), done);
        awaited.ended(&key, None);
        assert!(looked.try_recv().is_err(), "that run had begun before");
        awaited.began(&key);
        awaited.ended(&key, None);
        assert_eq!(looked.try_recv().unwrap(), Looked { key, failure: None });
        assert!(looked.is_closed(), "nothing more is to come");
    }

    #[test]
    fn without_a_loop_nobody_waits() {
        let mut looked = LookNow::nobody().ask(Target::Everything);
        assert_eq!(looked.try_recv().ok(), None);
        assert!(looked.is_closed());
    }
}
