//! Whether Xray runs, with a memory: one that crashes and is started again by its panel every few
//! seconds runs at about every other look, or at every one.
//!
//! Where the panel says for how long it has run, each look tells when it was started. Starts that
//! nobody asked for, several within 90 s, are crashes, whatever the looks find.

use super::lock::Locked;
use crate::model::{
    DurationMs, Observation, Outage, SECOND_MS, ServerId, ServerStatus, UnixMs, XrayState,
};
use std::collections::BTreeMap;
use std::sync::MutexGuard;

/// For so long every look must have found it running, and not started anew, before it counts as
/// running.
const STEADY_AFTER: DurationMs = DurationMs(90 * SECOND_MS);
/// How soon a server is listed again while it does not, or was started a moment ago: with nine
/// looks and more, one that crashes is not taken for a running one.
pub(super) const LOOK_AGAIN: DurationMs = DurationMs(10 * SECOND_MS);
/// So many starts within [`STEADY_AFTER`] that nobody asked for are crashes. One is somebody's
/// button in the panel, or a panel's own rule when a client ends.
const CRASHES: usize = 3;
/// Two looks tell the same start apart by so much at the most: a panel counts whole seconds, looks
/// every 2 s, and our clock is corrected.
const GRAIN: DurationMs = DurationMs(5 * SECOND_MS);
/// A panel of v2 may start Xray anew for a write of ours, at its next look every 30 s.
const FOR_A_WRITE: DurationMs = DurationMs(45 * SECOND_MS);

/// What is known of Xray on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Xray {
    /// It runs, or the panel does not say.
    Runs,
    /// It runs, and was started a moment ago: worth another look.
    Started,
    /// It was stopped.
    Stopped,
    /// It does not start.
    Fails,
    /// It runs at this look, and did not a moment ago, or is started again and again.
    Unsteady,
}

impl Xray {
    /// Whether nobody can count on it.
    pub(super) const fn is_down(self) -> bool {
        matches!(self, Self::Stopped | Self::Fails | Self::Unsteady)
    }
}

/// A start that a look told of.
#[derive(Debug, Clone, Copy)]
struct Start {
    at: UnixMs,
    /// A write of ours stands for it.
    asked_for: bool,
}

/// What is remembered of one server.
#[derive(Debug, Default)]
struct Memory {
    /// When it was last seen down, or last crashed.
    down: Option<UnixMs>,
    /// The starts within [`STEADY_AFTER`], the newest last.
    starts: Vec<Start>,
    /// A write of ours that no start stands for yet.
    written: Option<UnixMs>,
}

impl Memory {
    /// A look found it running, for so long.
    fn runs(&mut self, up: Option<DurationMs>, now: UnixMs) {
        // What lies in the future was before the clock was set back.
        let recent = |at: UnixMs| at <= now && now.since(at) < STEADY_AFTER;
        self.starts.retain(|start| recent(start.at));
        let Some(up) = up else { return };
        let at = UnixMs(now.0.saturating_sub(up.0));
        let is_known = self.starts.last().is_some_and(|last| at <= last.at + GRAIN);
        if is_known || !recent(at) {
            return;
        }
        let is_for = |write: &mut UnixMs| *write <= at + GRAIN && at.since(*write) < FOR_A_WRITE;
        let asked_for = self.written.take_if(is_for).is_some();
        self.starts.push(Start { at, asked_for });
    }

    /// The newest start that nobody asked for, and how many there were.
    fn unasked(&self) -> (Option<UnixMs>, usize) {
        let unasked = self.starts.iter().filter(|start| !start.asked_for);
        (unasked.clone().next_back().map(|start| start.at), unasked.count())
    }
}

/// What was seen of every server.
#[derive(Debug, Default)]
pub(super) struct Steadiness(Locked<BTreeMap<ServerId, Memory>>);

