//! What customers are told of their accounts without having asked, and what of it they may choose.

use super::{AccountId, DurationMs, IdError, SECOND_MS, UnixMs};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a customer may choose to hear of or not. All else goes out: answers to what they did, links, and
/// that something does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeTopic {
    /// That an end comes, and the day after it.
    Reminders,
    /// How much traffic is used up.
    Traffic,
    /// That nobody has connected yet.
    NotConnected,
    /// What staff write to many customers at once.
    News,
}

impl NoticeTopic {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Reminders, Self::Traffic, Self::NotConnected, Self::News];

    /// The word for keys and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reminders => "reminders",
            Self::Traffic => "traffic",
            Self::NotConnected => "not-connected",
            Self::News => "news",
        }
    }

    /// What a notice is of; `None` of what always goes out.
    #[must_use]
    pub const fn of(kind: NoticeKind) -> Option<Self> {
        match kind {
            NoticeKind::Reminder(_) | NoticeKind::Lapsed => Some(Self::Reminders),
            NoticeKind::Traffic(_) => Some(Self::Traffic),
            NoticeKind::NotConnected => Some(Self::NotConnected),
            NoticeKind::Expired
            | NoticeKind::Depleted
            | NoticeKind::Renewed
            | NoticeKind::Rewarded
            | NoticeKind::Suspended
            | NoticeKind::Resumed => None,
        }
    }
}

impl fmt::Display for NoticeTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for NoticeTopic {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let known = Self::ALL.into_iter().find(|topic| topic.name() == text);
        known.ok_or_else(|| IdError {
            kind: "topic of notices",
            text: text.to_owned(),
            rule: "reminders, traffic, not-connected or news",
        })
    }
}

/// What a notice says. In the order of their words, as keys stand in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Nothing is left.
    Depleted,
    /// The end is reached.
    Expired,
    /// The end is a day past, and nobody renewed.
    Lapsed,
    /// Nobody has connected since it was served.
    NotConnected,
    /// The end is so many seconds away.
    Reminder(u32),
    /// A renewal took effect.
    Renewed,
    /// Staff have switched it on again.
    Resumed,
    /// A friend who was invited has paid.
    Rewarded,
    /// Staff have switched it off.
    Suspended,
    /// So many percent of the traffic are used, and less than all.
    Traffic(u8),
}

impl NoticeKind {
    /// The reminder that goes out so long before the end.
    #[must_use]
    pub fn reminder(before: DurationMs) -> Self {
        Self::Reminder(u32::try_from(before.0 / SECOND_MS).unwrap_or(u32::MAX))
    }

    /// The bounded word for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Depleted => "depleted",
            Self::Renewed => "renewed",
            Self::Reminder(_) => "reminder",
            Self::Lapsed => "lapsed",
            Self::Traffic(_) => "traffic",
            Self::NotConnected => "not-connected",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Rewarded => "rewarded",
        }
    }

    /// Whether it tells what nobody waits for: it keeps out of the night, and comes once in its time or
    /// never.
    #[must_use]
    pub const fn is_advice(self) -> bool {
        NoticeTopic::of(self).is_some()
    }
}

impl NoticeKind {
    /// Whether it asks to renew, which nobody wants to hear whose payment waits for staff.
    #[must_use]
    pub const fn asks_to_pay(self) -> bool {
        matches!(self, Self::Reminder(_) | Self::Lapsed | Self::Traffic(_))
    }
}

/// As it stands in keys: its word, and with leading zeros what it is about: seconds before the end, percent.
impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Reminder(before) => write!(f, "-{before:010}"),
            Self::Traffic(percent) => write!(f, "-{percent:03}"),
            _ => Ok(()),
        }
    }
}

impl FromStr for NoticeKind {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let plain = [
            Self::Expired,
            Self::Depleted,
            Self::Renewed,
            Self::Lapsed,
            Self::NotConnected,
            Self::Suspended,
            Self::Resumed,
            Self::Rewarded,
        ];
        let about = |(word, about): (&str, &str)| match word {
            "reminder" => about.parse().ok().map(Self::Reminder),
            "traffic" => about.parse().ok().map(Self::Traffic),
            _ => None,
        };
        let found = plain.into_iter().find(|kind| kind.name() == text);
        found.or_else(|| text.split_once('-').and_then(about)).ok_or_else(|| IdError {
            kind: "notice",
            text: text.to_owned(),
            rule: "use the word of a notice",
        })
    }
}

/// How far a notice has come. It is claimed before it is sent: at most once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Claimed: about to be sent, or lost on the way.
    Sending,
    /// The person has it.
    Sent,
    /// Cannot be sent, with a bounded code.
    Undelivered(String),
}

/// One notice, once per account, kind and what it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Of which run; for what a further term starts anew (a renewal, what is left, how long) the last
    /// term's sequence; for days that a friend brought that of their term; for a suspension the second since
    /// 1970 in which it began.
    pub run: u32,
    /// The notice that was sent.
    pub kind: NoticeKind,
    /// How far.
    pub state: NoticeState,
    /// When it was claimed.
    pub at: UnixMs,
}
