//! What was taken is what orders were approved for, less what was taken back: after each decision, whatever is
//! asked twice, at once, or over midnight, and of a store of before it was kept.

use crate::random::cases;
use async_trait::async_trait;
use nebulalinks::controller::{recount, recount_if_short, takings_of};
use nebulalinks::intent::{FreshIds, Reply};
use nebulalinks::model::*;
use nebulalinks::ports::{Clock, Entropy, IntentHandler as _, Span, Store, StoreError};
use nebulalinks::store::{MemoryStore, StoreIntentHandler};
use nebulalinks_testkit::people::{self, approve, decline, pay, place, reopen, reverse};
use nebulalinks_testkit::shop;
use nebulalinks_testkit::store::{CommitHook, HookedStore, recounted};
use nebulalinks_testkit::time::Believing;
use nebulalinks_testkit::world::{NOON, World};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// What the records of days say, and what a walk over all orders comes to.
fn both(world: &World) -> (AllTakings, AllTakings) {
    let (mut days, mut orders) = (AllTakings::default(), AllTakings::default());
    for found in world.outside.values() {
        match &found.value {
            Record::Takings(takings) => days.insert(takings.clone()),
            // One that was brought back is in memory, and what lay outside is of before.
            Record::Order(order) if world.snapshot.order(order.id).is_none() => orders.add(order),
            _ => {}
        }
    }
    world.snapshot.orders().for_each(|order| orders.add(order));
    (days, orders)
}

fn total(world: &World) -> Sums {
    both(world).0.takings().fold(Sums::default(), |all, day| all.plus(&day.total()))
}

fn under_review(world: &mut World, n: u64) -> OrderId {
    let Ok(Reply::Placed(order)) = world.submit(&place(n, "basic-30", Target::New, 900 + n)) else {
        panic!("not placed")
    };
    world.submit(&pay(n, order, n)).unwrap();
    order
}

#[test]
fn an_approval_is_booked_once_and_its_reversal_once_on_the_day_of_the_reversal() {
    let mut world = World::empty(shop::catalog());
    let order = under_review(&mut world, 1);
    assert_eq!(total(&world), Sums::default(), "a proof is no payment");
    world.submit(&approve(order)).unwrap();
    let booked = Sums { approved: 1, taken: 10_000, ..Sums::default() };
    assert_eq!(total(&world), booked);
    // Redelivered, or clicked by another: nothing more.
    for _ in 0..2 {
        world.submit(&approve(order)).unwrap();
        assert_eq!(total(&world), booked);
    }
    world.now = world.now + DurationMs(3 * DAY_MS);
    world.submit(&reverse(order)).unwrap();
    let back = Sums { reversed: 1, returned: 10_000, ..booked };
    for _ in 0..2 {
        assert_eq!(total(&world), back);
        world.submit(&reverse(order)).unwrap();
    }
    let days: Vec<(u32, i128)> =
        both(&world).0.takings().map(|day| (day.day, day.total().net())).collect();
    let first = day_of(NOON);
    assert_eq!(days, [(first, 10_000), (first + 3, -10_000)]);
}

#[test]
fn what_is_given_or_declined_is_no_revenue() {
    let mut world = World::empty(shop::catalog());
    let order = under_review(&mut world, 1);
    world.submit(&decline(order)).unwrap();
    world.submit(&reopen(order)).unwrap();
    assert_eq!(total(&world), Sums::default());
    world.submit(&approve(order)).unwrap();
    let account = world.account(0);
    world.submit(&people::grant(5, account, 30, None)).unwrap();
    assert_eq!(total(&world).approved, 1);
}

