//! Which fault met which kind of effect: a fault that met an enable says nothing of a delete.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// A fault that can meet a write to a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EffectFault {
    /// The process dies at this crash point.
    Crash(&'static str),
    /// The process dies when the write's intent is visible and not durable.
    CrashUndurable,
    /// The request does not come to its gateway.
    RequestLost,
    /// It comes, and nobody hears the answer.
    AnswerLost,
    /// It comes twice.
    Twice,
    /// It comes when nobody waits for it any more.
    Late,
    /// It comes when its signature has expired.
    Expired,
}

/// All of them.
pub(super) const EFFECT_FAULTS: [EffectFault; 9] = [
    EffectFault::Crash("executor.before_call"),
    EffectFault::Crash("executor.after_call"),
    EffectFault::Crash("executor.after_status"),
    EffectFault::CrashUndurable,
    EffectFault::RequestLost,
    EffectFault::AnswerLost,
    EffectFault::Twice,
    EffectFault::Late,
    EffectFault::Expired,
];

/// Where the process may die round a call that gives a client another name, from the records that come before.
pub(super) const ROUND_A_CALL: [&str; 4] = [
    "server.after_records",
    "executor.before_call",
    "executor.after_call",
    "executor.after_status",
];

/// What may become of such a call on its way.
pub(super) const GOES_ASTRAY: [EffectFault; 4] =
    [EffectFault::AnswerLost, EffectFault::Twice, EffectFault::RequestLost, EffectFault::Late];

/// The kinds of effects, as the audit calls them. `update` is not among them: it changes what nobody's
/// service hangs on, by the same call as `extend`.
pub(super) const EFFECTS: [&str; 6] =
    ["create", "extend", "enable", "shorten", "disable", "delete"];

/// What is under way, what is to meet it, and what met what.
#[derive(Default)]
pub(super) struct Effects {
    /// The verbs of the intents that were written down last.
    under_way: Mutex<Vec<String>>,
    armed: Mutex<Option<(EffectFault, &'static str)>>,
    met: Mutex<BTreeSet<(&'static str, &'static str)>>,
    held: Mutex<Option<Arc<Held>>>,
}

/// The note of an effect that waits before it becomes durable, so that something else comes first.
pub(super) struct Held {
    effect: &'static str,
    came: Notify,
    goes_on: Notify,
}

impl Held {
    /// Until the effect is about to be noted, five minutes at most.
    pub(super) async fn came(&self) {
        let came = tokio::time::timeout(Duration::from_secs(300), self.came.notified()).await;
        assert!(came.is_ok(), "no {} came", self.effect);
    }

    /// What waits becomes durable now.
    pub(super) fn go_on(&self) {
        self.goes_on.notify_one();
    }
}

impl EffectFault {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Crash(point) => point,
            Self::CrashUndurable => "crash before it is durable",
            Self::RequestLost => "request lost",
            Self::AnswerLost => "answer lost",
            Self::Twice => "request came twice",
            Self::Late => "request came late",
            Self::Expired => "request came after its signature had expired",
        }
    }
}

impl Effects {
    /// The next effect of this kind meets this fault.
    pub(super) fn arm(&self, fault: EffectFault, effect: &'static str) {
        *self.armed.lock().unwrap() = Some((fault, effect));
    }

    /// Whether what was armed did not come yet.
    pub(super) fn is_armed(&self) -> bool {
        self.armed.lock().unwrap().is_some()
    }

    /// The next note of an effect of this kind waits.
    pub(super) fn hold(&self, effect: &'static str) -> Arc<Held> {
        let held = Held { effect, came: Notify::new(), goes_on: Notify::new() };
        let held = Arc::new(held);
        *self.held.lock().unwrap() = Some(Arc::clone(&held));
        held
    }

    /// Intents are about to be written down; one of them may have to wait.
    pub(super) async fn held_up(&self, verbs: &[String]) {
        let held = {
            let mut held = self.held.lock().unwrap();
            let waits = held.as_ref().is_some_and(|held| verbs.iter().any(|v| v == held.effect));
            if waits { held.take() } else { None }
        };
        if let Some(held) = held {
            held.came.notify_one();
            held.goes_on.notified().await;
        }
    }

    /// Intents are written down.
    pub(super) fn intents(&self, verbs: Vec<String>) {
        *self.under_way.lock().unwrap() = verbs;
    }

    /// Whether this fault is to meet what is under way: it then does.
    pub(super) fn is_due(&self, is: impl Fn(EffectFault) -> bool) -> Option<EffectFault> {
        let mut armed = self.armed.lock().unwrap();
        let (fault, effect) = (*armed)?;
        let meets = is(fault) && self.under_way.lock().unwrap().iter().any(|verb| verb == effect);
        if !meets {
            return None;
        }
        *armed = None;
        self.met.lock().unwrap().insert((fault.name(), effect));
        Some(fault)
    }

    /// Whether this fault met this kind of effect.
    pub(super) fn has_met(&self, fault: EffectFault, effect: &'static str) -> bool {
        self.met.lock().unwrap().contains(&(fault.name(), effect))
    }
}
