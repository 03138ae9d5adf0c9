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
/// Lines that are read at once.
const PAGE: usize = 1_000;

/// What is known of the audit beside the store.
#[derive(Default)]
pub(super) struct Audited {
    /// The intents under which something was sent.
    sent: BTreeMap<String, String>,
    /// Every line that was reported as durable.
    lines: BTreeMap<String, Audit>,
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
        let sent = &mut self.seen.lock().unwrap().audited.sent;
        if sent.insert(line.id, subject.clone()).is_some() {
            self.breach("P19", &format!("{subject} is written twice under one intent"));
        }
    }

    /// Lines are added, and never taken away or rewritten.
    pub(in super::super) fn lines_committed(&self, edits: &Edits) {
        let mut wrong = Vec::new();
        {
            let known = &mut self.seen.lock().unwrap().audited.lines;
            for record in edits.puts.values() {
                let Record::Audit(line) = record else { continue };
                if known.insert(line.id.clone(), line.clone()).is_some_and(|was| was != *line) {
                    wrong.push(format!("{} was rewritten", line.id));
                }
            }
            let deleted = edits.deletes.iter().filter(|key| matches!(key, Key::Audit(_)));
            wrong.extend(deleted.map(|key| format!("{key} was deleted")));
        }
        wrong.iter().for_each(|what| self.breach("P19", what));
    }

    /// Once every trouble is over.
    pub(in super::super) fn check_audit(&self, store: &MemoryStore) {
        let lines = all_lines(store);
        let (sent, known) = {
            let audited = &self.seen.lock().unwrap().audited;
            (audited.sent.clone(), audited.lines.clone())
        };
        let mut wrong: Vec<String> = Vec::new();
        let lost = known.values().filter(|line| lines.get(&line.id) != Some(line));
        wrong.extend(lost.map(|line| format!("the line {} of {} is lost", line.id, line.subject)));
        let unsaid = sent.iter().filter(|(intent, _)| !lines.contains_key(*intent));
        wrong.extend(
            unsaid.map(|(_, subject)| format!("{subject} was written, and no line says so")),
        );
        let mut answered = BTreeSet::new();
        for line in lines.values().filter(|line| line.outcome != Outcome::Started) {
            match line.of.as_deref().map(|of| (of, lines.get(of))) {
                Some((of, Some(intent)))
                    if intent.outcome == Outcome::Started && intent.subject == line.subject =>
                {
                    answered.insert(of);
                }
                None if line.actor != Actor::Controller => {}
                of => wrong.push(format!("{line:?} is the outcome of {of:?}")),
            }
        }
        for line in lines.values().filter(|line| line.outcome == Outcome::Started) {
            let old = self.time.now().since(line.at) > UNDER_WAY;
            if old && !answered.contains(line.id.as_str()) {
                wrong.push(format!("the intent {} of {} has no outcome", line.id, line.subject));
            }
        }
        wrong.extend(unasked(&store.snapshot(), lines.values()));
        wrong.iter().for_each(|what| self.breach("P19", what));
    }
}

/// What the records say that people did, and no line or too many.
fn unasked<'l>(snapshot: &Snapshot, lines: impl Iterator<Item = &'l Audit>) -> Vec<String> {
    let mut asked: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in lines.filter(|line| line.actor != Actor::Controller) {
        *asked.entry((line.verb.as_str(), line.subject.as_str())).or_default() += 1;
    }
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
            let found = asked.get(&(verb, subject.as_str())).copied().unwrap_or(0);
            let holds = if verb == "add-proof" { found >= times } else { found == times };
            if done && !holds {
                wrong.push(format!("{found} lines of {verb} say what was done to {subject}"));
            }
        }
    }
    wrong
}

fn line_of(store: &MemoryStore, id: &str) -> Option<Audit> {
    let found = store.get(&Key::Audit(id.to_owned())).now_or_never()?.ok()??;
    match found.value {
        Record::Audit(line) => Some(line),
        _ => None,
    }
}

fn all_lines(store: &MemoryStore) -> BTreeMap<String, Audit> {
    let (mut lines, mut after) = (BTreeMap::new(), None::<Vec<u8>>);
    loop {
        let page = store.scan(Kind::Audit, &[], after.as_deref(), PAGE);
        let page = page.now_or_never().unwrap().unwrap();
        let Some((last, _)) = page.last() else { return lines };
        after = Some(last.clone());
        for (_, found) in page {
            if let Record::Audit(line) = found.value {
                lines.insert(line.id.clone(), line);
            }
        }
    }
}
