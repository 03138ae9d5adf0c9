//! An order as staff see it: the review card, its dialogs, and what is left to check.

use super::order::{FIELD_REFERENCE, accent, declined_reason, first_proof};
use super::{Draft, Pages, button};
use crate::catalog::{Method, Requirement};
use crate::model::{
    AccountId, Bytes, DAY_MS, DurationMs, Identity, Order, OrderId, OrderState, Rejection,
    ServerId, Target, UnixMs, Verdict,
};
use crate::view::format::{actor, code, harmless};
use crate::view::{
    Accent, Action, Answer, AskedOnce, Attachment, ButtonStyle, FileSource, Message, Question,
    TextField,
};
use std::collections::BTreeSet;

/// The key of the reason in the dialog for declining.
pub const FIELD_REASON: &str = "reason";

/// Characters of a note on a card.
const NOTE_CHARS: usize = 300;

/// Lines of the list of payments to check.
const MAX_PENDING: usize = 15;

impl Pages<'_> {
    /// The card in the review channel.
    #[must_use]
    pub fn review_card(&self, id: OrderId) -> Option<Message> {
        Some(self.card_of(self.snapshot.order(id)?))
    }

    /// The same of an order that may be archived.
    #[must_use]
    pub fn card_of(&self, order: &Order) -> Message {
        let (id, t) = (order.id, &self.texts);
        let state = order.state(self.now);
        let plan = self.sold_plan(&order.plan);
        let lines = [
            t.review_customer(self.mention(order.customer), self.named(order.customer)),
            match order.target {
                Target::New => t.review_plan(plan),
                Target::Renew(account) => t.review_plan_renewal(plan, account.to_string()),
            },
            self.amount_line(order),
            t.review_order(order.id.reference().to_string()),
            t.review_placed(self.when(order.placed_at)),
        ];
        let mut draft = Draft::new(accent(state))
            .text(t.review_heading())
            .text(lines.join("\n"))
            .maybe(self.noted_on_card(order))
            .maybe(self.proofs_line(order))
            .maybe(self.stated_line(order))
            .maybe(self.deleted_line(order));
        if first_proof(order).is_some_and(|at| at >= order.pay_by || cancelled_before(order, at)) {
            draft = draft.text(t.review_late());
        }
        draft = draft.maybe(self.seen_before(order)).maybe(self.place_note(order));
        // The newest pictures: the first may have been the wrong one.
        let skip = order.kept_proofs().count().saturating_sub(self.shown_pictures(order));
        let numbered = order.evidence.iter().enumerate();
        let kept = numbered.filter(|(_, evidence)| evidence.deleted_at.is_none());
        draft = draft.maybe((skip > 0).then(|| t.review_pictures_left_out(skip)));
        for (n, evidence) in kept.skip(skip) {
            draft = draft.picture(Attachment {
                name: format!("proof-{}.{}", n + 1, evidence.kind.extension()),
                source: FileSource::Proof(evidence.file_name()),
            });
        }
        let draft = match state {
            OrderState::AwaitingReview => {
                draft.calls_roles(self.called_roles(|ping| ping.review)).buttons(vec![
                    button(&Action::Approve(id), t.button_approve(), ButtonStyle::Success),
                    button(&Action::Decline(id), t.button_decline(), ButtonStyle::Danger),
                ])
            }
            _ => draft.rule().text(self.order_outcome(order)),
        };
        draft.done()
    }

    /// How many of its pictures were deleted and did not come again, and when the last of them was.
    pub(super) fn deleted_line(&self, order: &Order) -> Option<String> {
        let last = order.deleted_proofs().filter_map(|proof| proof.deleted_at).max()?;
        let count = order.deleted_proofs().count();
        Some(self.texts.review_pictures_deleted(count, self.when(last)))
    }

    /// What staff wrote down of its customer, while they are to decide: more than a card has room for is
    /// on the customer's page.
    fn noted_on_card(&self, order: &Order) -> Option<String> {
        let customer = self.snapshot.customer(order.customer)?;
        let is_open = order.state(self.now) == OrderState::AwaitingReview;
        is_open.then(|| self.note_line(customer, NOTE_CHARS)).flatten()
    }

    /// How many of the newest pictures go on a card: always one. A front refuses a message that is too
    /// large, and then nobody sees the card; staff find older ones in the folder of proofs.
    fn shown_pictures(&self, order: &Order) -> usize {
        let mut bytes = 0_u64;
        let fits = |size: &u64| {
            bytes = bytes.saturating_add(*size);
            bytes <= self.front.file_bytes
        };
        let sizes = order.kept_proofs().rev().take(self.front.files).map(|e| e.size_bytes);
        sizes.take_while(fits).count().max(1)
    }

    /// When the proofs came; nothing while there is none.
    pub(super) fn proofs_line(&self, order: &Order) -> Option<String> {
        let came = order.evidence.iter().map(|evidence| self.when(evidence.at));
        let t = &self.texts;
        came.reduce(|first, more| t.moment_then(first, more)).map(|came| t.review_proofs(came))
    }

    /// The numbers that its customer typed for the payment.
    pub(super) fn stated_line(&self, order: &Order) -> Option<String> {
        let mut numbers: Vec<_> = order.stated_references().map(|s| code(&s.typed)).collect();
        numbers.dedup();
        (!numbers.is_empty()).then(|| self.texts.review_stated(numbers.join(" · ")))
    }

    /// The earlier orders under which pictures stand that look the same as those of this one, or a number that was
    /// typed for it.
    fn seen_before(&self, order: &Order) -> Option<String> {
        let t = &self.texts;
        let pictures: BTreeSet<_> = order.evidence.iter().filter_map(|e| e.resembles).collect();
        let numbers: BTreeSet<_> = order.stated_references().filter_map(|s| s.seen).collect();
        let pictures = pictures.into_iter().map(|other| match self.place_of(other) {
            (place, Some(whose)) => t.review_seen_before(place, whose),
            // The order is lost, and whose it was.
            (place, None) => t.review_seen_before_lost(place),
        });
        let numbers = numbers.into_iter().map(|other| match self.place_of(other) {
            (place, Some(whose)) => t.review_number_before(place, whose),
            (place, None) => t.review_number_before_lost(place),
        });
        let lines: Vec<_> = pictures.chain(numbers).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Another order with its thread, and whose it is.
    fn place_of(&self, other: OrderId) -> (String, Option<String>) {
        let thread = self.thread_of(other).map(|thread| format!(" · {thread}"));
        let place = format!("{}{}", other.reference(), thread.unwrap_or_default());
        (place, self.snapshot.buyer(other).map(|buyer| self.mention(buyer)))
    }

    /// What staff must know of the order's place: that none is kept for it any more, and whether
    /// there is one; and of an approved one that its account waits.
    fn place_note(&self, order: &Order) -> Option<String> {
        let t = &self.texts;
        match order.state(self.now) {
            _ if self.waits_for_server(order) => Some(t.review_unserved()),
            OrderState::AwaitingReview if self.lacks_place(order) => {
                let room = self.has_room_for(order);
                Some(if room { t.review_place_lapsed() } else { t.review_no_room() })
            }
            OrderState::Approved => order
                .approved_account()
                .filter(|a| self.waits_in_line(*a))
                .map(|_| t.review_waits()),
            _ => None,
        }
    }

    /// Who decided what, and when.
    pub(super) fn order_outcome(&self, order: &Order) -> String {
        let t = &self.texts;
        if let Some(reversed) = &order.reversed {
            let reason = harmless(&reversed.reason, 500);
            return t.review_reversed(actor(&reversed.by), self.when(reversed.at), reason);
        }
        if let Some(decision) = &order.decision {
            let (staff, at) = (actor(&decision.by), self.when(decision.at));
            return match &decision.verdict {
                Verdict::Approved { reference: Some(reference), .. } => {
                    t.review_approved_reference(staff, at, reference.replace('`', "'"))
                }
                Verdict::Approved { reference: None, .. } => t.review_approved(staff, at),
                Verdict::Declined { .. } => t.review_declined(staff, at, declined_reason(order)),
            };
        }
        match &order.cancelled {
            Some(c) => t.review_cancelled(actor(&c.by), self.when(c.at)),
            None => t.review_waiting(),
        }
    }

    /// Whether [`Self::confirm_approve`] asks: not what was decided, and what has no proof only where the
    /// method wants none.
    #[must_use]
    pub fn asks_to_approve(&self, id: OrderId) -> bool {
        let Some(order) = self.snapshot.order(id) else { return false };
        match order.state(self.now) {
            OrderState::AwaitingReview => true,
            OrderState::AwaitingPayment | OrderState::Expired => {
                let method = self.catalog.method(&order.method.method);
                !method.is_none_or(Method::wants_proof)
            }
            _ => false,
        }
    }

    /// The first step of an approval: a question to this one, or the dialog where the method wants the
    /// payment's own number.
    #[must_use]
    pub fn confirm_approve(&self, id: OrderId, who: Identity) -> Answer {
        self.ask_approve(id, &self.whether_to_approve(id, who))
    }

    /// What this one is asked now: whether to approve at this amount and no other.
    fn whether_to_approve(&self, id: OrderId, who: Identity) -> Question {
        let due = self.snapshot.order(id).map_or(0, |order| order.method.price.minor);
        Question::new(AskedOnce::Approve(id, due), who, self.now)
    }

    pub(super) fn ask_approve(&self, id: OrderId, question: &Question) -> Answer {
        let t = &self.texts;
        let Some(order) = self.snapshot.order(id) else {
            let archived = self.snapshot.archived_order(id);
            let unknown = || self.refused_staff(Rejection::UnknownOrder);
            return Answer::Private(
                archived.map_or_else(unknown, |o| self.already_done(id, o.state)),
            );
        };
        if !self.asks_to_approve(id) {
            return Answer::Private(match order.state(self.now) {
                OrderState::AwaitingPayment => self.refused_staff(Rejection::ProofRequired),
                state => self.already_done(id, state),
            });
        }
        let method = self.catalog.method(&order.method.method);
        let asks = method.is_some_and(|m| m.reference == Requirement::Required);
        if asks && order.own_reference().is_none() {
            return self.reference_dialog(question);
        }
        let title = t.confirm_title(
            self.mention(order.customer),
            order.method.price.to_string(),
            self.method_name(order),
            self.sold_plan(&order.plan),
            id.reference().to_string(),
        );
        let no_room = !self.finds_room(order);
        let yes = Action::Sure(question.clone());
        let yes = button(&yes, t.button_confirm(), ButtonStyle::Success);
        let with = t.button_confirm_reference();
        let with = button(&Action::ApproveReference(id), with, ButtonStyle::Secondary);
        Answer::Private(
            Draft::new(Accent::Waiting)
                .text(title)
                .maybe(self.stated_line(order))
                .maybe(self.seen_before(order))
                .maybe(no_room.then(|| t.confirm_no_room()))
                .buttons(vec![yes, with])
                .done(),
        )
    }

    /// What is due and how; what a promo code took off, and which.
    pub(super) fn amount_line(&self, order: &Order) -> String {
        let t = &self.texts;
        let amount = t.review_amount(order.method.price.to_string(), self.method_name(order));
        let had =
            order.code().map(|code| t.review_code(code.promo.to_string(), code.full.to_string()));
        let lost = order.lost_code().map(|code| t.review_code_lost(code.promo.to_string()));
        match had.or(lost) {
            Some(code) => format!("{amount}\n{code}"),
            None => amount,
        }
    }

    /// The dialog for the payment's own number; sending it approves.
    #[must_use]
    pub fn reference_modal(&self, id: OrderId, who: Identity) -> Answer {
        self.reference_dialog(&self.whether_to_approve(id, who))
    }

    fn reference_dialog(&self, question: &Question) -> Answer {
        let t = &self.texts;
        let field = TextField {
            id: FIELD_REFERENCE.to_owned(),
            label: t.modal_reference_label(),
            required: true,
            paragraph: false,
            max_length: 100,
        };
        self.dialog(&Action::Sure(question.clone()), t.modal_reference_title(), field)
    }

    /// The dialog for the reason; sending it declines.
    #[must_use]
    pub fn decline_modal(&self, id: OrderId) -> Answer {
        let t = &self.texts;
        let field = TextField {
            id: FIELD_REASON.to_owned(),
            label: t.modal_decline_reason(),
            required: true,
            paragraph: true,
            max_length: 400,
        };
        self.dialog(&Action::DeclineReason(id), t.modal_decline_title(), field)
    }

    /// To the member of staff who approved.
    #[must_use]
    pub fn staff_approved(&self, order: OrderId, account: AccountId) -> Message {
        let text = self.texts.staff_approved(order.reference().to_string(), account.to_string());
        let waits = self.waits_in_line(account).then(|| self.texts.review_waits());
        Draft::new(Accent::Good).text(text).maybe(waits).done()
    }

    /// To the member of staff who declined.
    #[must_use]
    pub fn staff_declined(&self, order: OrderId) -> Message {
        Message::text(Accent::Good, self.texts.staff_declined(order.reference().to_string()))
    }

    /// To the member of staff who took a decline back.
    #[must_use]
    pub fn staff_reopened(&self, order: OrderId, state: OrderState) -> Message {
        let state = self.texts.state(state);
        Message::text(Accent::Good, self.texts.staff_reopened(order.reference().to_string(), state))
    }

    /// To the member of staff who took an approval back.
    #[must_use]
    pub fn staff_reversed(&self, order: OrderId, account: AccountId) -> Message {
        let text = self.texts.staff_reversed(order.reference().to_string(), account.to_string());
        Message::text(Accent::Good, text)
    }

    /// To the member of staff who gave a term, or gave the same one again.
    #[must_use]
    pub fn staff_granted(&self, account: AccountId, again: bool) -> Message {
        let (t, account) = (&self.texts, account.to_string());
        let text = if again { t.staff_granted_before(account) } else { t.staff_granted(account) };
        Message::text(Accent::Good, text)
    }

    /// To the member of staff who switched an account off.
    #[must_use]
    pub fn staff_suspended(&self, account: AccountId) -> Message {
        Message::text(Accent::Good, self.texts.staff_suspended(account.to_string()))
    }

    /// To the member of staff who switched an account on again.
    #[must_use]
    pub fn staff_resumed(&self, account: AccountId) -> Message {
        Message::text(Accent::Good, self.texts.staff_resumed(account.to_string()))
    }

    /// To the member of staff who gave an account new credentials.
    #[must_use]
    pub fn staff_rotated(&self, account: AccountId) -> Message {
        Message::text(Accent::Good, self.texts.staff_rotated(account.to_string()))
    }

    /// To the member of staff who gave an account another server.
    #[must_use]
    pub fn staff_moving(&self, account: AccountId, server: &ServerId) -> Message {
        let text = self.texts.staff_moving(account.to_string(), server.to_string());
        Message::text(Accent::Good, text)
    }

    /// To the member of staff who said that a server's panel is the right one.
    #[must_use]
    pub fn staff_panel_accepted(&self, server: &ServerId) -> Message {
        Message::text(Accent::Good, self.texts.staff_panel_accepted(server.to_string()))
    }

    /// To the member of staff who asked of an account what was done before.
    #[must_use]
    pub fn staff_unchanged(&self, account: AccountId) -> Message {
        Message::text(Accent::Neutral, self.texts.staff_unchanged(account.to_string()))
    }

    /// To the member of staff who forgave usage: of whom, and how much of how many accounts;
    /// nothing when it was forgiven before.
    #[must_use]
    pub fn staff_forgave(&self, of: &str, came: Option<(usize, Bytes)>) -> Message {
        let (t, of) = (&self.texts, of.to_owned());
        let text = match came {
            Some((accounts, by)) => t.staff_forgiven(by.to_string(), accounts, of),
            None => t.staff_forgiven_before(of),
        };
        Message::text(Accent::Good, text)
    }

    /// Somebody was faster, and who that was where it is no day ago.
    #[must_use]
    pub fn already_done(&self, order: OrderId, state: OrderState) -> Message {
        let t = &self.texts;
        let text = t.staff_already_done(order.reference().to_string(), t.state(state));
        let lately = |order: &&Order| {
            let decided = order.decision.as_ref().map(|decision| decision.at);
            decided.is_some_and(|at| self.now.since(at) < DurationMs(DAY_MS))
        };
        let who = self.snapshot.order(order).filter(lately);
        Draft::new(Accent::Neutral).text(text).maybe(who.map(|o| self.order_outcome(o))).done()
    }

    /// The payments that wait to be checked, oldest first.
    #[must_use]
    pub fn pending(&self) -> Message {
        let t = &self.texts;
        let waiting = self.snapshot.reviews_waiting().len();
        if waiting == 0 {
            return Message::text(Accent::Good, t.pending_none());
        }
        let mut lines: Vec<_> = self
            .snapshot
            .orders_under_review()
            .take(MAX_PENDING)
            .map(|(at, o)| {
                t.pending_line(
                    self.when(at),
                    self.mention(o.customer),
                    self.sold_plan(&o.plan),
                    o.method.price.to_string(),
                    o.id.reference().to_string(),
                )
            })
            .collect();
        if waiting > MAX_PENDING {
            lines.push(t.pending_more(waiting - MAX_PENDING));
        }
        Draft::new(Accent::Waiting).text(t.pending_title(waiting)).text(lines.join("\n")).done()
    }
}

fn cancelled_before(order: &Order, proof: UnixMs) -> bool {
    order.cancelled.as_ref().is_some_and(|c| c.at <= proof)
}

#[cfg(test)]
mod tests;
