//! A broadcast: news from staff to many customers, sent to one after the other.

use super::ids::OfText;
use super::{
    Actor, BroadcastId, CustomerId, DAY_MS, DurationMs, IdError, Language, PlanId, ServerId, UnixMs,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// To whom a broadcast goes. As text `all`, `plan:a,b`, `server:a,b`, `ended:30` or `language:ar`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Whoever has an account that may be used now.
    All,
    /// Whoever has one of these plans.
    Plans(BTreeSet<PlanId>),
    /// Whoever has one that one of these servers serves.
    Servers(BTreeSet<ServerId>),
    /// Whoever has none, and had one that ended so many days ago at the most; 1 to 365.
    Ended(u16),
    /// Whoever has one and reads this language.
    Language(Language),
}

impl Audience {
    /// The most days since an end.
    pub const MOST_DAYS: u16 = 365;
    /// The most plans, or servers.
    pub const MOST_NAMED: usize = 20;
    const RULE: &str =
        "use all, plan:ID, server:ID (several with commas), ended:DAYS or language:TAG";

    /// How long ago accounts may have ended whose customers are meant.
    #[must_use]
    pub fn ended_within(&self) -> Option<DurationMs> {
        match self {
            Self::Ended(days) => Some(DurationMs(u64::from(*days) * DAY_MS)),
            Self::All | Self::Plans(_) | Self::Servers(_) | Self::Language(_) => None,
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn listed<'a, T: fmt::Display + 'a>(ids: impl IntoIterator<Item = &'a T>) -> String {
            ids.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        }
        match self {
            Self::All => f.write_str("all"),
            Self::Plans(ids) => write!(f, "plan:{}", listed(ids)),
            Self::Servers(ids) => write!(f, "server:{}", listed(ids)),
            Self::Ended(days) => write!(f, "ended:{days}"),
            Self::Language(language) => write!(f, "language:{language}"),
        }
    }
}

impl FromStr for Audience {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        fn ids<T: FromStr + Ord>(text: &str) -> Option<BTreeSet<T>> {
            let ids: Option<BTreeSet<T>> =
                text.split(',').map(|id| id.trim().parse().ok()).collect();
            ids.filter(|ids| ids.len() <= Audience::MOST_NAMED)
        }
        let days = |text: &str| {
            let days = text.trim().parse().ok();
            days.filter(|days| (1..=Self::MOST_DAYS).contains(days))
        };
        let read = match text.trim().split_once(':') {
            None if text.trim() == "all" => Some(Self::All),
            Some(("plan", listed)) => ids(listed).map(Self::Plans),
            Some(("server", listed)) => ids(listed).map(Self::Servers),
            Some(("ended", text)) => days(text).map(Self::Ended),
            Some(("language", tag)) => tag.trim().parse().ok().map(Self::Language),
            _ => None,
        };
        let text = || text.chars().take(60).collect();
        read.ok_or_else(|| IdError { kind: "audience", text: text(), rule: Self::RULE })
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(OfText(PhantomData))
    }
}

/// How many customers are meant, as they were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// So many get it.
    pub gets: u32,
    /// So many are meant, and do not want to hear of news.
    pub muted: u32,
}

/// Where a broadcast stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BroadcastState {
    /// It was written, and nobody has sent it.
    Draft,
    /// It goes out since then.
    Sending(UnixMs),
    /// Everybody's turn was until then.
    Sent(UnixMs),
    /// Somebody of the staff stopped it.
    Stopped {
        /// Who.
        by: Actor,
        /// When.
        at: UnixMs,
    },
}

/// Whose turn it is: claimed before anything is sent, so that nobody gets it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BroadcastTurn {
    /// Whose.
    pub customer: CustomerId,
    /// Since when it is theirs.
    pub since: UnixMs,
    /// When it was claimed; `None` where what was tried surely did not go out.
    pub claimed_at: Option<UnixMs>,
}

/// How far a broadcast has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last customer whose turn has come; those with smaller ids are behind it.
    pub after: Option<CustomerId>,
    /// Whose turn it is.
    pub turn: Option<BroadcastTurn>,
    /// When the last turn was claimed.
    pub last_at: Option<UnixMs>,
    /// So many have it.
    pub sent: u32,
    /// So many cannot be written to.
    pub closed: u32,
    /// Of so many it is not known: a crash came between, or the front did not say.
    pub unknown: u32,
    /// So many did not want it.
    pub muted: u32,
}

/// One broadcast. A draft is forgotten after a while, and so is one that ended long ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Which one: told by what its author did to write it.
    pub id: BroadcastId,
    /// The text, as whoever reads it sees it: 1 to [`Broadcast::MOST_CHARS`] characters.
    pub text: Box<str>,
    /// To whom.
    pub to: Audience,
    /// Who wrote it; nobody else sends it.
    pub by: Actor,
    /// When it was written.
    pub drafted_at: UnixMs,
    /// Whom it reaches, as it was counted then.
    pub reach: Reach,
    /// Where it stands.
    pub state: BroadcastState,
    /// How far it has come.
    pub progress: Progress,
    /// Whether its author was told how it ended.
    #[serde(default)]
    pub told: bool,
}

impl Broadcast {
    /// The most characters of a text: twice as many, where each needs a mark before it, fit into a message
    /// of Discord's beside the frame.
    pub const MOST_CHARS: usize = 1_500;

    /// Since when it goes out, while it does.
    #[must_use]
    pub const fn sending_since(&self) -> Option<UnixMs> {
        match self.state {
            BroadcastState::Sending(since) => Some(since),
            BroadcastState::Draft | BroadcastState::Sent(_) | BroadcastState::Stopped { .. } => {
                None
            }
        }
    }

    /// When it ended, everybody's turn or not.
    #[must_use]
    pub const fn ended_at(&self) -> Option<UnixMs> {
        match self.state {
            BroadcastState::Sent(at) | BroadcastState::Stopped { at, .. } => Some(at),
            BroadcastState::Draft | BroadcastState::Sending(_) => None,
        }
    }
}

impl BroadcastState {
    /// The bounded word for lists.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sending(_) => "sending",
            Self::Sent(_) => "sent",
            Self::Stopped { .. } => "stopped",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_reads_back_as_it_is_written_and_what_is_none_is_refused() {
        for text in
            ["all", "plan:basic", "plan:a,b", "server:ams-2,fra-1", "ended:30", "language:pt-BR"]
        {
            let audience: Audience = text.parse().unwrap();
            assert_eq!(audience.to_string(), text);
            let json = serde_json::to_string(&audience).unwrap();
            assert_eq!(serde_json::from_str::<Audience>(&json).unwrap(), audience);
        }
        assert_eq!(" plan:b , a ".parse::<Audience>().unwrap().to_string(), "plan:a,b");
        let many: Vec<String> = (0..=Audience::MOST_NAMED).map(|n| format!("p{n}")).collect();
        let many = format!("plan:{}", many.join(","));
        for bad in [
            "",
            "All",
            "plan:",
            "plan:a,,b",
            "plan:A",
            "server",
            "ended:0",
            "ended:366",
            "ended:-1",
            "language:",
            "language:x",
            "all:x",
            "customer:x",
            &many,
        ] {
            assert!(bad.parse::<Audience>().is_err(), "{bad}");
        }
    }
}
