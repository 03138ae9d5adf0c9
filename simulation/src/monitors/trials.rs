//! A customer has one trial (P4), which ends when its plan says (P6).

use super::Monitors;
use nebulalinks::model::*;

impl Monitors {
    /// After a commit that touched the account.
    pub(super) fn check_trial(&self, snapshot: &Snapshot, id: AccountId) {
        let is_trial = |term: &&Term| matches!(term.source, TermSource::Trial(_));
        if !snapshot.terms(id).any(|term| is_trial(&term)) {
            return;
        }
        let Some(owner) = snapshot.account(id).map(|account| account.customer) else { return };
        let first = *self.seen.lock().unwrap().trials.entry(owner).or_insert(id);
        if first != id {
            self.breach("P4", &format!("{owner} had the trial {first}, and has {id}"));
        }
        if let [_] = snapshot.terms(id).collect::<Vec<_>>()[..]
            && let Some(plan) = self.catalog.plans.iter().find(|plan| plan.trial)
            && let Some(of) = Entitlement::of(snapshot, id)
            && of.ends_at > of.start + plan.duration
        {
            self.breach("P6", &format!("the trial {id} outlives its end"));
        }
    }
}
