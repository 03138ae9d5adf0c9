//! A small shop with every kind of record, for the tests of pages and of the bot. Only with the
//! feature `sample`, which only tests ask for.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test's furniture: the names say it")]

mod connected;
mod every_kind;

pub use connected::{connected, connected_from};
pub use every_kind::{every_kind, every_resident_kind};

use crate::catalog::{
    Catalog, ChannelRefs, Delivery as DeliverBy, Drift, GuardSettings, Limits, Method,
    MethodLifecycle, Mode, NoticeSettings, OrderSettings, OrderSpace, Pings, Plan, PlanLifecycle,
    Requirement, Retention, Roles, Server, ServerLifecycle, Shop, Text, Unserved,
};
use crate::model::*;
use crate::view::FrontProfile;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::sync::Arc;
use ulid::Ulid;

/// A front as wide as the widest that there is.
pub const FRONT: FrontProfile = FrontProfile {
    private_threads: true,
    text: 4_000,
    components: 40,
    row: 5,
    label: 80,
    id: 100,
    url: 512,
    choices: 25,
    choice: 100,
    placeholder: 150,
    files: 10,
    file_bytes: 10 << 20,
    fields: 5,
    chosen_files: 10,
    title: 45,
    typed: 4_000,
};
/// One that has less of everything, and no threads.
pub const SMALL_FRONT: FrontProfile = FrontProfile {
    private_threads: false,
    text: 500,
    row: 3,
    label: 20,
    choices: 5,
    choice: 40,
    placeholder: 40,
    files: 1,
    file_bytes: 1 << 20,
    chosen_files: 0,
    title: 20,
    typed: 300,
    ..FRONT
};

pub const NOW: UnixMs = UnixMs(1_796_000_000_000);
pub const ALICE: CustomerId = CustomerId::new(Ulid((1 << 99) + 101));
pub const OMAR: CustomerId = CustomerId::new(Ulid((1 << 99) + 202));
/// Where they are known.
pub const ALICE_THERE: Identity = Identity::Discord(101);
pub const OMAR_THERE: Identity = Identity::Discord(202);
pub const ADMIN_ROLE: u64 = 9_001;
pub const SUPPORT_ROLE: u64 = 9_002;

pub fn order_id(n: u128) -> OrderId {
    OrderId::new(Ulid((1 << 100) + n))
}
pub fn broadcast_id(n: u128) -> BroadcastId {
    BroadcastId::new(Ulid((1 << 95) + n))
}

pub fn ticket_id(n: u128) -> TicketId {
    TicketId::new(Ulid((1 << 97) + n))
}
pub fn account_id(n: u128) -> AccountId {
    AccountId::new(Ulid((1 << 101) + n))
}
pub fn text(t: &str) -> Text {
    Text(BTreeMap::from([("en".to_owned(), t.to_owned())]))
}
pub fn egp(minor: u64) -> Money {
    Money { minor, currency: Currency { code: "EGP".into(), decimals: 2 } }
}
fn usd(minor: u64) -> Money {
    Money { minor, currency: Currency { code: "USD".into(), decimals: 2 } }
}

pub fn plan(id: &str, name: &str, lifecycle: PlanLifecycle) -> Plan {
    Plan {
        id: id.parse().unwrap(),
        family: "basic".parse().unwrap(),
        name: text(name),
        prices: vec![egp(10_000), usd(210)],
        duration: DurationMs(30 * DAY_MS),
        traffic: Quota::Bytes(Bytes(50 << 30)),
        devices: 2,
        servers: Selector::Any,
        lifecycle,
        trial: false,
    }
}

pub fn method(id: &str, name: &str, currency: &str, reference: Requirement) -> Method {
    Method {
        id: id.parse().unwrap(),
        name: text(name),
        currencies: BTreeSet::from([currency.to_owned()]),
        account: "01000000000".to_owned(),
        instructions: text("Send {amount} to {account} and write {reference} in the note."),
        proof: Requirement::Required,
        reference,
        lifecycle: MethodLifecycle::Active,
    }
}

