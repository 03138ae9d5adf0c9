//! P19: every effect has one intent in the audit, durable before it, and at least one outcome; and no
//! line of it is ever lost or rewritten.

use super::Monitors;
use futures::FutureExt as _;
use nebulalinks::model::*;
use nebulalinks::ports::Store as _;
use nebulalinks::store::MemoryStore;
use std::collections::{BTreeMap, BTreeSet};

/// A write and its outcome are written down within this time, where nothing is wrong.
const UNDER_WAY: DurationMs = DurationMs(MINUTE_MS);

/// What is known of the audit beside the store.
#[derive(Default)]
pub(super) struct Audited {
    /// The intents under which something was sent.
    sent: BTreeMap<String, String>,
    /// Every line that was reported as durable.
    lines: BTreeMap<String, Audit>,
    /// The next look is at these lines alone; else at all that the store has.
    looked: bool,
    /// The lines that were sent to the store since the last look, and intents without an outcome, each
    /// with the time.
    next: BTreeMap<String, UnixMs>,
    /// How often people did what to whom, by the lines that were looked at.
    asked: BTreeMap<(String, String), usize>,
    /// Those lines: one that names nobody any more comes once more.
    counted: BTreeSet<String>,
}

/// Lines of a commit.
pub(in super::super) struct Lines {
    added: Vec<Audit>,
    deleted: Vec<String>,
}

impl Audited {
    /// The audit begins anew with what another store has of it.
    pub(super) fn begin_anew(&mut self) {
        *self = Self::default();
    }
}

impl Monitors {
    /// Just before a write is sent: its intent is durable, and nothing was sent under it before.
    pub(in super::super) fn about_to_send(
        &self,
        store: &MemoryStore,
        server: &ServerId,
        email: &str,
    ) {
        let Some(account) = Mark::parse(email).map(|mark| mark.account) else { return };
        let snapshot = store.snapshot();
        let sending = snapshot.binding_status(account, server).and_then(|s| s.sending.clone());
        let subject = format!("client:{server}/{account}");
        let line = sending.and_then(|s| line_of(store, &s.intent));
        let Some(line) = line.filter(|l| l.outcome == Outcome::Started && l.subject == subject)
        else {
            return self.breach("P19", &format!("{subject} is written without an intent"));
        };
        // By itself: whoever notes a breach takes the lock, too.
        let before = self.seen.lock().unwrap().audited.sent.insert(line.id, subject.clone());
        if before.is_some() {
            self.breach("P19", &format!("{subject} is written twice under one intent"));
        }
    }

    /// These edits are about to be committed.
    pub(in super::super) fn lines_sent(&self, edits: &Edits) -> Lines {
        let added = edits.puts.values().filter_map(|record| match record {
            Record::Audit(line) => Some(line.clone()),
            _ => None,
        });
        let deleted = edits.deletes.iter().filter(|key| matches!(key, Key::Audit(_)));
        let lines =
            Lines { added: added.collect(), deleted: deleted.map(Key::to_string).collect() };
        let now = self.time.now();
        let next = &mut self.seen.lock().unwrap().audited.next;
        next.extend(lines.added.iter().map(|line| (line.id.clone(), now)));
        lines
    }

    /// Lines are added, and never taken away or rewritten.
    pub(in super::super) fn lines_committed(&self, lines: Lines) {
        let deleted = lines.deleted.into_iter().map(|key| format!("{key} was deleted"));
        let mut wrong: Vec<String> = deleted.collect();
        {
            let known = &mut self.seen.lock().unwrap().audited.lines;
            for line in lines.added {
                if known.get(&line.id).is_some_and(|was| !is_kept(was, &line)) {
                    wrong.push(format!("{} was rewritten", line.id));
                }
                known.insert(line.id.clone(), line);
            }
        }
        wrong.iter().for_each(|what| self.breach("P19", what));
    }

    /// The next look is at the whole audit, however long it has become.
    pub(in super::super) fn audit_anew(&self) {
        self.seen.lock().unwrap().audited.looked = false;
    }

    /// Just before a store gives way to another: nothing that was reported or sent is missing in it.
    pub(in super::super) fn check_no_line_is_lost(&self, store: &MemoryStore) {
        let mut wrong = Vec::new();
        {
            let audited = &self.seen.lock().unwrap().audited;
            audited.compare_all(&all_lines(store), &mut wrong);
        }
        wrong.iter().for_each(|what| self.breach("P19", what));
    }

