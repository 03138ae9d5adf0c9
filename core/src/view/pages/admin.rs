//! What staff see of an account. Never a credential, a link or a token.

use super::{Draft, Pages};
use crate::model::{
    Account, AccountId, Binding, CustomerId, DeliveryState, Disposition, Entitlement, Rejection,
};
use crate::view::format::{clip, harmless};
use crate::view::{Accent, Message};

impl Pages<'_> {
    /// An account: what it may have, where it is served, what is true of it, how the link went.
    #[must_use]
    pub fn admin_account(&self, id: AccountId) -> Message {
        match self.snapshot.account(id) {
            Some(account) => self.admin_page(account, None),
            None => self.refused_staff(Rejection::UnknownAccount),
        }
    }

    /// A customer's newest account, and which others there are.
    #[must_use]
    pub fn admin_customer(&self, customer: impl Into<Option<CustomerId>>) -> Message {
        let own = customer.into().into_iter().flat_map(|id| self.snapshot.accounts_of(id));
        let accounts: Vec<&Account> = own.collect();
        let Some((newest, others)) = accounts.split_last() else {
            return Message::text(Accent::Neutral, self.texts.staff_no_account());
        };
        let others: Vec<_> = others.iter().rev().take(10).map(|a| format!("`{}`", a.id)).collect();
        let note = self.texts.admin_account_pick(accounts.len(), others.join(", "));
        self.admin_page(newest, Some(note))
    }

    fn admin_page(&self, account: &Account, note: Option<String>) -> Message {
        let t = &self.texts;
        let name = self.named(account.customer);
        let who = t.admin_account_customer(
            self.mention(account.customer),
            name,
            account.family.to_string(),
        );
        let credentials = t.admin_account_credentials(account.credentials.version);
        Draft::new(Accent::Neutral)
            .text(t.admin_account_title(account.id.to_string()))
            .maybe(note)
            .text(format!("{who}\n{credentials}"))
            .rule()
            .text(self.run_lines(account.id))
            .text(self.binding_lines(account.id))
            .text(self.condition_lines(account.id))
            .text(self.delivery_line(account.id))
            .done()
    }

    fn run_lines(&self, account: AccountId) -> String {
        let t = &self.texts;
        let Some(e) = Entitlement::of(self.snapshot, account) else {
            return t.admin_account_no_term();
        };
        let run = t.admin_account_run(
            e.run,
            self.when(e.start),
            self.when(e.ends_at),
            t.left(e.granted),
            e.used.to_string(),
            t.left(e.left),
            t.devices(e.devices),
        );
        let mut lines = vec![run, t.admin_account_standing(t.standing(e.standing(self.now)))];
        if e.compensations > 0 {
            lines.push(t.admin_account_compensated(t.length(e.compensated), e.compensations));
        }
        lines.join("\n")
    }

    fn binding_lines(&self, account: AccountId) -> String {
        let t = &self.texts;
        let lines: Vec<_> = self.snapshot.bindings(account).map(|b| self.binding_line(b)).collect();
        if lines.is_empty() { t.admin_account_no_binding() } else { clip(&lines.join("\n"), 900) }
    }

    fn binding_line(&self, binding: &Binding) -> String {
        let t = &self.texts;
        let (disposition, since) = match &binding.disposition {
            Disposition::Serving => (t.disposition_serving(), binding.bound_at),
            Disposition::Leaving => (t.disposition_leaving(), binding.bound_at),
            Disposition::Tombstoned { since } => (t.disposition_tombstoned(), *since),
        };
        let seen = match self.snapshot.binding_status(binding.account, &binding.server) {
            None => t.seen_never(),
            Some(s) => match (&s.problem, &s.applied, s.missing_since.is_none()) {
                (Some(problem), _, _) => t.seen_problem(harmless(problem, 200)),
                (None, None, _) => t.seen_never(),
                (None, Some(_), false) => t.seen_absent(),
                (None, Some(applied), true) if applied.enable => t.seen_on(),
                (None, Some(_), true) => t.seen_off(),
            },
        };
        let server = binding.server.to_string();
        t.admin_account_binding(server, disposition, self.when(since), seen)
    }

    fn condition_lines(&self, account: AccountId) -> String {
        let t = &self.texts;
        let status = self.snapshot.account_status(account);
        let lines: Vec<_> = status
            .into_iter()
            .flat_map(|s| &s.conditions)
            .map(|c| {
                let reason = harmless(&c.reason, 200);
                t.admin_account_condition(c.kind.name(), self.when(c.since), reason)
            })
            .collect();
        if lines.is_empty() {
            t.admin_account_no_condition()
        } else {
            clip(&lines.join("\n"), 1_500)
        }
    }

    fn delivery_line(&self, account: AccountId) -> String {
        let t = &self.texts;
        let Some(delivery) = self.snapshot.delivery(account) else {
            return t.admin_account_no_delivery();
        };
        let state = match &delivery.state {
            DeliveryState::Delivered => t.delivery_delivered(),
            DeliveryState::Shown => t.delivery_shown(),
            DeliveryState::Undelivered(code) => t.delivery_undelivered(harmless(code, 60)),
        };
        t.admin_account_delivery(state, self.when(delivery.at))
    }
}
