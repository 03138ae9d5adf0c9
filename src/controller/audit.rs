//! The loop's lines in the audit. The status of a client names the write that is on its way, so that
//! no intent stays without an outcome, whoever died in between.

use super::context::Context;
use crate::model::{
    AccountId, Actor, Audit, BindingStatus, Deleting, Edits, Key, Order, Outcome, Record, Sending,
    ServerId, ServerStatus, SessionsCut, Snapshot, UnixMs,
};
use std::collections::BTreeSet;

/// The verb of a start anew of Xray.
const RESTART: &str = "restart-xray";

/// The verb of the end of `retention.proofs`.
const DELETE_PROOFS: &str = "delete-proofs";

fn client(server: &ServerId, account: AccountId) -> String {
    format!("client:{server}/{account}")
}

fn server(id: &ServerId) -> String {
    format!("server:{id}")
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

    /// Notes that Xray is about to be started anew: the audit's line, and the mark in the server's status.
    pub(super) fn note_restart(&self, edits: &mut Edits, mut status: ServerStatus, clients: u32) {
        let now = self.now();
        let line = self.line_of(server(&status.server), RESTART, (Outcome::Started, None), now);
        let intent = Some(line.id.clone());
        status.sessions_cut = Some(Box::new(SessionsCut { at: now, clients, intent }));
        edits.insert(line);
        edits.put(status);
    }

    /// Notes how that went.
    pub(super) fn note_restarted(
        &self,
        edits: &mut Edits,
        mut status: ServerStatus,
        outcome: Outcome,
    ) {
        let Some(cut) = &mut status.sessions_cut else { return };
        let of = (outcome, cut.intent.take());
        edits.insert(self.line_of(server(&status.server), RESTART, of, self.now()));
        edits.put(status);
    }

    /// Notes that the pictures of an order are about to be deleted: the audit's line, and the mark in the order.
    pub(super) fn note_deleting(&self, edits: &mut Edits, mut order: Order, now: UnixMs) {
        let of = (Outcome::Started, None);
        let line = self.line_of(format!("order:{}", order.id), DELETE_PROOFS, of, now);
        order.deleting = Some(Box::new(Deleting { intent: line.id.clone() }));
        edits.insert(line);
        edits.put(order);
    }

    /// Notes that they are gone.
    pub(super) fn note_deleted(&self, edits: &mut Edits, mut order: Order) {
        let Some(begun) = order.deleting.take() else { return };
        let of = (Outcome::Done, Some(begun.intent));
        edits.insert(self.line_of(format!("order:{}", order.id), DELETE_PROOFS, of, self.now()));
        edits.put(order);
    }

    /// The outcome of writes that these edits take out of a status without one.
    pub(super) fn note_interrupted(&self, edits: &mut Edits) {
        let snapshot = self.snapshot();
        for (subject, verb, intent) in unanswered(&snapshot, edits) {
            let of = (Outcome::Interrupted, Some(intent));
            edits.insert(self.line_of(subject, &verb, of, self.now()));
        }
    }

    fn line(&self, status: &BindingStatus, verb: &str, outcome: Outcome, now: UnixMs) -> Audit {
        let of = (outcome != Outcome::Started).then_some(status.sending.as_deref()).flatten();
        let of = (outcome, of.map(|sending| sending.intent.clone()));
        self.line_of(client(&status.server, status.account), verb, of, now)
    }

    fn line_of(
        &self,
        subject: String,
        verb: &str,
        (outcome, of): (Outcome, Option<String>),
        now: UnixMs,
    ) -> Audit {
        let catalog = self.catalog();
        Audit {
            id: self.entropy.ulid(now),
            actor: Actor::Controller,
            verb: verb.to_owned(),
            subject,
            of,
            outcome,
            reason: None,
            catalog: catalog.revision.clone(),
            commit: catalog.commit_id().map(str::to_owned),
            at: now,
        }
    }
}

/// The subject, the verb and the intent of each write that a stored status names and that is named no
/// longer, without an outcome here.
fn unanswered(snapshot: &Snapshot, edits: &Edits) -> Vec<(String, String, String)> {
    let lines = edits.puts.values().filter_map(|record| match record {
        Record::Audit(line) => line.of.as_deref(),
        _ => None,
    });
    let answered: BTreeSet<&str> = lines.collect();
    let mut all = Vec::new();
    for key in edits.puts.keys().chain(&edits.deletes) {
        let next = edits.puts.get(key);
        let left = match key {
            Key::BindingStatus(account, server) => {
                let stored = snapshot.binding_status(*account, server);
                let sending = stored.and_then(|stored| stored.sending.as_deref());
                let next = match next {
                    Some(Record::BindingStatus(next)) => next.sending.as_deref(),
                    _ => None,
                };
                sending.filter(|sending| next != Some(*sending)).map(|sending| {
                    (client(server, *account), sending.verb.clone(), sending.intent.clone())
                })
            }
            Key::ServerStatus(id) => {
                let cut = |status: &ServerStatus| status.sessions_cut.as_ref()?.intent.clone();
                let next = match next {
                    Some(Record::ServerStatus(next)) => cut(next),
                    _ => None,
                };
                let stored = snapshot.server_status(id).and_then(cut);
                let stored = stored.filter(|stored| next.as_ref() != Some(stored));
                stored.map(|intent| (server(id), RESTART.to_owned(), intent))
            }
            _ => None,
        };
        all.extend(left.filter(|(_, _, intent)| !answered.contains(intent.as_str())));
    }
    all
}
