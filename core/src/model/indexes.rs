//! Derived from the records and kept beside them: what clicks, passes and scrapes ask for without
//! a walk over all orders or accounts. One place changes it: [`Snapshot::after`].

use super::archived::KeptPictures;
use super::claims::{Claims, Holder};
use super::code_uses::{CodeUse, CodeUses};
use super::due::{DueCounts, step};
use super::name_start::NameStart;
use super::names::beginnings;
use super::{
    AccountId, ConditionKind, CustomerId, Delivery, Disposition, Entitlement, HOUR_MS, Order,
    OrderId, OrderState, PlanId, ServerId, Snapshot, Surface, SurfaceKey, SurfaceState, Target,
    Term, TermSource, TicketId, UnixMs, Urgency,
};
use imbl::{OrdMap, OrdSet};

/// Every index and counter over the records of one revision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indexes {
    pub(super) by_server: OrdMap<ServerId, OrdSet<AccountId>>,
    pub(super) by_customer: OrdSet<(CustomerId, AccountId)>,
    pub(super) claims: Claims,
    /// Orders by state; those without a proof all count as awaiting payment while they are resident.
    pub(super) states: OrdMap<OrderState, usize>,
    /// When those without a proof expire.
    pub(super) pay_by: DueCounts,
    /// Proofs that wait for staff, by when the first came.
    pub(super) reviews: OrdSet<(UnixMs, OrderId)>,
    /// Those of them whose card staff cannot see.
    pub(super) unseen: OrdSet<(UnixMs, OrderId)>,
    /// Threads and cards that orders should have, by kind and state.
    pub(super) surfaces: OrdMap<(&'static str, SurfaceState), usize>,
    /// Settled orders of which pictures are kept, by since when.
    pub(super) pictures: OrdSet<(KeptPictures, OrderId)>,
    pub(super) threads: OrdSet<(u64, OrderId)>,
    /// Orders that have a channel of their own, or no place yet.
    pub(super) channels: usize,
    pub(super) cards: OrdSet<(u64, OrderId)>,
    /// How many cards are in a channel.
    pub(super) card_channels: OrdMap<u64, usize>,
    pub(super) conditions: OrdMap<ConditionKind, usize>,
    pub(super) deliveries: OrdMap<&'static str, usize>,
    pub(super) unbound: usize,
    /// How many accounts end in which hour since 1970.
    pub(super) ends: OrdMap<u64, usize>,
    /// Plans that orders behind terms were sold as.
    pub(super) plans: OrdMap<PlanId, usize>,
    /// Accounts whose client was somebody's own and was not given back, by what tells it, and by the
    /// subscription key that it has now.
    pub(super) adopted: OrdSet<(TermSource, AccountId)>,
    pub(super) adopted_keys: OrdSet<(Box<str>, AccountId)>,
    /// How often promo codes are used.
    pub(super) codes: CodeUses,
    /// Customers by what their name is found by.
    pub(super) names: OrdSet<(NameStart, CustomerId)>,
    /// Customers of whom something is not forgotten yet.
    pub(super) being_forgotten: OrdSet<CustomerId>,
    /// The tickets that are remembered, by customer.
    pub(super) tickets_of: OrdSet<(CustomerId, TicketId)>,
    /// The open tickets.
    pub(super) open_tickets: OrdSet<(CustomerId, TicketId)>,
    /// The same, the most urgent first.
    pub(super) urgent_tickets: OrdSet<Urgency>,
    /// In how many of them the customer waits.
    pub(super) tickets_waiting: usize,
    pub(super) ticket_threads: OrdSet<(u64, TicketId)>,
    pub(super) ticket_cards: OrdSet<(u64, TicketId)>,
}

/// What the indexes hold of one order, account or customer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Facts {
    Order(OrderFacts),
    Account(AccountFacts),
    Customer(CustomerFacts),
    Ticket(TicketFacts),
}

/// Of a customer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CustomerFacts {
    names: Vec<Box<str>>,
    being_forgotten: bool,
}