#[derive(Debug, Clone)]
enum Op {
    Sell(u64),
    Approve(usize),
    Decline(usize),
    Reopen(usize),
    Reverse(usize),
    Archive(usize),
    Wait(u64),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (0..6_u64).prop_map(Op::Sell),
        4 => (0..9_usize).prop_map(Op::Approve),
        1 => (0..9_usize).prop_map(Op::Decline),
        1 => (0..9_usize).prop_map(Op::Reopen),
        3 => (0..9_usize).prop_map(Op::Reverse),
        2 => (0..9_usize).prop_map(Op::Archive),
        3 => (1..2 * DAY_MS).prop_map(Op::Wait),
    ];
    proptest::collection::vec(op, 1..60)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn the_days_say_what_a_walk_over_all_orders_comes_to(ops in ops()) {
        let mut world = World::empty(shop::catalog_with_room(50, 0));
        let (mut known, mut asked) = (Vec::new(), 0_u64);
        for op in ops {
            let order = |n: usize| known.get(n).copied();
            let intent = match op {
                Op::Wait(ms) => {
                    world.now = world.now + DurationMs(ms);
                    None
                }
                Op::Sell(who) => {
                    asked += 1;
                    let placed = world.submit(&place(who, "basic-30", Target::New, asked));
                    if let Ok(Reply::Placed(order)) = placed {
                        world.submit(&pay(who, order, asked)).unwrap();
                        known.push(order);
                    }
                    None
                }
                Op::Archive(n) => {
                    let found = order(n).and_then(|id| world.snapshot.order(id)).cloned();
                    if let Some(found) = found.filter(|o| o.decision.is_some()) {
                        world.put(Order { archived: true, ..found });
                    }
                    None
                }
                Op::Approve(n) => order(n).map(approve),
                Op::Decline(n) => order(n).map(decline),
                Op::Reopen(n) => order(n).map(reopen),
                Op::Reverse(n) => order(n).map(reverse),
            };
            if let Some(intent) = intent {
                let _ = world.submit(&intent);
                let _ = world.submit(&intent);
            }
            let (days, orders) = both(&world);
            prop_assert_eq!(days, orders);
        }
    }
}

/// A millisecond passes at each look.
struct Ticks(AtomicU64);

#[async_trait]
impl Clock for Ticks {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.fetch_add(1, Ordering::SeqCst))
    }
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: DurationMs(0) }
    }
    async fn sleep_until(&self, _: UnixMs) {}
    fn crash_point(&self, _: &'static str) {}
}

struct Drawn(AtomicU64);

impl Entropy for Drawn {
    fn fresh_ids(&self, _: UnixMs) -> FreshIds {
        people::fresh_ids(self.0.fetch_add(1, Ordering::SeqCst))
    }
    fn ulid(&self, now: UnixMs) -> String {
        ulid::Ulid::from_parts(now.0, 1).to_string().to_lowercase()
    }
    fn fraction(&self) -> f64 {
        0.0
    }
}

fn handler(store: Arc<dyn Store>, from: UnixMs) -> StoreIntentHandler {
    let catalog = watch::Sender::new(Arc::new(shop::catalog())).subscribe();
    let clock: Arc<dyn Clock> = Arc::new(Ticks(AtomicU64::new(from.0)));
    let time = Believing::of(clock.clone());
    StoreIntentHandler::new(store, catalog, clock, Arc::new(Drawn(AtomicU64::new(1 << 20))), time)
}

/// So many orders under review.
async fn reviewed(store: &Arc<MemoryStore>, count: u64) -> Vec<OrderId> {
    let handler = handler(store.clone(), NOON);
    let mut orders = Vec::new();
    for n in 0..count {
        let placed = handler.submit(place(n, "basic-30", Target::New, n)).await;
        let Ok(Reply::Placed(order)) = placed else { panic!("{placed:?}") };
        handler.submit(pay(n, order, n)).await.unwrap();
        orders.push(order);
    }
    orders
}

async fn agree(store: &dyn Store) -> Sums {
    let days = takings_of(store, (0, u32::MAX)).await.unwrap();
    let mut orders = AllTakings::default();
    for found in store.scan(Span::of(Kind::Order, Span::MOST)).await.unwrap() {
        if let Record::Order(order) = found.value {
            orders.add(&order);
        }
    }
    let walked: Vec<Takings> = orders.takings().cloned().collect();
    assert_eq!(days, walked);
    days.iter().fold(Sums::default(), |all, day| all.plus(&day.total()))
}

#[tokio::test]
async fn whoever_decides_over_midnight_books_on_the_day_that_the_order_says() {
    for before in 0..8 {
        let store = Arc::new(MemoryStore::new());
        let orders = reviewed(&store, 3).await;
        let midnight = (NOON.0 / DAY_MS + 1) * DAY_MS;
        let handler = handler(store.clone(), UnixMs(midnight - before));
        for order in &orders {
            handler.submit(approve(*order)).await.unwrap();
        }
        handler.submit(reverse(orders[0])).await.unwrap();
        let sums = agree(&*store).await;
        assert_eq!((sums.approved, sums.reversed, sums.net()), (3, 1, 20_000), "{before}");
    }
}

#[tokio::test]
async fn two_approvals_at_once_are_both_booked() {
    let store = Arc::new(MemoryStore::new());
    let orders = reviewed(&store, 8).await;
    let handler = Arc::new(handler(store.clone(), NOON));
    let both = orders.iter().map(|order| handler.submit(approve(*order)));
    for answer in futures::future::join_all(both).await {
        answer.unwrap();
    }
    assert_eq!(agree(&*store).await.approved, 8);
}

