//! What a panel does by itself: its poll, and keeping Xray up.

use super::control::{Live, ModelPanel};
use super::journal::Actor;
use super::version::Generation;
use super::xray::XrayState;

/// How often generation 2 looks whether a call asked for a start of Xray, ms.
const FLAG_EVERY_MS: i64 = 30_000;
/// How long generation 2 waits before it tries again to start an Xray that is down, ms.
const RETRY_AFTER_MS: i64 = 2_000;

impl ModelPanel {
    /// Starts, stops or breaks Xray and keeps it so until somebody lets it run; the API goes on
    /// answering success.
    pub fn set_xray(&self, state: XrayState) {
        let now = self.uptime_ms();
        self.live().xray.hold(state, now);
    }

    /// Lets Xray crash each time it has run so long, ms, until somebody sets its state; the panel
    /// starts it again at once.
    pub fn crash_xray_after(&self, ms: i64) {
        let now = self.uptime_ms();
        self.live().xray.crash_after(ms, now);
    }

    /// How Xray does.
    #[must_use]
    pub fn xray(&self) -> XrayState {
        self.live().xray.state()
    }

    /// How often a running Xray was ended for a full start: each time every customer was cut off.
    #[must_use]
    pub fn xray_restarts(&self) -> u64 {
        self.live().xray.restarts()
    }

    /// Starts Xray anew, in full, as the button does. It fails where the settings hold what Xray
    /// refuses. Nothing happens while [`set_xray`](Self::set_xray) keeps it down.
    pub fn restart_xray(&self) {
        self.start_anew();
    }

    /// Switches the panel's own cut-off.
    pub fn set_own_rule(&self, on: bool) {
        self.live().own_rule = on;
    }

    /// Runs the panel's own rule as of this moment, unless Xray is down or the rule is off.
    pub fn poll(&self, now_ms: i64) {
        let ready = {
            let mut live = self.live();
            live.polled_at = Some(now_ms);
            live.xray.is_running()
        };
        if ready && self.enforce(now_ms) > 0 && self.restarts_on_disable() {
            self.start_anew();
        }
    }

    /// Runs every job of the panel whose period has passed on its clock, either way.
    pub fn poll_if_due(&self) {
        let now = self.now_ms();
        if self.version().generation() == Generation::Two {
            self.look_after_xray(now);
        }
        let period = self.inner.config.poll_every_ms;
        let due = self.live().polled_at.is_none_or(|last| (now - last).abs() >= period);
        if due {
            self.poll(now);
        }
    }

    fn restarts_on_disable(&self) -> bool {
        self.inner.config.restart_on_disable && self.version().restarts_on_disable()
    }

    /// Applies the rule. Says how many it disabled.
    fn enforce(&self, now: i64) -> usize {
        let targets = {
            let live = self.live();
            if !live.own_rule {
                return 0;
            }
            live.db.poll_targets(now)
        };
        self.commit_live(Actor::Panel, &targets, |live, _| live.enforce(now, &targets))
    }

    /// A configuration is made for each start, and making it applies the rule in generation 2.
    fn start_anew(&self) {
        if self.version().generation() == Generation::Two {
            self.enforce(self.now_ms());
        }
        let now = self.uptime_ms();
        let mut guard = self.live();
        let Live { db, xray, .. } = &mut *guard;
        xray.start_anew(db, now);
    }

    /// Starts an Xray that is down again and again, and one that misses a call's change.
    fn look_after_xray(&self, now: i64) {
        let start = {
            let mut guard = self.live();
            let Live { db, xray, tried_at, flag_seen_at, .. } = &mut *guard;
            let retry = xray.wants_another_try()
                && tried_at.is_none_or(|last| (now - last).abs() >= RETRY_AFTER_MS);
            if retry {
                *tried_at = Some(now);
            }
            let looks = flag_seen_at.is_none_or(|last| (now - last).abs() >= FLAG_EVERY_MS);
            if looks {
                *flag_seen_at = Some(now);
            }
            let flagged = looks && xray.take_flag(db);
            retry || flagged
        };
        if start {
            self.start_anew();
        }
    }
}

impl Live {
    fn enforce(&mut self, now: i64, targets: &[String]) -> usize {
        match self.db.version.generation() {
            Generation::Two => self.db.poll_gen2(now, targets, &mut self.xray),
            Generation::Three => {
                self.db.poll(now, targets);
                0
            }
        }
    }
}
