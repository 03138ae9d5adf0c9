//! What memory everybody has after a round: it must not grow with the rounds.

use crate::process::own_memory_kib;
use crate::system::System;
use crate::trouble::Trouble;
use std::fmt;

/// From this round on nothing may grow any more.
const SETTLED_AFTER: u32 = 50;
/// Over so many rounds the least is taken: what a round needs for a moment is no growth.
const OVER: u32 = 10;
/// What the guild itself gains in a round, by its threads and cards, in KiB.
const OF_A_ROUND: u64 = 128;
/// What an allocator may keep beside it, in KiB.
const SLACK: u64 = 48 << 10;

/// What is resident, in KiB.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    /// Of this process: the model panels, Discord, and the people.
    player: u64,
    controller: u64,
    /// Of the largest gateway.
    gateway: u64,
}

impl Memory {
    /// What is resident now; 0 where the system does not tell.
    pub(super) fn of(system: &System) -> Self {
        let gateways = system.servers.values().filter_map(|server| server.gateway.memory_kib());
        Self {
            player: own_memory_kib().unwrap_or(0),
            controller: system.controller.memory_kib().unwrap_or(0),
            gateway: gateways.max().unwrap_or(0),
        }
    }

    /// The least of both, one by one.
    fn least(self, other: Self) -> Self {
        Self {
            player: self.player.min(other.player),
            controller: self.controller.min(other.controller),
            gateway: self.gateway.min(other.gateway),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { player, controller, gateway } = self;
        write!(f, "player {} MiB, ", player >> 10)?;
        write!(f, "controller {} MiB, gateway {} MiB", controller >> 10, gateway >> 10)
    }
}

/// The memory of all rounds.
#[derive(Debug, Default)]
pub(super) struct Growth {
    round: u32,
    settled: Option<Memory>,
    recent: Option<Memory>,
}

impl Growth {
    /// One more round is over. The error says what has grown since the fiftieth.
    pub(super) fn note(&mut self, now: Memory) -> Result<(), Trouble> {
        self.round += 1;
        let least = self.recent.map_or(now, |recent| recent.least(now));
        self.recent = Some(least);
        if !self.round.is_multiple_of(OVER) {
            return Ok(());
        }
        self.recent = None;
        let Some(settled) = self.settled else {
            self.settled = (self.round >= SETTLED_AFTER).then_some(least);
            return Ok(());
        };
        let rounds = u64::from(self.round - SETTLED_AFTER);
        let parts = [
            ("player", settled.player, least.player, rounds * OF_A_ROUND),
            ("controller", settled.controller, least.controller, 0),
            ("gateway", settled.gateway, least.gateway, 0),
        ];
        match parts.into_iter().find(|(_, before, after, of)| *after > before + of + SLACK) {
            Some((name, before, after, _)) => Err(Trouble(format!(
                "the memory of the {name} has grown from {} to {} MiB since round {SETTLED_AFTER}",
                before >> 10,
                after >> 10
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(of: impl Fn(u32) -> Memory) -> Option<u32> {
        let mut growth = Growth::default();
        (1..=1_000).find(|round| growth.note(of(*round)).is_err())
    }

    #[test]
    fn memory_that_is_flat_after_the_fiftieth_round_is_well() {
        let of = |round: u32| {
            let player = (100 << 10) + u64::from(round.min(50)) * 4_096;
            let controller = (if round.is_multiple_of(3) { 5 } else { 80 }) << 10;
            Memory { player, controller, gateway: 40 << 10 }
        };
        assert_eq!(rounds(of), None);
    }

    #[test]
    fn memory_that_grows_by_a_mebibyte_a_round_is_seen() {
        let player = |round| Memory { player: u64::from(round) << 10, ..Memory::default() };
        assert!(rounds(player).is_some_and(|round| round <= 120), "{:?}", rounds(player));
        let controller = |round| Memory { controller: u64::from(round) << 10, ..Memory::default() };
        assert!(rounds(controller).is_some_and(|round| round <= 120));
    }
}
