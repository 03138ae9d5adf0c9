//! Whether our clock can be believed: one judgement of everybody who tells the time.
//!
//! A reference is a date that somebody put on an answer, and the monotonic times between which the
//! answer was made. From then on it is carried along by monotonic time: so a wall clock that is set
//! disagrees with it at once.

mod hosts;

pub use hosts::Hosts;

use crate::model::{
    ClockDoubt, ClockVerdict, DurationMs, HOUR_MS, MINUTE_MS, Moment, SECOND_MS, TimeReading,
    UnixMs, Witness,
};
use std::collections::BTreeMap;

/// Clocks that differ by more than this disagree: the window of a gateway.
pub const TOLERANCE: DurationMs = DurationMs(30 * SECOND_MS);
/// How long a reference is carried along. Crystals drift by less than 0.5 s in that time.
const BELIEVED: DurationMs = DurationMs(HOUR_MS);
/// An answer that took longer than this tells too little about the time.
const LONGEST_TRIP: DurationMs = DurationMs(2 * MINUTE_MS);
/// How long the servers alone are not believed after a start or a step where Discord is asked, too:
/// hosts that were all set wrong together agree with each other. It is asked every 5 s in doubt.
const DISCORD_FIRST: DurationMs = DurationMs(MINUTE_MS);
/// Dates on answers are whole seconds.
const GRAIN: DurationMs = DurationMs(SECOND_MS - 1);

/// A date on an answer, and when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    date: UnixMs,
    /// Monotonic: the question was sent.
    asked: DurationMs,
    /// Monotonic: the answer came.
    heard: DurationMs,
}

impl Told {
    fn is_fresh(&self, at: Moment) -> bool {
        at.monotonic - self.heard <= BELIEVED
    }

    /// How far this clock is ahead of ours, in ms: 0 while ours is within what the trip allows.
    fn ahead_of(&self, at: Moment) -> i64 {
        let earliest = self.date + (at.monotonic - self.heard);
        let latest = self.date + GRAIN + (at.monotonic - self.asked);
        let ms = |length: DurationMs| i64::try_from(length.0).unwrap_or(i64::MAX);
        ms(earliest.since(at.wall)).saturating_sub(ms(at.wall.since(latest)))
    }

    fn agrees(&self, at: Moment) -> bool {
        self.ahead_of(at).unsigned_abs() <= TOLERANCE.0
    }
}

/// Everybody who has told the time, and what was believed last.
#[derive(Debug, Clone, Default)]
pub struct Clocks {
    told: BTreeMap<Witness, Told>,
    /// From here on wall and monotonic time are compared.
    base: Option<Moment>,
    /// The last wall time that was believed.
    believed: Option<UnixMs>,
    /// Discord is asked for the time.
    discord_asked: bool,
    /// Monotonic: the start, or the last step.
    begun: DurationMs,
    /// Believed since then by somebody's word.
    settled: bool,
    /// The clock stepped, and nobody has told the time since.
    stepped: bool,
    doubt: Option<ClockDoubt>,
    since: UnixMs,
}

impl Clocks {
    /// Discord is going to be asked: at a start its word is waited for, for a while.
    pub const fn expect_discord(&mut self) {
        self.discord_asked = true;
    }

    /// Somebody answered a question that was sent at `asked`, with this date.
    pub fn hear(&mut self, witness: Witness, date: UnixMs, asked: DurationMs, at: Moment) {
        // What was heard before a step says nothing about the time after it.
        self.notice_step(at);
        self.discord_asked |= witness == Witness::Discord;
        if at.monotonic - asked <= LONGEST_TRIP {
            self.told.insert(witness, Told { date, asked, heard: at.monotonic });
        }
    }