/// A store of before the books: every order, and no record of a day.
async fn unbooked(store: &MemoryStore) {
    let mut edits = Edits::new();
    for takings in takings_of(store, (0, u32::MAX)).await.unwrap() {
        edits.delete(Record::Takings(takings).key());
    }
    store.txn(edits).await.unwrap();
}

#[tokio::test]
async fn a_store_without_books_is_counted_once_and_wrong_days_are_mended() {
    let store = Arc::new(MemoryStore::new());
    let orders = reviewed(&store, 4).await;
    for (n, order) in (0_u64..).zip(&orders) {
        let at = NOON + DurationMs(n * DAY_MS);
        handler(store.clone(), at).submit(approve(*order)).await.unwrap();
    }
    handler(store.clone(), NOON).submit(reverse(orders[3])).await.unwrap();
    let sums = agree(&*store).await;
    assert_eq!(recount_if_short(&*store, &recounted).await.unwrap(), 0, "nothing is wrong");
    unbooked(&store).await;
    assert_eq!(recount_if_short(&*store, &recounted).await.unwrap(), 4, "a record for each day");
    assert_eq!(agree(&*store).await, sums);
    // A day that nobody sold on, and one with a wrong sum: their counts are right together.
    let mut wrong = takings_of(&*store, (0, u32::MAX)).await.unwrap();
    let mut edits = Edits::new();
    wrong[1].day += 40;
    edits.put(wrong[1].clone());
    wrong[2].quarters.values_mut().for_each(|sums| sums.taken += 1);
    edits.put(wrong[2].clone());
    store.txn(edits).await.unwrap();
    assert_eq!(recount(&*store, &recounted).await.unwrap(), 2);
    assert_eq!(agree(&*store).await, sums);
    // What was rewritten stands in the audit by the same commit, and nothing else does.
    assert_eq!(recount(&*store, &recounted).await.unwrap(), 0);
    let lines = store.scan(Span::of(Kind::Audit, 100)).await.unwrap();
    let lines = lines.into_iter().filter_map(|line| match line.value {
        Record::Audit(line) if line.verb == "recount-revenue" => line.reason,
        _ => None,
    });
    let reasons: Vec<_> = lines.collect();
    assert_eq!(reasons, ["4 days", "2 days"]);
}

/// Before the first commits of a count somebody else decides.
struct Meanwhile(AtomicU64, Vec<OrderId>);

#[async_trait]
impl CommitHook for Meanwhile {
    async fn commit(&self, store: &Arc<MemoryStore>, edits: Edits) -> Result<Revision, StoreError> {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        if let Some(order) = usize::try_from(n).ok().and_then(|n| self.1.get(n)) {
            handler(store.clone(), NOON).submit(approve(*order)).await.unwrap();
        }
        store.txn(edits).await
    }
}

#[tokio::test]
async fn who_decides_while_it_is_counted_is_booked_once() {
    let inner = Arc::new(MemoryStore::new());
    let orders = reviewed(&inner, 5).await;
    for order in &orders[..2] {
        handler(inner.clone(), NOON).submit(approve(*order)).await.unwrap();
    }
    unbooked(&inner).await;
    let hook = Meanwhile(AtomicU64::new(0), orders[2..].to_vec());
    let store = HookedStore { inner: inner.clone(), hook };
    recount(&store, &recounted).await.unwrap();
    assert_eq!(agree(&*inner).await.approved, 5);
}

#[tokio::test]
async fn days_that_only_they_know_of_stay_while_orders_are_lost() {
    let store = Arc::new(MemoryStore::new());
    let orders = reviewed(&store, 1).await;
    handler(store.clone(), NOON).submit(approve(orders[0])).await.unwrap();
    let lost = vec![Lost {
        what: "an order".to_owned(),
        first: None,
        last: None,
        kinds: Vec::new(),
        passing: false,
    }];
    let mut edits = Edits::new();
    edits.delete(Key::Order(orders[0]));
    store.txn(edits).await.unwrap();
    for resolved_at in [None, Some(NOON)] {
        let damage = Damage { since: NOON, lost: lost.clone(), kept: Vec::new(), resolved_at };
        let mut edits = Edits::new();
        edits.put(damage);
        store.txn(edits).await.unwrap();
        assert_eq!(recount_if_short(&*store, &recounted).await.unwrap(), 0, "{resolved_at:?}");
        assert_eq!(takings_of(&*store, (0, u32::MAX)).await.unwrap().len(), 1);
    }
    // By somebody's word only.
    assert_eq!(recount(&*store, &recounted).await.unwrap(), 1);
}
