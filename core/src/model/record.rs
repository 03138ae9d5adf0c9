//! Every record behind one key and one enum, so that one transaction can touch any of them.

use super::{
    Account, AccountId, AccountStatus, Amnesia, Audit, Binding, BindingStatus, Broadcast,
    BroadcastId, ClockSeen, Currency, Customer, CustomerId, CustomerIdentity, Damage, Delivery,
    Forgiveness, Identity, Incarnation, LastList, MethodId, Notice, NoticeKind, Order, OrderId,
    OrderReference, Overrun, RequestKey, Reservations, Retained, RetainedKind, Reversal, Run,
    Served, ServerFacts, ServerHome, ServerId, ServerStatus, StoreIdentity, Surface, SurfaceKey,
    Takings, Term, TermSource, Ticket, TicketId, UndatedProof, UsageLedger,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the records' JSON. Older ones are migrated when the store is opened.
pub const SCHEMA_VERSION: u32 = 2;

/// A value and the store revision that last changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The store's revision when it was last written; at least 1.
    pub version: u64,
    /// The value.
    pub value: T,
}

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The JSON does not fit.
    #[error("a record of {kind} cannot be read: {source}")]
    Unreadable {
        /// The record's kind.
        kind: &'static str,
        /// What the decoder said.
        source: serde_json::Error,
    },
    /// Written by a newer program.
    #[error(
        "a record of {kind} has schema version {found}, and this program knows up to {SCHEMA_VERSION}: start the newer program again, or restore the backup it made"
    )]
    TooNew {
        /// The record's kind.
        kind: &'static str,
        /// Its schema version.
        found: u32,
    },
}

macro_rules! records {
    ($( $(#[$doc:meta])* $kind:ident ( $($arg:ident : $argty:ty),* ) = $tree:literal, $value:ty, $resident:literal, |$v:ident| $key:expr; )*) => {
        /// Where a record stands. The order is the order of scans.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key { $( $(#[$doc])* $kind($($argty),*), )* }

        /// The kinds of record, one tree each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $( $(#[$doc])* $kind, )* }

        /// Any record, on its way to or from a store. The snapshot holds each kind as its own type.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(clippy::large_enum_variant)]
        pub enum Record { $( $(#[$doc])* $kind($value), )* }

        /// Any record where it stands.
        #[derive(Debug, Clone, Copy)]
        #[allow(dead_code, reason = "kinds that are not resident are never found")]
        pub(super) enum RecordRef<'a> { $( $(#[$doc])* $kind(&'a $value), )* }

        impl RecordRef<'_> {
            /// A copy of it.
            pub(super) fn to_record(self) -> Record {
                match self { $(Self::$kind(value) => Record::$kind(value.clone()),)* }
            }
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];
            /// The name of its tree.
            #[must_use]
            pub const fn tree(self) -> &'static str {
                match self { $(Self::$kind => $tree,)* }
            }
            /// Whether the snapshot holds it in memory; the others are read one by one.
            #[must_use]
            pub const fn resident(self) -> bool {
                match self { $(Self::$kind => $resident,)* }
            }
        }
        impl Key {
            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(..) => Kind::$kind,)* }
            }
        }
        impl Record {
            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)* }
            }
            /// Where it stands: told by its content alone.
            #[must_use]
            pub fn key(&self) -> Key {
                match self { $(Self::$kind($v) => $key,)* }
            }
            /// As JSON, with the schema's version.
            ///
            /// # Errors
            /// When a value has no JSON form.
            pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
                match self {
                    $(Self::$kind(value) => serde_json::to_vec(&Stored { schema: SCHEMA_VERSION, value }),)*
                }
            }
            /// From JSON.
            ///
            /// # Errors
            /// When the bytes are not a record of that kind, or a newer program wrote them.
            pub fn from_json(kind: Kind, bytes: &[u8]) -> Result<Self, RecordError> {
                match kind {
                    $(Kind::$kind => read::<$value>(kind, bytes).map(Self::$kind),)*
                }
            }
        }
        $(
            impl From<$value> for Record {
                fn from(value: $value) -> Self { Self::$kind(value) }
            }
        )*
    };
}

#[derive(Serialize, Deserialize)]
struct Stored<T> {
    schema: u32,
    value: T,
}

#[derive(Deserialize)]
struct Head {
    schema: u32,
}

