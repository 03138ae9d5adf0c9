use super::*;
use crate::model::{Edits, Evidence, LOOK_SIDE, Target};
use crate::store::MemoryStore;
use crate::view::sample;

fn look(seed: u64) -> PictureLook {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    let grey: Vec<u8> = (0..LOOK_SIDE * LOOK_SIDE).map(|_| next()).collect();
    PictureLook::of(&grey, &grey).unwrap()
}

/// An order with a picture of this look.
fn with_picture(n: u128, seed: u64) -> Order {
    let mut order = sample::order(n, Target::New, "vodafone-cash");
    let look = Some(Box::new(look(seed)));
    order.evidence.push(Evidence { look, ..sample::evidence(u8::try_from(n % 250).unwrap()) });
    order
}

async fn put(store: &MemoryStore, orders: impl IntoIterator<Item = Order>) {
    let mut edits = Edits::new();
    orders.into_iter().for_each(|order| edits.put(order));
    store.txn(edits).await.unwrap();
}

/// A picture of this look, and no cuts of it.
fn sent(seed: u64) -> PictureCuts {
    PictureCuts::of(look(seed), [])
}

async fn read(store: &MemoryStore) -> Seen {
    let mut seen = Seen::default();
    seen.begin(store).await;
    seen
}

fn named(n: &[u128]) -> Vec<OrderId> {
    n.iter().map(|n| sample::order_id(*n)).collect()
}

#[tokio::test]
async fn a_picture_is_found_under_the_oldest_orders_that_have_it_after_a_start_too() {
    let store = MemoryStore::new();
    put(&store, [(1, 1), (2, 2), (3, 1), (4, 1)].map(|(n, seed)| with_picture(n, seed))).await;
    let mut seen = read(&store).await;
    assert_eq!(seen.alike(&sent(1)), named(&[1, 3]));
    assert_eq!(seen.alike(&sent(2)), named(&[2]));
    assert_eq!(seen.alike(&sent(3)), named(&[]));
    seen.add(sample::order_id(5), sample::ALICE, look(3));
    assert_eq!(seen.alike(&sent(3)), named(&[5]));
}

#[tokio::test]
async fn ones_own_orders_do_not_hide_that_another_customer_sent_the_picture() {
    let store = MemoryStore::new();
    let omars = Order { customer: sample::OMAR, ..with_picture(4, 1) };
    put(&store, (1..=3).map(|n| with_picture(n, 1)).chain([omars])).await;
    assert_eq!(read(&store).await.alike(&sent(1)), named(&[1, 2, 4]));
}

#[tokio::test]
async fn orders_without_a_picture_push_none_out_and_pictures_beyond_the_newest_are_not_remembered()
{
    let store = MemoryStore::new();
    put(&store, [with_picture(1, 1)]).await;
    put(&store, (2..=6_000).map(|n| sample::order(n, Target::New, "vodafone-cash"))).await;
    let mut seen = read(&store).await;
    assert_eq!(seen.alike(&sent(1)), named(&[1]));
    let other = look(0);
    for n in 0..PICTURES {
        let order = sample::order_id(6_001 + u128::try_from(n).unwrap());
        seen.add(order, sample::ALICE, other.clone());
    }
    assert_eq!((seen.pictures.len(), seen.alike(&sent(1))), (PICTURES, Vec::new()));
}

#[tokio::test]
async fn an_order_a_year_older_than_the_newest_is_not_read() {
    let store = MemoryStore::new();
    let placed = |n, at| Order { placed_at: at, ..with_picture(n, u64::try_from(n).unwrap()) };
    let bound = sample::NOW - AGE;
    put(&store, [placed(1, bound - DurationMs(1)), placed(2, bound), placed(3, sample::NOW)]).await;
    let seen = read(&store).await;
    assert_eq!(seen.alike(&sent(1)), named(&[]));
    assert_eq!(seen.alike(&sent(2)), named(&[2]));
}
