//! What is known of our own clock: who tells the time besides it, and whether it is believed.

use super::{DurationMs, OrderId, ServerId, UnixMs};
use serde::{Deserialize, Serialize};

/// Both of a machine's clocks at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock: it may be wrong, and it may step.
    pub wall: UnixMs,
    /// Time since some moment of this process: it never steps, and it stands still while the
    /// machine is suspended.
    pub monotonic: DurationMs,
}

/// Who tells the time besides our own clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Witness {
    /// The `Date` header of Discord's answers: the one witness outside of the servers.
    Discord,
    /// The signed date of a gateway's answers.
    Gateway(ServerId),
}

/// Why our clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockDoubt {
    /// Nobody has told the time since the start.
    NoReference,
    /// Wall time moved and monotonic time did not go along, and nobody has told the time since:
    /// the clock was set, or the machine was suspended.
    Stepped,
    /// Discord tells another time.
    Discord,
    /// Without Discord: not most of the hosts tell our time.
    Servers,
    /// Our clock is behind a moment that a witness has vouched for.
    BehindSeen,
}

impl ClockDoubt {
    /// Every reason, for metrics.
    pub const ALL: [Self; 5] =
        [Self::NoReference, Self::Stepped, Self::Discord, Self::Servers, Self::BehindSeen];

    /// The word for logs, metrics and `/readyz`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoReference => "no_reference",
            Self::Stepped => "stepped",
            Self::Discord => "discord",
            Self::Servers => "servers",
            Self::BehindSeen => "behind_seen",
        }
    }

    /// What it means, for operators.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NoReference => {
                "nobody has told the time since the start; servers alone are believed only when \
                 Discord has not answered for a minute"
            }
            Self::Stepped => {
                "this machine's clock was set, or the machine was suspended; Discord is asked for \
                 the time, and after a minute most servers count"
            }
            Self::Discord => "Discord tells another time than this machine",
            Self::Servers => {
                "Discord does not tell the time, and not most of the gateways' hosts tell that of \
                 this machine"
            }
            Self::BehindSeen => {
                "this machine's clock is behind a time that Discord confirmed earlier"
            }
        }
    }

    /// What a person has to do.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoReference => {
                "see why nobody answers (`nebulalinks get servers`, the network, a firewall); it ends \
                 with the first answer that fits this machine's clock"
            }
            Self::Stepped => {
                "nothing for a minute: it ends when Discord, or most gateways, tell the same time"
            }
            Self::Discord | Self::Servers | Self::BehindSeen => {
                "look at `clock` here, then set the clock that is wrong by NTP (`timedatectl`); \
                 nothing has to be restarted"
            }
        }
    }
}

/// Whether our clock is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockVerdict {
    /// It is.
    Trusted {
        /// A witness outside of the servers confirms it.
        vouched: bool,
    },
    /// It is not: no timed fact is accepted or acted on, and nothing is taken from anybody.
    Doubt {
        /// What makes us doubt it.
        reason: ClockDoubt,
        /// The last moment that is known to have passed when the doubt began.
        since: UnixMs,
    },
}

impl ClockVerdict {
    /// Why it is in doubt; `None` when it is believed.
    #[must_use]
    pub const fn doubt(self) -> Option<ClockDoubt> {
        match self {
            Self::Trusted { .. } => None,
            Self::Doubt { reason, .. } => Some(reason),
        }
    }

    /// Whether a witness outside of the servers confirms our time.
    #[must_use]
    pub const fn is_vouched(self) -> bool {
        matches!(self, Self::Trusted { vouched: true })
    }
}

/// The time by which facts are decided, and whether it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeReading {
    /// Our clock while it is believed. In doubt it stands still at the last moment that is known to
    /// have passed, so that nothing falls due.
    pub now: UnixMs,
    /// Whether our clock is believed.
    pub verdict: ClockVerdict,
}

impl TimeReading {
    /// A clock that a witness vouches for.
    #[must_use]
    pub const fn vouched(now: UnixMs) -> Self {
        Self { now, verdict: ClockVerdict::Trusted { vouched: true } }
    }

    /// Whether our clock is in doubt.
    #[must_use]
    pub const fn in_doubt(self) -> bool {
        self.verdict.doubt().is_some()
    }
}

/// The latest moment that a witness outside of the servers has vouched for: a lower bound of the
/// time, across restarts. Times in other records prove nothing: a wrong clock may have written them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSeen {
    /// The moment.
    pub at: UnixMs,
}

/// An order whose newest proof came while the clock was in doubt: it is dated when the doubt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndatedProof {
    /// The order.
    pub order: OrderId,
}
