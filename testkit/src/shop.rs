//! A shop with two servers, capped and unlimited plans, and a method of each strictness.

use nebulalinks::catalog::{Catalog, Files, Source, parse};
use nebulalinks::model::{DurationMs, ServerId};

const PLANS: &str = "
plans:
  - {id: basic-30, family: basic, name: {en: Basic}, prices: [100.00 EGP, 2.10 USD], duration: 30d,
     traffic: 50GiB, devices: 2, servers: {any: true}, lifecycle: active}
  - {id: basic-90, family: basic, name: {en: Longer}, prices: [270.00 EGP], duration: 90d,
     traffic: 150GiB, devices: 3, servers: {any: true}, lifecycle: active}
  - {id: pro-30, family: pro, name: {en: Pro}, prices: [250.00 EGP], duration: 30d,
     traffic: unlimited, devices: 5, servers: {any: true}, lifecycle: active}
  - {id: fra-30, family: basic, name: {en: Frankfurt}, prices: [100.00 EGP], duration: 30d,
     traffic: 50GiB, devices: 2, servers: {ids: [fra-1]}, lifecycle: active}
  - {id: old-30, family: basic, name: {en: Old}, prices: [90.00 EGP], duration: 30d,
     traffic: 40GiB, devices: 1, servers: {any: true}, lifecycle: retired}
";
const SERVERS: &str = "
servers:
  - {id: fra-1, name: {en: Frankfurt}, host: fra1.example.net, gateway: 'http://127.0.0.1:18443',
     keys: fra-1, inbounds: [vless-reality], labels: {region: eu}, capacity: 1000, weight: 1,
     line: 1Gbit, lifecycle: active, mode: manage, drift: repair}
  - {id: ams-1, name: {en: Amsterdam}, host: ams1.example.net, gateway: 'http://127.0.0.1:18444',
     keys: ams-1, inbounds: [vless-reality], labels: {region: eu}, capacity: 1000, weight: 1,
     line: 1Gbit, lifecycle: active, mode: manage, drift: repair}
";
const PAYMENTS: &str = "
methods:
  - {id: cash, kind: manual, name: {en: Cash}, currencies: [EGP], account: '01000000000',
     instructions: {en: 'Send {amount} to {account} and write {reference} in the note.'},
     proof: required, reference: optional, lifecycle: active}
  - {id: bank, kind: manual, name: {en: Bank}, currencies: [USD, EGP], account: 'GB33BUKB',
     instructions: {en: 'Send {amount} to {account} and write {reference} in the note.'},
     proof: optional, reference: required, lifecycle: active}
";
const SHOP: &str = "
shop:
  id: main
  discord:
    guild: '100000000000000001'
    channels: {store: '100000000000000011', orders: '100000000000000012',
               review: '100000000000000013'}
    roles: {owner: ['100000000000000021'], admin: ['100000000000000022'],
            support: ['100000000000000023']}
  languages: [en, ar, ru]
  time_zone: Africa/Cairo
  orders: {pay_within: 24h, space: private_thread, deliver: dm}
  retention: {proofs: 90d, threads: 7d, tombstones: 7d}
  guard: {destructive_percent: 10, destructive_floor: 5}
";

/// The role that may decide orders.
pub const ADMIN_ROLE: u64 = 100_000_000_000_000_022;

/// The shop's catalog, through the production reader.
pub fn catalog() -> Catalog {
    parse(&files()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Its files.
pub fn files() -> Files {
    Files {
        plans: PLANS.into(),
        servers: SERVERS.into(),
        payments: PAYMENTS.into(),
        shop: SHOP.into(),
        promos: Source::Missing,
        commit: None,
    }
}

/// The same with other capacities on `fra-1` and `ams-1`.
pub fn catalog_with_room(fra: u32, ams: u32) -> Catalog {
    let mut catalog = catalog();
    catalog.servers.get_mut(&server("fra-1")).unwrap().capacity = fra;
    catalog.servers.get_mut(&server("ams-1")).unwrap().capacity = ams;
    catalog
}

/// The same with every plan of this length.
pub fn with_length(mut catalog: Catalog, length: DurationMs) -> Catalog {
    for plan in &mut catalog.plans {
        plan.duration = length;
    }
    catalog
}

/// A server's id.
pub fn server(id: &str) -> ServerId {
    id.parse().unwrap()
}
