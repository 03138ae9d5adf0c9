//! A shop of so many accounts: the records of the sample's one sale under other ids, each through its
//! JSON as from a store, and panels that agree with them.

use nebulalinks_core::catalog::Catalog;
use nebulalinks_core::intent::{
    Found, FreshIds, Intent, NewCredentials, Person, Placement, Proof, Records, Staff, decide,
    needs,
};
use nebulalinks_core::model::*;
use nebulalinks_core::view::sample;
use std::collections::BTreeSet;
use ulid::Ulid;

/// When everything was sold and is looked at.
pub(crate) const NOW: UnixMs = sample::NOW;
/// Accounts of one server.
pub(crate) const A_SERVER: u64 = 2_000;
/// The number of the first account.
pub(crate) const FIRST: u64 = 1_000_000;

/// The sample's catalog with as many servers as so many accounts need.
pub(crate) fn catalog(accounts: u64) -> Catalog {
    let mut catalog = sample::catalog();
    let (_, server) = catalog.servers.pop_first().unwrap();
    for n in 0..accounts.div_ceil(A_SERVER) {
        let mut next = server.clone();
        next.id = server_of(FIRST + n * A_SERVER);
        next.capacity = 3_000;
        catalog.servers.insert(next.id.clone(), next);
    }
    catalog
}

/// The ids and credentials of one account.
pub(crate) fn fresh_ids(n: u64) -> FreshIds {
    let id = |of: u128| Ulid((u128::from(n) << 16) + of);
    FreshIds {
        order: OrderId::new(id(1)),
        account: AccountId::new(id(2)),
        customer: CustomerId::new(id(4)),
        credentials: NewCredentials {
            uuid: uuid::Uuid::from_u128(id(0).0),
            sub_id: format!("{n:016}"),
            secret: format!("{n:043}"),
            subscription_token: format!("{n:043}"),
        },
        audit: id(3).to_string().to_lowercase(),
    }
}

fn customer(n: u64) -> CustomerId {
    fresh_ids(n).customer
}

fn there(n: u64) -> Identity {
    Identity::Discord(800_000_000_000_000_000 + n)
}

fn person(n: u64) -> Person {
    Person { identity: there(n), name: format!("customer-{n}"), roles: BTreeSet::new() }
}

/// What a customer does, and staff after.
pub(crate) fn place(n: u64) -> Intent {
    Intent::Place(Placement {
        customer: person(n),
        language: "ar".parse().ok(),
        target: Target::New,
        plan: "basic-30".parse().unwrap(),
        method: "vodafone-cash".parse().unwrap(),
        interaction: RequestKey::of(Front::Discord, n),
    })
}

pub(crate) fn pay(n: u64, order: OrderId) -> Intent {
    let proof = Proof {
        sha256: format!("{n:064x}"),
        size_bytes: 1_000,
        kind: EvidenceKind::Png,
        look: None,
        alike: Vec::new(),
        stated: None,
    };
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
    let absent = needs(snapshot, &Found::new(), intent, NOW).into_iter().map(|key| (key, None));
    let found: Found = absent.collect();
    let records = Records { snapshot, found: &found, in_doubt: false };
    let (edits, _) = decide(&records, catalog, intent, NOW, fresh).unwrap();
    snapshot.after(&edits, snapshot.revision() + 1)
}

/// The sample's account that was sold, bound and served, and its order.
pub(crate) struct Sale {
    order: Order,
    sold: Structs,
}

/// The seven records that say what an account has and where it is served.
#[derive(Clone)]
pub(crate) struct Structs {
    pub(crate) account: Account,
    pub(crate) run: Run,
    pub(crate) term: Term,
    pub(crate) served: Served,
    pub(crate) binding: Binding,
    pub(crate) status: BindingStatus,
    pub(crate) ledger: UsageLedger,
}

impl Sale {
    /// Kinds of record of [`Sale::record`].
    pub(crate) const KINDS: usize = 15;
    /// The first of them are the seven of [`Structs`].
    pub(crate) const SEVEN: usize = 7;
    /// From here on they are the two of a customer.
    pub(crate) const CUSTOMERS: usize = 13;

    pub(crate) fn of_the_sample() -> Self {
        let snapshot = sample::snapshot([sample::served_account(1, true)]);
        let records = snapshot.records_of(sample::account_id(1)).unwrap();
        let account = records.account().unwrap().clone();
        let binding = records.bindings().next().unwrap().clone();
        let run = records.runs().next().unwrap().clone();
        let served = Served { account: account.id, run: 0, at: records.served_at(0).unwrap() };
        let sold = Structs {
            term: records.terms().next().unwrap().clone(),
            status: records.binding_status(&binding.server).unwrap().clone(),
            ledger: records.ledgers().next().unwrap().clone(),
            account,
            run,
            served,
            binding,
        };
        Self { order: snapshot.orders().next().unwrap().clone(), sold }
    }