/// One record's value. A start reads every record, so the head is read by itself only of what does
/// not fit: a newer program's records need not.
fn read<T: DeserializeOwned>(kind: Kind, bytes: &[u8]) -> Result<T, RecordError> {
    let kind = kind.tree();
    let known = |schema| match schema {
        ..=SCHEMA_VERSION => Ok(()),
        found => Err(RecordError::TooNew { kind, found }),
    };
    match serde_json::from_slice::<Stored<T>>(bytes) {
        Ok(Stored { schema, value }) => known(schema).map(|()| value),
        Err(source) => {
            if let Ok(Head { schema }) = serde_json::from_slice(bytes) {
                known(schema)?;
            }
            Err(RecordError::Unreadable { kind, source })
        }
    }
}

/// Index: which order an interaction placed, so that a redelivery finds it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionOrder {
    /// What the front calls it.
    pub interaction: RequestKey,
    /// The order.
    pub order: OrderId,
}

/// Index: which order has a reference: placed under one that another order has, it is drawn anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderByReference {
    /// What people call it by.
    pub reference: OrderReference,
    /// The order.
    pub order: OrderId,
}

/// Index: which term a source gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceTerm {
    /// The source.
    pub source: TermSource,
    /// The account that got it.
    pub account: AccountId,
    /// The term's sequence.
    pub term: u32,
    /// What the front calls the click that asked for it: of a trial, so that a redelivery is told from
    /// a second try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<RequestKey>,
}

/// Index: which order a payment's own number backs, or is typed for by its customer until staff decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReference {
    /// The method.
    pub method: MethodId,
    /// The number, trimmed and in lower case.
    pub reference: String,
    /// The order.
    pub order: OrderId,
}

impl PaymentReference {
    /// Those of the numbers that an order's customer typed and that count as its own.
    pub fn keys_of(order: &Order) -> impl Iterator<Item = Key> {
        let own = order.stated_references().filter_map(|stated| stated.own.as_deref());
        own.map(|own| Key::PaymentReference(order.method.method.clone(), own.to_owned()))
    }
}

/// Index: which order a proof's content was given for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofOrder {
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// The order.
    pub order: OrderId,
}

/// Index: a customer's one unpaid order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpaidOrder {
    /// The customer.
    pub customer: CustomerId,
    /// The order that was last placed.
    pub order: OrderId,
}

