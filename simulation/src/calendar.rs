//! When what is to happen in a run of real length: drawn from the seed alone, whatever happens in it.

use super::rng::Rng;
use nebulalinks::model::{DAY_MS, DurationMs, HOUR_MS, MINUTE_MS};

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hour {
    /// Somebody does something, and all else is well.
    Life,
    /// So many acts, one shortly after the other, in every kind of trouble.
    Trouble(u32),
    /// The store of an earlier time is put in place, and an operator says that it is right.
    OldStore,
    /// A panel does not answer for so long.
    Outage(DurationMs),
}

impl Hour {
    /// How many acts it takes.
    pub(super) fn acts(self) -> u32 {
        match self {
            Self::Trouble(acts) => acts,
            Self::Life | Self::OldStore | Self::Outage(_) => 1,
        }
    }
}

/// How often something happens, on average.
struct Pace {
    life: DurationMs,
    trouble: DurationMs,
    /// The longest time that a panel is down.
    outage: DurationMs,
}

impl Pace {
    /// The longer a run, the more of it is quiet.
    fn of(span: DurationMs) -> Self {
        let hours = |life: u64, trouble: u64, outage: u64| Self {
            life: DurationMs(life * HOUR_MS),
            trouble: DurationMs(trouble * HOUR_MS),
            outage: DurationMs(outage * HOUR_MS),
        };
        match span.0 / DAY_MS {
            0..=1 => Self { life: DurationMs(40 * MINUTE_MS), ..hours(0, 6, 3) },
            2..=30 => hours(2, 12, 12),
            _ => hours(6, 48, 48),
        }
    }
}

/// The hours of a run, each with the time since its start.
pub(super) struct Calendar {
    rng: Rng,
    pace: Pace,
    life: u64,
    trouble: u64,
}

impl Calendar {
    pub(super) fn of(seed: u64, span: DurationMs) -> Self {
        let (rng, pace) = (Rng::new(seed, 4), Pace::of(span));
        let life = rng.below(2 * pace.life.0);
        let trouble = rng.below(2 * pace.trouble.0);
        Self { rng, pace, life, trouble }
    }
}

impl Iterator for Calendar {
    type Item = (DurationMs, Hour);

    fn next(&mut self) -> Option<Self::Item> {
        if self.life < self.trouble {
            let at = self.life;
            self.life += 1 + self.rng.below(2 * self.pace.life.0);
            return Some((DurationMs(at), Hour::Life));
        }
        let at = self.trouble;
        self.trouble += self.pace.trouble.0 / 2 + self.rng.below(self.pace.trouble.0);
        let hour = match self.rng.below(16) {
            0 => Hour::OldStore,
            1 => Hour::Outage(DurationMs(HOUR_MS / 2 + self.rng.below(self.pace.outage.0))),
            _ => Hour::Trouble(4 + u32::try_from(self.rng.below(8)).unwrap()),
        };
        Some((DurationMs(at), hour))
    }
}