/// Of an order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OrderFacts {
    /// None: no such order is resident.
    order: Option<Stand>,
    archived: Option<(CustomerId, OrderState)>,
    code: Option<CodeUse>,
    pictures: Option<KeptPictures>,
    thread: Option<Seen>,
    card: Option<Seen>,
}

#[derive(Debug, PartialEq, Eq)]
struct Stand {
    customer: CustomerId,
    renews: Option<AccountId>,
    undecided: bool,
    state: OrderState,
    pay_by: UnixMs,
    placed_at: UnixMs,
    first_proof: Option<UnixMs>,
}

/// A surface as the indexes know it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    state: SurfaceState,
    channel: Option<u64>,
    message: Option<u64>,
    own_channel: bool,
}

/// Of a ticket.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TicketFacts {
    /// Whose.
    customer: Option<CustomerId>,
    /// Whose and where among the others, while it is open.
    open: Option<(CustomerId, Urgency)>,
    thread: Option<Seen>,
    card: Option<Seen>,
}

/// Of an account.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct AccountFacts {
    /// None: there is no such account.
    customer: Option<CustomerId>,
    servers: Vec<ServerId>,
    serving: bool,
    /// The hour in which it ends.
    ends: Option<u64>,
    conditions: Vec<ConditionKind>,
    delivery: &'static str,
    plans: Vec<PlanId>,
    /// Uses of codes that gave days.
    codes: Vec<CodeUse>,
    /// What tells its client, and the subscription key, where that was adopted.
    adopted: Option<(TermSource, Box<str>)>,
}

impl Indexes {
    /// Takes the facts of a holder in, or out.
    pub(super) fn count(&mut self, holder: Holder, facts: &Facts, there: bool) {
        match (holder, facts) {
            (Holder::Order(id), Facts::Order(facts)) => self.count_order(id, facts, there),
            (Holder::Account(id), Facts::Account(facts)) => self.count_account(id, facts, there),
            (Holder::Customer(id), Facts::Customer(facts)) => {
                let starts = facts.names.iter().map(|name| NameStart::of(name));
                starts.for_each(|start| set(&mut self.names, (start, id), there));
                if facts.being_forgotten {
                    set(&mut self.being_forgotten, id, there);
                }
            }
            (Holder::Ticket(id), Facts::Ticket(facts)) => self.count_ticket(id, facts, there),
            _ => {}
        }
    }

    fn count_ticket(&mut self, id: TicketId, facts: &TicketFacts, there: bool) {
        let TicketFacts { customer, open, thread, card } = facts;
        if let Some(customer) = customer {
            set(&mut self.tickets_of, (*customer, id), there);
        }
        if let Some((customer, urgency)) = open {
            set(&mut self.open_tickets, (*customer, id), there);
            set(&mut self.urgent_tickets, *urgency, there);
            let waits = usize::from(!urgency.0);
            self.tickets_waiting = match there {
                true => self.tickets_waiting.saturating_add(waits),
                false => self.tickets_waiting.saturating_sub(waits),
            };
        }
        for (key, seen) in SurfaceKey::of_ticket(id).into_iter().zip([thread, card]) {
            let state = seen.as_ref().map_or(SurfaceState::Pending, |seen| seen.state);
            // Of one that was closed before anybody saw it nothing is to be shown.
            if open.is_some() || seen.as_ref().is_some_and(|seen| seen.message.is_some()) {
                step(&mut self.surfaces, (key.kind(), state), there);
            }
        }
        if let Some(channel) = thread.as_ref().and_then(|seen| seen.channel) {
            set(&mut self.ticket_threads, (channel, id), there);
        }
        if let Some(message) = card.as_ref().and_then(|seen| seen.message) {
            set(&mut self.ticket_cards, (message, id), there);
        }
        if let Some(channel) = card.as_ref().and_then(|seen| seen.channel) {
            step(&mut self.card_channels, channel, there);
        }
    }

