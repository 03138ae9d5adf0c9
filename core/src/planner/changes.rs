//! What must change on a panel, as a value: the log, the command line and the tests read the same.

use crate::model::{
    AccountId, Bytes, Cap, DesiredClient, DurationMs, End, LastApplied, ServerId, Snapshot,
    Standing, UnixMs,
};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// What a change does to a client. The order is the order of effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// It is made.
    Create,
    /// It is switched on.
    Enable,
    /// Its end is later or its cap higher.
    Extend,
    /// Something else of ours is put right.
    Update,
    /// It is given back: it is somebody's own from then on.
    Release,
    /// Its end is earlier or its cap lower.
    Shorten,
    /// It is switched off.
    Disable,
    /// It is removed.
    Delete,
}

impl Verb {
    /// Every verb, for metrics.
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Enable,
        Self::Extend,
        Self::Update,
        Self::Release,
        Self::Shorten,
        Self::Disable,
        Self::Delete,
    ];
    /// Whether the guard must look at it.
    #[must_use]
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Shorten | Self::Disable | Self::Delete)
    }
    /// The word for logs, metrics and fingerprints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Enable => "enable",
            Self::Extend => "extend",
            Self::Update => "update",
            Self::Release => "release",
            Self::Shorten => "shorten",
            Self::Disable => "disable",
            Self::Delete => "delete",
        }
    }
}

/// Why a client is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is served, and the panel differs from what was sold.
    AsSold,
    /// Staff switched it off.
    Suspended,
    /// Nothing of the allowance is left.
    Depleted,
    /// The end is reached.
    Expired,
    /// Another server serves it.
    MovedAway,
    /// It was never made.
    New,
    /// It was made, and two full lists lack it.
    Missing,
    /// Staff gave it back.
    Released,
}

impl Why {
    /// The reason that follows from how an account stands.
    pub(super) const fn of(standing: Standing) -> Self {
        match standing {
            Standing::Active => Self::AsSold,
            Standing::Suspended => Self::Suspended,
            Standing::Depleted => Self::Depleted,
            Standing::Expired => Self::Expired,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsSold => "as sold",
            Self::Suspended => "suspended",
            Self::Depleted => "nothing left",
            Self::Expired => "expired",
            Self::MovedAway => "moved away",
            Self::New => "new",
            Self::Missing => "was missing",
            Self::Released => "given back",
        })
    }
}

/// One client's change: the whole object that is wanted, chosen here and not when it is applied.
#[derive(Clone, PartialEq)]
pub struct Change {
    /// Whose client.
    pub account: AccountId,
    /// What it does.
    pub verbs: BTreeSet<Verb>,
    /// The reason for the change.
    pub why: Why,
    /// The uuid that is there now; `None` when nothing is there.
    pub before: Option<uuid::Uuid>,
    /// All that is wanted. For a delete, what was wanted last.
    pub want: DesiredClient,
    /// The run that is served by it.
    pub run: u32,
    /// What is recorded as applied once it is read back; its time is the read-back's.
    pub record: LastApplied,
    /// What of its run was used beyond the allowance, to be stored once an enable is read back.
    pub over: Bytes,
    /// What of the client that is there becomes different; nothing for one that is made.
    pub fields: Vec<FieldChange>,
    /// The part that only gives, where the change does both: it goes out while the rest is held.
    pub gives: Option<Box<Self>>,
    /// The versions of the account's and the binding's records that this was decided on.
    pub decided_on: (Option<u64>, Option<u64>),
    /// What is destructive about it is explained by the records.
    pub explained: bool,
    /// It is due by the clock alone: an end that was reached, a tombstone that is old enough.
    pub timed: bool,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("account", &self.account)
            .field("verbs", &self.verbs)
            .field("why", &self.why)
            .field("is_there", &self.before.is_some())
            .field("want", &self.want)
            .field("run", &self.run)
            .field("record", &self.record)
            .field("over", &self.over)
            .field("fields", &self.fields)
            .field("gives", &self.gives)
            .field("decided_on", &self.decided_on)
            .field("explained", &self.explained)
            .field("timed", &self.timed)
            .finish()
    }
}

impl Change {
    /// What is recorded of it when it was read back at `now`.
    #[must_use]
    pub fn applied_at(&self, now: UnixMs) -> LastApplied {
        LastApplied { at: now, ..self.record.clone() }
    }

