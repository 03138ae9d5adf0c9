//! A shop of so many accounts: the records of one real sale under other ids, each through its JSON
//! as from a store, and panels that agree with them.

use nebulalinks_core::catalog::{Catalog, Files, Source, parse};
use nebulalinks_core::intent::{
    Found, FreshIds, Intent, NewCredentials, Person, Placement, Proof, Records, Staff, decide,
    needs,
};
use nebulalinks_core::model::*;
use nebulalinks_core::planner::{Scheduled, schedule};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::num::NonZeroU64;
use ulid::Ulid;

/// 2026-11-21 10:00 UTC.
pub(crate) const NOON: UnixMs = UnixMs(1_795_255_200_000);
/// Accounts of one server.
pub(crate) const A_SERVER: u64 = 2_000;
const GUILD: &str = "
shop:
  id: main
  discord:
    guild: '100000000000000001'
    channels: {store: '100000000000000011', orders: '100000000000000012',
               review: '100000000000000013'}
    roles: {owner: ['100000000000000021'], admin: ['100000000000000022'],
            support: ['100000000000000023']}
  languages: [en]
  time_zone: Africa/Cairo
  orders: {pay_within: 24h, space: private_thread, deliver: dm}
  retention: {proofs: 90d, threads: 7d, tombstones: 7d}
  guard: {destructive_percent: 10, destructive_floor: 5}
";
const PLANS: &str = "
plans:
  - {id: basic-30, family: basic, name: {en: Basic}, prices: [100.00 EGP], duration: 30d,
     traffic: 50GiB, devices: 2, servers: {any: true}, lifecycle: active}
";
const PAYMENTS: &str = "
methods:
  - {id: cash, kind: manual, name: {en: Cash}, currencies: [EGP], account: '01000000000',
     instructions: {en: 'Send {amount} to {account} and write {reference} in the note.'},
     proof: required, reference: optional, lifecycle: active}
";

