//! What scrapes, pages and the loop ask of all records: answered by indexes, without a walk.

use super::visits::visit;
use super::{
    ConditionKind, CustomerId, HOUR_MS, Order, OrderId, OrderState, PlanId, PromoId, SECOND_MS,
    ServerId, Snapshot, Surface, SurfaceKey, SurfaceState, Ticket, TicketId, UnixMs, Urgency,
};
use std::ops::Bound;

impl Snapshot {
    /// How many orders are in a state at `now`.
    #[must_use]
    pub fn orders_in(&self, state: OrderState, now: UnixMs) -> usize {
        let count = |state| self.index.states.get(&state).copied().unwrap_or(0);
        let awaiting = || self.index.pay_by.after(now);
        match state {
            OrderState::AwaitingPayment => awaiting(),
            OrderState::Expired => {
                let resident = count(OrderState::AwaitingPayment).saturating_sub(awaiting());
                resident.saturating_add(count(OrderState::Expired))
            }
            settled => count(settled),
        }
    }

    /// How often a promo code is used in all.
    #[must_use]
    pub fn code_uses(&self, promo: &PromoId, now: UnixMs) -> usize {
        visit();
        self.index.codes.of(promo, now)
    }

    /// How often one customer uses it: their unpaid orders with it count while they want to be paid.
    #[must_use]
    pub fn code_uses_of(&self, promo: &PromoId, customer: CustomerId, now: UnixMs) -> usize {
        visit();
        let with_it = |order: &&Order| order.code().is_some_and(|code| code.promo == *promo);
        let unpaid = |order: &&Order| order.state(now) == OrderState::AwaitingPayment;
        let open = self.undecided_orders(customer).filter(with_it).filter(unpaid);
        self.index.codes.for_good(promo, customer).saturating_add(open.count())
    }

    /// The orders whose proof waits for staff with the time of the first one, oldest first.
    pub fn reviews_waiting(&self) -> impl ExactSizeIterator<Item = (UnixMs, OrderId)> {
        self.index.reviews.iter().inspect(|_| visit()).copied()
    }

    /// The settled orders of which pictures are kept, archived ones too: since when, rounded up to seconds, and
    /// how many; by [`Order::pictures_since`].
    pub fn pictures_kept(&self) -> impl Iterator<Item = (UnixMs, OrderId, usize)> {
        let all = self.index.pictures.iter().inspect(|_| visit());
        all.map(|(kept, id)| {
            (UnixMs(u64::from(kept.since_s) * SECOND_MS), *id, usize::from(kept.count))
        })
    }

    /// Since when the oldest proof waits for a card that staff can see.
    #[must_use]
    pub fn unseen_proof_since(&self) -> Option<UnixMs> {
        self.index.unseen.get_min().map(|(since, _)| *since)
    }

    /// How many of the threads and cards that orders should have are in this state; `kind` as
    /// [`SurfaceKey::kind`] says it.
    #[must_use]
    pub fn order_surfaces(&self, kind: &'static str, state: SurfaceState) -> usize {
        self.index.surfaces.get(&(kind, state)).copied().unwrap_or(0)
    }

    /// How many accounts have a condition.
    #[must_use]
    pub fn accounts_with(&self, kind: ConditionKind) -> usize {
        self.index.conditions.get(&kind).copied().unwrap_or(0)
    }

    /// How many accounts' last link went so: a [`Delivery::word`](super::Delivery::word), or
    /// `none`.
    #[must_use]
    pub fn accounts_delivered(&self, word: &'static str) -> usize {
        self.index.deliveries.get(&word).copied().unwrap_or(0)
    }

    /// How many accounts there are, ended ones too.
    #[must_use]
    pub fn account_count(&self) -> usize {
        self.tables.accounts.len()
    }

    /// How many accounts no server serves.
    #[must_use]
    pub const fn accounts_unbound(&self) -> usize {
        self.index.unbound
    }

    /// How many accounts end from this hour on within so many hours.
    #[must_use]
    pub fn accounts_ending(&self, now: UnixMs, hours: u64) -> usize {
        let hour = now.0 / HOUR_MS;
        let soon = self.index.ends.range(hour..hour.saturating_add(hours));
        soon.inspect(|_| visit()).map(|(_, count)| count).sum()
    }

    /// The plans that somebody has bought, or had as a trial.
    pub fn plans_in_use(&self) -> impl Iterator<Item = &PlanId> {
        self.index.plans.keys()
    }

    /// The servers that somebody is bound to.
    pub fn servers_in_use(&self) -> impl Iterator<Item = &ServerId> {
        self.index.by_server.keys()
    }

