//! What staff read of orders and customers, and what they are asked once.

use super::{Draft, Pages, button};
use crate::model::{
    AccountId, Customer, CustomerId, Entitlement, Order, OrderId, OrderState, Rejection, StaffNote,
    Target, ToBeForgotten,
};
use crate::view::format::{actor, clip, harmless};
use crate::view::{
    Accent, Action, Answer, AskedOnce, ButtonStyle, FIELD_REASON, Message, Question, TextField,
};
use std::collections::BTreeSet;

/// Lines of a list on one page.
const LINES: usize = 15;
/// Lines of a customer's accounts, and of their orders: beside them a long note has room.
const OWN_LINES: usize = 12;
/// Characters of a reason that a dialog takes.
const REASON: u16 = 500;

impl Pages<'_> {
    /// An order: what for, whose, how much, and who decided what.
    #[must_use]
    pub fn admin_order(&self, order: &Order) -> Message {
        let t = &self.texts;
        let state = order.state(self.now);
        let mut lines = vec![
            t.review_customer(self.mention(order.customer), self.named(order.customer)),
            self.order_plan_line(order),
            self.amount_line(order),
            t.admin_order_state(t.state(state)),
            t.admin_order_id(order.id.to_string()),
            t.review_placed(self.when(order.placed_at)),
        ];
        if state == OrderState::AwaitingPayment {
            lines.push(t.admin_order_pay_by(self.when(order.pay_by)));
        }
        lines.extend(self.proofs_line(order));
        lines.extend(self.stated_line(order));
        lines.extend(self.deleted_line(order));
        lines.extend(order.approved_account().map(|id| t.admin_order_account(id.to_string())));
        Draft::new(Accent::Neutral)
            .text(t.admin_order_title(order.id.reference().to_string()))
            .text(lines.join("\n"))
            .rule()
            .text(self.order_outcome(order))
            .done()
    }

    fn order_plan_line(&self, order: &Order) -> String {
        let plan = self.sold_plan(&order.plan);
        match order.target {
            Target::New => self.texts.review_plan(plan),
            Target::Renew(account) => self.texts.review_plan_renewal(plan, account.to_string()),
        }
    }

    /// The customers of whose name a word begins so, the first of them.
    #[must_use]
    pub fn found_customers(&self, typed: &str, found: impl Iterator<Item = CustomerId>) -> Message {
        let t = &self.texts;
        let mut seen = BTreeSet::new();
        let mut found = found.filter(|id| seen.insert(*id));
        let lines: Vec<String> = found
            .by_ref()
            .take(LINES)
            .map(|id| t.admin_users_line(self.mention(id), self.named(id), id.to_string()))
            .collect();
        if lines.is_empty() {
            return Message::text(Accent::Neutral, t.admin_users_none());
        }
        Draft::new(Accent::Neutral)
            .text(t.admin_users_title(harmless(typed, 40)))
            .text(lines.join("\n"))
            .maybe(found.next().map(|_| t.admin_users_more()))
            .done()
    }

    /// A customer: where they are known, what they have, what is open.
    #[must_use]
    pub fn admin_user(&self, id: Option<CustomerId>) -> Message {
        let Some(customer) = id.and_then(|id| self.snapshot.customer(id)) else {
            return Message::text(Accent::Bad, self.texts.admin_user_unknown());
        };
        Draft::new(Accent::Neutral)
            .text(self.texts.admin_user_title(self.mention(customer.id), self.named(customer.id)))
            .text(self.customer_lines(customer))
            .rule()
            .text(self.accounts_lines(customer.id))
            .text(self.orders_lines(customer.id))
            .done()
    }

    fn customer_lines(&self, customer: &Customer) -> String {
        let t = &self.texts;
        let known: Vec<String> =
            customer.identities.iter().take(5).map(|who| format!("`{who}`")).collect();
        let mut lines = match customer.forgotten() {
            Some(forgotten) => {
                let when = self.when(forgotten.at);
                vec![match forgotten.left {
                    Some(_) => t.admin_user_being_forgotten(when),
                    None => t.admin_user_forgotten(when),
                }]
            }
            None => vec![t.admin_user_known(known.join(", "), customer.id.to_string())],
        };
        lines.push(t.admin_user_since(self.when(customer.created_at)));
        lines.extend(self.note_line(customer, StaffNote::MOST_CHARS));
        lines.extend(customer.language.map(|language| t.admin_user_language(language.to_string())));
        lines.join("\n")
    }

    /// What staff wrote down of a customer, in one line of so many characters of theirs: for staff alone.
    pub(super) fn note_line(&self, customer: &Customer, most: usize) -> Option<String> {
        let note = customer.note.as_ref()?;
        // What is made harmless takes more room, and there is more on the page.
        let text = clip(&harmless(&note.text, most), most + most / 10);
        Some(self.texts.staff_note(text, actor(&note.by), self.when(note.at)))
    }

    fn accounts_lines(&self, customer: CustomerId) -> String {
        let t = &self.texts;
        let mut all = self.snapshot.accounts_of(customer);
        let lines: Vec<String> =
            all.by_ref().take(OWN_LINES).map(|account| self.account_line(account.id)).collect();
        if lines.is_empty() {
            return t.staff_no_account();
        }
        let more = all.count();
        let more = (more > 0).then(|| t.pending_more(more));
        [vec![t.admin_user_accounts()], lines, more.into_iter().collect()].concat().join("\n")
    }

    fn account_line(&self, id: AccountId) -> String {
        let t = &self.texts;
        let standing = Entitlement::of(self.snapshot, id).map(|e| e.standing(self.now));
        let standing = standing.map_or_else(|| t.admin_account_no_term(), |s| t.standing(s));
        t.admin_user_account(id.to_string(), clip(&self.account_plan(id), 40), standing)
    }

    /// A customer's newest orders, whatever became of them.
    fn orders_lines(&self, customer: CustomerId) -> String {
        let t = &self.texts;
        let all = self.snapshot.orders_of(customer);
        if all.is_empty() {
            return t.admin_user_no_order();
        }
        let more = all.len().saturating_sub(OWN_LINES);
        let lines = all.into_iter().rev().take(OWN_LINES).filter_map(|id| self.order_known(id));
        let more = (more > 0).then(|| t.pending_more(more));
        let lines: Vec<_> =
            std::iter::once(t.admin_user_orders()).chain(lines).chain(more).collect();
        lines.join("\n")
    }

    fn order_known(&self, id: OrderId) -> Option<String> {
        if let Some(order) = self.snapshot.order(id) {
            return Some(self.order_line_of(order));
        }
        let (order, t) = (self.snapshot.archived_order(id)?, &self.texts);
        let plan = clip(&self.sold_plan(&order.plan), 40);
        Some(t.admin_user_order_settled(id.reference().to_string(), plan, t.state(order.state)))
    }

    pub(super) fn order_line_of(&self, order: &Order) -> String {
        let t = &self.texts;
        t.admin_user_order(
            order.id.reference().to_string(),
            clip(&self.sold_plan(&order.plan), 40),
            order.method.price.to_string(),
            t.state(order.state(self.now)),
        )
    }

    /// What is done only after it was asked once; an order's question has the order.
    #[must_use]
    pub fn ask_once(&self, question: &Question, order: Option<&Order>) -> Answer {
        let t = &self.texts;
        let what = match &question.of {
            AskedOnce::Forget(customer) => match self.snapshot.to_be_forgotten(*customer, self.now)
            {
                Ok(there) => self.ask_forget(*customer, there),
                Err(why) => return Answer::Private(self.refused_staff(why)),
            },
            AskedOnce::Approve(id, _) => return self.ask_approve(*id, question),
            AskedOnce::Cancel(id) | AskedOnce::Reverse(id) => {
                let Some(order) = order else {
                    return Answer::Private(self.refused_staff(Rejection::UnknownOrder));
                };
                let state = order.state(self.now);
                let wanted = match question.of {
                    AskedOnce::Cancel(_) => OrderState::AwaitingPayment,
                    _ => OrderState::Approved,
                };
                if state != wanted {
                    return Answer::Private(self.already_done(*id, state));
                }
                let (who, plan) = (self.mention(order.customer), self.sold_plan(&order.plan));
                let (amount, order) = (order.method.price.to_string(), id.reference().to_string());
                match question.of {
                    AskedOnce::Cancel(_) => t.ask_cancel(order, who, amount, plan),
                    _ => t.ask_reverse(order, who, amount, plan),
                }
            }
            AskedOnce::Suspend(id) => t.ask_suspend(id.to_string(), self.owner(*id)),
            AskedOnce::Rotate(id, _) => t.ask_rotate(id.to_string(), self.owner(*id)),
            AskedOnce::Move(id, server) => {
                t.ask_move(id.to_string(), self.owner(*id), server.to_string())
            }
            // It is asked below what customers will read.
            AskedOnce::Broadcast(id) => return Answer::Private(self.broadcast_preview(*id)),
        };
        let yes =
            button(&Action::Sure(question.clone()), self.yes(&question.of), ButtonStyle::Danger);
        let page = Draft::new(Accent::Waiting).text(what).text(t.ask_note()).buttons(vec![yes]);
        Answer::Private(page.done())
    }

    fn owner(&self, account: AccountId) -> String {
        let account = self.snapshot.account(account);
        account.map_or_else(String::new, |account| self.mention(account.customer))
    }

    fn yes(&self, of: &AskedOnce) -> String {
        let t = &self.texts;
        match of {
            AskedOnce::Approve(..) => t.button_confirm(),
            AskedOnce::Cancel(_) => t.button_cancel(),
            AskedOnce::Reverse(_) => t.button_reverse(),
            AskedOnce::Suspend(_) => t.button_suspend(),
            AskedOnce::Rotate(..) => t.button_rotate(),
            AskedOnce::Move(..) => t.button_move(),
            AskedOnce::Broadcast(_) => t.button_send(),
            AskedOnce::Forget(_) => t.button_forget(),
        }
    }

    /// The dialog for the reason; sending it does what was asked.
    #[must_use]
    pub fn why_modal(&self, question: &Question) -> Answer {
        let t = &self.texts;
        let label = match question.of {
            AskedOnce::Reverse(_) => t.modal_decline_reason(),
            _ => t.modal_why_label(),
        };
        let field = TextField {
            id: FIELD_REASON.to_owned(),
            label,
            required: true,
            paragraph: true,
            max_length: REASON,
        };
        self.dialog(&Action::Sure(question.clone()), t.modal_why_title(), field)
    }

    /// To who answers what somebody else was asked.
    #[must_use]
    pub fn asked_another(&self) -> Message {
        Message::text(Accent::Bad, self.texts.ask_others())
    }

    /// To who answers too late.
    #[must_use]
    pub fn asked_long_ago(&self) -> Message {
        Message::text(Accent::Bad, self.texts.ask_late())
    }

    /// To who answers at what is not due any more.
    #[must_use]
    pub fn due_changed(&self, order: &Order) -> Message {
        let now = self.texts.ask_due_changed(order.method.price.to_string());
        Message::text(Accent::Bad, now)
    }

    /// A dialog came back without a reason.
    #[must_use]
    pub fn why_missing(&self) -> Message {
        Message::text(Accent::Bad, self.texts.ask_no_reason())
    }

    /// What was typed is no length or traffic.
    #[must_use]
    pub fn bad_amount(&self, typed: &str) -> Message {
        Message::text(Accent::Bad, self.texts.bad_amount(harmless(typed, 40)))
    }

    /// To staff who may not: who may.
    #[must_use]
    pub fn refused_right(&self, lowest: &'static str) -> Message {
        let t = &self.texts;
        let text = match lowest {
            "owner" => t.staff_refused_owners(),
            "admin" => t.staff_refused_admins(),
            _ => t.refused_not_staff(),
        };
        Message::text(Accent::Bad, text)
    }

    /// To the member of staff who gave an order up for its customer.
    #[must_use]
    pub fn staff_cancelled(&self, order: OrderId) -> Message {
        Message::text(Accent::Good, self.texts.staff_cancelled(order.reference().to_string()))
    }

    /// A customer's name, harmless; of one who was forgotten, that they were.
    pub(super) fn named(&self, customer: CustomerId) -> String {
        if self.snapshot.is_forgotten(customer) {
            return self.texts.forgotten_customer();
        }
        harmless(self.snapshot.name_of(customer), 60)
    }

    /// What goes and what stays of a customer who is forgotten.
    fn ask_forget(&self, customer: CustomerId, there: ToBeForgotten) -> String {
        let t = &self.texts;
        let mut asked = t.ask_forget(
            self.mention(customer),
            self.named(customer),
            there.accounts,
            there.orders,
            customer.to_string(),
        );
        if there.tried {
            asked.push('\n');
            asked.push_str(&t.ask_forget_tried());
        }
        asked
    }

    /// To the owner who has a customer forgotten.
    #[must_use]
    pub fn forgot(&self, customer: CustomerId) -> Message {
        Message::text(Accent::Good, self.texts.staff_forgot(customer.to_string()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Actor, Cancellation, Decision, Verdict};
    use crate::view::sample::{ALICE, FRONT, NOW, catalog, order, order_id, put, snapshot};

    #[test]
    fn staff_read_a_customers_newest_orders_whatever_became_of_them_and_how_many_there_are() {
        let catalog = catalog();
        let by = Actor::Controller;
        let orders = (1..=15).map(|n| {
            let mut order = order(n, Target::New, "vodafone-cash");
            let verdict = Verdict::Declined { reason: "no".into() };
            match n {
                13 => order.cancelled = Some(Cancellation { by: by.clone(), at: NOW }),
                14 => order.decision = Some(Decision { by: by.clone(), at: NOW, verdict }),
                15 => {}
                _ => {
                    order.decision = Some(Decision { by: by.clone(), at: NOW, verdict });
                    order.archived = true;
                }
            }
            put(order)
        });
        let snapshot = snapshot(orders);
        let page = Pages::new(&FRONT, &snapshot, &catalog, NOW).admin_user(Some(ALICE));
        assert!(FRONT.problems(&page).is_empty(), "{:?}", FRONT.problems(&page));
        let page = page.plain();
        let listed: Vec<bool> =
            (1..=15).map(|n| page.contains(&order_id(n).reference().to_string())).collect();
        assert_eq!(listed, [vec![false; 3], vec![true; 12]].concat(), "{page}");
        for said in ["waiting for payment", "cancelled", "declined", "… and 3 more."] {
            assert!(page.contains(said), "{said}: {page}");
        }
    }
}
