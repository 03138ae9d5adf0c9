//! An order as its customer sees it: right after placing, and in its thread.

use super::{Draft, Pages, ProofProblem, button};
use crate::catalog::Delivery;
use crate::model::{
    AccountId, DeliveryState, Order, OrderId, OrderPromo, OrderState, Rejection, SurfaceKey,
    Target, UnixMs, Verdict,
};
use crate::view::format::{code_block, harmless};
use crate::view::{
    Accent, Action, Answer, Button, ButtonStyle, FileField, Message, Modal, TextField,
};

/// The key of the code in the dialog for one.
pub const FIELD_CODE: &str = "code";
/// The key of the payment's own number, in the dialog for approving and in that for pictures.
pub const FIELD_REFERENCE: &str = "reference";
/// The key of the pictures in the dialog for them.
pub const FIELD_PROOF: &str = "proof";

impl Pages<'_> {
    /// What a customer reads right after placing an order, or a renewal.
    #[must_use]
    pub fn order_placed(&self, order: OrderId) -> Answer {
        let t = &self.texts;
        self.order_summary(order, |plan, amount, method| t.order_placed(plan, amount, method))
    }

    /// A second order while one is open leads back to it.
    #[must_use]
    pub fn order_already_open(&self, order: OrderId) -> Answer {
        let t = &self.texts;
        self.order_summary(order, |plan, amount, method| t.order_already_open(plan, amount, method))
    }

    /// What a customer reads once a code has reduced their order.
    #[must_use]
    pub fn order_reduced(&self, order: OrderId) -> Answer {
        let t = &self.texts;
        self.order_summary(order, |plan, amount, method| t.order_reduced(plan, amount, method))
    }

    /// What a customer reads once it is kept who invited them.
    #[must_use]
    pub fn order_invited(&self, order: OrderId) -> Answer {
        let t = &self.texts;
        self.order_summary(order, |plan, amount, method| t.order_invited(plan, amount, method))
    }

    /// The dialog for a promo code; sending it reduces the order.
    #[must_use]
    pub fn code_modal(&self, order: OrderId) -> Answer {
        self.ask_code(&Action::Code(order))
    }

    /// The same for a code that gives an account days.
    #[must_use]
    pub fn days_modal(&self, account: AccountId) -> Answer {
        self.ask_code(&Action::Redeem(account))
    }

    fn ask_code(&self, action: &Action) -> Answer {
        let t = &self.texts;
        let field = TextField {
            id: FIELD_CODE.to_owned(),
            label: t.modal_code_label(),
            required: true,
            paragraph: false,
            max_length: 100,
        };
        self.dialog(action, t.modal_code_title(), field)
    }

    /// The dialog in which the pictures of a payment are chosen; where none can be, that they come another way.
    #[must_use]
    pub fn paid_modal(&self, order: OrderId) -> Answer {
        let t = &self.texts;
        if self.front.chosen_files == 0 {
            return Answer::Private(self.proof_problem(ProofProblem::Missing));
        }
        let room = self.snapshot.order(order).map_or(Order::MOST_PROOFS, Order::room_for_proofs);
        let files = FileField {
            id: FIELD_PROOF.to_owned(),
            label: t.modal_paid_label(),
            description: t.modal_paid_other_ways(),
            most: room.max(1),
        };
        let (id, title) = (Action::Paid(order).to_string(), t.modal_paid_title());
        let number = TextField {
            id: FIELD_REFERENCE.to_owned(),
            label: t.modal_paid_number(),
            required: false,
            paragraph: false,
            max_length: 64,
        };
        let dialog = Modal { id, title, fields: vec![number], files: Some(files) };
        Answer::Modal(self.front.fit_modal(&dialog))
    }

    fn order_summary(
        &self,
        id: OrderId,
        heading: impl Fn(String, String, String) -> String,
    ) -> Answer {
        let t = &self.texts;
        let Some(order) = self.snapshot.order(id) else {
            return Answer::Replace(self.refused(Rejection::UnknownOrder));
        };
        let thread = self.snapshot.surface(SurfaceKey::OrderThread(id)).and_then(|s| s.channel);
        let draft = Draft::new(Accent::Waiting)
            .text(heading(
                self.sold_plan(&order.plan),
                order.method.price.to_string(),
                self.method_name(order),
            ))
            .maybe(self.front.private_threads.then(|| match thread {
                Some(thread) => t.order_placed_thread(format!("<#{thread}>")),
                None => t.order_placed_no_thread(),
            }));
        let draft = match order.state(self.now) {
            // Read in the store's channel, where a picture that is posted would be seen by everybody.
            OrderState::AwaitingPayment => {
                self.how_to_pay(draft, order, false).buttons(self.unpaid_buttons(order))
            }
            _ => draft.text(self.order_text(order)),
        };
        Answer::Replace(draft.done())
    }

    /// The customer's order that waits to be paid, if there is one.
    #[must_use]
    pub fn open_order(&self, customer: Option<crate::model::CustomerId>) -> Option<OrderId> {
        let id = self.snapshot.unpaid_order(customer?)?.order;
        let order = self.snapshot.order(id)?;
        (order.state(self.now) == OrderState::AwaitingPayment).then_some(id)
    }

    /// Where an order stands now.
    #[must_use]
    pub fn state(&self, order: &Order) -> OrderState {
        order.state(self.now)
    }

    /// The first message of an order's thread.
    #[must_use]
    pub fn order_card(&self, id: OrderId) -> Option<Message> {
        let order = self.snapshot.order(id)?;
        let t = &self.texts;
        let plan = self.sold_plan(&order.plan);
        let heading = match order.target {
            Target::New => t.order_heading_new(plan),
            Target::Renew(_) => t.order_heading_renew(plan),
        };
        let sum = t.order_sum(
            t.length(order.plan.length),
            t.traffic(order.plan.quota),
            t.devices(order.plan.devices),
        );
        let state = order.state(self.now);
        let draft = Draft::new(accent(state)).text(heading).text(sum).rule();
        let draft = match state {
            OrderState::AwaitingPayment => {
                self.how_to_pay(draft, order, true).buttons(self.unpaid_buttons(order))
            }
            OrderState::Approved => {
                let draft = draft.text(self.order_text(order)).maybe(self.undelivered(order));
                let draft = draft.maybe(self.waits(order));
                let account = order.approved_account();
                let link = account.map(|a| self.link_button(a));
                draft.buttons(link.into_iter().collect())
            }
            _ => draft.text(self.order_text(order)),
        };
        Some(draft.done())
    }

    /// What a customer reads whose picture was posted in the thread of an order that lapsed or was given up:
    /// how it reopens. A picture that is simply posted there may be of anything.
    #[must_use]
    pub fn posted_too_late(&self, id: OrderId) -> Option<Message> {
        let order = self.snapshot.order(id)?;
        let state = order.state(self.now);
        Some(Draft::new(accent(state)).text(self.order_text(order)).done())
    }

    /// Instructions, the copyable block, how to send the proof, and until when; that it may simply be posted
    /// `here`, only where that is the order's thread.
    fn how_to_pay(&self, draft: Draft, order: &Order, here: bool) -> Draft {
        let t = &self.texts;
        let method = self.catalog.method(&order.method.method);
        let price = &order.method.price;
        let each = |label: String, text: &str| format!("{label}\n{}", code_block(text));
        let amount = price.currency.number(i128::from(price.minor));
        let amount = each(t.order_copy_amount(price.currency.code.to_string()), &amount);
        let account = method.map(|m| each(t.order_copy_account(), &m.account));
        let reference = each(t.order_copy_reference(), &order.id.reference().to_string());
        let optional = method.is_some_and(|m| !m.wants_proof());
        let prove = match (self.front.chosen_files > 0, optional) {
            (true, false) => t.order_press_paid(),
            (true, true) => t.order_press_paid_optional(),
            (false, false) => t.order_how_to_prove(),
            (false, true) => t.order_proof_optional(),
        };
        draft
            .maybe(self.reduced(order))
            .maybe(method.map(|m| self.instructions(m, order)))
            // Each on its own: what is copied goes into one field of a wallet's app.
            .text(amount)
            .maybe(account)
            .text(reference)
            .text(prove)
            .maybe((here && self.catalog.shop.message_content).then(|| t.order_or_post()))
            .maybe(self.waits_for_server(order).then(|| t.order_unserved()))
            .text(t.order_pay_by(self.when(order.pay_by)))
    }

    /// What an order's state means and what to do next.
    pub(super) fn order_text(&self, order: &Order) -> String {
        let said = self.state_text(order);
        match self.late_code(order) {
            Some(code) => format!("{said}\n{code}"),
            None => said,
        }
    }

    /// Of an order that comes back what becomes of its code, and of the price.
    fn late_code(&self, order: &Order) -> Option<String> {
        let full = |code: &OrderPromo| code.full.to_string();
        match order.state(self.now) {
            OrderState::AwaitingReview => {
                order.lost_code().map(full).map(|due| self.texts.order_code_lost(due))
            }
            OrderState::Expired | OrderState::Cancelled => {
                order.code().map(full).map(|due| self.texts.order_code_may_be_lost(due))
            }
            _ => None,
        }
    }

    fn state_text(&self, order: &Order) -> String {
        let t = &self.texts;
        let by_button = self.catalog.shop.orders.deliver == Delivery::Button;
        match order.state(self.now) {
            OrderState::AwaitingPayment => t.order_pay_by(self.when(order.pay_by)),
            OrderState::AwaitingReview if self.lacks_place(order) => {
                let proofs = t.order_in_review(order.evidence.len());
                format!("{proofs}\n{}", t.order_no_place())
            }
            OrderState::AwaitingReview if self.waits_for_server(order) => {
                let proofs = t.order_in_review(order.evidence.len());
                format!("{proofs}\n{}", t.unserved())
            }
            OrderState::AwaitingReview => t.order_in_review(order.evidence.len()),
            OrderState::Approved
                if order.approved_account().is_some_and(|a| self.waits_in_line(a)) =>
            {
                t.order_approved_waits()
            }
            OrderState::Approved if matches!(order.target, Target::Renew(_)) => {
                t.order_approved_renewal()
            }
            OrderState::Approved if by_button => t.order_approved_button(),
            OrderState::Approved => t.order_approved(),
            OrderState::Declined => t.order_declined(declined_reason(order)),
            OrderState::Expired => t.order_expired(),
            OrderState::Cancelled => t.order_cancelled(),
            OrderState::Reversed => {
                let reason = order.reversed.as_ref().map_or("", |r| r.reason.as_str());
                t.order_reversed(harmless(reason, 500))
            }
        }
    }

    /// On the account's first order only: a renewal brings no link of its own.
    pub(super) fn undelivered(&self, order: &Order) -> Option<String> {
        if order.target != Target::New {
            return None;
        }
        let delivery = self.snapshot.delivery(order.approved_account()?)?;
        // Shown by the button: the DM is still closed, and the next link comes the same way.
        let by_button = self.catalog.shop.orders.deliver == Delivery::Button;
        let closed = matches!(delivery.state, DeliveryState::Undelivered(_))
            || (delivery.state == DeliveryState::Shown && !by_button);
        closed.then(|| self.texts.order_undelivered())
    }

    /// Why the first link has not come yet, beyond what it usually takes.
    pub(super) fn waits(&self, order: &Order) -> Option<String> {
        let account = order.approved_account().filter(|_| order.target == Target::New)?;
        if self.snapshot.delivery(account).is_some() {
            return None;
        }
        self.hindrance(account).map(|_| self.link_waits(account))
    }

    /// That a code took something off, and how much was asked without it.
    fn reduced(&self, order: &Order) -> Option<String> {
        let full = &order.code()?.full;
        Some(self.texts.order_reduced_from(order.method.price.to_string(), full.to_string()))
    }

    /// A code is asked for where there is one now that this order could be reduced by, and of whoever may say
    /// who invited them.
    fn unpaid_buttons(&self, order: &Order) -> Vec<Button> {
        let (t, zone) = (&self.texts, &self.catalog.shop.time_zone);
        let (plan, price) = (&order.plan, &order.method.price);
        let codes = self.catalog.promos.iter().filter(|_| order.promo.is_none());
        let mut codes = codes.filter(|promo| promo.plans.covers(&plan.id, &plan.family));
        // The days last: they are looked up in a time zone.
        let counts =
            codes.any(|promo| promo.reduced(price).is_some() && promo.is_valid(self.now, zone));
        let ask = (counts || self.may_be_invited(order.customer))
            .then(|| button(&Action::Code(order.id), t.button_code(), ButtonStyle::Secondary));
        let paid = (self.front.chosen_files > 0)
            .then(|| button(&Action::Paid(order.id), t.button_paid(), ButtonStyle::Success));
        let cancel = button(&Action::Cancel(order.id), t.button_cancel(), ButtonStyle::Danger);
        paid.into_iter().chain(ask).chain([cancel]).collect()
    }

    pub(super) fn link_button(&self, account: crate::model::AccountId) -> crate::view::Button {
        let label = self.texts.button_show_link();
        button(&Action::ShowLink(account), label, ButtonStyle::Success)
    }
}

/// The reason that staff gave.
pub(super) fn declined_reason(order: &Order) -> String {
    match order.decision.as_ref().map(|d| &d.verdict) {
        Some(Verdict::Declined { reason }) => harmless(reason, 500),
        _ => String::new(),
    }
}

/// When the first proof came.
pub(super) fn first_proof(order: &Order) -> Option<UnixMs> {
    order.evidence.iter().map(|e| e.at).min()
}

pub(super) const fn accent(state: OrderState) -> Accent {
    match state {
        OrderState::AwaitingPayment | OrderState::AwaitingReview => Accent::Waiting,
        OrderState::Approved => Accent::Good,
        OrderState::Declined | OrderState::Reversed => Accent::Bad,
        OrderState::Expired | OrderState::Cancelled => Accent::Neutral,
    }
}
