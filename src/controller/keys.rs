//! What the queue holds: one entry per thing that can be looked at.

use super::newcomers::is_new;
use crate::model::{
    AccountId, Binding, CustomerId, Disposition, Key, ServerId, Snapshot, SurfaceKey, TermSource,
};
use std::collections::BTreeSet;
use std::fmt;

/// One unit of work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkKey {
    /// Keep the claim to write to a server's panel.
    Claim(ServerId),
    /// Make a server's panel agree.
    Server(ServerId),
    /// Look between two lists at those of a server who are close to their caps.
    Near(ServerId),
    /// Make those whom a server has never served.
    New(ServerId),
    /// Move the accounts of a server that is to be left.
    Drain(ServerId),
    /// Find an account a server, and say how it stands.
    Account(AccountId),
    /// Keep a surface in Discord.
    Surface(SurfaceKey),
    /// Remember what was confirmed of the time, and date what came while it was in doubt.
    Clock,
    /// Let orders that were settled long ago leave memory.
    Archive,
    /// Delete the files of proofs whose time is over.
    Proofs,
    /// Take away what names a customer who was forgotten.
    Forget(CustomerId),
    /// Send a customer what is due: the link, notices.
    Notify(AccountId),
    /// Send customers what staff wrote to many.
    Broadcasts,
}

/// Which workers take it: what does not answer must not hold up the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Records only: fast.
    Records,
    /// Panels that answer.
    Panels,
    /// Panels that did not answer last time.
    Slow,
    /// What staff and everybody must see in Discord: review cards, the store's panel. In no
    /// queue behind the threads: a thousand orders at once must not hide a proof from staff.
    Cards,
    /// Links and notices.
    Notices,
    /// Orders' threads: several calls each, and Discord limits how fast they may be opened.
    Threads,
}

impl Lane {
    /// Every lane, for the queue.
    pub const ALL: [Self; 6] =
        [Self::Records, Self::Panels, Self::Slow, Self::Cards, Self::Notices, Self::Threads];
    /// The bounded word for metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Panels => "panels",
            Self::Slow => "slow",
            Self::Cards => "cards",
            Self::Notices => "notices",
            Self::Threads => "threads",
        }
    }
    /// How many run at once.
    #[must_use]
    pub const fn workers(self) -> usize {
        match self {
            Self::Records => 8,
            Self::Panels => 16,
            Self::Slow => 4,
            // Together about as much as Discord's 50 calls a second at a usual answer's 0.15 s.
            Self::Cards | Self::Notices => 2,
            Self::Threads => 4,
        }
    }
}

impl WorkKey {
    /// Who takes it, while its panel answers.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Claim(_) | Self::Server(_) | Self::Near(_) | Self::New(_) => Lane::Panels,
            Self::Account(_) | Self::Drain(_) | Self::Clock | Self::Archive => Lane::Records,
            Self::Surface(SurfaceKey::OrderThread(_) | SurfaceKey::TicketThread(_)) => {
                Lane::Threads
            }
            Self::Surface(_) => Lane::Cards,
            // It edits cards of long ago: nothing waits behind it that somebody waits for.
            Self::Proofs | Self::Forget(_) => Lane::Threads,
            Self::Notify(_) | Self::Broadcasts => Lane::Notices,
        }
    }

    /// The bounded word for logs and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
            Self::Server(_) => "server",
            Self::Near(_) => "near",
            Self::New(_) => "new",
            Self::Drain(_) => "drain",
            Self::Account(_) => "account",
            Self::Surface(_) => "surface",
            Self::Notify(_) => "notify",
            Self::Clock => "clock",
            Self::Archive => "archive",
            Self::Proofs => "proofs",
            Self::Broadcasts => "broadcasts",
            Self::Forget(_) => "forget",
        }
    }
}

impl fmt::Display for WorkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(id)
            | Self::Server(id)
            | Self::Near(id)
            | Self::New(id)
            | Self::Drain(id) => {
                write!(f, "{}:{id}", self.kind())
            }
            Self::Account(id) | Self::Notify(id) => write!(f, "{}:{id}", self.kind()),
            Self::Surface(key) => write!(f, "surface:{key}"),
            Self::Forget(id) => write!(f, "{}:{id}", self.kind()),
            Self::Clock | Self::Archive | Self::Proofs | Self::Broadcasts => {
                f.write_str(self.kind())
            }
        }
    }
}

/// The store's panel says how many places a plan has left, where they are few.
const PLACES_ARE_SHOWN: WorkKey = WorkKey::Surface(SurfaceKey::StorePanel);

