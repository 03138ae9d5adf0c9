//! From a click to its first answer, in a shop of 100,000 accounts, as many closed orders and 1,000
//! open ones, and beside it in a shop of 100 accounts. The loop runs beside the bot, over panels in
//! memory; the store is as it ships; Discord is the emulator.

use crate::figures::{Row, Times};
use crate::memory_panels::MemoryPanels;
use crate::running::{Running, put_all, store, until};
use crate::sold;
use nebulalinks::catalog::Catalog;
use nebulalinks::cli::Env;
use nebulalinks::discord::{Bot, Config, PROFILE, Parts};
use nebulalinks::intent::Reply;
use nebulalinks::model::{Decision, Edits, Identity, Order, Target, TermSource, Verdict};
use nebulalinks::ports::{Place, Store};
use nebulalinks::store::SledStore;
use nebulalinks::view::Pages;
use nebulalinks_model_discord::{Emulator, EmulatorConfig, GuildLayout, Outcome};
use nebulalinks_testkit::world::World;
use nebulalinks_testkit::{people, shop};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Customers who come, one after the other; each clicks three times, and staff once.
const CUSTOMERS: u64 = 100;

/// Accounts and closed orders, servers, and open orders.
struct Size(u64, u64, u64);

struct Open {
    emulator: Emulator,
    _running: Running,
    _stop: DropGuard,
}

/// The test shop in the emulator's guild.
fn catalog(layout: &GuildLayout, servers: u64) -> Catalog {
    let mut catalog = sold::with_servers(shop::catalog(), servers);
    let shop = &mut catalog.shop;
    shop.guild = layout.guild;
    (shop.channels.store, shop.channels.orders) = (layout.store, layout.orders);
    shop.channels.review = layout.review;
    shop.roles.admin = BTreeSet::from([layout.admin]);
    catalog
}

/// The order by which the n-th account was bought, long ago.
fn closed(like: &Order, n: u64) -> Order {
    let ids = people::fresh_ids(sold::FIRST + n);
    let mut order = like.clone();
    let verdict = Verdict::Approved { reference: None, account: ids.account };
    order.decision = order.decision.map(|decision| Decision { verdict, ..decision });
    order.evidence[0].sha256 = format!("{n:064x}");
    let customer = people::customer_id(Identity::Discord(sold::FIRST + n));
    Order { id: ids.order, customer, archived: true, ..order }
}

/// What the n-th account and its order are made of.
fn with_order(mut edits: Edits, like: &Order, n: u64) -> Edits {
    let order = closed(like, n);
    for record in edits.puts.values_mut() {
        if let nebulalinks::model::Record::Term(term) = record {
            term.source = TermSource::Order(order.id);
        }
    }
    edits.put(order);
    edits
}

async fn fill(store: &SledStore, records: Vec<Edits>) {
    let world = World::settled(shop::catalog(), 1, "basic-30");
    let like = world.snapshot.orders().next().unwrap().clone();
    let records = (0..).zip(records).map(|(n, edits)| with_order(edits, &like, n));
    put_all(store, records).await;
}

impl Open {
    async fn new(Size(accounts, servers, open): Size) -> Self {
        let emulator =
            Emulator::start(EmulatorConfig::new("token", EmulatorConfig::system_clock()))
                .await
                .unwrap();
        let folder = tempfile::tempdir().unwrap().keep();
        let store = store(&folder).await;
        let now = Env::real().clock.now();
        let (records, panels) = sold::all(accounts, servers, |_| sold::in_days(now, 20));
        fill(&store, records).await;
        let panels = Arc::new(MemoryPanels::new(panels, BTreeMap::new()));
        let catalog = catalog(&emulator.layout(), servers);
        let running = Running::over(store.clone(), panels, catalog);
        until(&*store, "everybody is known", |snapshot| {
            let last = sold::server(servers - 1);
            let applied =
                |id| snapshot.binding_status(id, &last).is_some_and(|s| s.applied.is_some());
            snapshot.served_by(&last).all(|(binding, _)| applied(binding.account))
        })
        .await;
        for n in 0..open {
            let who = 50_000_000 + n;
            let placed = people::place(who, "basic-30", Target::New, 1 + n);
            let Ok(Reply::Placed(order)) = running.intents.submit(placed).await else {
                panic!("not placed")
            };
            running.intents.submit(people::pay(who, order, 1_000_000_000 + n)).await.unwrap();
        }
        let stop = Self::connect(&emulator, &running, store, &folder).await;
        Self { emulator, _running: running, _stop: stop }
    }

