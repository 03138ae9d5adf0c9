//! From an approval to the client on the panel, read back and recorded; beside it the least that a
//! script of the operator does for that: read this one client, add it, read it back. The panel has
//! 10,000 clients, all of them ours.

use crate::figures::{Row, Times};
use crate::parts::child::Child;
use crate::parts::panel::{self, ENDS, QUOTA, Target, client, now_ms};
use crate::running::{Running, put_all, store, until};
use nebulalinks::catalog::Catalog;
use nebulalinks::intent::Reply;
use nebulalinks::model::{
    AccountId, Bytes, DAY_MS, Edits, Identity, Quota, Record, ServerId, Snapshot, Target as For,
    UnixMs,
};
use nebulalinks::ports::Store;
use nebulalinks_testkit::{people, shop, sold};
use std::time::{Duration, Instant};

const CLIENTS: usize = 10_000;
/// Approvals, and as many direct calls, by turns; after some that do not count.
const ROUNDS: usize = 500;
const WARM_UP: usize = 20;

/// The server that the benchmark's gateway has the keys of.
pub(crate) fn server() -> ServerId {
    shop::server("bench")
}

/// One server with room, behind the gateway at this address.
pub(crate) fn catalog(gateway: &str) -> Catalog {
    let mut catalog = shop::catalog_with_room(1_000_000, 0);
    let (_, first) = catalog.servers.pop_last().unwrap();
    catalog.servers.clear();
    let address = format!("http://{gateway}");
    let bench = nebulalinks::catalog::Server {
        id: server(),
        gateway: address,
        keys: "bench".into(),
        capacity: 1_000_000,
        ..first
    };
    catalog.servers.insert(server(), bench);
    catalog
}

/// The records of the n-th client that the panel has.
pub(crate) fn records(n: usize, at: UnixMs) -> Edits {
    let mut ids = people::fresh_ids(n as u64);
    let asked = client(n);
    let text = |name: &str| asked["client"][name].as_str().unwrap().to_owned();
    let id = text("email").trim_start_matches("nl-main-").parse::<AccountId>().unwrap();
    ids.account = id;
    ids.credentials.uuid = text("id").parse().unwrap();
    ids.credentials.sub_id = text("subId");
    let sale = sold::Sale {
        customer: Identity::Discord(1_000_000 + n as u64),
        customer_name: format!("customer-{n}"),
        family: "basic".parse().unwrap(),
        server: server(),
        at,
    };
    let mut edits = Edits::new();
    sale.put_into(&mut edits, ids);
    for record in edits.puts.values_mut() {
        if let Record::Term(term) = record {
            (term.length, term.quota) = (UnixMs(ENDS).since(at), Quota::Bytes(Bytes(QUOTA)));
        }
    }
    edits
}

pub(crate) fn is_served(snapshot: &Snapshot, account: AccountId) -> bool {
    snapshot.binding_status(account, &server()).is_some_and(|status| status.applied.is_some())
}

/// The n-th customer's order is approved: how long until the client was read back from the panel
/// and that is durable.
async fn approve(running: &Running, store: &dyn Store, n: u64) -> Duration {
    let ask = |intent| running.intents.submit(intent);
    let Ok(Reply::Placed(order)) = ask(people::place(n, "basic-30", For::New, n + 1)).await else {
        panic!("not placed")
    };
    ask(people::pay(n, order, n + 1)).await.unwrap();
    let begun = Instant::now();
    let Ok(Reply::Approved(_, account)) = ask(people::approve(order)).await else {
        panic!("not approved")
    };
    until(store, "a client", |snapshot| is_served(snapshot, account)).await;
    begun.elapsed()
}

/// What whoever has the panel's token does for one client.
async fn direct(http: &reqwest::Client, target: &Target, n: usize) -> Duration {
    let new = client(n);
    let email = new["client"]["email"].as_str().unwrap();
    let begun = Instant::now();
    assert_eq!(one(http, target, email).await["success"], false);
    let add = format!("{}panel/api/clients/add", target.url);
    let answer = http.post(add).bearer_auth(&target.token).json(&new).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(answer["success"], true, "{answer}");
    assert_eq!(one(http, target, email).await["obj"]["client"]["uuid"], new["client"]["id"]);
    begun.elapsed()
}

async fn one(http: &reqwest::Client, target: &Target, email: &str) -> serde_json::Value {
    let url = format!("{}panel/api/clients/get/{email}", target.url);
    http.get(url).bearer_auth(&target.token).send().await.unwrap().json().await.unwrap()
}

pub(crate) async fn rows() -> Vec<Row> {
    let (target, _panel) = panel::model(CLIENTS).await;
    let gateway = Child::start("gateway", &target).await;
    let folder = tempfile::tempdir().unwrap().keep();
    let store = store(&folder).await;
    let at = UnixMs(now_ms() - DAY_MS);
    put_all(&*store, (0..CLIENTS).map(|n| records(n, at))).await;
    let running = Running::start(store.clone(), catalog(&gateway.address.to_string()));
    let ours = |snapshot: &Snapshot| {
        snapshot.served_by(&server()).all(|(binding, _)| is_served(snapshot, binding.account))
    };
    until(&*store, "every client is known", ours).await;
    eprintln!("{CLIENTS} clients are known");
    let http = reqwest::Client::builder().no_proxy().http1_only().build().unwrap();
    let (mut through, mut beside) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS + WARM_UP {
        through.push(approve(&running, &*store, n as u64).await);
        beside.push(direct(&http, &target, 100_000 + n).await);
    }
    let through: Times = through.split_off(WARM_UP).into_iter().collect();
    let beside: Times = beside.split_off(WARM_UP).into_iter().collect();
    let row = |part: usize, most: f64| {
        let what = format!("approve → client read back and recorded, 10,000 on the panel, p{part}");
        let row = Row::new(what, "ms").ours(through.at(part));
        row.beside("panel calls alone: read, add, read back", beside.at(part)).at_most(most)
    };
    vec![row(50, 1.2 * beside.at(50) + 10.0), row(99, 2.0 * beside.at(99))]
}
