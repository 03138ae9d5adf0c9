//! Whether Xray runs, with a memory: one that crashes and is started again by its panel every few
//! seconds runs at about every other look.

use crate::model::{DurationMs, Outage, SECOND_MS, ServerId, ServerStatus, UnixMs, XrayState};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// For so long every look must have found it running before it counts as running.
const STEADY_AFTER: DurationMs = DurationMs(90 * SECOND_MS);
/// How soon a server is listed again while it does not: with nine looks and more, one that crashes
/// is not taken for a running one.
pub(super) const LOOK_AGAIN: DurationMs = DurationMs(10 * SECOND_MS);

/// What is known of Xray on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Xray {
    /// It runs, or the panel does not say.
    Runs,
    /// It was stopped.
    Stopped,
    /// It does not start.
    Fails,
    /// It runs at this look, and did not a moment ago.
    Unsteady,
}

/// Where it was last seen down.
#[derive(Debug, Default)]
pub(super) struct Steadiness(Mutex<BTreeMap<ServerId, UnixMs>>);

impl Steadiness {
    /// What a look at a server says, together with those before. After a restart of ours, what
    /// was stored counts as seen now.
    pub(super) fn judge(
        &self,
        server: &ServerId,
        state: XrayState,
        before: Option<&ServerStatus>,
        now: UnixMs,
    ) -> Xray {
        let mut seen_down = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            XrayState::Stopped | XrayState::Error => {
                seen_down.insert(server.clone(), now);
                return if state == XrayState::Error { Xray::Fails } else { Xray::Stopped };
            }
            XrayState::Running | XrayState::Unknown => {}
        }
        if before.is_some_and(|s| s.outage == Some(Outage::XrayDown)) {
            let at = *seen_down.entry(server.clone()).or_insert(now);
            // What lies in the future was before the clock was set back.
            if at <= now && now.since(at) < STEADY_AFTER {
                return Xray::Unsteady;
            }
        }
        seen_down.remove(server);
        Xray::Runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_crashes_and_comes_back_counts_as_down_until_it_stays_up() {
        let (steadiness, id): (_, ServerId) = (Steadiness::default(), "fra-1".parse().unwrap());
        let stored = |outage| ServerStatus { outage, ..ServerStatus::new(id.clone()) };
        let (fine, down) = (stored(None), stored(Some(Outage::XrayDown)));
        let look =
            |state, before, s: u64| steadiness.judge(&id, state, Some(before), UnixMs(s * 1_000));
        assert_eq!(look(XrayState::Running, &fine, 0), Xray::Runs);
        assert_eq!(look(XrayState::Error, &fine, 10), Xray::Fails);
        assert_eq!(look(XrayState::Running, &down, 20), Xray::Unsteady);
        assert_eq!(look(XrayState::Stopped, &down, 60), Xray::Stopped);
        assert_eq!(look(XrayState::Running, &down, 149), Xray::Unsteady);
        assert_eq!(look(XrayState::Running, &down, 150), Xray::Runs);
        assert_eq!(look(XrayState::Running, &fine, 160), Xray::Runs);
    }

    #[test]
    fn a_restart_of_ours_forgets_no_crash_and_a_clock_that_fell_keeps_none_for_ever() {
        let id: ServerId = "fra-1".parse().unwrap();
        let status = ServerStatus::new(id.clone());
        let down = ServerStatus { outage: Some(Outage::XrayDown), ..status };
        let steadiness = Steadiness::default();
        let look =
            |s: u64| steadiness.judge(&id, XrayState::Running, Some(&down), UnixMs(s * 1_000));
        assert_eq!(look(1_000), Xray::Unsteady);
        assert_eq!(look(500), Xray::Runs);
    }
}
