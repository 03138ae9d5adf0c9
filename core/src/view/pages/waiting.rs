//! Why an account is not served at the moment, in the customer's words.

use super::Pages;
use crate::catalog::Mode;
use crate::model::{AccountId, BindingStatus, ConditionKind, Outage};

/// What keeps an account from being used, as far as a customer is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// Its server answers and is of no use.
    Outage(Outage),
    /// Its server does not answer, and the account was not set up there yet.
    Unreachable,
    /// Staff must do something first.
    Staff,
    /// Its server lost it, and staff must do something before it is made again.
    Lost,
    /// Its server is only observed: nothing is changed there until staff say so.
    Observed,
}

impl Pages<'_> {
    /// What makes the account's server useless, if anything does.
    #[must_use]
    pub fn outage(&self, account: AccountId) -> Option<Outage> {
        let binding = match self.snapshot.link_leads_to_old(account) {
            true => self.snapshot.leaving(account),
            false => self.snapshot.serving(account),
        }?;
        let status = self.snapshot.server_status(&binding.server)?;
        let down = |kind| status.conditions.iter().any(|c| c.kind == kind);
        status.outage.filter(|_| !down(ConditionKind::Unreachable))
    }

    /// What was last seen of its client on the server that is to serve it.
    pub(super) fn serving_status(&self, account: AccountId) -> Option<&BindingStatus> {
        let serving = self.snapshot.serving(account)?;
        self.snapshot.binding_status(account, &serving.server)
    }

    /// Whether its client is there, as far as the last list told.
    pub(super) fn is_on_its_server(&self, account: AccountId) -> bool {
        let missing = self.serving_status(account).is_some_and(|s| s.missing_since.is_some());
        self.is_ready(account) && !missing
    }

    /// What an account that should be on waits for, beyond the minute that it usually takes.
    pub(super) fn hindrance(&self, account: AccountId) -> Option<Hindrance> {
        if let Some(outage) = self.outage(account) {
            return Some(Hindrance::Outage(outage));
        }
        let serving = self.serving_status(account);
        if serving.is_some_and(|s| s.unseen_since.is_some()) {
            return Some(Hindrance::Staff);
        }
        let conditions = self.snapshot.account_status(account).map(|status| &status.conditions);
        let is = |kind| conditions.is_some_and(|all| all.iter().any(|c| c.kind == kind));
        if self.is_observed(account) && !is(ConditionKind::Ready) {
            return Some(Hindrance::Observed);
        }
        if serving.is_some_and(|s| s.missing_since.is_some()) && is(ConditionKind::Stalled) {
            return Some(Hindrance::Lost);
        }
        if self.is_ready(account) {
            return None;
        }
        if is(ConditionKind::Stalled) {
            Some(Hindrance::Staff)
        } else {
            is(ConditionKind::Unreachable).then_some(Hindrance::Unreachable)
        }
    }

    /// Whether nothing is changed on the server that is to serve it.
    fn is_observed(&self, account: AccountId) -> bool {
        let serving = self.snapshot.serving(account);
        let server = serving.and_then(|binding| self.catalog.servers.get(&binding.server));
        server.is_some_and(|server| server.mode == Mode::Observe)
    }

    /// The state on the account's page.
    pub(super) fn hindered_state(&self, hindrance: Hindrance) -> String {
        let t = &self.texts;
        match hindrance {
            Hindrance::Outage(_) | Hindrance::Lost => t.account_state_outage(),
            Hindrance::Unreachable => t.account_state_unreachable(),
            Hindrance::Staff => t.account_state_stalled(),
            Hindrance::Observed => t.account_state_observed(),
        }
    }

    /// Why there is no link yet.
    pub(super) fn link_waits(&self, account: AccountId) -> String {
        let t = &self.texts;
        match self.hindrance(account) {
            Some(Hindrance::Outage(_) | Hindrance::Lost) => t.link_outage(),
            Some(Hindrance::Unreachable) => t.link_unreachable(),
            Some(Hindrance::Staff) => t.link_stalled(),
            Some(Hindrance::Observed) => t.link_observed(),
            None => t.link_preparing(),
        }
    }
}
