//! Accounts that were sold, spread over servers whose panels hold them as sold.

use nebulalinks::catalog::Catalog;
use nebulalinks::model::{
    Cap, DAY_MS, DesiredClient, DurationMs, Edits, End, Identity, Record, ServerId, UnixMs,
};
use nebulalinks_testkit::panel::PurePanel;
use nebulalinks_testkit::world::email;
use nebulalinks_testkit::{people, shop, sold};
use std::collections::BTreeMap;
use std::num::NonZeroU64;

/// The number of the first account, for its ids and its customer.
pub(crate) const FIRST: u64 = 1_000_000;

/// So many servers, with room for everybody.
pub(crate) fn with_servers(mut catalog: Catalog, servers: u64) -> Catalog {
    let (_, first) = catalog.servers.pop_last().unwrap();
    catalog.servers.clear();
    for n in 0..servers {
        let (id, capacity) = (server(n), 1_000_000);
        let next = nebulalinks::catalog::Server { id: id.clone(), capacity, ..first.clone() };
        catalog.servers.insert(id, next);
    }
    catalog
}

pub(crate) fn server(n: u64) -> ServerId {
    shop::server(&format!("fra-{n}"))
}

/// When the n-th account was sold, for it to end then.
fn sold_at(end: UnixMs) -> UnixMs {
    UnixMs(end.0 - sold::LENGTH.0)
}

/// The records of the n-th account, which ends then.
pub(crate) fn records(n: u64, server: ServerId, end: UnixMs) -> Edits {
    let mut edits = Edits::new();
    let sale = sold::Sale {
        customer: Identity::Discord(FIRST + n),
        customer_name: format!("customer-{n}"),
        family: "basic".parse().unwrap(),
        server,
        at: sold_at(end),
    };
    sale.put_into(&mut edits, people::fresh_ids(FIRST + n));
    edits
}

/// The client that a panel has for these records.
fn client(edits: &Edits, end: UnixMs) -> DesiredClient {
    let account = edits.puts.values().find_map(|record| match record {
        Record::Account(account) => Some(account),
        _ => None,
    });
    let account = account.unwrap();
    DesiredClient {
        email: email(account.id),
        uuid: account.credentials.uuid,
        sub_id: account.credentials.sub_id.clone(),
        secret: account.credentials.secret.clone(),
        enable: true,
        end: End::at(end),
        cap: Cap::Bytes(NonZeroU64::new(sold::QUOTA.0).unwrap()),
        ip_limit: sold::DEVICES,
        comment: format!("nl:{}", account.family),
        inbounds: vec!["vless-reality".into()],
        from: None,
        to: None,
    }
}

/// Records and panels of so many accounts on so many servers.
pub(crate) fn all(
    accounts: u64,
    servers: u64,
    end: impl Fn(u64) -> UnixMs,
) -> (Vec<Edits>, BTreeMap<ServerId, PurePanel>) {
    let ids = (0..servers).map(server);
    let mut panels: BTreeMap<_, _> = ids.map(|id| (id.clone(), PurePanel::new(id))).collect();
    let edits = (0..accounts).map(|n| {
        let (end, server) = (end(n), server(n % servers));
        let edits = records(n, server.clone(), end);
        panels.get_mut(&server).unwrap().put(&client(&edits, end), sold_at(end));
        edits
    });
    (edits.collect(), panels)
}

/// Far from any end.
pub(crate) fn in_days(now: UnixMs, days: u64) -> UnixMs {
    now + DurationMs(days * DAY_MS)
}
