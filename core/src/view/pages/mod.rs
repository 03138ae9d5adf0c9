//! The pages: one function each, from a snapshot, the catalog and the time.

mod account;
mod admin;
mod alerts;
mod answers;
mod broadcast;
mod called;
mod catalog;
mod change;
mod choices;
mod delivery;
mod devices;
mod export;
mod guide;
mod health;
mod invite;
mod my_orders;
mod news;
mod order;
mod own;
mod paging;
mod places;
mod renew;
mod review;
mod setup;
mod staff;
mod stats;
mod store;
mod subscription;
mod support;
mod ticket;
mod waiting;
mod words;

pub use answers::ProofProblem;
pub use broadcast::{FIELD_NEWS, FIELD_TO};
pub use order::{FIELD_CODE, FIELD_PROOF, FIELD_REFERENCE};
pub use review::FIELD_REASON;
pub use subscription::{SubscriptionPage, SubscriptionWords};

use super::format::{self, mention, mention_role};
use super::texts::Texts;
use super::{
    Accent, Action, Answer, Attachment, Block, Button, ButtonStyle, Choice, FrontProfile, Link,
    Message, Modal, Select, TextField,
};
use crate::catalog::{Catalog, Plan};
use crate::model::{
    AccountId, CustomerId, Identity, Language, OrderId, OrderPlan, OrderState, Reads, Snapshot,
    SurfaceKey, Term, TermSource, Ticket, TicketId, UnixMs,
};

/// What people read, drawn for one front from one snapshot, one catalog and one moment.
#[derive(Debug, Clone)]
pub struct Pages<'a> {
    front: &'a FrontProfile,
    snapshot: &'a Snapshot,
    catalog: &'a Catalog,
    now: UnixMs,
    /// A language of the shop: that of whoever reads.
    language: &'a str,
    texts: Texts,
}

impl<'a> Pages<'a> {
    /// Pages in the shop's default language: for what everybody sees, and for staff's channels.
    #[must_use]
    pub fn new(
        front: &'a FrontProfile,
        snapshot: &'a Snapshot,
        catalog: &'a Catalog,
        now: UnixMs,
    ) -> Self {
        let language = catalog.default_language();
        let texts = Texts::of(language, language).in_space(catalog.shop.orders.space);
        Self { front, snapshot, catalog, now, language, texts }
    }

    /// The same in the language of one reader, as far as the shop has it.
    #[must_use]
    pub fn for_reader(&self, reader: Option<Language>) -> Self {
        let default = self.catalog.default_language();
        let language = self.catalog.language_for(reader);
        let texts = Texts::of(language, default).in_space(self.catalog.shop.orders.space);
        Self { language, texts, ..*self }
    }

    /// The same in the language that a customer reads.
    #[must_use]
    pub fn for_customer(&self, reads: Reads) -> Self {
        self.for_reader(self.catalog.language_read(reads))
    }

    /// The same in the language of an account's customer.
    #[must_use]
    pub fn for_owner(&self, account: AccountId) -> Self {
        self.for_customer(self.snapshot.owner_reads(account))
    }

    /// A customer for staff to click on: where they are known, else by their id.
    fn mention(&self, customer: CustomerId) -> String {
        let there = self.snapshot.reached_at(customer);
        there.map_or_else(|| format!("`{customer}`"), format::mention)
    }

