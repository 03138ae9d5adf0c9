//! When this process last asked Discord about each surface, so that it asks again in time.

use super::lock::Locked;
use crate::model::{SurfaceKey, UnixMs};
use std::collections::BTreeMap;

/// The last check of each surface that somebody waits for, by the wall clock; none at a start.
#[derive(Debug, Default)]
pub(super) struct SurfaceChecks(Locked<BTreeMap<SurfaceKey, UnixMs>>);

impl SurfaceChecks {
    /// Discord was asked about a surface, successfully or not.
    pub(super) fn note(&self, key: SurfaceKey, at: UnixMs) {
        self.0.lock().insert(key, at);
    }

    /// Nobody waits for the surface any more.
    pub(super) fn forget(&self, key: SurfaceKey) {
        self.0.lock().remove(&key);
    }

    /// Anything may have happened in Discord: every surface is due for a check.
    pub(super) fn forget_all(&self) {
        self.0.lock().clear();
    }

    /// When the surface was last checked.
    pub(super) fn last(&self, key: SurfaceKey, now: UnixMs) -> Option<UnixMs> {
        // What lies in the future was before the clock was set back.
        self.0.lock().get(&key).copied().filter(|at| *at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_counts_until_it_is_forgotten_or_the_clock_is_set_back_behind_it() {
        let checks = SurfaceChecks::default();
        let (panel, noon) = (SurfaceKey::StorePanel, UnixMs(1_000));
        assert_eq!(checks.last(panel, noon), None);
        checks.note(panel, noon);
        assert_eq!(checks.last(panel, noon), Some(noon));
        assert_eq!(checks.last(panel, UnixMs(999)), None, "the clock was set back");
        checks.forget_all();
        assert_eq!(checks.last(panel, noon), None);
        checks.note(panel, noon);
        checks.forget(panel);
        assert_eq!(checks.last(panel, noon), None);
    }
}
