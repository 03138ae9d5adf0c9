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

#[tokio::test]
async fn a_picture_is_found_under_the_oldest_orders_that_have_it_after_a_start_too() {
    let store = MemoryStore::new();
    put(&store, [(1, 1), (2, 2), (3, 1), (4, 1)].map(|(n, seed)| with_picture(n, seed))).await;
    let mut seen = Seen::default();
    let named = |n: &[u128]| n.iter().map(|n| sample::order_id(*n)).collect::<Vec<_>>();
    assert_eq!(seen.alike(&store, &look(1)).await, named(&[1, 3]));
    assert_eq!(seen.alike(&store, &look(2)).await, named(&[2]));
    assert_eq!(seen.alike(&store, &look(3)).await, named(&[]));
    seen.add(sample::order_id(5), look(3));
    assert_eq!(seen.alike(&store, &look(3)).await, named(&[5]));
}

#[tokio::test]
async fn orders_beyond_the_newest_are_neither_read_nor_remembered() {
    let store = MemoryStore::new();
    let most = u128::try_from(ORDERS).unwrap();
    let orders = (1..=most + 1).map(|n| with_picture(n, u64::try_from(n % 3).unwrap()));
    put(&store, orders).await;
    let mut seen = Seen::default();
    let first = seen.alike(&store, &look(1)).await;
    // The very oldest, whose look this is, lies beyond.
    assert_eq!(first.first(), Some(&sample::order_id(4)));
    assert_eq!(seen.pictures.len(), ORDERS);
    for n in 0..PICTURES {
        seen.add(sample::order_id(most + 2 + u128::try_from(n).unwrap()), look(0));
    }
    assert_eq!(seen.pictures.len(), PICTURES);
}
