//! How an emulator starts.

use crate::layout::GuildLayout;
use crate::time::UnixMs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The emulator's clock: milliseconds since 1970.
pub type Now = Arc<dyn Fn() -> UnixMs + Send + Sync>;

/// What a guild may hold; small numbers make the limits easy to meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Channels in the guild; more is 30013.
    pub channels: usize,
    /// Threads that are not archived; more is 160006.
    pub active_threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { channels: 500, active_threads: 1000 }
    }
}

/// How an emulator starts.
#[derive(Clone)]
pub struct EmulatorConfig {
    /// Where it listens: loopback; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The bot's token, without `Bot `.
    pub token: String,
    /// Times of messages, files and tokens; the 3 s for a first answer are real ones.
    pub clock: Now,
    /// The ids of the guild, its channels and roles.
    pub layout: GuildLayout,
    /// How many channels and threads the guild may hold.
    pub limits: Limits,
    /// The privileged intents that are switched on, as bits.
    pub privileged_intents: u64,
    /// How long the bot may take for a first answer.
    pub answer_within: Duration,
    /// How long an actor waits for what the bot put off.
    pub settle_within: Duration,
}

impl EmulatorConfig {
    /// On a free loopback port with the default guild.
    #[must_use]
    pub fn new(token: impl Into<String>, clock: Now) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: token.into(),
            clock,
            layout: GuildLayout::default(),
            limits: Limits::default(),
            privileged_intents: 0,
            answer_within: Duration::from_secs(3),
            settle_within: Duration::from_secs(10),
        }
    }

    /// The machine's own clock.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the sandbox is an adapter; scenarios inject")]
    pub fn system_clock() -> Now {
        Arc::new(|| {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            UnixMs(since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
        })
    }
}