    fn count_order(&mut self, id: OrderId, facts: &OrderFacts, there: bool) {
        let OrderFacts { order, archived, code, pictures, thread, card } = facts;
        code.iter().for_each(|used| self.codes.count(used, there));
        pictures.iter().for_each(|kept| set(&mut self.pictures, (*kept, id), there));
        if let Some(channel) = thread.as_ref().and_then(|seen| seen.channel) {
            set(&mut self.threads, (channel, id), there);
        }
        if let Some(message) = card.as_ref().and_then(|seen| seen.message) {
            set(&mut self.cards, (message, id), there);
        }
        if let Some(channel) = card.as_ref().and_then(|seen| seen.channel) {
            step(&mut self.card_channels, channel, there);
        }
        if let Some((customer, state)) = archived {
            step(&mut self.states, *state, there);
            self.claims.archived(id, *customer, state.takes_proof() && there);
            self.claims.declined(id, *customer, *state == OrderState::Declined && there);
        }
        if is_in_channel(order.as_ref(), thread.as_ref()) {
            self.channels = match there {
                true => self.channels.saturating_add(1),
                false => self.channels.saturating_sub(1),
            };
        }
        let Some(order) = order else { return };
        self.claims.order(id, order.customer, order.renews, order.undecided && there);
        self.claims.declined(id, order.customer, order.state == OrderState::Declined && there);
        let unpaid = matches!(order.state, OrderState::AwaitingPayment | OrderState::Expired);
        let state = if unpaid { OrderState::AwaitingPayment } else { order.state };
        step(&mut self.states, state, there);
        if unpaid {
            self.pay_by.count(order.pay_by, there);
        }
        let state = |seen: &Option<Seen>| seen.as_ref().map_or(SurfaceState::Pending, |s| s.state);
        let thread_key = SurfaceKey::OrderThread(id).kind();
        step(&mut self.surfaces, (thread_key, state(thread)), there);
        let card_state = state(card);
        if card.is_some() || order.first_proof.is_some() {
            step(&mut self.surfaces, (SurfaceKey::ReviewCard(id).kind(), card_state), there);
        }
        if order.state == OrderState::AwaitingReview {
            let since = order.first_proof.unwrap_or(order.placed_at);
            set(&mut self.reviews, (since, id), there);
            if card_state != SurfaceState::Shown {
                set(&mut self.unseen, (since, id), there);
            }
        }
    }

    fn count_account(&mut self, id: AccountId, facts: &AccountFacts, there: bool) {
        for server in &facts.servers {
            let mut bound = self.by_server.remove(server).unwrap_or_default();
            set(&mut bound, id, there);
            if !bound.is_empty() {
                self.by_server.insert(server.clone(), bound);
            }
        }
        if let Some((source, key)) = &facts.adopted {
            set(&mut self.adopted, (source.clone(), id), there);
            set(&mut self.adopted_keys, (key.clone(), id), there);
        }
        facts.codes.iter().for_each(|used| self.codes.count(used, there));
        for plan in &facts.plans {
            step(&mut self.plans, plan.clone(), there);
        }
        let Some(customer) = facts.customer else { return };
        set(&mut self.by_customer, (customer, id), there);
        for kind in &facts.conditions {
            step(&mut self.conditions, *kind, there);
        }
        step(&mut self.deliveries, facts.delivery, there);
        if let Some(hour) = facts.ends {
            step(&mut self.ends, hour, there);
        }
        if !facts.serving {
            let (more, less) = (self.unbound.saturating_add(1), self.unbound.saturating_sub(1));
            self.unbound = if there { more } else { less };
        }
    }
}

/// Whether an order has a channel of its own, or may be given one next: it is not settled, and nothing of it
/// was posted yet. What was posted in a channel that is deleted takes no room.
fn is_in_channel(order: Option<&Stand>, thread: Option<&Seen>) -> bool {
    match thread {
        Some(Seen { channel: Some(_), own_channel, .. }) => *own_channel,
        Some(Seen { message: Some(_), .. }) => false,
        Some(_) | None => order.is_some_and(|order| order.undecided),
    }
}

fn set<K: Ord + Clone>(set: &mut OrdSet<K>, key: K, there: bool) {
    if there {
        set.insert(key);
    } else {
        set.remove(&key);
    }
}

