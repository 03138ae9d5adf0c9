//! The loop's lines in the audit. The status of a client names the write that is on its way, so that
//! no intent stays without an outcome, whoever died in between.

use super::context::Context;
use crate::model::{
    AccountId, Actor, Audit, BindingStatus, Edits, Key, Outcome, Record, Sending, ServerId,
    Snapshot, UnixMs,
};
use std::collections::BTreeSet;

fn subject(server: &ServerId, account: AccountId) -> String {
    format!("client:{server}/{account}")
}

impl Context {
    /// Notes that a client is about to be written: the audit's line, and the mark in its status.
    pub(super) fn note_intent(
        &self,
        edits: &mut Edits,
        mut status: BindingStatus,
        verb: &str,
        now: UnixMs,
    ) {
        let line = self.line(&status, verb, Outcome::Started, now);
        status.sending = Some(Box::new(Sending { intent: line.id.clone(), verb: verb.to_owned() }));
        edits.insert(line);
        edits.put(status);
    }

    /// Notes how a write went whose intent the client's status names. The caller writes the status.
    pub(super) fn note_outcome(
        &self,
        edits: &mut Edits,
        status: &BindingStatus,
        verb: &str,
        outcome: Outcome,
        now: UnixMs,
    ) {
        edits.insert(self.line(status, verb, outcome, now));
    }

    /// The outcome of writes that these edits take out of their clients' status without one.
    pub(super) fn note_interrupted(&self, edits: &mut Edits) {
        let snapshot = self.snapshot();
        let unanswered = unanswered(&snapshot, edits);
        for status in unanswered {
            let Some(sending) = &status.sending else { continue };
            let line = self.line(status, &sending.verb, Outcome::Interrupted, self.now());
            edits.insert(line);
        }
    }

    fn line(&self, status: &BindingStatus, verb: &str, outcome: Outcome, now: UnixMs) -> Audit {
        let of = (outcome != Outcome::Started).then_some(status.sending.as_deref()).flatten();
        Audit {
            id: self.entropy.ulid(now),
            actor: Actor::Controller,
            verb: verb.to_owned(),
            subject: subject(&status.server, status.account),
            of: of.map(|sending| sending.intent.clone()),
            outcome,
            reason: None,
            catalog: self.catalog().revision.clone(),
            at: now,
        }
    }
}

/// The stored status of each client whose write is no longer named, and has no outcome here.
fn unanswered<'s>(snapshot: &'s Snapshot, edits: &Edits) -> Vec<&'s BindingStatus> {
    let lines = edits.puts.values().filter_map(|record| match record {
        Record::Audit(line) => line.of.as_deref(),
        _ => None,
    });
    let answered: BTreeSet<&str> = lines.collect();
    let touched = edits.puts.keys().chain(&edits.deletes);
    let stored = touched.filter_map(|key| match key {
        Key::BindingStatus(account, server) => snapshot.binding_status(*account, server),
        _ => None,
    });
    let is_unanswered = |stored: &&BindingStatus| {
        let Some(sending) = &stored.sending else { return false };
        let key = Key::BindingStatus(stored.account, stored.server.clone());
        let next = edits.puts.get(&key).and_then(|record| match record {
            Record::BindingStatus(next) => next.sending.as_ref(),
            _ => None,
        });
        next != Some(sending) && !answered.contains(sending.intent.as_str())
    };
    stored.filter(is_unanswered).collect()
}