pub fn catalog() -> Catalog {
    let server = Server {
        id: "fra-1".parse().unwrap(),
        name: text("Frankfurt 1"),
        host: "fra1.vpn.example.net".to_owned(),
        gateway: "http://127.0.0.1:1".to_owned(),
        keys: "fra-1".to_owned(),
        inbounds: vec!["vless-reality".to_owned()],
        labels: BTreeMap::new(),
        capacity: 10,
        weight: 1,
        line_bits_per_second: 1_000_000_000,
        lifecycle: ServerLifecycle::Active,
        mode: Mode::Manage,
        drift: Drift::Repair,
        confirm: None,
        cut_open_sessions: None,
    };
    let mut retired_method = method("old", "Old way", "EGP", Requirement::Optional);
    retired_method.lifecycle = MethodLifecycle::Retired;
    Catalog {
        revision: "abc123".to_owned(),
        commit: None,
        shop: Shop {
            id: "main".parse().unwrap(),
            message_content: false,
            guild: 1,
            channels: ChannelRefs { store: 11, orders: 12, review: 13, stats: None, alerts: None },
            roles: Roles {
                owner: BTreeSet::new(),
                admin: BTreeSet::from([ADMIN_ROLE]),
                support: BTreeSet::from([SUPPORT_ROLE]),
            },
            ping: Pings::default(),
            languages: vec!["en".to_owned()],
            time_zone: "Africa/Cairo".to_owned(),
            orders: OrderSettings {
                pay_within: DurationMs(DAY_MS),
                review_within: DurationMs(3 * DAY_MS),
                space: OrderSpace::PrivateThread,
                categories: Vec::new(),
                deliver: DeliverBy::Dm,
                unserved: Unserved::Mark,
            },
            limits: Limits::default(),
            reminders: Vec::new(),
            notices: NoticeSettings::default(),
            faq: Vec::new(),
            retention: Retention {
                proofs: None,
                threads: DurationMs(DAY_MS),
                tombstones: DurationMs(DAY_MS),
            },
            guard: GuardSettings { destructive_percent: 10, destructive_floor: 5 },
            referral: None,
            subscription: None,
        },
        plans: vec![
            plan("basic-30", "Basic", PlanLifecycle::Active),
            plan("basic-60", "Basic old", PlanLifecycle::Retired),
            plan("basic-vip", "Basic VIP", PlanLifecycle::Hidden),
        ],
        servers: BTreeMap::from([(server.id.clone(), server)]),
        methods: vec![
            method("vodafone-cash", "Vodafone Cash", "EGP", Requirement::Optional),
            method("bank", "Bank", "USD", Requirement::Required),
            method("euro", "Euro only", "EUR", Requirement::Optional),
            retired_method,
        ],
        promos: Vec::new(),
        retained_plans: BTreeSet::new(),
        retained_servers: BTreeSet::new(),
        written: Default::default(),
    }
}

pub fn order(n: u128, target: Target, method: &str) -> Order {
    Order {
        id: order_id(n),
        customer: ALICE,
        target,
        plan: Arc::new(OrderPlan {
            id: "basic-30".parse().unwrap(),
            family: "basic".parse().unwrap(),
            revision: "abc123".into(),
            commit: None,
            name: Arc::new(text("Basic").0),
            length: DurationMs(30 * DAY_MS),
            quota: Quota::Bytes(Bytes(50 << 30)),
            devices: 2,
            selector: Arc::new(Selector::Any),
        }),
        method: MethodChoice { method: method.parse().unwrap(), price: egp(10_000), at: NOW },
        placed_at: NOW,
        pay_by: NOW + DurationMs(DAY_MS),
        place_until: None,
        evidence: Vec::new(),
        decision: None,
        cancelled: None,
        reversed: None,
        reopened: None,
        promo: None,
        archived: false,
        deleting: None,
    }
}

pub fn evidence(n: u8) -> Evidence {
    Evidence {
        sha256: format!("{n:02x}").repeat(32),
        size_bytes: 1_000,
        kind: EvidenceKind::Png,
        at: NOW + DurationMs(u64::from(n) * MINUTE_MS),
        undated: false,
        look: None,
        resembles: None,
        stated: None,
        deleted_at: None,
    }
}

pub fn account(n: u128) -> Account {
    Account {
        id: account_id(n),
        customer: ALICE,
        family: "basic".parse().unwrap(),
        custody: None,
        suspension: None,
        credentials: Credentials {
            uuid: uuid::Uuid::from_u128(0x5783_c26d),
            sub_id: "sub0000000000001".to_owned(),
            secret: "TOPSECRET".to_owned(),
            version: 1,
        },
        subscription_token: "TOKENSECRET".to_owned(),
        created_at: NOW,
        terms: 1,
        runs: 1,
    }
}

pub fn facts() -> ServerFacts {
    ServerFacts {
        server: "fra-1".parse().unwrap(),
        inbounds: vec![InboundFacts {
            id: 1,
            remark: "vless-reality".to_owned(),
            protocol: "vless".to_owned(),
            port: 443,
            enable: true,
            settings: serde_json::json!({"encryption": "none"}),
            stream: serde_json::json!({"network": "tcp", "security": "reality",
                "realitySettings": {"serverNames": ["www.example.com"], "shortIds": ["ab12"],
                "settings": {"publicKey": "PBK", "fingerprint": "chrome"}}}),
            ..InboundFacts::default()
        }],
    }
}