impl Snapshot {
    /// What the indexes hold of somebody by the records as they are.
    pub(super) fn facts(&self, holder: Holder) -> Facts {
        match holder {
            Holder::Order(id) => Facts::Order(self.facts_of_order(id)),
            Holder::Account(id) => Facts::Account(self.facts_of_account(id)),
            Holder::Customer(id) => Facts::Customer(CustomerFacts {
                names: beginnings(self.name_of(id)),
                being_forgotten: self.customer(id).is_some_and(|c| c.to_forget().is_some()),
            }),
            Holder::Ticket(id) => Facts::Ticket(TicketFacts {
                customer: self.ticket(id).map(|ticket| ticket.customer),
                open: self.ticket(id).filter(|t| t.is_open()).map(|t| (t.customer, t.urgency())),
                thread: self.seen(SurfaceKey::TicketThread(id)),
                card: self.seen(SurfaceKey::TicketCard(id)),
            }),
        }
    }

    fn seen(&self, key: SurfaceKey) -> Option<Seen> {
        self.surface(key).map(|surface: &Surface| Seen {
            state: surface.state(),
            channel: surface.channel,
            message: surface.message,
            own_channel: surface.own_channel,
        })
    }

    fn facts_of_order(&self, id: OrderId) -> OrderFacts {
        if let Some(archived) = self.archived_order(id) {
            let thread = archived.thread.map(|thread| Seen {
                state: SurfaceState::Shown,
                channel: Some(thread),
                message: None,
                own_channel: false,
            });
            let (code, pictures) = (archived.code_use(), archived.kept_pictures());
            let archived = Some((archived.customer, archived.state));
            return OrderFacts { archived, code, pictures, thread, ..OrderFacts::default() };
        }
        OrderFacts {
            archived: None,
            code: self.order(id).and_then(Order::code_use),
            pictures: self.order(id).and_then(KeptPictures::of),
            order: self.order(id).map(|order| Stand {
                customer: order.customer,
                renews: match order.target {
                    Target::Renew(account) => Some(account),
                    Target::New => None,
                },
                undecided: order.decision.is_none() && order.reversed.is_none(),
                // The time tells only whether one without a proof has expired.
                state: order.state(UnixMs(0)),
                pay_by: order.pay_by,
                placed_at: order.placed_at,
                first_proof: order.first_proof(),
            }),
            thread: self.seen(SurfaceKey::OrderThread(id)),
            card: self.seen(SurfaceKey::ReviewCard(id)),
        }
    }

    fn facts_of_account(&self, id: AccountId) -> AccountFacts {
        let account = self.account(id);
        let plan = |source: &TermSource| match source {
            TermSource::Order(order) => Some(self.sold_plan(*order)?.id.clone()),
            TermSource::Trial(_) => account?.tried().cloned(),
            TermSource::Grant(_)
            | TermSource::Adoption(_)
            | TermSource::Compensation(_)
            | TermSource::Promo(_)
            | TermSource::Referral(_) => None,
        };
        let conditions = self.account_status(id).map(|s| s.conditions.as_slice());
        let ours = account.filter(|account| account.released().is_none());
        AccountFacts {
            customer: account.map(|account| account.customer),
            adopted: ours.and_then(|account| {
                Some((account.adoption()?, account.credentials.sub_id.as_str().into()))
            }),
            servers: self.bindings(id).map(|b| b.server.clone()).collect(),
            serving: self.bindings(id).any(|b| b.disposition == Disposition::Serving),
            ends: ours.and_then(|_| {
                // What was never served does not end, nor what was taken back.
                let run = Entitlement::of(self, id).filter(|run| run.standing && run.served)?;
                Some(run.ends_at.0 / HOUR_MS)
            }),
            conditions: conditions.unwrap_or_default().iter().map(|c| c.kind).collect(),
            delivery: self.delivery(id).map_or("none", Delivery::word),
            plans: self.terms(id).filter_map(|term| plan(&term.source)).collect(),
            codes: self.terms(id).filter_map(Term::code_use).collect(),
        }
    }

    /// Every index and counter, for the law that they equal a rebuild.
    #[must_use]
    pub const fn indexes(&self) -> &Indexes {
        &self.index
    }
}
