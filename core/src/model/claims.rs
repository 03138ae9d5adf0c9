//! Who is to get a place on a server: counted while records change, so that nobody walks the
//! orders to know how many places are promised.

use super::due::DueCounts;
use super::visits::visit;
use super::{
    AccountId, CustomerId, Entitlement, Key, MINUTE_MS, Order, OrderId, Selector, ServerId,
    Snapshot, SurfaceKey, Target, TermSource, TicketId, UnixMs,
};
use imbl::{OrdMap, OrdSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who claims a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// An order for a new account.
    Order(OrderId),
    /// An account without a server.
    Account(AccountId),
    /// Nobody who does: a customer, of whom the indexes know the name.
    Customer(CustomerId),
    /// Nobody who does, either: a ticket.
    Ticket(TicketId),
}

/// A place that somebody is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    /// Where it may be.
    selector: Arc<Selector>,
    /// Until when.
    until: UnixMs,
    /// Paid for when no place was kept for it: since when it waits in line.
    waits_since: Option<UnixMs>,
}

/// The indexes over records that say who claims a place, and what is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Claims {
    by_holder: OrdMap<Holder, Claim>,
    /// When promised places lapse.
    promised: OrdMap<Arc<Selector>, DueCounts>,
    /// Those that wait in line, the first to get a place first.
    waiting: OrdMap<(UnixMs, AccountId), Claim>,
    /// Until when they wait.
    waiting_for: OrdMap<Arc<Selector>, DueCounts>,
    /// Orders that staff have not decided, by customer.
    undecided: OrdSet<(CustomerId, OrderId)>,
    /// The same for renewals, by account.
    renewals: OrdSet<(AccountId, OrderId)>,
    /// Archived orders that a late proof reopens, by customer.
    lapsed: OrdSet<(CustomerId, OrderId)>,
    /// Orders that were declined, archived or not, by customer.
    declined: OrdSet<(CustomerId, OrderId)>,
}

impl Claims {
    /// Sorts an order in while staff have not decided it, and out once they have.
    pub(super) fn order(
        &mut self,
        id: OrderId,
        customer: CustomerId,
        renews: Option<AccountId>,
        open: bool,
    ) {
        if open {
            self.undecided.insert((customer, id));
            self.renewals.extend(renews.map(|account| (account, id)));
        } else {
            self.undecided.remove(&(customer, id));
            if let Some(account) = renews {
                self.renewals.remove(&(account, id));
            }
        }
    }

    /// Sorts an archived order in while a late proof would reopen it, and out once one has.
    pub(super) fn archived(&mut self, id: OrderId, customer: CustomerId, takes_proof: bool) {
        if takes_proof {
            self.lapsed.insert((customer, id));
        } else {
            self.lapsed.remove(&(customer, id));
        }
    }

    /// Sorts an order in while it is declined.
    pub(super) fn declined(&mut self, id: OrderId, customer: CustomerId, declined: bool) {
        if declined {
            self.declined.insert((customer, id));
        } else {
            self.declined.remove(&(customer, id));
        }
    }

    /// The place in the books of a claim: lapses are counted by the minute, rounded up.
    fn replace(&mut self, holder: Holder, claim: Option<Claim>) {
        let before = match &claim {
            Some(claim) => self.by_holder.insert(holder, claim.clone()),
            None => self.by_holder.remove(&holder),
        };
        if before == claim {
            return;
        }
        if let Some(before) = before {
            self.count(holder, before, false);
        }
        if let Some(claim) = claim {
            self.count(holder, claim, true);
        }
    }

    fn count(&mut self, holder: Holder, claim: Claim, there: bool) {
        if let (Some(since), Holder::Account(account)) = (claim.waits_since, holder) {
            lapse(&mut self.waiting_for, &claim.selector, claim.until, there);
            match there {
                true => self.waiting.insert((since, account), claim),
                false => self.waiting.remove(&(since, account)),
            };
            return;
        }
        let minute = UnixMs(claim.until.0.div_ceil(MINUTE_MS).saturating_mul(MINUTE_MS));
        lapse(&mut self.promised, &claim.selector, minute, there);
    }
}

/// Counts a claim that lapses at a moment, or takes it out.
fn lapse(
    claims: &mut OrdMap<Arc<Selector>, DueCounts>,
    selector: &Arc<Selector>,
    until: UnixMs,
    there: bool,
) {
    let mut lapses = claims.get(selector).cloned().unwrap_or_default();
    lapses.count(until, there);
    if lapses.is_empty() {
        claims.remove(selector);
    } else {
        claims.insert(selector.clone(), lapses);
    }
}

/// Whose claims and facts a changed record may change.
pub(super) fn touched(key: &Key, order: Option<&Order>, holders: &mut BTreeSet<Holder>) {
    match key {
        Key::Order(id) => {
            holders.insert(Holder::Order(*id));
            if let Some(order) = order {
                let renewed = match order.target {
                    Target::Renew(account) => Some(account),
                    Target::New => None,
                };
                let accounts = renewed.into_iter().chain(order.approved_account());
                holders.extend(accounts.map(Holder::Account));
            }
        }
        Key::Customer(id) => {
            holders.insert(Holder::Customer(*id));
        }
        Key::Surface(SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id)) => {
            holders.insert(Holder::Order(*id));
        }
        Key::Ticket(id)
        | Key::Surface(SurfaceKey::TicketThread(id) | SurfaceKey::TicketCard(id)) => {
            holders.insert(Holder::Ticket(*id));
        }
        Key::Account(id)
        | Key::Run(id, _)
        | Key::Term(id, _)
        | Key::Reversal(id, _)
        | Key::Served(id, _)
        | Key::Binding(id, _)
        | Key::AccountStatus(id)
        | Key::Delivery(id) => {
            holders.insert(Holder::Account(*id));
        }
        _ => {}
    }
}