/// An approved account of alice's, with one term; when `ready`, served by `fra-1`.
pub fn served_account(n: u128, ready: bool) -> Edits {
    let mut edits = Edits::new();
    let id = account_id(n);
    let fra: ServerId = "fra-1".parse().unwrap();
    let mut order = order(1_000 + n, Target::New, "vodafone-cash");
    order.evidence = vec![evidence(1)];
    let verdict = Verdict::Approved { reference: None, account: id };
    order.decision = Some(Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict });
    edits.put(account(n));
    edits.put(Run {
        account: id,
        seq: 0,
        start: NOW,
        kind: RunKind::Capped,
        used_before: Bytes(0),
    });
    edits.put(Term {
        account: id,
        seq: 0,
        run: 0,
        source: TermSource::Order(order.id),
        length: DurationMs(30 * DAY_MS),
        quota: Quota::Bytes(Bytes(50 << 30)),
        devices: 2,
        selector: Arc::new(Selector::Any),
        price: Some(egp(10_000)),
        revision: "abc123".into(),
        at: NOW,
    });
    edits.put(order);
    edits.put(Binding {
        account: id,
        server: fra.clone(),
        disposition: Disposition::Serving,
        bound_at: NOW,
    });
    if ready {
        edits.put(Served { account: id, run: 0, at: NOW });
        edits.put(facts());
        edits.put(BindingStatus {
            applied: Some(LastApplied {
                enable: true,
                end: End::at(NOW + DurationMs(30 * DAY_MS)),
                cap: NonZeroU64::new(50 << 30).map_or(Cap::Unlimited, Cap::Bytes),
                granted: Quota::Bytes(Bytes(50 << 30)),
                ip_limit: 2,
                credentials: 1,
                run: 0,
                revision: 1,
                suspended_since: None,
                at: NOW,
            }),
            incarnation: None,
            ..BindingStatus::new(id, fra.clone())
        });
        let incarnation = Incarnation { panel: "p".into(), row: 1, created_at: 1 };
        edits.put(UsageLedger {
            account: id,
            server: fra,
            incarnation,
            baseline: Bytes(5 << 30),
            total: Bytes(5 << 30),
            disputed: Bytes(0),
            at: NOW,
        });
    }
    edits
}

/// Alice, who is a customer; omar is staff alone.
pub fn alice() -> Edits {
    alice_reads("")
}

/// The same, reading a language.
pub fn alice_reads(language: &str) -> Edits {
    let mut edits = Edits::new();
    edits.put(CustomerIdentity { identity: ALICE_THERE, customer: ALICE });
    edits.put(Customer {
        id: ALICE,
        identities: [ALICE_THERE].into(),
        name: "alice **x**".into(),
        language: language.parse().ok(),
        created_at: NOW,
        own: None,
        note: None,
    });
    edits
}

/// The `n`th customer of many, with an account that is served.
pub fn guest(n: u64) -> Edits {
    let customer = guest_id(n);
    let mut edits = served_account(u128::from(n), true);
    for record in edits.puts.values_mut() {
        match record {
            Record::Account(account) => account.customer = customer,
            Record::Order(order) => order.customer = customer,
            _ => {}
        }
    }
    let identity = guest_there(n);
    edits.put(CustomerIdentity { identity, customer });
    edits.put(Customer::bare(customer, [identity]));
    edits
}

pub fn guest_id(n: u64) -> CustomerId {
    CustomerId::new(Ulid((1 << 99) + 10_000 + u128::from(n)))
}

/// Where they are known.
pub const fn guest_there(n: u64) -> Identity {
    Identity::Discord(10_000 + n)
}

/// News to everybody with an account, written by omar.
pub fn broadcast(n: u128) -> Broadcast {
    Broadcast {
        id: broadcast_id(n),
        text: "The new servers are there.".into(),
        to: Audience::All,
        by: Actor::Person(OMAR_THERE),
        drafted_at: NOW,
        reach: Reach { gets: 1, muted: 0 },
        state: BroadcastState::Draft,
        progress: Progress::default(),
        told: false,
    }
}

/// A ticket of alice's.
pub fn ticket(n: u128) -> Ticket {
    Ticket {
        id: ticket_id(n),
        customer: ALICE,
        opened_at: NOW,
        waits_since: None,
        answered_at: None,
        closed: None,
    }
}

/// The line of the audit that has the `n`th id.
pub fn audit_line(n: u64) -> Audit {
    Audit {
        id: order_id(u128::from(n)).to_string(),
        actor: Actor::Person(OMAR_THERE),
        verb: "suspend".into(),
        subject: format!("account:{}", account_id(1)),
        outcome: crate::model::Outcome::Done,
        of: None,
        reason: Some("abuse".into()),
        catalog: "abc".into(),
        commit: None,
        at: NOW,
    }
}

/// Alice, and these records.
pub fn snapshot(edits: impl IntoIterator<Item = Edits>) -> Snapshot {
    let alice = Snapshot::default().after(&alice(), 1);
    edits.into_iter().zip(1..).fold(alice, |s, (e, n)| s.after(&e, n))
}

pub fn put(record: impl Into<Record>) -> Edits {
    let mut edits = Edits::new();
    edits.put(record);
    edits
}