records! {
    /// Who this store is.
    StoreIdentity() = "identity", StoreIdentity, true, |v| { let _ = v; Key::StoreIdentity() };
    /// The versioned record that every reservation bumps.
    Reservations() = "reservations", Reservations, true, |v| { let _ = v; Key::Reservations() };
    /// The store lacks a history that a gateway has seen.
    Amnesia() = "amnesia", Amnesia, true, |v| { let _ = v; Key::Amnesia() };
    /// The latest moment that a witness vouched for.
    ClockSeen() = "clock-seen", ClockSeen, true, |v| { let _ = v; Key::ClockSeen() };
    /// An order with a proof that is dated when the doubt about the clock ends.
    UndatedProof(id: OrderId) = "undated-proof", UndatedProof, true, |v| Key::UndatedProof(v.order);
    /// Something of the store cannot be had.
    Damage() = "damage", Damage, true, |v| { let _ = v; Key::Damage() };
    /// A customer.
    Customer(id: CustomerId) = "customer", Customer, true, |v| Key::Customer(v.id);
    /// Whose an identity is.
    CustomerIdentity(identity: Identity) = "customer-identity", CustomerIdentity, true,
        |v| Key::CustomerIdentity(v.identity);
    /// An order.
    Order(id: OrderId) = "order", Order, true, |v| Key::Order(v.id);
    /// An account.
    Account(id: AccountId) = "account", Account, true, |v| Key::Account(v.id);
    /// A run of an account.
    Run(account: AccountId, seq: u32) = "run", Run, true, |v| Key::Run(v.account, v.seq);
    /// A term of an account.
    Term(account: AccountId, seq: u32) = "term", Term, true, |v| Key::Term(v.account, v.seq);
    /// A reversal of a term.
    Reversal(account: AccountId, term: u32) = "reversal", Reversal, true, |v| Key::Reversal(v.account, v.term);
    /// A run was served.
    Served(account: AccountId, run: u32) = "served", Served, true, |v| Key::Served(v.account, v.run);
    /// What was used beyond a run's allowance.
    Overrun(account: AccountId, run: u32) = "overrun", Overrun, true, |v| Key::Overrun(v.account, v.run);
    /// What staff forgave of what was billed.
    Forgiveness(account: AccountId, id: OrderId) = "forgiveness", Forgiveness, true, |v| Key::Forgiveness(v.account, v.id);
    /// Account ↔ server.
    Binding(account: AccountId, server: ServerId) = "binding", Binding, true, |v| Key::Binding(v.account, v.server.clone());
    /// What was used.
    Ledger(account: AccountId, server: ServerId, incarnation: Incarnation) = "ledger", UsageLedger, true,
        |v| Key::Ledger(v.account, v.server.clone(), v.incarnation.clone());
    /// A client as last seen.
    BindingStatus(account: AccountId, server: ServerId) = "binding-status", BindingStatus, true,
        |v| Key::BindingStatus(v.account, v.server.clone());
    /// An account's conditions.
    AccountStatus(account: AccountId) = "account-status", AccountStatus, true, |v| Key::AccountStatus(v.account);
    /// A server as last seen.
    ServerStatus(server: ServerId) = "server-status", ServerStatus, true, |v| Key::ServerStatus(v.server.clone());
    /// A server's inbounds as last seen.
    ServerFacts(server: ServerId) = "server-facts", ServerFacts, true, |v| Key::ServerFacts(v.server.clone());
    /// When a server was last listed.
    LastList(server: ServerId) = "last-list", LastList, true, |v| Key::LastList(v.server.clone());
    /// Which panel a server's clients belong on.
    ServerHome(server: ServerId) = "server-home", ServerHome, true, |v| Key::ServerHome(v.server.clone());
    /// A definition that outlives its file.
    Retained(kind: RetainedKind, id: String) = "retained", Retained, true, |v| Key::Retained(v.kind, v.id.clone());
    /// A surface in Discord.
    Surface(key: SurfaceKey) = "surface", Surface, true, |v| Key::Surface(v.key);
    /// The last link that was sent.
    Delivery(account: AccountId) = "delivery", Delivery, true, |v| Key::Delivery(v.account);
    /// A notice.
    Notice(account: AccountId, run: u32, kind: NoticeKind) = "notice", Notice, true, |v| Key::Notice(v.account, v.run, v.kind);
    /// A customer's last order.
    UnpaidOrder(customer: CustomerId) = "unpaid-order", UnpaidOrder, true, |v| Key::UnpaidOrder(v.customer);
    /// A customer's question to the staff.
    Ticket(id: TicketId) = "ticket", Ticket, true, |v| Key::Ticket(v.id);
    /// News to many customers.
    Broadcast(id: BroadcastId) = "broadcast", Broadcast, true, |v| Key::Broadcast(v.id);
    /// Which order an interaction placed.
    InteractionOrder(interaction: RequestKey) = "interaction-order", InteractionOrder, false, |v| Key::InteractionOrder(v.interaction);
    /// Which order has a reference.
    OrderByReference(reference: OrderReference) = "order-reference", OrderByReference, false, |v| Key::OrderByReference(v.reference);
    /// Which term a source gave.
    SourceTerm(source: TermSource) = "source-term", SourceTerm, false, |v| Key::SourceTerm(v.source.clone());
    /// Which order a payment's number backs.
    PaymentReference(method: MethodId, reference: String) = "payment-reference", PaymentReference, false,
        |v| Key::PaymentReference(v.method.clone(), v.reference.clone());
    /// Which order a proof was given for.
    ProofOrder(sha256: String) = "proof-order", ProofOrder, false, |v| Key::ProofOrder(v.sha256.clone());
    /// What was taken on a day of UTC, in a currency.
    Takings(day: u32, currency: Currency) = "takings", Takings, false, |v| Key::Takings(v.day, v.currency.clone());
    /// The audit.
    Audit(id: String) = "audit", Audit, false, |v| Key::Audit(v.id.clone());
}

