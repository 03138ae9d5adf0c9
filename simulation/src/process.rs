//! One life of the controller's process, which can end at a crash point.

use super::counts::Counts;
use super::effects::EffectFault;
use super::time::{Party, Time};
use async_trait::async_trait;
use nebulalinks::model::{Moment, UnixMs};
use nebulalinks::ports::Clock;
use nebulalinks::store::{AFTER_APPLY, MemoryStore};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// One life of the controller's process.
pub struct Process {
    time: Arc<Time>,
    counts: Arc<Counts>,
    alive: AtomicBool,
    dies_in: Mutex<Option<u32>>,
    dies_at: Mutex<Option<&'static str>>,
    store: Mutex<Option<Arc<MemoryStore>>>,
    heir: Mutex<Option<MemoryStore>>,
}

impl Process {
    pub(super) fn new(time: Arc<Time>, counts: Arc<Counts>) -> Self {
        Self {
            time,
            counts,
            alive: AtomicBool::new(true),
            dies_in: Mutex::new(None),
            dies_at: Mutex::new(None),
            store: Mutex::new(None),
            heir: Mutex::new(None),
        }
    }

    pub(super) fn owns(&self, store: Arc<MemoryStore>) {
        *self.store.lock().unwrap() = Some(store);
    }

    /// Whether it lives.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst)
    }

    /// The process ends at the n-th crash point from now.
    pub fn die_in(&self, points: u32) {
        *self.dies_in.lock().unwrap() = Some(points);
    }

    /// The process ends when it next comes to this point.
    pub fn die_at(&self, point: &'static str) {
        *self.dies_at.lock().unwrap() = Some(point);
    }

    fn is_due(&self, point: &'static str) -> bool {
        let at_effect = |fault: EffectFault| fault == EffectFault::Crash(point);
        if self.counts.effects.is_due(at_effect).is_some() {
            return true;
        }
        if *self.dies_at.lock().unwrap() == Some(point) {
            return true;
        }
        match self.dies_in.lock().unwrap().as_mut() {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    /// The intents of effects are about to be committed, and something may have to come first.
    pub(super) async fn held_up(&self, verbs: &[String]) {
        self.counts.effects.held_up(verbs).await;
    }

    /// The intents of effects are about to be committed.
    pub(super) fn note_intents(&self, verbs: Vec<String>) {
        let effects = &self.counts.effects;
        effects.intents(verbs);
        if effects.is_due(|fault| fault == EffectFault::CrashUndurable).is_some() {
            self.die_at(AFTER_APPLY);
        }
    }

    /// The process ends here: what was not durable is lost.
    pub fn kill(&self) {
        self.alive.store(false, Ordering::SeqCst);
        if let Some(store) = self.store.lock().unwrap().take() {
            *self.heir.lock().unwrap() = Some(store.crash());
        }
    }

    /// What the next process finds on the disk.
    pub fn left_behind(&self) -> MemoryStore {
        self.heir.lock().unwrap().take().expect("it is dead")
    }

    /// Passes a crash point; whoever belongs to a dead process goes no further.
    pub fn pass(&self, point: &'static str) {
        if self.is_alive() {
            if !self.is_due(point) {
                return;
            }
            self.counts.met("crash");
            self.counts.met(point);
            self.kill();
        }
        resume_unwind(Box::new("the process died"));
    }

    /// Nothing of a dead process reaches the world.
    pub async fn gate(&self) {
        if !self.is_alive() {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Clock for Process {
    fn now(&self) -> UnixMs {
        self.time.of(&Party::Controller)
    }

    fn moment(&self) -> Moment {
        self.time.moment()
    }

    async fn sleep_until(&self, moment: UnixMs) {
        self.time.until_by(Some(&Party::Controller), moment).await;
    }

    fn crash_point(&self, point: &'static str) {
        self.pass(point);
    }
}