    /// The front that they are drawn for.
    #[must_use]
    pub const fn front(&self) -> &'a FrontProfile {
        self.front
    }

    /// The moment they are drawn for.
    #[must_use]
    pub const fn now(&self) -> UnixMs {
        self.now
    }

    /// What a surface shows now; `None` when its order or ticket is not there, for a thread of somebody who was
    /// forgotten, and for a card on which staff
    /// would have nothing to decide yet. A thread is in the language of its customer, what
    /// several people read in the shop's default.
    #[must_use]
    pub fn surface(&self, key: SurfaceKey) -> Option<Message> {
        match key {
            SurfaceKey::StorePanel => Some(self.for_reader(None).store_panel()),
            // Drawn of more than the resident records: `Pages::alerts`, `Pages::stats_panel`.
            SurfaceKey::Alerts | SurfaceKey::Stats => None,
            SurfaceKey::OrderThread(id) => {
                let customer = self.known(self.snapshot.order(id)?.customer)?;
                self.for_customer(self.snapshot.reads(customer)).order_card(id)
            }
            SurfaceKey::ReviewCard(order) if self.wants_review(order) => {
                self.for_reader(None).review_card(order)
            }
            SurfaceKey::ReviewCard(_) => None,
            SurfaceKey::TicketThread(id) => {
                let customer = self.known(self.snapshot.ticket(id)?.customer)?;
                self.for_customer(self.snapshot.reads(customer)).ticket_thread(id)
            }
            SurfaceKey::TicketCard(id) if self.wants_ticket_card(id) => {
                self.for_reader(None).ticket_card(id)
            }
            SurfaceKey::TicketCard(_) => None,
        }
    }

    /// A customer who was not forgotten: there is nobody else to show a thread to.
    fn known(&self, customer: CustomerId) -> Option<CustomerId> {
        (!self.snapshot.is_forgotten(customer)).then_some(customer)
    }

    /// A card is for a proof, or for a payment that staff can see without one. Once it stands it
    /// goes on saying how the order stands.
    fn wants_review(&self, id: OrderId) -> bool {
        let posted = self.snapshot.surface(SurfaceKey::ReviewCard(id)).is_some_and(|s| s.posts > 0);
        let Some(order) = self.snapshot.order(id) else { return false };
        let without_proof = || {
            let method = self.catalog.method(&order.method.method);
            order.state(self.now) == OrderState::AwaitingPayment
                && method.is_some_and(|m| !m.wants_proof())
        };
        posted || !order.evidence.is_empty() || order.decision.is_some() || without_proof()
    }

    /// Nobody needs a card of a question that was closed before there was one.
    fn wants_ticket_card(&self, id: TicketId) -> bool {
        let posted = self.snapshot.surface(SurfaceKey::TicketCard(id)).is_some_and(|s| s.posts > 0);
        posted || self.snapshot.ticket(id).is_some_and(Ticket::is_open)
    }

    /// The name of an order's thread: what it is found again by. Its reference, and for orders of long
    /// ago that have the same the moment at which it was placed.
    #[must_use]
    pub fn thread_name(order: OrderId) -> String {
        format!("{} · {:.10}", order.reference(), order.to_string())
    }

    /// The plan that was last bought for an account, by the name it had then; else the family's.
    fn account_plan(&self, account: AccountId) -> String {
        if let Some(plan) = self.last_plan(account) {
            return self.sold_plan(plan);
        }
        let Some(record) = self.snapshot.account(account) else { return String::new() };
        if let Some(plan) = record.tried().and_then(|tried| self.catalog.plan(tried)) {
            return self.plan_name(plan);
        }
        // A store of before did not keep which plan a trial was: its family's.
        let mut terms = self.snapshot.terms(account);
        let tried = terms.any(|term| matches!(term.source, TermSource::Trial(_)));
        let plans = || self.catalog.plans.iter().filter(|p| p.family == record.family);
        let plan = plans().find(|p| p.trial == tried).or_else(|| plans().next());
        plan.map_or_else(|| record.family.to_string(), |p| self.plan_name(p))
    }

    /// The plan of an account's newest paid term that stands; where none does, of the newest.
    fn last_plan(&self, account: AccountId) -> Option<&'a OrderPlan> {
        let sold = |term: &Term| match term.source {
            TermSource::Order(id) => self.snapshot.sold_plan(id).map(|plan| &**plan),
            _ => None,
        };
        let stands = self.snapshot.standing_plan(account).map(|plan| &**plan);
        stands.or_else(|| self.snapshot.terms(account).rev().find_map(sold))
    }

    fn plan_name(&self, plan: &Plan) -> String {
        self.own(&plan.name).to_owned()
    }

    /// What a plan costs: each price, or in words that it is a free trial.
    fn prices(&self, plan: &Plan) -> String {
        if plan.trial {
            return self.texts.price_trial();
        }
        let prices = plan.prices.iter().map(ToString::to_string);
        prices.reduce(|first, more| self.texts.price_or(first, more)).unwrap_or_default()
    }

    /// A line of at most a choice's length with a plan's prices in it: all of them, or the first
    /// and a sign that there are more, so that what stands behind them is never cut off. The next
    /// page says the price of each way to pay.
    fn line_with_prices(&self, plan: &Plan, line: impl Fn(String) -> String) -> String {
        let full = line(self.prices(plan));
        match plan.prices.first() {
            Some(first) if full.chars().count() > self.front.choice => {
                line(self.texts.price_or(first.to_string(), "…"))
            }
            _ => full,
        }
    }

    /// A line of a select.
    fn choice(&self, value: impl ToString, label: &str, description: &str) -> Choice {
        let clip = |text| format::clip(text, self.front.choice);
        let (label, description) = (clip(label), Some(clip(description)));
        Choice { value: value.to_string(), label, description }
    }

    /// A dialog with one field.
    fn dialog(&self, action: &Action, title: String, field: TextField) -> Answer {
        let dialog = Modal { id: action.to_string(), title, fields: vec![field], files: None };
        Answer::Modal(self.front.fit_modal(&dialog))
    }
}