impl Key {
    /// The key's bytes within its tree: fixed-length parts big-endian, texts ended by a zero byte,
    /// so that they sort as the keys do and a prefix of the arguments is a prefix of the bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        let text = |out: &mut Vec<u8>, t: &str| {
            out.extend_from_slice(t.as_bytes());
            out.push(0);
        };
        match self {
            Self::StoreIdentity()
            | Self::Reservations()
            | Self::Amnesia()
            | Self::Damage()
            | Self::ClockSeen() => {
                out.push(0);
            }
            Self::Order(id) | Self::UndatedProof(id) => out.extend_from_slice(&id.to_bytes()),
            Self::Account(id) | Self::AccountStatus(id) | Self::Delivery(id) => {
                out.extend_from_slice(&id.to_bytes());
            }
            Self::Run(id, n)
            | Self::Term(id, n)
            | Self::Reversal(id, n)
            | Self::Served(id, n)
            | Self::Overrun(id, n) => {
                out.extend_from_slice(&id.to_bytes());
                out.extend_from_slice(&n.to_be_bytes());
            }
            Self::Forgiveness(id, own) => {
                out.extend_from_slice(&id.to_bytes());
                out.extend_from_slice(&own.to_bytes());
            }
            Self::Binding(id, server) | Self::BindingStatus(id, server) => {
                out.extend_from_slice(&id.to_bytes());
                text(&mut out, server.as_str());
            }
            Self::Ledger(id, server, incarnation) => {
                out.extend_from_slice(&id.to_bytes());
                text(&mut out, server.as_str());
                text(&mut out, &incarnation.to_string());
            }
            Self::ServerStatus(server)
            | Self::ServerFacts(server)
            | Self::LastList(server)
            | Self::ServerHome(server) => {
                text(&mut out, server.as_str());
            }
            Self::Retained(kind, id) => {
                text(&mut out, kind.name());
                text(&mut out, id);
            }
            Self::Surface(key) => text(&mut out, &key.to_string()),
            Self::Notice(id, run, kind) => {
                out.extend_from_slice(&id.to_bytes());
                out.extend_from_slice(&run.to_be_bytes());
                text(&mut out, &kind.to_string());
            }
            Self::Customer(id) | Self::UnpaidOrder(id) => out.extend_from_slice(&id.to_bytes()),
            Self::CustomerIdentity(identity) => text(&mut out, &identity.to_string()),
            Self::Ticket(id) => out.extend_from_slice(&id.to_bytes()),
            Self::Broadcast(id) => out.extend_from_slice(&id.to_bytes()),
            Self::InteractionOrder(key) => out.extend_from_slice(&key.to_bytes()),
            Self::OrderByReference(reference) => out.extend_from_slice(&reference.to_bytes()),
            Self::SourceTerm(source) => text(&mut out, &source.to_string()),
            Self::PaymentReference(method, reference) => {
                text(&mut out, method.as_str());
                text(&mut out, reference);
            }
            Self::Takings(day, currency) => {
                out.extend_from_slice(&day.to_be_bytes());
                text(&mut out, &currency.code);
                out.push(currency.decimals);
            }
            Self::ProofOrder(hash) | Self::Audit(hash) => text(&mut out, hash),
        }
        out
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().tree())?;
        match self {
            Self::Order(id) | Self::UndatedProof(id) => write!(f, ":{id}"),
            Self::Customer(id) => write!(f, ":{id}"),
            Self::CustomerIdentity(identity) => write!(f, ":{identity}"),
            Self::Ticket(id) => write!(f, ":{id}"),
            Self::Broadcast(id) => write!(f, ":{id}"),
            Self::Account(id) | Self::AccountStatus(id) | Self::Delivery(id) => write!(f, ":{id}"),
            Self::Run(id, n)
            | Self::Term(id, n)
            | Self::Reversal(id, n)
            | Self::Served(id, n)
            | Self::Overrun(id, n) => {
                write!(f, ":{id}/{n}")
            }
            Self::Forgiveness(id, own) => write!(f, ":{id}/{own}"),
            Self::Binding(id, server)
            | Self::BindingStatus(id, server)
            | Self::Ledger(id, server, _) => write!(f, ":{id}/{server}"),
            Self::ServerStatus(server)
            | Self::ServerFacts(server)
            | Self::LastList(server)
            | Self::ServerHome(server) => {
                write!(f, ":{server}")
            }
            Self::Surface(key) => write!(f, ":{key}"),
            Self::Notice(id, run, kind) => write!(f, ":{id}/{run}/{kind}"),
            Self::Takings(day, currency) => {
                write!(f, ":{day}/{}.{}", currency.code, currency.decimals)
            }
            _ => Ok(()),
        }
    }
}