    /// Once every trouble is over, at what came since the last look.
    pub(in super::super) fn check_audit(&self, store: &MemoryStore) {
        let mut wrong = Vec::new();
        {
            let audited = &mut self.seen.lock().unwrap().audited;
            let next = std::mem::take(&mut audited.next);
            let lines = if std::mem::replace(&mut audited.looked, true) {
                let there = next.keys().filter_map(|id| line_of(store, id));
                let lines = there.map(|line| (line.id.clone(), line)).collect();
                audited.compare(next.keys(), &lines, &mut wrong);
                lines
            } else {
                audited.asked.clear();
                audited.counted.clear();
                let lines = all_lines(store);
                audited.compare_all(&lines, &mut wrong);
                lines
            };
            let answered = answered(store, &lines, &mut wrong);
            let mut later = BTreeMap::new();
            for line in lines.values() {
                let open = line.outcome == Outcome::Started && !answered.contains(&*line.id);
                if open {
                    later.insert(line.id.clone(), line.at);
                    if self.time.now().since(line.at) > UNDER_WAY {
                        let what = format!("the intent {} of {}", line.id, line.subject);
                        wrong.push(format!("{what} has no outcome"));
                    }
                } else if line.actor != Actor::Controller && audited.counted.insert(line.id.clone())
                {
                    let deed = (line.verb.clone(), line.subject.clone());
                    *audited.asked.entry(deed).or_default() += 1;
                }
            }
            // What is on its way to the disk is there soon, or never.
            let young = |at: &UnixMs| self.time.now().since(*at) < UNDER_WAY;
            let absent = next.into_iter();
            later.extend(absent.filter(|(id, at)| !lines.contains_key(id) && young(at)));
            audited.next = later;
            wrong.extend(unasked(&store.snapshot(), &audited.asked));
        }
        wrong.iter().for_each(|what| self.breach("P19", what));
    }
}

impl Audited {
    fn compare_all(&self, lines: &BTreeMap<String, Audit>, wrong: &mut Vec<String>) {
        self.compare(self.lines.keys().chain(self.sent.keys()), lines, wrong);
    }

    /// What was reported or sent of these lines, against what the store has of them.
    fn compare<'a>(
        &self,
        ids: impl Iterator<Item = &'a String>,
        lines: &BTreeMap<String, Audit>,
        wrong: &mut Vec<String>,
    ) {
        for id in ids {
            let found = lines.get(id);
            let kept = |line: &Audit| found.is_some_and(|found| is_kept(line, found));
            if let Some(line) = self.lines.get(id).filter(|line| !kept(line)) {
                wrong.push(format!("the line {id} of {} is lost", line.subject));
            }
            if let Some(subject) = self.sent.get(id).filter(|_| found.is_none()) {
                wrong.push(format!("{subject} was written, and no line says so"));
            }
        }
    }
}

/// Whether a line is as it was, but for the name of a customer who was forgotten since.
fn is_kept(was: &Audit, line: &Audit) -> bool {
    let forgotten = matches!((&was.actor, &line.actor), (Actor::Person(_), Actor::Customer(_)));
    let renamed = || Audit { actor: line.actor.clone(), ..was.clone() };
    was == line || forgotten && renamed() == *line
}

/// The intents that these lines are the outcomes of.
fn answered(
    store: &MemoryStore,
    lines: &BTreeMap<String, Audit>,
    wrong: &mut Vec<String>,
) -> BTreeSet<String> {
    let mut answered = BTreeSet::new();
    for line in lines.values().filter(|line| line.outcome != Outcome::Started) {
        let Some(of) = line.of.as_deref() else {
            if line.actor == Actor::Controller {
                wrong.push(format!("{line:?} is the outcome of nothing"));
            }
            continue;
        };
        let intent = lines.get(of).cloned().or_else(|| line_of(store, of));
        let fits = intent.as_ref().is_some_and(|intent| {
            intent.outcome == Outcome::Started && intent.subject == line.subject
        });
        if fits {
            answered.insert(of.to_owned());
        } else {
            wrong.push(format!("{line:?} is the outcome of {intent:?}"));
        }
    }
    answered
}

/// What the records say that people did, and no line or too many.
fn unasked(snapshot: &Snapshot, asked: &BTreeMap<(String, String), usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for order in snapshot.orders() {
        let subject = format!("order:{}", order.id);
        let verdict = order.decision.as_ref().map(|decision| &decision.verdict);
        let approved = matches!(verdict, Some(Verdict::Approved { .. }));
        let done = [
            ("place", true, 1),
            ("cancel", order.cancelled.is_some(), 1),
            ("approve", approved, 1),
            ("reverse", order.reversed.is_some(), 1),
            ("add-proof", !order.evidence.is_empty(), order.evidence.len()),
        ];
        for (verb, done, times) in done {
            let deed = (verb.to_owned(), subject.clone());
            let found = asked.get(&deed).copied().unwrap_or(0);
            let holds = if verb == "add-proof" { found >= times } else { found == times };
            if done && !holds {
                wrong.push(format!("{found} lines of {verb} say what was done to {subject}"));
            }
        }
    }
    wrong
}

pub(super) fn line_of(store: &MemoryStore, id: &str) -> Option<Audit> {
    let found = store.get(&Key::Audit(id.to_owned())).now_or_never()?.ok()??;
    match found.value {
        Record::Audit(line) => Some(line),
        _ => None,
    }
}

pub(super) fn all_lines(store: &MemoryStore) -> BTreeMap<String, Audit> {
    let lines = store.records(Kind::Audit).into_iter();
    let lines = lines.filter_map(|found| match found.value {
        Record::Audit(line) => Some((line.id.clone(), line)),
        _ => None,
    });
    lines.collect()
}
