//! Which fault met which kind of effect: a fault that met an enable says nothing of a delete.

use std::collections::BTreeSet;
use std::sync::Mutex;

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
}

/// All of them.
pub(super) const EFFECT_FAULTS: [EffectFault; 8] = [
    EffectFault::Crash("executor.before_call"),
    EffectFault::Crash("executor.after_call"),
    EffectFault::Crash("executor.after_status"),
    EffectFault::CrashUndurable,
    EffectFault::RequestLost,
    EffectFault::AnswerLost,
    EffectFault::Twice,
    EffectFault::Late,
];

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