    /// The time by which to decide, and whether our clock is believed. `seen` is what
    /// [`ClockSeen`](crate::model::ClockSeen) holds.
    pub fn judge(&mut self, at: Moment, hosts: &Hosts, seen: Option<UnixMs>) -> TimeReading {
        self.notice_step(at);
        let discord = self.told.get(&Witness::Discord).filter(|told| told.is_fresh(at));
        let doubt = match discord {
            Some(told) if told.agrees(at) => None,
            Some(_) => Some(ClockDoubt::Discord),
            None => self.without_discord(at, hosts, seen),
        };
        let vouched = discord.is_some();
        let Some(reason) = doubt else {
            (self.base, self.believed) = (Some(at), Some(at.wall));
            (self.settled, self.stepped, self.doubt) = (true, false, None);
            return TimeReading { now: at.wall, verdict: ClockVerdict::Trusted { vouched } };
        };
        let now = self.known_to_have_passed(at, seen);
        if self.doubt.is_none() {
            self.since = now;
        }
        (self.settled, self.doubt) = (false, Some(reason));
        TimeReading { now, verdict: ClockVerdict::Doubt { reason, since: self.since } }
    }

    /// How far each witness' clock is ahead of ours, in ms, by what was heard within an hour.
    #[must_use]
    pub fn differences(&self, at: Moment) -> BTreeMap<Witness, i64> {
        let fresh = self.told.iter().filter(|(_, told)| told.is_fresh(at));
        fresh.map(|(witness, told)| (witness.clone(), told.ahead_of(at))).collect()
    }

    /// Wall time against monotonic time. After a step it is as at a start: what was heard before is
    /// forgotten, whichever of the two clocks was right.
    fn notice_step(&mut self, at: Moment) {
        let base = *self.base.get_or_insert_with(|| {
            self.begun = at.monotonic;
            at
        });
        let wall = i128::from(at.wall.0) - i128::from(base.wall.0);
        let monotonic = i128::from(at.monotonic.0) - i128::from(base.monotonic.0);
        if (wall - monotonic).unsigned_abs() > u128::from(TOLERANCE.0) {
            self.told.clear();
            (self.base, self.begun) = (Some(at), at.monotonic);
            (self.settled, self.stepped) = (false, true);
        }
    }

    fn without_discord(
        &self,
        at: Moment,
        hosts: &Hosts,
        seen: Option<UnixMs>,
    ) -> Option<ClockDoubt> {
        match self.most_agree(at, hosts) {
            Some(false) => return Some(ClockDoubt::Servers),
            Some(true) if !self.waits_for_discord(at) => {}
            // Nobody can be asked, and the clock went on as it was when somebody could.
            _ if self.settled => {}
            _ if self.stepped => return Some(ClockDoubt::Stepped),
            _ => return Some(ClockDoubt::NoReference),
        }
        seen.is_some_and(|seen| at.wall + TOLERANCE < seen).then_some(ClockDoubt::BehindSeen)
    }

    fn waits_for_discord(&self, at: Moment) -> bool {
        self.discord_asked && !self.settled && at.monotonic - self.begun < DISCORD_FIRST
    }

    /// Whether most hosts tell our time, ours counted as one of them; `None` without any gateway.
    fn most_agree(&self, at: Moment, hosts: &Hosts) -> Option<bool> {
        let mut by_host: BTreeMap<&str, i64> = BTreeMap::new();
        for (witness, told) in self.told.iter().filter(|(_, told)| told.is_fresh(at)) {
            if let Witness::Gateway(server) = witness {
                let vote = if told.agrees(at) { 1 } else { -1 };
                *by_host.entry(hosts.name(server)).or_default() += vote;
            }
        }
        if by_host.is_empty() {
            return None;
        }
        // Our own clock is a voice of our own host, and no more than that.
        *by_host.entry(hosts::OWN).or_default() += 1;
        let sum: i64 = by_host.values().map(|votes| votes.signum()).sum();
        Some(sum > 0)
    }

    /// The latest moment that has surely passed: a time that was believed, or vouched for; at a
    /// start without either what the witnesses say.
    fn known_to_have_passed(&self, at: Moment, seen: Option<UnixMs>) -> UnixMs {
        if let Some(known) = self.believed.max(seen) {
            return known;
        }
        let told = |told: &Told| told.date + (at.monotonic - told.heard);
        if let Some(discord) = self.told.get(&Witness::Discord) {
            return told(discord);
        }
        self.told.values().map(told).min().map_or(at.wall, |told| told.min(at.wall))
    }
}