    /// The seven of one account.
    pub(crate) fn structs(&self, n: u64) -> Structs {
        let FreshIds { account: id, credentials, order, .. } = fresh_ids(n);
        let NewCredentials { uuid, sub_id, secret, subscription_token } = credentials;
        let mut all = self.sold.clone();
        let Credentials { version, .. } = all.account.credentials;
        all.account.credentials = Credentials { uuid, sub_id, secret, version };
        all.account.subscription_token = subscription_token;
        all.account.customer = customer(n);
        all.term.source = TermSource::Order(order);
        let ids = [&mut all.account.id, &mut all.run.account, &mut all.term.account];
        let more = [&mut all.served.account, &mut all.binding.account, &mut all.status.account];
        ids.into_iter().chain(more).chain([&mut all.ledger.account]).for_each(|of| *of = id);
        let servers = [&mut all.binding.server, &mut all.status.server, &mut all.ledger.server];
        servers.into_iter().for_each(|of| *of = server_of(n));
        all.ledger.incarnation.row = i64::try_from(n).unwrap();
        all.status.incarnation = Some(all.ledger.incarnation.clone());
        all
    }

    /// One account's record of one kind: its seven, then what was ordered and shown, what is true
    /// of it, what was delivered, and whose it is.
    pub(crate) fn record(&self, n: u64, kind: usize, archived: bool) -> Record {
        let FreshIds { order, account, .. } = fresh_ids(n);
        let shown = |key, channel| Surface {
            channel: Some(channel),
            message: Some(1_300_000_000_000_000_000 + n),
            shown: Some(format!("{n:064x}")),
            posts: 1,
            ..Surface::new(key)
        };
        match kind {
            0 => self.structs(n).account.into(),
            1 => self.structs(n).run.into(),
            2 => self.structs(n).term.into(),
            3 => self.structs(n).served.into(),
            4 => self.structs(n).binding.into(),
            5 => self.structs(n).status.into(),
            6 => self.structs(n).ledger.into(),
            7 => {
                let mut sold = self.order.clone();
                let verdict = Verdict::Approved { reference: None, account };
                sold.decision = sold.decision.map(|decision| Decision { verdict, ..decision });
                sold.evidence[0].sha256 = format!("{n:064x}");
                Order { id: order, customer: customer(n), archived, ..sold }.into()
            }
            8 => UnpaidOrder { customer: customer(n), order }.into(),
            9 => shown(SurfaceKey::OrderThread(order), 1_200_000_000_000_000_000 + n).into(),
            10 => shown(SurfaceKey::ReviewCard(order), 13).into(),
            11 => {
                let kind = ConditionKind::Ready;
                let ready = Condition { kind, reason: "served".into(), since: NOW };
                AccountStatus { account, conditions: vec![ready] }.into()
            }
            13 => CustomerIdentity { identity: there(n), customer: customer(n) }.into(),
            14 => Customer {
                id: customer(n),
                identities: [there(n)].into(),
                name: format!("customer-{n}").into(),
                language: "ar".parse().ok(),
                created_at: NOW,
                own: None,
                note: None,
            }
            .into(),
            _ => {
                let (fingerprint, state) = (format!("{n:064x}"), DeliveryState::Delivered);
                Delivery::after(None, account, fingerprint, state, NOW).into()
            }
        }
    }
}

fn server_of(n: u64) -> ServerId {
    format!("fra-{}", (n - FIRST) / A_SERVER).parse().unwrap()
}

/// A record as a store reads it.
pub(crate) fn read(kind: Kind, json: &[u8]) -> (Key, Versioned<Record>) {
    let value = Record::from_json(kind, json).unwrap();
    (value.key(), Versioned { version: 1, value })
}

/// What a server's panel says when it holds exactly what the records say.
pub(crate) fn observation(snapshot: &Snapshot, server: &ServerId) -> Observation {
    let clients = snapshot.served_by(server).map(|(_, records)| {
        let (account, ledger) = (records.account().unwrap(), records.ledgers().next().unwrap());
        let status = records.binding_status(server).unwrap();
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
            counter: ledger.baseline,
            incarnation: ledger.incarnation.clone(),
            consistent: true,
            renews: false,
        }
    });
    let shop = "main".parse().unwrap();
    let (ours, foreign) = Observation::sort_clients(&shop, clients.collect());
    let panel = PanelInfo {
        identity: "p".into(),
        version: "3.6.0".into(),
        one_inbound: false,
        xray: XrayState::Running,
    };
    Observation {
        server: server.clone(),
        at: NOW,
        gateway_clock: NOW,
        coverage: Coverage::Full,
        panel,
        xray_up: None,
        inbounds: sample::facts().inbounds,
        ours,
        foreign,
    }
}