    /// The order whose thread this is.
    #[must_use]
    pub fn order_of_thread(&self, channel: u64) -> Option<OrderId> {
        self.threads_at(channel).next()
    }

    /// The ticket whose thread this is.
    #[must_use]
    pub fn ticket_of_thread(&self, channel: u64) -> Option<&Ticket> {
        self.ticket_threads_at(channel).find_map(|id| self.ticket(id))
    }

    fn ticket_threads_at(&self, channel: u64) -> impl Iterator<Item = TicketId> {
        let all = (channel, TicketId::MIN)..=(channel, TicketId::MAX);
        self.index.ticket_threads.range(all).inspect(|_| visit()).map(|(_, ticket)| *ticket)
    }

    /// A customer's open ticket.
    #[must_use]
    pub fn open_ticket(&self, customer: CustomerId) -> Option<&Ticket> {
        let all = (customer, TicketId::MIN)..=(customer, TicketId::MAX);
        let mut open = self.index.open_tickets.range(all).inspect(|_| visit());
        open.find_map(|(_, id)| self.ticket(*id))
    }

    /// How many tickets are open.
    #[must_use]
    pub fn open_ticket_count(&self) -> usize {
        self.index.open_tickets.len()
    }

    /// The open tickets, the most urgent first, from behind this place on.
    pub fn tickets_after(&self, after: Option<Urgency>) -> impl Iterator<Item = &Ticket> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let open = self.index.urgent_tickets.range((from, Bound::Unbounded)).inspect(|_| visit());
        open.filter_map(|(_, _, id)| self.ticket(*id))
    }

    /// How many orders have a channel of their own, and how many have no place yet that are not settled.
    #[must_use]
    pub const fn orders_in_channels(&self) -> usize {
        self.index.channels
    }

    /// How many customers wait for an answer.
    #[must_use]
    pub fn tickets_waiting(&self) -> usize {
        self.index.tickets_waiting
    }

    /// Since when the customer waits who has waited the longest for an answer.
    #[must_use]
    pub fn ticket_waits_since(&self) -> Option<UnixMs> {
        self.tickets_after(None).next()?.waits_since
    }

    fn threads_at(&self, channel: u64) -> impl Iterator<Item = OrderId> {
        let all = (channel, OrderId::MIN)..=(channel, OrderId::MAX);
        self.index.threads.range(all).inspect(|_| visit()).map(|(_, order)| *order)
    }

    /// The surfaces that a message shows.
    #[must_use]
    pub fn surfaces_of_message(&self, channel: u64, message: u64) -> Vec<&Surface> {
        let all = (message, OrderId::MIN)..=(message, OrderId::MAX);
        let cards = self.index.cards.range(all).map(|(_, order)| SurfaceKey::ReviewCard(*order));
        let threads = self.threads_at(channel).map(SurfaceKey::OrderThread);
        let all = (message, TicketId::MIN)..=(message, TicketId::MAX);
        let tickets = self.index.ticket_cards.range(all).map(|(_, id)| SurfaceKey::TicketCard(*id));
        let tickets = tickets.chain(self.ticket_threads_at(channel).map(SurfaceKey::TicketThread));
        let keys = SurfaceKey::OF_THE_SHOP.into_iter().chain(threads).chain(cards).chain(tickets);
        keys.filter_map(|key| self.surface(key)).filter(|s| s.message == Some(message)).collect()
    }

    /// The surfaces in a channel or thread. Only of one with cards in it are all cards looked at.
    #[must_use]
    pub fn surfaces_in_channel(&self, channel: u64) -> Vec<&Surface> {
        let has_cards = self.index.card_channels.contains_key(&channel);
        let cards = has_cards.then(|| {
            let orders = self.orders().map(|o| SurfaceKey::ReviewCard(o.id));
            orders.chain(self.tickets().map(|t| SurfaceKey::TicketCard(t.id)))
        });
        let threads = self.threads_at(channel).map(SurfaceKey::OrderThread);
        let threads = threads.chain(self.ticket_threads_at(channel).map(SurfaceKey::TicketThread));
        let shop = SurfaceKey::OF_THE_SHOP.into_iter();
        let keys = shop.chain(threads).chain(cards.into_iter().flatten());
        keys.filter_map(|key| self.surface(key)).filter(|s| s.channel == Some(channel)).collect()
    }

    /// The orders with a proof that waits for staff.
    pub fn orders_under_review(&self) -> impl Iterator<Item = (UnixMs, &Order)> {
        self.reviews_waiting().filter_map(|(since, id)| Some((since, self.order(id)?)))
    }
}