impl Snapshot {
    /// Looks anew at what somebody claims.
    pub(super) fn reclaim(&mut self, holder: Holder) {
        let claim = match holder {
            Holder::Order(id) => self.order(id).and_then(claim_of_order),
            Holder::Account(id) => self.claim_of_account(id),
            Holder::Customer(_) | Holder::Ticket(_) => return,
        };
        self.index.claims.replace(holder, claim);
    }

    /// An account without a server: one that lives, or that a renewal keeps a place for.
    fn claim_of_account(&self, id: AccountId) -> Option<Claim> {
        if self.bindings(id).next().is_some() {
            return None;
        }
        let lives = Entitlement::of(self, id).filter(|e| e.standing).map(|entitlement| {
            let until = if entitlement.served { entitlement.ends_at } else { UnixMs(u64::MAX) };
            let late = self.was_paid_without_place(id, entitlement.run);
            let waits_since = late.then_some(entitlement.start);
            Claim { selector: entitlement.selector, until, waits_since }
        });
        let kept = self.open_renewals(id).filter_map(|order| {
            let (until, selector) = (order.claims_place()?, order.plan.selector.clone());
            Some(Claim { selector, until, waits_since: None })
        });
        kept.chain(lives).max_by_key(|claim| claim.until)
    }

    /// Whether the order that began a run was approved when no place was kept for it any more.
    fn was_paid_without_place(&self, id: AccountId, run: u32) -> bool {
        let first = self.terms(id).find(|t| t.run == run);
        let Some(TermSource::Order(order)) = first.map(|t| &t.source) else { return false };
        let archived = || self.archived_order(*order).is_some_and(|o| o.late);
        self.order(*order).map_or_else(archived, Order::was_approved_late)
    }

    /// How many bindings a server has: tombstones keep their place until they are deleted.
    #[must_use]
    pub fn bound_count(&self, server: &ServerId) -> usize {
        self.index.by_server.get(server).map_or(0, OrdSet::len)
    }

    /// How many places are promised now, by where they may be.
    pub fn promised_places(&self, now: UnixMs) -> impl Iterator<Item = (&Selector, usize)> {
        let promised = self.index.claims.promised.iter();
        promised.map(move |(selector, lapses)| (&**selector, lapses.after(now)))
    }

    /// How many accounts wait in line, by where they may be served.
    pub fn waiting_places(&self, now: UnixMs) -> impl Iterator<Item = (&Selector, usize)> {
        let waiting = self.index.claims.waiting_for.iter();
        waiting.map(move |(selector, lapses)| (&**selector, lapses.after(now)))
    }

    /// The accounts that were paid for without a place, the first in line first, and where each may
    /// be served.
    pub fn in_line(&self, now: UnixMs) -> impl Iterator<Item = (AccountId, &Selector)> {
        let waiting = self
            .index
            .claims
            .waiting
            .iter()
            .inspect(|_| visit())
            .filter(move |(_, claim)| claim.until > now);
        waiting.map(|((_, account), claim)| (*account, &*claim.selector))
    }

    /// What an account without a server claims now: where, and whether it was promised a place.
    #[must_use]
    pub fn claim_of(&self, account: AccountId, now: UnixMs) -> Option<(&Selector, bool)> {
        let claim = self.index.claims.by_holder.get(&Holder::Account(account))?;
        (claim.until > now).then_some((&*claim.selector, claim.waits_since.is_none()))
    }

    /// A customer's resident orders that staff have not decided, oldest first: unpaid ones, those under
    /// review, and those that lapsed or were given up lately.
    pub fn undecided_orders(&self, customer: CustomerId) -> impl Iterator<Item = &Order> {
        let all = (customer, OrderId::MIN)..=(customer, OrderId::MAX);
        self.index.claims.undecided.range(all).filter_map(|(_, id)| self.order(*id))
    }

    /// A customer's orders, archived or not, by which no account got a term: it is not decided, came to nothing or
    /// was declined.
    pub(super) fn orders_without_term(
        &self,
        customer: CustomerId,
    ) -> impl Iterator<Item = OrderId> {
        let all = (customer, OrderId::MIN)..=(customer, OrderId::MAX);
        let Claims { undecided, lapsed, declined, .. } = &self.index.claims;
        let each = [undecided, lapsed, declined].into_iter();
        each.flat_map(move |orders| orders.range(all.clone()).map(|(_, id)| *id))
    }

    /// A customer's newest archived order that a late proof reopens: it lapsed or was given up.
    #[must_use]
    pub fn last_lapsed(&self, customer: CustomerId) -> Option<OrderId> {
        let all = (customer, OrderId::MIN)..=(customer, OrderId::MAX);
        visit();
        self.index.claims.lapsed.range(all).next_back().map(|(_, id)| *id)
    }

    /// The renewals of an account that staff have not decided, oldest first.
    pub fn open_renewals(&self, account: AccountId) -> impl Iterator<Item = &Order> {
        let all = (account, OrderId::MIN)..=(account, OrderId::MAX);
        self.index.claims.renewals.range(all).filter_map(|(_, id)| self.order(*id))
    }

    /// Until when an open renewal keeps an account's place.
    #[must_use]
    pub fn renewal_keeps_place_until(&self, account: AccountId) -> Option<UnixMs> {
        self.open_renewals(account).filter_map(Order::claims_place).max()
    }
}

fn claim_of_order(order: &Order) -> Option<Claim> {
    let new = order.target == Target::New;
    let until = order.claims_place().filter(|_| new)?;
    Some(Claim { selector: order.plan.selector.clone(), until, waits_since: None })
}