/// What to look at again when a record has changed.
#[must_use]
pub(super) fn touched_by(snapshot: &Snapshot, key: &Key) -> BTreeSet<WorkKey> {
    let mut work = BTreeSet::new();
    match key {
        Key::Order(id) => {
            work.insert(WorkKey::Surface(SurfaceKey::OrderThread(*id)));
            work.insert(WorkKey::Surface(SurfaceKey::ReviewCard(*id)));
            work.insert(PLACES_ARE_SHOWN);
        }
        Key::Broadcast(_) => {
            work.insert(WorkKey::Broadcasts);
        }
        Key::Ticket(id) => work.extend(SurfaceKey::of_ticket(*id).map(WorkKey::Surface)),
        // The card leads to the thread.
        Key::Surface(SurfaceKey::TicketThread(id)) => {
            work.insert(WorkKey::Surface(SurfaceKey::TicketCard(*id)));
        }
        Key::Account(id)
        | Key::Run(id, _)
        | Key::Term(id, _)
        | Key::Reversal(id, _)
        | Key::Forgiveness(id, _) => {
            work.insert(WorkKey::Account(*id));
            work.insert(WorkKey::Notify(*id));
            work.insert(PLACES_ARE_SHOWN);
            servers_of(snapshot, *id, &mut work);
        }
        // Who committed it has looked at the panel just now.
        Key::Served(id, _) => {
            work.insert(WorkKey::Account(*id));
            work.insert(WorkKey::Notify(*id));
        }
        Key::Binding(id, server) => {
            work.insert(WorkKey::Account(*id));
            // That an account ended its server knows from its own list, which says when.
            let binding = snapshot.binding(*id, server);
            let is_tombstone =
                |b: &Binding| matches!(b.disposition, Disposition::Tombstoned { .. });
            let ended = binding.is_some_and(is_tombstone) && snapshot.serving(*id).is_none();
            if !ended && !is_new(snapshot, *id, server) {
                work.insert(WorkKey::Server(server.clone()));
            }
            work.insert(PLACES_ARE_SHOWN);
            // The order's thread shows whether it waits for a place.
            orders_of(snapshot, *id, &mut work);
        }
        Key::BindingStatus(id, _) | Key::Ledger(id, _, _) => {
            work.insert(WorkKey::Account(*id));
        }
        Key::AccountStatus(id) => {
            work.insert(WorkKey::Notify(*id));
            // Whoever waits for a first link reads in the order's thread what it waits for.
            if snapshot.delivery(*id).is_none() {
                orders_of(snapshot, *id, &mut work);
            }
        }
        Key::Delivery(id) => {
            work.insert(WorkKey::Account(*id));
            orders_of(snapshot, *id, &mut work);
        }
        Key::ServerStatus(server) => {
            work.insert(WorkKey::Surface(SurfaceKey::Alerts));
            for binding in snapshot.bound_to(server) {
                work.insert(WorkKey::Account(binding.account));
            }
        }
        Key::Takings(..) => {
            work.insert(WorkKey::Surface(SurfaceKey::Stats));
        }
        Key::ServerFacts(server) => {
            for binding in snapshot.bound_to(server) {
                work.insert(WorkKey::Notify(binding.account));
            }
        }
        Key::ServerHome(server) => {
            work.insert(WorkKey::Server(server.clone()));
        }
        Key::Customer(id) => of_customer(snapshot, *id, &mut work),
        Key::CustomerIdentity(identity) => {
            match snapshot.customer_of(*identity) {
                Some(id) => of_customer(snapshot, id, &mut work),
                // Somebody was forgotten: their record itself changes with each step.
                None => work.extend(forgetting(snapshot)),
            }
        }
        // Said while it is in doubt as well: it looks whether it is.
        Key::UndatedProof(_) => {
            work.insert(WorkKey::Clock);
        }
        _ => {}
    }
    work
}

/// Each of those of whom something is not gone yet: what one of them waits for holds up no other.
fn forgetting(snapshot: &Snapshot) -> impl Iterator<Item = WorkKey> {
    snapshot.being_forgotten().map(|customer| WorkKey::Forget(customer.id))
}

/// What says something to a customer, or of them: by which name, where, and in which language.
fn of_customer(snapshot: &Snapshot, id: CustomerId, work: &mut BTreeSet<WorkKey>) {
    for account in snapshot.accounts_of(id) {
        // It knows when what they want to hear of falls due.
        work.insert(WorkKey::Account(account.id));
        work.insert(WorkKey::Notify(account.id));
        orders_of(snapshot, account.id, work);
    }
    for order in snapshot.undecided_orders(id) {
        work.insert(WorkKey::Surface(SurfaceKey::OrderThread(order.id)));
        work.insert(WorkKey::Surface(SurfaceKey::ReviewCard(order.id)));
    }
    if let Some(ticket) = snapshot.open_ticket(id) {
        work.extend(SurfaceKey::of_ticket(ticket.id).map(WorkKey::Surface));
    }
}

fn servers_of(snapshot: &Snapshot, id: AccountId, work: &mut BTreeSet<WorkKey>) {
    // The account's own key sees to who is new there.
    let known = snapshot.bindings(id).filter(|b| !is_new(snapshot, id, &b.server));
    work.extend(known.map(|b| WorkKey::Server(b.server.clone())));
}

fn orders_of(snapshot: &Snapshot, id: AccountId, work: &mut BTreeSet<WorkKey>) {
    for term in snapshot.terms(id) {
        if let TermSource::Order(order) = &term.source {
            work.insert(WorkKey::Surface(SurfaceKey::OrderThread(*order)));
            work.insert(WorkKey::Surface(SurfaceKey::ReviewCard(*order)));
        }
    }
}

/// Everything there is to look at: at a start, and when hints were missed.
#[must_use]
pub(super) fn everything<'s>(
    snapshot: &Snapshot,
    servers: impl Iterator<Item = &'s ServerId>,
) -> BTreeSet<WorkKey> {
    let mut work = BTreeSet::from([WorkKey::Clock, WorkKey::Proofs, WorkKey::Broadcasts]);
    work.extend(forgetting(snapshot));
    work.extend(SurfaceKey::OF_THE_SHOP.map(WorkKey::Surface));
    for server in servers {
        work.insert(WorkKey::Claim(server.clone()));
        work.insert(WorkKey::Drain(server.clone()));
        work.insert(WorkKey::Server(server.clone()));
    }
    for account in snapshot.accounts() {
        work.insert(WorkKey::Account(account.id));
        work.insert(WorkKey::Notify(account.id));
    }
    for order in snapshot.orders() {
        let key = Key::Order(order.id);
        work.extend(touched_by(snapshot, &key));
    }
    for ticket in snapshot.tickets() {
        work.extend(SurfaceKey::of_ticket(ticket.id).map(WorkKey::Surface));
    }
    work
}
