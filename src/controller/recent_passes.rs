//! The last passes over each server: what each saw, wanted, sent and left alone, for whoever asks what
//! the loop did just now and why not more. Bounded, and gone at a restart: what must survive is in
//! the records.

use super::error::Failure;
use super::lock::Locked;
use super::wanted::left_out;
use crate::model::{Observation, ServerId, UnixMs};
use crate::planner::{ChangeSet, GuardedProposal, Report};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// The most passes that are kept of one server. The same result again counts as one.
const KEPT: usize = 24;
/// The most lines of each kind that are kept of one pass.
const LINES: usize = 50;
/// The most characters that are kept of what a failure says.
const SAID: usize = 400;

/// What a pass looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// Everything on the panel.
    List,
    /// Accounts that the server has never served.
    Newcomers,
    /// Clients that are close to their caps.
    NearCap,
}

/// How a pass ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// Nothing was to be sent.
    NothingToSend,
    /// What was sent was read back.
    Sent,
    /// Something of it did not go through: the next pass follows soon.
    SentInPart,
    /// The server did not answer, or not acceptably.
    Failed {
        /// The failure's code.
        code: &'static str,
        /// What it said.
        said: String,
    },
}

impl Ended {
    fn of(failure: &Failure) -> Self {
        let said = failure.detail.chars().take(SAID).collect();
        Self::Failed { code: failure.code.as_str(), said }
    }

    /// The word for tools.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NothingToSend => "nothing-to-send",
            Self::Sent => "sent",
            Self::SentInPart => "sent-in-part",
            Self::Failed { .. } => "failed",
        }
    }

    /// What tells one end from another: a failure's code, not its words, which may differ each time.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Failed { code, .. } => code,
            other => other.name(),
        }
    }
}

/// One pass, and how often it came to the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecentPass {
    /// Which server.
    pub server: ServerId,
    /// When it ended first, by the wall clock.
    pub first_at: UnixMs,
    /// When it ended last.
    pub at: UnixMs,
    /// How often in a row.
    pub times: u64,
    /// What it went by.
    pub look: Look,
    /// How it ended.
    pub ended: Ended,
    /// How many clients of ours it saw.
    pub ours: usize,
    /// What had to change, before the guard.
    pub wanted: Lines,
    /// What the guard let through. It was sent, but where the pass failed.
    pub let_through: Lines,
    /// What had to change and was not let through.
    pub left_out: Lines,
    /// What was left alone, and what it waits for.
    pub waits: Lines,
}

/// The first lines of a list, and how many it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// How many there are in all.
    pub count: usize,
    /// The first of them.
    pub first: Vec<String>,
}

impl Lines {
    fn of_set(set: &ChangeSet) -> Self {
        Self { count: set.changes.len(), first: set.lines().take(LINES).collect() }
    }

    fn of_lines(lines: Vec<String>) -> Self {
        Self { count: lines.len(), first: lines.into_iter().take(LINES).collect() }
    }

    fn of_report(report: &Report) -> Self {
        let first = report.notes.iter().take(LINES).map(ToString::to_string).collect();
        Self { count: report.notes.len(), first }
    }
}

impl RecentPass {
    fn new(server: &ServerId, at: UnixMs, look: Look, ended: Ended) -> Self {
        Self {
            server: server.clone(),
            first_at: at,
            at,
            times: 1,
            look,
            ended,
            ours: 0,
            wanted: Lines::default(),
            let_through: Lines::default(),
            left_out: Lines::default(),
            waits: Lines::default(),
        }
    }

    /// Whether it came to the same as another one.
    fn is_like(&self, other: &Self) -> bool {
        let Self {
            server,
            first_at: _,
            at: _,
            times: _,
            look,
            ended,
            ours,
            wanted,
            let_through,
            left_out,
            waits,
        } = self;
        (server, look, ended.kind(), ours, wanted, let_through, left_out, waits)
            == (
                &other.server,
                &other.look,
                other.ended.kind(),
                &other.ours,
                &other.wanted,
                &other.let_through,
                &other.left_out,
                &other.waits,
            )
            // What was sent twice was done twice.
            && let_through.count == 0
    }
}

/// The last passes of every server.
#[derive(Debug, Default)]
pub struct RecentPasses(Locked<BTreeMap<ServerId, VecDeque<RecentPass>>>);

impl RecentPasses {
    /// A server could not be looked at.
    pub(super) fn failed(&self, server: &ServerId, look: Look, failure: &Failure, at: UnixMs) {
        self.note(RecentPass::new(server, at, look, Ended::of(failure)));
    }