pub(crate) fn catalog(accounts: u64) -> Catalog {
    let mut servers = String::from("servers:\n");
    for n in 0..accounts.div_ceil(A_SERVER) {
        writeln!(
            servers,
            "  - {{id: fra-{n}, name: {{en: Frankfurt}}, host: fra{n}.example.net, \
             gateway: 'http://127.0.0.1:{}', keys: fra-{n}, inbounds: [vless-reality], \
             labels: {{region: eu}}, capacity: 3000, weight: 1, line: 1Gbit, lifecycle: active, \
             mode: manage, drift: repair}}",
            10_000 + n
        )
        .unwrap();
    }
    let files = Files {
        plans: PLANS.into(),
        servers: Source::Text(servers),
        payments: PAYMENTS.into(),
        shop: GUILD.into(),
        commit: None,
    };
    parse(&files).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(crate) fn fresh_ids(n: u64) -> FreshIds {
    let base = u128::from(n) << 16;
    FreshIds {
        order: OrderId::new(Ulid(base + 1)),
        account: AccountId::new(Ulid(base + 2)),
        credentials: NewCredentials {
            uuid: uuid::Uuid::from_u128(0x4000_8000_0000_0000_0000 + base),
            sub_id: format!("{n:016}"),
            secret: format!("{n:043}"),
            subscription_token: format!("{:043}", n + 1),
        },
        audit: Ulid(base + 3).to_string().to_lowercase(),
    }
}

fn person(n: u64) -> Person {
    Person { id: CustomerId(1_000 + n), name: format!("customer-{n}"), roles: BTreeSet::new() }
}

/// What a customer does, and staff after.
pub(crate) fn place(n: u64) -> Intent {
    Intent::Place(Placement {
        customer: person(n),
        target: Target::New,
        plan: "basic-30".parse().unwrap(),
        method: "cash".parse().unwrap(),
        interaction: n,
    })
}

pub(crate) fn pay(n: u64, order: OrderId) -> Intent {
    let proof = Proof { sha256: format!("{n:064x}"), size_bytes: 1_000, kind: EvidenceKind::Png };
    Intent::AddProof { order: Some(order), by: person(n), proof }
}

pub(crate) fn approve(order: OrderId) -> Intent {
    Intent::Approve { order, staff: Staff::Operator("root".into()), reference: None }
}

/// Decides on a snapshot and gives the next one.
pub(crate) fn submit(
    snapshot: &Snapshot,
    catalog: &Catalog,
    intent: &Intent,
    fresh: &FreshIds,
) -> Snapshot {
    let absent = needs(snapshot, &Found::new(), intent).into_iter().map(|key| (key, None));
    let found: Found = absent.collect();
    let records = Records { snapshot, found: &found, in_doubt: false };
    let (edits, _) = decide(&records, catalog, intent, NOON, fresh).unwrap();
    snapshot.after(&edits, snapshot.revision() + 1)
}

/// Every record of one account that was sold, bound, served and told, under its ids.
pub(crate) struct Sale {
    order: Order,
    account: Account,
    run: Run,
    term: Term,
    binding: Binding,
}

impl Sale {
    pub(crate) fn made(catalog: &Catalog) -> Self {
        let mut snapshot = Snapshot::default();
        let fresh = fresh_ids(1);
        for intent in [place(1), pay(1, fresh.order), approve(fresh.order)] {
            snapshot = submit(&snapshot, catalog, &intent, &fresh);
        }
        let id = fresh.account;
        let Scheduled::Bind(edits) = schedule(&snapshot, catalog, id, NOON) else {
            panic!("no server")
        };
        let snapshot = snapshot.after(&edits, snapshot.revision() + 1);
        Self {
            order: snapshot.order(fresh.order).unwrap().clone(),
            account: snapshot.account(id).unwrap().clone(),
            run: snapshot.runs(id).next().unwrap().clone(),
            term: snapshot.terms(id).next().unwrap().clone(),
            binding: snapshot.bindings(id).next().unwrap().clone(),
        }
    }

    pub(crate) fn structs(&self, n: u64) -> Structs {
        let FreshIds { account: id, credentials, order, .. } = fresh_ids(n);
        let NewCredentials { uuid, sub_id, secret, subscription_token } = credentials;
        let server = server_of(n);
        let incarnation = incarnation(n);
        let customer = CustomerId(1_000 + n);
        let credentials = Credentials { uuid, sub_id, secret, ..self.account.credentials.clone() };
        let name = format!("customer-{n}");
        let account = Account {
            id,
            customer,
            customer_name: name,
            credentials,
            subscription_token,
            ..self.account.clone()
        };
        let applied = LastApplied {
            enable: true,
            end: End::at(NOON + self.term.length),
            cap: Cap::Bytes(NonZeroU64::new(50 << 30).unwrap()),
            granted: self.term.quota,
            ip_limit: 2,
            credentials: 1,
            run: 0,
            revision: 1,
            suspended_since: None,
            at: NOON,
        };
        Structs {
            account,
            run: Run { account: id, ..self.run.clone() },
            term: Term { account: id, source: TermSource::Order(order), ..self.term.clone() },
            served: Served { account: id, run: 0, at: NOON },
            binding: Binding { account: id, server: server.clone(), ..self.binding.clone() },
            status: BindingStatus {
                applied: Some(applied),
                incarnation: Some(incarnation.clone()),
                ..BindingStatus::new(id, server.clone())
            },
            ledger: UsageLedger {
                account: id,
                server,
                incarnation,
                baseline: Bytes(0),
                total: Bytes(0),
                disputed: Bytes(0),
                at: NOON,
            },
        }
    }

    /// The seven records that say what an account has and where it is served.
    pub(crate) fn seven(&self, n: u64) -> Vec<Record> {
        let Structs { account, run, term, served, binding, status, ledger } = self.structs(n);
        vec![
            account.into(),
            run.into(),
            term.into(),
            served.into(),
            binding.into(),
            status.into(),
            ledger.into(),
        ]
    }

    /// The rest once its order was decided over a week ago.
    pub(crate) fn archived(&self, n: u64) -> Vec<Record> {
        let mut rest = self.rest(n);
        for record in &mut rest {
            if let Record::Order(order) = record {
                order.archived = true;
            }
        }
        rest
    }

    /// The rest: what was ordered and shown, what is true of the account, and what was delivered.
    pub(crate) fn rest(&self, n: u64) -> Vec<Record> {
        let FreshIds { order, account, .. } = fresh_ids(n);
        let customer = CustomerId(1_000 + n);
        let approved = Verdict::Approved { reference: None, account };
        let decision = self.order.decision.clone().map(|d| Decision { verdict: approved, ..d });
        let name = format!("customer-{n}");
        let sold = self.order.clone();
        let shown = |key, channel| Surface {
            channel: Some(channel),
            message: Some(1_300_000_000_000_000_000 + n),
            shown: Some(format!("{n:064x}")),
            posts: 1,
            ..Surface::new(key)
        };
        vec![
            Order { id: order, customer, customer_name: name, decision, ..sold }.into(),
            UnpaidOrder { customer, order }.into(),
            shown(SurfaceKey::OrderThread(order), 1_200_000_000_000_000_000 + n).into(),
            shown(SurfaceKey::ReviewCard(order), 100_000_000_000_000_013).into(),
            AccountStatus {
                account,
                conditions: vec![Condition {
                    kind: ConditionKind::Ready,
                    reason: "served".into(),
                    since: NOON,
                }],
            }
            .into(),
            Delivery {
                account,
                fingerprint: format!("{n:064x}"),
                state: DeliveryState::Delivered,
                at: NOON,
            }
            .into(),
        ]
    }
}

/// The same records as plain structs.
pub(crate) struct Structs {
    pub(crate) account: Account,
    pub(crate) run: Run,
    pub(crate) term: Term,
    pub(crate) served: Served,
    pub(crate) binding: Binding,
    pub(crate) status: BindingStatus,
    pub(crate) ledger: UsageLedger,
}

fn server_of(n: u64) -> ServerId {
    format!("fra-{}", (n - FIRST) / A_SERVER).parse().unwrap()
}

/// The number of the first account.
pub(crate) const FIRST: u64 = 1_000_000;

fn incarnation(n: u64) -> Incarnation {
    let row = i64::try_from(n).unwrap();
    Incarnation { panel: "4f8e3c1a-5f0d-4c6e-9a57-2b1d0e6f7a88".into(), row, created_at: row }
}

/// A record as a store reads it.
pub(crate) fn read(kind: Kind, json: &[u8]) -> (Key, Versioned<Record>) {
    let value = Record::from_json(kind, json).unwrap();
    (value.key(), Versioned { version: 1, value })
}

/// What a server's panel says when it holds exactly what the records say.
pub(crate) fn observation(snapshot: &Snapshot, server: &ServerId) -> Observation {
    let clients = snapshot.bound_to(server).map(|binding| {
        let account = snapshot.account(binding.account).unwrap();
        let status = snapshot.binding_status(binding.account, server).unwrap();
        let applied = status.applied.as_ref().unwrap();
        ObservedClient {
            email: format!("nl-main-{}", account.id),
            uuid: Some(account.credentials.uuid),
            sub_id: account.credentials.sub_id.clone(),
            enable: applied.enable,
            end: Some(applied.end),
            cap: applied.cap,
            ip_limit: applied.ip_limit,
            comment: format!("nl:{}", account.family),
            inbounds: vec![1],
            counter: Bytes(0),
            incarnation: status.incarnation.clone().unwrap(),
            consistent: true,
        }
    });
    let shop = "main".parse().unwrap();
    let (ours, foreign) = Observation::sort_clients(&shop, clients.collect());
    Observation {
        server: server.clone(),
        at: NOON,
        gateway_clock: NOON,
        coverage: Coverage::Full,
        panel: PanelInfo {
            identity: "4f8e3c1a-5f0d-4c6e-9a57-2b1d0e6f7a88".into(),
            version: "3.6.0".into(),
            one_inbound: false,
            xray: XrayState::Running,
        },
        xray_up: None,
        inbounds: vec![InboundFacts {
            id: 1,
            remark: "vless-reality".into(),
            protocol: "vless".into(),
            port: 443,
            enable: true,
            settings: serde_json::json!({}),
            stream: serde_json::json!({}),
            ..InboundFacts::default()
        }],
        ours,
        foreign,
    }
}
