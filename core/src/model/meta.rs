//! Records about the store itself and about definitions that outlive their file.

use super::{HistoryPoint, UnixMs};
use serde::{Deserialize, Serialize};

/// Who this store is to the gateways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreIdentity {
    /// Random, made once: 26 characters of a ULID.
    pub store_id: String,
    /// When it was made.
    pub created_at: UnixMs,
}

/// One record that every reservation of a place bumps, so that two cannot take the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservations {
    /// Rises with each place taken.
    pub taken: u64,
}

/// The store is older than what a gateway has seen, or its history is another one: nothing
/// destructive until it is resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amnesia {
    /// Our revision when it was found.
    pub ours: u64,
    /// The highest revision a gateway has seen.
    pub seen: u64,
    /// Which server's gateway said so; none where the store was restored and no gateway said more yet.
    pub server: Option<super::ServerId>,
    /// Since when.
    pub since: UnixMs,
    /// What was seen where and is not in this store's history, at most [`Amnesia::MOST`].
    #[serde(default)]
    pub lacking: Vec<Lacking>,
    /// When an operator resolved it.
    pub resolved_at: Option<UnixMs>,
}

impl Amnesia {
    /// That a store was restored at this revision: nobody knows yet what it lacks.
    #[must_use]
    pub const fn restored(ours: u64, now: UnixMs) -> Self {
        Self { ours, seen: ours, server: None, since: now, lacking: Vec::new(), resolved_at: None }
    }

    /// The most points that are kept; beyond them those that were given up first go.
    pub const MOST: usize = 80;

    /// Whether an operator said that this store is the right one without this point.
    #[must_use]
    pub fn gave_up(&self, server: &super::ServerId, point: &HistoryPoint) -> bool {
        self.lacking.iter().any(|lacking| {
            let resolved = lacking.given_up || self.resolved_at.is_some();
            resolved && lacking.server == *server && lacking.point == *point
        })
    }

    /// The record with these points of a server; `None` when it says them already.
    #[must_use]
    pub fn with(
        before: Option<&Self>,
        server: &super::ServerId,
        points: &[HistoryPoint],
        ours: u64,
        now: UnixMs,
    ) -> Option<Self> {
        let open = before.filter(|amnesia| amnesia.resolved_at.is_none());
        let mut lacking = before.map(|amnesia| amnesia.lacking.clone()).unwrap_or_default();
        for old in &mut lacking {
            old.given_up |= open.is_none();
        }
        let known = |lacking: &[Lacking], point: &HistoryPoint| {
            lacking.iter().any(|l| !l.given_up && l.server == *server && l.point == *point)
        };
        let news: Vec<&HistoryPoint> = points.iter().filter(|p| !known(&lacking, p)).collect();
        let highest = points.iter().map(|point| point.revision).max()?;
        if news.is_empty() {
            return None;
        }
        for point in news {
            lacking.push(Lacking { server: server.clone(), point: *point, given_up: false });
        }
        while lacking.len() > Self::MOST {
            let oldest = lacking.iter().position(|lacking| lacking.given_up).unwrap_or(0);
            lacking.remove(oldest);
        }
        Some(Self {
            ours,
            seen: open.map_or(highest, |amnesia| amnesia.seen.max(highest)),
            server: Some(server.clone()),
            since: open.map_or(now, |amnesia| amnesia.since),
            lacking,
            resolved_at: None,
        })
    }
}

/// A point of a history that a gateway has seen and that this store lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// Whose gateway.
    pub server: super::ServerId,
    /// What it has seen.
    pub point: HistoryPoint,
    /// An operator said that this store is the right one without it.
    pub given_up: bool,
}

/// Something of the store cannot be had: nothing is sold and nothing is taken away until it is
/// resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// When it was first found.
    pub since: UnixMs,
    /// What is missing, as far as it is known.
    pub lost: Vec<Lost>,
    /// Where in the state folder the damaged files are kept.
    pub kept: Vec<String>,
    /// When an operator, or a start that had everything again, resolved it.
    pub resolved_at: Option<UnixMs>,
}

/// One thing that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// What happened, as a sentence.
    pub what: String,
    /// The first revision whose changes are missing.
    pub first: Option<u64>,
    /// The last one that is known to be missing.
    pub last: Option<u64>,
    /// The kinds of record that these changed, as far as they are known.
    pub kinds: Vec<String>,
    /// It was found while running: the next start may have it again from the journal.
    pub passing: bool,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(f, " (revision {first}")?,
            (Some(first), Some(last)) => write!(f, " (revisions {first} to {last}")?,
            (Some(first), None) => write!(f, " (from revision {first} on")?,
            _ => return Ok(()),
        }
        if self.kinds.is_empty() {
            f.write_str(", kinds unknown)")
        } else {
            write!(f, ": {})", self.kinds.join(", "))
        }
    }
}

/// What a retained definition is of. The order of the names is the order in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetainedKind {
    /// A plan of plans.yaml.
    Plan,
    /// A server of servers.yaml.
    Server,
}

impl RetainedKind {
    /// The word in records and keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Server => "server",
        }
    }
}

/// The last definition of a plan or server that was removed from its file while in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// Which file it was in.
    pub kind: RetainedKind,
    /// Its id.
    pub id: String,
    /// Its entry as JSON, in the file's own shape.
    pub definition: serde_json::Value,
    /// Since when it is missing.
    pub since: UnixMs,
}