    /// A pass planned, and sent what the guard let through; `open` says whether something of that was
    /// left open.
    pub(super) fn ended(
        &self,
        look: Look,
        seen: &Observation,
        guarded: &GuardedProposal,
        open: Result<bool, &Failure>,
        at: UnixMs,
    ) {
        let set = guarded.pass.set();
        let ended = match open {
            Err(failure) => Ended::of(failure),
            Ok(_) if set.is_empty() => Ended::NothingToSend,
            Ok(true) => Ended::SentInPart,
            Ok(false) => Ended::Sent,
        };
        self.note(RecentPass {
            ours: seen.ours.len(),
            wanted: Lines::of_set(&guarded.proposal.changes),
            let_through: Lines::of_set(set),
            left_out: Lines::of_lines(left_out(guarded)),
            waits: Lines::of_report(&guarded.proposal.report),
            ..RecentPass::new(&set.server, at, look, ended)
        });
    }

    fn note(&self, pass: RecentPass) {
        let mut all = self.0.lock();
        let passes = all.entry(pass.server.clone()).or_default();
        if let Some(last) = passes.back_mut().filter(|last| last.is_like(&pass)) {
            (last.at, last.times) = (pass.at, last.times.saturating_add(1));
            return;
        }
        if passes.len() >= KEPT {
            passes.pop_front();
        }
        passes.push_back(pass);
    }

    /// Those of one server, or of all, the newest first.
    #[must_use]
    pub fn newest_first(&self, server: Option<&ServerId>) -> Vec<RecentPass> {
        let all = self.0.lock();
        let wanted = all.iter().filter(|(id, _)| server.is_none_or(|one| one == *id));
        let mut passes: Vec<RecentPass> =
            wanted.flat_map(|(_, passes)| passes.iter().rev()).cloned().collect();
        passes.sort_by_key(|pass| std::cmp::Reverse(pass.at));
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::FailureCode;

    fn pass(at: u64, ours: usize, sent: usize) -> RecentPass {
        let server = "fra-1".parse().unwrap();
        let let_through = Lines { count: sent, first: vec!["fra-1: + x".to_owned(); sent] };
        let ended = if sent == 0 { Ended::NothingToSend } else { Ended::Sent };
        RecentPass { ours, let_through, ..RecentPass::new(&server, UnixMs(at), Look::List, ended) }
    }

    #[test]
    fn a_pass_that_came_to_the_same_counts_and_one_that_sent_stands_alone() {
        let passes = RecentPasses::default();
        for (at, ours, sent) in [(1, 3, 0), (2, 3, 0), (3, 3, 1), (4, 3, 1), (5, 4, 0)] {
            passes.note(pass(at, ours, sent));
        }
        let told: Vec<_> = passes.newest_first(None).iter().map(|p| (p.at.0, p.times)).collect();
        assert_eq!(told, [(5, 1), (4, 1), (3, 1), (2, 2)]);
    }

    #[test]
    fn a_failure_that_says_it_otherwise_each_time_counts_as_one_and_is_not_kept_whole() {
        let passes = RecentPasses::default();
        for after_ms in 0..100 {
            let detail = format!("no answer after {after_ms} ms {}", "x".repeat(9_000));
            let failure = Failure {
                code: FailureCode::Panicked,
                detail,
                retry_after_ms: None,
                fatal: false,
                loud: true,
            };
            passes.failed(&"fra-1".parse().unwrap(), Look::List, &failure, UnixMs(after_ms));
        }
        let told = passes.newest_first(None);
        assert_eq!((told.len(), told[0].times, told[0].at), (1, 100, UnixMs(99)));
        assert!(format!("{:?}", told[0].ended).len() < 2 * SAID);
    }

    #[test]
    fn of_two_at_one_moment_the_later_comes_first() {
        let passes = RecentPasses::default();
        passes.note(pass(1, 1, 0));
        passes.note(pass(1, 2, 0));
        let ours: Vec<_> = passes.newest_first(None).iter().map(|pass| pass.ours).collect();
        assert_eq!(ours, [2, 1]);
    }

    #[test]
    fn the_oldest_make_room_and_a_server_is_asked_for_alone() {
        let passes = RecentPasses::default();
        for at in 0..100_u64 {
            passes.note(pass(at, usize::try_from(at).unwrap(), 0));
        }
        let kept = passes.newest_first(Some(&"fra-1".parse().unwrap()));
        assert_eq!((kept.len(), kept[0].at), (KEPT, UnixMs(99)));
        assert!(passes.newest_first(Some(&"ams-1".parse().unwrap())).is_empty());
    }
}