    /// Connects the bot, and posts what people press.
    async fn connect(
        emulator: &Emulator,
        running: &Running,
        store: Arc<dyn Store>,
        folder: &std::path::Path,
    ) -> DropGuard {
        let base: url::Url = emulator.base_url().parse().unwrap();
        let bot = Bot::new(Parts {
            config: Config {
                token: "token".into(),
                cdn_hosts: BTreeSet::new(),
                api_base: Some(base),
                proofs_dir: folder.join("proofs"),
            },
            store: store.clone(),
            intents: running.intents.clone(),
            catalog: running.catalog.clone(),
            clock: Env::real().clock,
            time: running.time.clone(),
        })
        .unwrap();
        let stop = CancellationToken::new();
        let (serving, token) = (bot.clone(), stop.clone());
        tokio::spawn(async move { serving.run(token).await });
        emulator.wait_for_bot(Duration::from_secs(60)).await.unwrap();
        let panel = {
            let (snapshot, catalog) = (store.snapshot(), running.catalog.borrow().clone());
            Pages::new(&PROFILE, &snapshot, &catalog, Env::real().clock.now()).store_panel()
        };
        let place = Place::Channel(emulator.layout().store);
        bot.chat().post(place, &panel, "store-panel.0").await.unwrap();
        stop.drop_guard()
    }

    /// What the n-th customer and staff click, each timed: pages, and an order.
    async fn clicks(&self, n: u64, times: &mut [Vec<Duration>; 2]) {
        let store = self.emulator.layout().store;
        let customer = self.emulator.user(&format!("alice-{n}"));
        let staff = self.emulator.staff("omar", "admin");
        let [pages, orders] = times;
        pages.push(timed("Which plan?", customer.press(store, "Buy")).await);
        pages.push(timed("", customer.pick("basic-30")).await);
        orders.push(timed("01000000000", customer.pick("cash")).await);
        pages.push(timed("", staff.slash("/admin pending", &[], None)).await);
    }
}

/// How long until a click was answered with this.
async fn timed<E: std::fmt::Debug>(
    shows: &str,
    click: impl Future<Output = Result<Outcome, E>>,
) -> Duration {
    let begun = Instant::now();
    let shown = click.await.unwrap();
    let took = begun.elapsed();
    assert!(shown.text().contains(shows), "{shown:?}");
    took
}

pub(crate) async fn rows() -> Vec<Row> {
    let small = Open::new(Size(100, 1, 10)).await;
    let large = Open::new(Size(100_000, 50, 1_000)).await;
    let (mut in_large, mut in_small) = <([Vec<Duration>; 2], [Vec<Duration>; 2])>::default();
    for n in 0..CUSTOMERS {
        small.clicks(n, &mut in_small).await;
        large.clicks(n, &mut in_large).await;
    }
    let names = ["a page", "an order, placed"];
    let all = names.into_iter().zip(in_large.into_iter().zip(in_small));
    all.flat_map(|(name, (large, small))| {
        let (large, small): (Times, Times) =
            (large.into_iter().collect(), small.into_iter().collect());
        [50, 99].map(|part| {
            let what = format!("click → first answer, 100,000 accounts: {name}, p{part}");
            let row = Row::new(what, "ms").ours(large.at(part));
            row.beside("100 accounts", small.at(part)).at_most(300.0)
        })
    })
    .collect()
}