impl Steadiness {
    fn memories(&self) -> MutexGuard<'_, BTreeMap<ServerId, Memory>> {
        self.0.lock()
    }

    /// Something is about to be written to a server's panel, which may start Xray anew for it.
    pub(super) fn about_to_write(&self, server: &ServerId, now: UnixMs) {
        self.memories().entry(server.clone()).or_default().written = Some(now);
    }

    /// What a look at a server says, together with those before. After a restart of ours, what
    /// was stored counts as seen now.
    pub(super) fn judge(
        &self,
        seen: &Observation,
        before: Option<&ServerStatus>,
        now: UnixMs,
    ) -> Xray {
        let mut memories = self.memories();
        let memory = memories.entry(seen.server.clone()).or_default();
        let down = match seen.panel.xray {
            XrayState::Stopped => Some(Xray::Stopped),
            XrayState::Error => Some(Xray::Fails),
            XrayState::Running | XrayState::Unknown => None,
        };
        if let Some(down) = down {
            memory.down = Some(now);
            return down;
        }
        memory.runs(seen.xray_up, now);
        let (newest, starts) = memory.unasked();
        if starts >= CRASHES {
            memory.down = newest;
            return Xray::Unsteady;
        }
        if before.is_some_and(|s| s.outage == Some(Outage::XrayDown)) {
            let at = *memory.down.get_or_insert(now);
            let at = newest.map_or(at, |start| at.max(start));
            if at <= now && now.since(at) < STEADY_AFTER {
                return Xray::Unsteady;
            }
        }
        memory.down = None;
        if newest.is_some() { Xray::Started } else { Xray::Runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Coverage, PanelInfo};

    fn fra() -> ServerId {
        "fra-1".parse().unwrap()
    }

    fn stored(outage: Option<Outage>) -> ServerStatus {
        ServerStatus { outage, ..ServerStatus::new(fra()) }
    }

    fn seen(xray: XrayState, up_s: Option<u64>) -> Observation {
        Observation {
            server: fra(),
            at: UnixMs(0),
            gateway_clock: UnixMs(0),
            coverage: Coverage::Full,
            panel: PanelInfo {
                identity: "p".into(),
                version: "3.6.0".into(),
                one_inbound: false,
                xray,
            },
            xray_up: up_s.map(|s| DurationMs(s * SECOND_MS)),
            inbounds: Vec::new(),
            ours: BTreeMap::new(),
            foreign: Vec::new(),
        }
    }

    /// Looks that find it running, as a loop that stores what each says.
    #[derive(Default)]
    struct Looks {
        steadiness: Steadiness,
        down: bool,
    }

    impl Looks {
        /// At this second, when it has run for so many.
        fn running(&mut self, second: u64, up_s: Option<u64>) -> Xray {
            let before = stored(self.down.then_some(Outage::XrayDown));
            let look = seen(XrayState::Running, up_s);
            let xray = self.steadiness.judge(&look, Some(&before), UnixMs(second * SECOND_MS));
            self.down = xray.is_down();
            xray
        }
    }

    #[test]
    fn one_that_crashes_and_comes_back_counts_as_down_until_it_stays_up() {
        let steadiness = Steadiness::default();
        let (fine, down) = (stored(None), stored(Some(Outage::XrayDown)));
        let look = |state, before, s: u64| {
            steadiness.judge(&seen(state, None), Some(before), UnixMs(s * SECOND_MS))
        };
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
        let down = stored(Some(Outage::XrayDown));
        let steadiness = Steadiness::default();
        let look = |s: u64| {
            let look = seen(XrayState::Running, None);
            steadiness.judge(&look, Some(&down), UnixMs(s * SECOND_MS))
        };
        assert_eq!(look(1_000), Xray::Unsteady);
        assert_eq!(look(500), Xray::Runs);
    }

    #[test]
    fn one_that_every_look_finds_running_and_just_started_crashes() {
        // With each length of its life, from the first list on.
        for life in [2, 5, 7, 13, 29] {
            let mut looks = Looks::default();
            let (mut second, mut first_said) = (1_000_u64, None);
            while second < 1_300 {
                let xray = looks.running(second, Some((second - 900) % life));
                assert_ne!(xray, Xray::Runs, "life {life}, second {second}");
                match first_said {
                    None if xray == Xray::Unsteady => first_said = Some(second),
                    Some(_) => assert_eq!(xray, Xray::Unsteady, "life {life}, second {second}"),
                    None => {}
                }
                second += LOOK_AGAIN.0 / SECOND_MS;
            }
            let said = first_said.unwrap() - 1_000;
            assert!(said <= 60, "life {life}: said after {said} s");
            // It stays up from here on.
            let mended = second;
            while second < mended + 100 {
                let xray = looks.running(second, Some(second - mended));
                assert_eq!(xray.is_down(), second < mended + 90, "life {life}, {second}");
                second += LOOK_AGAIN.0 / SECOND_MS;
            }
        }
    }

    #[test]
    fn a_button_in_the_panel_or_a_write_of_ours_is_no_crash() {
        let mut looks = Looks::default();
        assert_eq!(looks.running(1_000, Some(80_000)), Xray::Runs);
        // Two starts by hand within a minute.
        assert_eq!(looks.running(1_060, Some(20)), Xray::Started);
        assert_eq!(looks.running(1_070, Some(5)), Xray::Started);
        assert_eq!(looks.running(1_080, Some(15)), Xray::Started, "the same start");
        assert_eq!(looks.running(1_160, Some(95)), Xray::Runs);
        // A panel of v2 that starts it anew for each write.
        for second in (2_000..2_400).step_by(40) {
            looks.steadiness.about_to_write(&fra(), UnixMs(second * SECOND_MS));
            assert_eq!(looks.running(second + 35, Some(5)), Xray::Runs, "{second}");
        }
        // One write stands for one start.
        looks.steadiness.about_to_write(&fra(), UnixMs(3_000 * SECOND_MS));
        let said: Vec<Xray> = (1..=4).map(|n| looks.running(3_000 + n * 10, Some(1))).collect();
        assert_eq!(said, [Xray::Runs, Xray::Started, Xray::Started, Xray::Unsteady]);
    }

    #[test]
    fn a_clock_that_steps_and_a_gateway_that_does_not_tell_make_no_crash() {
        let mut looks = Looks::default();
        for second in (1_000..2_000).step_by(10) {
            assert_eq!(looks.running(second, None), Xray::Runs);
        }
        // Up for 60 s by the panel; our clock goes a minute ahead and back, again and again.
        let steps = [3_000, 3_060, 3_005, 3_065, 3_010, 3_070];
        for (n, second) in steps.into_iter().enumerate() {
            let up = 60 + 5 * u64::try_from(n).unwrap();
            assert!(!looks.running(second, Some(up)).is_down(), "{second}");
        }
    }
}
