//! No two orders are called alike.

use async_trait::async_trait;
use nebulalinks::intent::{FreshIds, Reply};
use nebulalinks::model::{DurationMs, Key, Moment, OrderId, Record, Target, UnixMs};
use nebulalinks::ports::{Clock, Entropy, IntentHandler as _, Store as _};
use nebulalinks::store::{MemoryStore, StoreIntentHandler};
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop;
use nebulalinks_testkit::time::Believing;
use nebulalinks_testkit::world::NOON;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use ulid::Ulid;

/// The first five ids that it draws end alike.
struct Unlucky(AtomicU64);

impl Entropy for Unlucky {
    fn fresh_ids(&self, now: UnixMs) -> FreshIds {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        let end = if n < 5 { 7 } else { 7 + n };
        let order =
            OrderId::new(Ulid::from_parts(now.0 + n, (u128::from(n) << 40) | u128::from(end)));
        FreshIds { order, ..people::fresh_ids(n + 1) }
    }
    fn ulid(&self, now: UnixMs) -> String {
        Ulid::from_parts(now.0, 1).to_string().to_lowercase()
    }
    fn fraction(&self) -> f64 {
        0.0
    }
}

struct Stands;

#[async_trait]
impl Clock for Stands {
    fn now(&self) -> UnixMs {
        NOON
    }
    fn moment(&self) -> Moment {
        Moment { wall: NOON, monotonic: DurationMs(0) }
    }
    async fn sleep_until(&self, _: UnixMs) {}
    fn crash_point(&self, _: &'static str) {}
}

#[tokio::test]
async fn an_order_whose_reference_another_one_has_is_drawn_anew() {
    let store = Arc::new(MemoryStore::new());
    let catalog = watch::Sender::new(Arc::new(shop::catalog()));
    let clock: Arc<dyn Clock> = Arc::new(Stands);
    let handler = StoreIntentHandler::new(
        store.clone(),
        catalog.subscribe(),
        clock.clone(),
        Arc::new(Unlucky(AtomicU64::new(0))),
        Believing::of(clock),
    );
    let mut placed = Vec::new();
    for n in 1..=3 {
        let intent = people::place(n, "basic-30", Target::New, n);
        let Ok(Reply::Placed(order)) = handler.submit(intent).await else { panic!("{n}") };
        let found = store.get(&Key::OrderByReference(order.reference())).await.unwrap();
        let Some(Record::OrderByReference(index)) = found.map(|f| f.value) else { panic!("{n}") };
        assert_eq!(index.order, order);
        placed.push(order.reference());
    }
    placed.sort();
    placed.dedup();
    assert_eq!(placed.len(), 3);
}