    /// Whether, once it is read back, more was used beyond its run's allowance than is stored.
    #[must_use]
    pub fn opens_anew(&self, snapshot: &Snapshot) -> bool {
        self.want.enable && self.over > snapshot.overrun(self.account, self.run)
    }

    /// How long after its end it switches a client off, where that is why. An end that a reversal has
    /// moved here, earlier than what was applied last, is no end that was missed.
    #[must_use]
    pub fn cut_off_lag(&self, applied: Option<&LastApplied>, now: UnixMs) -> Option<DurationMs> {
        let End::At(end) = self.want.end else { return None };
        let ended = self.main_verb() == Verb::Disable && self.why == Why::Expired;
        let moved = applied.is_some_and(|applied| self.want.end.is_before(applied.end));
        (ended && !moved).then(|| now.since(UnixMs(end.get())))
    }

    /// The verb that says most about it: the last one in the order of effects that is destructive,
    /// else the first.
    #[must_use]
    pub fn main_verb(&self) -> Verb {
        let destructive = self.verbs.iter().rev().find(|v| v.is_destructive());
        destructive.or_else(|| self.verbs.first()).copied().unwrap_or(Verb::Update)
    }
    /// Whether any part of it takes something away.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        self.verbs.iter().any(|v| v.is_destructive())
    }
}

/// One field of a client that becomes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// Its name, of a closed list.
    pub field: &'static str,
    /// What the panel has.
    pub before: String,
    /// What is wanted.
    pub after: String,
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, before, after } = self;
        write!(f, "{field} {before} → {after}")
    }
}

/// All changes of one server in the order of effects: what gives comes before what takes.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet {
    /// Which server.
    pub server: ServerId,
    /// When it was planned.
    pub planned_at: UnixMs,
    /// The changes.
    pub changes: Vec<Change>,
}

impl ChangeSet {
    /// Nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { server: _, planned_at: _, changes } = self;
        changes.is_empty()
    }
}

impl ChangeSet {
    /// Each change in a line: `+` made, `-` off or removed, `~` anything else.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let Self { server, planned_at, changes } = self;
        changes.iter().map(move |change| {
            let verb = change.main_verb();
            let sign = match verb {
                Verb::Create | Verb::Enable => '+',
                Verb::Disable | Verb::Delete => '-',
                Verb::Extend | Verb::Update | Verb::Release | Verb::Shorten => '~',
            };
            let client = &change.want;
            let what = match verb {
                Verb::Disable => format!("off ({}){}", change.why, Fields(&change.fields)),
                Verb::Delete => format!("removed ({})", change.why),
                Verb::Release => format!("given back{}", Fields(&change.fields)),
                _ => {
                    let names: Vec<_> = change.verbs.iter().map(|v| v.name()).collect();
                    let (names, limits) = (names.join(", "), Limits(client, *planned_at));
                    format!("{names}: {limits}{}", Fields(&change.fields))
                }
            };
            format!("{server}: {sign} {} {what}", client.email)
        })
    }
}

impl fmt::Display for ChangeSet {
    /// One line per client.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, line) in self.lines().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&line)?;
        }
        Ok(())
    }
}

struct Limits<'a>(&'a DesiredClient, UnixMs);

impl fmt::Display for Limits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(client, now) = self;
        match client.end {
            End::At(at) => write!(f, "ends in {}", Length(at.get().saturating_sub(now.0)))?,
            End::Never => f.write_str("never ends")?,
        }
        match client.cap {
            Cap::Bytes(cap) => write!(f, ", cap {}", crate::model::Bytes(cap.get()))?,
            Cap::Unlimited => f.write_str(", no cap")?,
        }
        match client.ip_limit {
            0 => Ok(()),
            1 => f.write_str(", 1 device"),
            n => write!(f, ", {n} devices"),
        }
    }
}

struct Fields<'a>(&'a [FieldChange]);

impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, field) in self.0.iter().enumerate() {
            write!(f, "{}{field}", if n == 0 { " (" } else { ", " })?;
        }
        if self.0.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

/// A length in its two largest units.
struct Length(u64);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_ceil(1000);
        let parts = [
            (seconds / 86_400, "d"),
            (seconds / 3600 % 24, "h"),
            (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .take(2)
            .map(|(n, unit)| format!("{n}{unit}"))
            .collect();
        if said.is_empty() { f.write_str("0s") } else { f.write_str(&said.join(" ")) }
    }
}