/// A message in the making.
struct Draft(Message);

impl Draft {
    const fn new(accent: Accent) -> Self {
        Self(Message {
            accent,
            blocks: Vec::new(),
            files: Vec::new(),
            calls: None,
            calls_roles: Vec::new(),
        })
    }
    fn text(mut self, text: impl Into<String>) -> Self {
        self.0.blocks.push(Block::Text(text.into()));
        self
    }
    fn maybe(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.text(text),
            None => self,
        }
    }
    fn rule(mut self) -> Self {
        self.0.blocks.push(Block::Separator);
        self
    }
    fn buttons(mut self, buttons: Vec<Button>) -> Self {
        if !buttons.is_empty() {
            self.0.blocks.push(Block::Buttons(buttons));
        }
        self
    }
    fn links(mut self, in_a_row: usize, links: Vec<Link>) -> Self {
        let rows = links.chunks(in_a_row.max(1)).map(|row| Block::Links(row.to_vec()));
        self.0.blocks.extend(rows);
        self
    }
    fn select(mut self, action: &Action, placeholder: String, choices: Vec<Choice>) -> Self {
        let select = Select { id: action.to_string(), placeholder, choices };
        self.0.blocks.push(Block::Select(select));
        self
    }
    fn picture(mut self, file: Attachment) -> Self {
        self.0.blocks.push(Block::Image(file.name.clone()));
        self.0.files.push(file);
        self
    }
    fn file(mut self, file: Attachment) -> Self {
        self.0.blocks.push(Block::File(file.name.clone()));
        self.0.files.push(file);
        self
    }
    /// Calls somebody: their name stands above all else.
    fn calls(mut self, somebody: Identity) -> Self {
        self.0.blocks.insert(0, Block::Text(mention(somebody)));
        self.0.calls = Some(somebody);
        self
    }
    /// Calls roles of the staff: their names stand above all else.
    fn calls_roles(mut self, roles: Vec<u64>) -> Self {
        if !roles.is_empty() {
            let names: Vec<String> = roles.iter().copied().map(mention_role).collect();
            self.0.blocks.insert(0, Block::Text(names.join(" ")));
        }
        self.0.calls_roles = roles;
        self
    }
    fn done(self) -> Message {
        self.0
    }
}

fn button(action: &Action, label: String, style: ButtonStyle) -> Button {
    Button { id: action.to_string(), label, style }
}

#[cfg(test)]
mod in_every_language;
#[cfg(test)]
mod tests;
