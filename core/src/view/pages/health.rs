//! How the shop is, and who did what.

use super::{Draft, Pages, button};
use crate::model::{Audit, ConditionKind, OrderState, Outcome, Reason};
use crate::view::format::{actor, clip, harmless};
use crate::view::{Accent, Action, AuditPage, ButtonStyle, Message};

/// Reasons on one page.
const REASONS: usize = 5;

/// Who ends within so many hours ends soon: three days.
const SOON_HOURS: u64 = 72;

/// In the order in which an order goes through them.
const STATES: [OrderState; 7] = [
    OrderState::AwaitingPayment,
    OrderState::AwaitingReview,
    OrderState::Approved,
    OrderState::Declined,
    OrderState::Expired,
    OrderState::Cancelled,
    OrderState::Reversed,
];

impl Pages<'_> {
    /// What is wrong, with what to do, and what waits.
    #[must_use]
    pub fn health(&self, reasons: &[Reason]) -> Message {
        let t = &self.texts;
        let said = |reason: &Reason| {
            let (detail, remedy) = (harmless(&reason.detail, 200), harmless(&reason.remedy, 160));
            t.health_reason(reason.code.name(), detail, remedy)
        };
        let mut lines: Vec<String> = reasons.iter().take(REASONS).map(said).collect();
        if reasons.len() > REASONS {
            lines.push(t.pending_more(reasons.len() - REASONS));
        }
        let (accent, what) = match lines.is_empty() {
            true => (Accent::Good, t.health_well()),
            false => (Accent::Bad, lines.join("\n")),
        };
        let waiting = t.health_orders(
            self.snapshot.reviews_waiting().len(),
            self.snapshot.orders_in(OrderState::AwaitingPayment, self.now),
        );
        Draft::new(accent)
            .text(t.health_title())
            .text(what)
            .text(format!("{waiting}\n{}", t.health_files(self.catalog.revision.clone())))
            .done()
    }

    /// How many there are of what, by the counters that the indexes keep.
    #[must_use]
    pub fn stats(&self) -> Message {
        let (t, snapshot) = (&self.texts, self.snapshot);
        Draft::new(Accent::Neutral)
            .text(t.stats_title())
            .text(self.orders_in_numbers())
            .text(self.accounts_in_numbers())
            .text(t.stats_customers(snapshot.customer_count()))
            .done()
    }

    pub(super) fn orders_in_numbers(&self) -> String {
        let (t, snapshot) = (&self.texts, self.snapshot);
        let orders =
            STATES.map(|state| t.stats_line(t.state(state), snapshot.orders_in(state, self.now)));
        format!("{}\n{}", t.stats_orders(), orders.join("\n"))
    }

    pub(super) fn accounts_in_numbers(&self) -> String {
        let (t, snapshot) = (&self.texts, self.snapshot);
        let with = |kind| snapshot.accounts_with(kind);
        let accounts = [
            (t.stats_ready(), with(ConditionKind::Ready)),
            (t.stats_ending(), snapshot.accounts_ending(self.now, SOON_HOURS)),
            (t.standing_depleted(), with(ConditionKind::Depleted)),
            (t.standing_expired(), with(ConditionKind::Expired)),
            (t.standing_suspended(), with(ConditionKind::Suspended)),
            (t.stats_unbound(), snapshot.accounts_unbound()),
        ];
        let accounts = accounts.map(|(what, n)| t.stats_line(what, n));
        format!("{}\n{}", t.stats_accounts(snapshot.account_count()), accounts.join("\n"))
    }

    /// A page of the audit, the newest line first, and the way to older ones.
    #[must_use]
    pub fn audit(&self, page: &AuditPage) -> Message {
        let t = &self.texts;
        if page.lines.is_empty() && page.older.is_none() {
            return Message::text(Accent::Neutral, t.audit_none());
        }
        let older = page.older.iter().map(|last| {
            button(&Action::AuditBefore(last.clone()), t.button_next(), ButtonStyle::Secondary)
        });
        let said: Vec<String> = page.lines.iter().map(|line| self.audit_line(line)).collect();
        Draft::new(Accent::Neutral)
            .text(t.audit_title())
            .maybe((!said.is_empty()).then(|| said.join("\n")))
            .buttons(older.collect())
            .done()
    }

    fn audit_line(&self, line: &Audit) -> String {
        let t = &self.texts;
        let outcome = match &line.outcome {
            Outcome::Done => "done".to_owned(),
            Outcome::Started => "started".to_owned(),
            Outcome::Interrupted => "interrupted".to_owned(),
            Outcome::Failed(code) => clip(code, 30),
        };
        let what = t.audit_line(
            self.when(line.at),
            actor(&line.actor),
            line.verb.clone(),
            clip(&line.subject, 70),
            outcome,
        );
        match &line.reason {
            Some(reason) => format!("{what}\n> {}", harmless(reason, 50)),
            None => what,
        }
    }
}
