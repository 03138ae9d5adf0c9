//! A thousand orders at once: how soon each has its thread, and staff the card they wait for.

use super::shop::{self, WallClock, wall_now};
use async_trait::async_trait;
use nebulalinks::catalog::Catalog;
use nebulalinks::controller::{Cadence, Controller, Parts};
use nebulalinks::intent::{FreshIds, NewCredentials};
use nebulalinks::model::*;
use nebulalinks::ports::*;
use nebulalinks::store::MemoryStore;
use nebulalinks_model_discord::{Emulator, EmulatorConfig};
use nebulalinks_testkit::people;
use nebulalinks_testkit::time::Believing;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const ORDERS: u128 = 1_000;

/// No server is in the catalog: nobody is called.
struct NoPanels;

fn nobody<T>() -> Result<T, PanelError> {
    let detail = String::new();
    Err(PanelError {
        class: ErrorClass::Unreachable,
        code: PanelCode::Unreachable,
        detail,
        retry_after_ms: None,
        unshown: Vec::new(),
    })
}

#[async_trait]
impl PanelApi for NoPanels {
    async fn claim(&self, _: &Endpoint, _: &Claim) -> Result<Claimed, PanelError> {
        nobody()
    }
    async fn list(&self, _: &Endpoint) -> Result<Observation, PanelError> {
        nobody()
    }
    async fn observe(&self, _: &Endpoint, _: &[String]) -> Result<Observation, PanelError> {
        nobody()
    }
    async fn put(
        &self,
        _: &Endpoint,
        _: WriteToken<'_>,
        _: Precondition,
        _: &DesiredClient,
    ) -> Result<Written, PanelError> {
        nobody()
    }
    async fn addresses(&self, _: &Endpoint, _: &str) -> Result<Vec<IpAddr>, PanelError> {
        Ok(Vec::new())
    }

    async fn restart_xray(&self, _: &Endpoint, _: WriteToken<'_>) -> Result<(), PanelError> {
        nobody()
    }
    async fn delete(
        &self,
        _: &Endpoint,
        _: WriteToken<'_>,
        _: &str,
        _: uuid::Uuid,
    ) -> Result<Written, PanelError> {
        nobody()
    }
}

struct Fixed;

impl Entropy for Fixed {
    fn fresh_ids(&self, now: UnixMs) -> FreshIds {
        FreshIds {
            order: shop::order_id(),
            account: shop::account_id(),
            customer: people::customer_id(Identity::Discord(1)),
            credentials: NewCredentials {
                uuid: uuid::Uuid::from_u128(1),
                sub_id: "sub0000000000001".to_owned(),
                secret: "s".repeat(43),
                subscription_token: "t".repeat(43),
            },
            audit: ulid::Ulid::from_parts(now.0, 1).to_string().to_ascii_lowercase(),
        }
    }
    fn ulid(&self, now: UnixMs) -> String {
        self.fresh_ids(now).audit
    }
    fn fraction(&self) -> f64 {
        0.5
    }
}

fn order(n: u128, customer: u64, proof: bool) -> Edits {
    let now = WallClock.now();
    let mut edits = Edits::new();
    let identity = Identity::Discord(customer);
    let id = people::put_customer(&mut edits, identity, "somebody", now);
    let mut order = shop::placed(id, now);
    order.id = OrderId::new(ulid::Ulid::from_parts(now.0, n));
    if proof {
        order.evidence.push(Evidence {
            sha256: "ab".repeat(32),
            size_bytes: 10,
            kind: EvidenceKind::Png,
            at: now,
            undated: false,
            look: None,
            resembles: None,
            stated: None,
            deleted_at: None,
        });
    }
    edits.put(order);
    edits
}

/// `cargo test --release --test it discord::flood -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, a minute or two"]
async fn a_thousand_orders_at_once_get_their_threads_and_a_card_does_not_wait_for_them() {
    let mut config = EmulatorConfig::new("right", EmulatorConfig::system_clock());
    config.limits.active_threads = 2_000;
    let emulator = Emulator::start(config).await.unwrap();
    let layout = emulator.layout();
    let mut catalog: Catalog = shop::catalog(&layout);
    catalog.servers.clear();
    let catalog = Arc::new(catalog);
    let proofs = tempfile::tempdir().unwrap();
    let intents = shop::intents(&Arc::new(MemoryStore::new()), layout.admin);
    let store = Arc::new(MemoryStore::new());
    let bot = shop::bot(&emulator, &catalog, store.clone(), intents, proofs.path());
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (bot, stop) = (bot.clone(), stop.clone());
        async move { bot.run(stop).await }
    });
    emulator.wait_for_bot(shop::SOON).await.unwrap();
    let (controller, _hints) = Controller::new(Parts {
        store: store.clone(),
        panels: Arc::new(NoPanels),
        chat: Some(bot.chat()),
        catalog: watch::channel(catalog).1,
        clock: Arc::new(WallClock),
        time: Believing::of(Arc::new(WallClock)),
        entropy: Arc::new(Fixed),
        take_over: false,
        cadence: watch::channel(Cadence::default()).1,
        reasons: Vec::new(),
    });
    let stats = controller.stats();
    tokio::spawn(controller.run(stop.clone()));
    let customers: Vec<u64> =
        (0..50).map(|n| emulator.user(&format!("customer-{n}")).id()).collect();
    let began = wall_now();
    for (n, customer) in (0..ORDERS).zip(customers.iter().cycle()) {
        store.txn(order(n, *customer, false)).await.unwrap();
    }
    // The last to come has paid already.
    store.txn(order(ORDERS, customers[0], true)).await.unwrap();
    let placed = wall_now().since(began);
    let (mut opened, mut carded, mut after_90) = (None, None, None);
    let paid = wall_now();
    while opened.is_none() || carded.is_none() {
        let took = wall_now().since(began);
        assert!(took.0 < 600_000, "after ten minutes: {:?}", stats.runs());
        if carded.is_none() && !emulator.channel_messages(layout.review).is_empty() {
            carded = Some(wall_now().since(paid));
        }
        let snapshot = store.snapshot();
        let shown = snapshot.surfaces().filter(|s| matches!(s.key, SurfaceKey::OrderThread(_)));
        let shown = shown.filter(|s| s.shown.is_some()).count();
        if took.0 >= 90_000 && after_90.is_none() {
            after_90 = Some(shown);
        }
        if shown > usize::try_from(ORDERS).unwrap() {
            opened = Some(took);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!(
        "{ORDERS} orders placed in {} ms; every thread with its message after {} ms (after 90 s: \
         {after_90:?}); the card of the order that was paid last after {} ms; requests {}; runs {:?}",
        placed.0,
        opened.unwrap().0,
        carded.unwrap().0,
        emulator.requests().len(),
        stats.runs(),
    );
    stop.cancel();
    let _ = running.await;
    assert_eq!(emulator.threads().len(), customers.len().max(usize::try_from(ORDERS).unwrap() + 1));
}
