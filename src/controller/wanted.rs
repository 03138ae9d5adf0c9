//! What the last list of a server wanted, for whoever asks what would be done there. On a server in
//! `mode: observe` that is all that is ever done.

use crate::model::AccountId;
use crate::planner::{Change, FieldChange, GuardedProposal, Verb};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The most changes of one server that are kept.
const KEPT: usize = 50;

/// One client's change as it was wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WantedChange {
    /// Whose client.
    pub account: AccountId,
    /// Its name on the panel.
    pub client: String,
    /// What it does, in the order of effects.
    pub does: Vec<&'static str>,
    /// Why, in words.
    pub why: String,
    /// Whether all of it may be sent.
    pub let_through: bool,
    /// What of the client becomes different.
    pub fields: Vec<FieldChange>,
}

impl WantedChange {
    /// The first changes of a pass.
    pub(super) fn of(guarded: &GuardedProposal) -> Vec<Self> {
        let sent = sent(guarded);
        let first = guarded.proposal.changes.changes.iter().take(KEPT);
        first
            .map(|change| Self {
                account: change.account,
                client: change.want.email.clone(),
                does: change.verbs.iter().map(|verb| verb.name()).collect(),
                why: change.why.to_string(),
                let_through: sent.get(&change.account) == Some(&&change.verbs),
                fields: change.fields.clone(),
            })
            .collect()
    }
}

/// What of each account's change goes out.
fn sent(guarded: &GuardedProposal) -> BTreeMap<AccountId, &BTreeSet<Verb>> {
    guarded.pass.set().changes.iter().map(|change| (change.account, &change.verbs)).collect()
}

/// How many changes a pass wanted, by what says most about each.
pub(super) fn by_verb(guarded: &GuardedProposal) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for change in &guarded.proposal.changes.changes {
        *counts.entry(change.main_verb().name()).or_default() += 1;
    }
    counts
}

/// Of each change that the guard did not let through whole, its line.
pub(super) fn left_out(guarded: &GuardedProposal) -> Vec<String> {
    let sent = sent(guarded);
    let all = &guarded.proposal.changes;
    let is_sent = |change: &Change| sent.get(&change.account) == Some(&&change.verbs);
    let lines = all.lines().zip(&all.changes);
    lines.filter(|(_, change)| !is_sent(change)).map(|(line, _)| line).collect()
}
