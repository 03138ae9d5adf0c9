//! Many writes in one request to a panel of generation 2, which has one call for many: the one that
//! adds clients to an inbound.

use nebulalinks_model_panel::{Fault, PanelVersion, Scope};
use nebulalinks_protocol::{BatchItem, BatchPut, Cap, ErrorCode, Expect, WriteOutcome};

use crate::batches::{again, codes, create, delete, done, email, item, settled, uuid};
use crate::support::World;

const GEN2: [PanelVersion; 2] = [PanelVersion::V2_6_5, PanelVersion::V2_9_4];
const INBOUNDS: [&str; 3] = ["vless-reality", "ws", "trojan"];

fn spread(item: BatchItem, n: usize) -> BatchItem {
    let BatchItem::Put(mut put) = item else { return item };
    put.inbounds = vec![INBOUNDS[n % INBOUNDS.len()].to_owned()];
    BatchItem::Put(put)
}

#[tokio::test]
async fn the_new_clients_of_an_inbound_are_made_in_one_call() {
    for version in GEN2 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.list().await.unwrap();
        let creates: Vec<_> = (0..100).map(|n| spread(create(n), n)).collect();
        let off = |n| spread(again(n, |p: &mut BatchPut| p.client.enable = false), n);
        let off: Vec<_> = (0..100).map(off).collect();
        let gone: Vec<_> = (0..100).map(delete).collect();
        for (items, call, least) in
            [(creates, "add", 3), (off, "update", 100), (gone, "delete", 100)]
        {
            let point = format!("gateway.{call}.before_panel");
            let count = || (world.passed(&point), world.passed("gateway.read.before_panel"));
            let (calls, reads) = count();
            let answer = world.batch(fence, items.clone()).await.unwrap();
            for (item, result) in items.iter().zip(&answer.results) {
                let (outcome, client) = done(result);
                assert_eq!(outcome, WriteOutcome::Applied);
                assert!(client.is_none_or(|c| c.email == item.email()), "in their order");
            }
            let (calls, reads) = (count().0 - calls, count().1 - reads);
            // List, status, the calls, list, status. The last one of an inbound is refused and asks for
            // another in its place; the oldest version is asked once for what it lacks.
            let (calls_more, reads_more) = if call == "delete" { (4, 24) } else { (0, 4) };
            assert!((least..=least + calls_more).contains(&calls), "{version:?} {call}: {calls}");
            assert!((3..=reads_more).contains(&reads), "{version:?} {call}: {reads} readings");
            settled(&world, fence, &items).await;
        }
    }
}

#[tokio::test]
async fn what_a_call_about_many_is_refused_for_keeps_nobody_else_out() {
    for version in GEN2 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        // The panel compares names without their case, and says no to all.
        world.panel.add_foreign(&email(1).to_uppercase()).unwrap();
        let items: Vec<_> = (0..4).map(create).collect();
        let answer = world.batch(fence, items.clone()).await.unwrap();
        let refused = Some(ErrorCode::PanelRefused);
        assert_eq!(codes(&answer), [None, refused, None, None], "{version:?} {answer:?}");
        assert_eq!(world.passed("gateway.add.before_panel"), 5, "once for all, then for each");
        settled(&world, fence, &[0, 2, 3].map(create)).await;
    }
}

#[tokio::test]
async fn counters_without_their_clients_are_taken_over() {
    for version in GEN2 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let items: Vec<_> = (0..20).map(create).collect();
        world.panel.faults().set_for(Fault::DiesHalfway, Scope::path("addClient"), Some(1));
        let answer = world.batch(fence, items.clone()).await.unwrap();
        assert_eq!(codes(&answer), [Some(ErrorCode::UnknownOutcome); 20], "{version:?}");
        world.panel.faults().clear();
        assert!((0..20).all(|n| world.panel.client(&email(n)).is_none()));
        // Whoever comes later must not inherit what was used under the name, nor other limits.
        assert!(world.panel.set_counters(&email(0), 5, 5));
        world.panel.drift_stats(&email(1), |row| row.total = 1);
        let answer = world.batch(fence, items.clone()).await.unwrap();
        assert_eq!(codes(&answer), [None; 20], "{version:?} {answer:?}");
        assert!(answer.results.iter().all(|r| done(r).1.is_some_and(|c| c.used_bytes == 0)));
        settled(&world, fence, &items).await;
    }
}

#[tokio::test]
async fn a_move_in_a_batch_keeps_what_is_left_of_the_cap() {
    for version in GEN2 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let capped = |n, inbound: &str, expect| {
            let mut put = item(n, expect);
            put.inbounds = vec![inbound.to_owned()];
            put.client.cap = Cap::Bytes(1_000.try_into().unwrap());
            BatchItem::Put(Box::new(put))
        };
        let made = (0..2).map(|n| capped(n, "ws", Expect::Absent)).collect();
        world.batch(fence, made).await.unwrap();
        world.panel.add_traffic(&email(0), 300, 400);
        let moved = (0..2).map(|n| capped(n, "trojan", Expect::Uuid(uuid(n)))).collect();
        let answer = world.batch(fence, moved).await.unwrap();
        // The counters start anew, so each cap is what was left by the old ones.
        let caps: Vec<Cap> = answer.results.iter().map(|r| done(r).1.unwrap().cap).collect();
        let left = [300_u64, 1_000].map(|left| Cap::Bytes(left.try_into().unwrap()));
        assert_eq!(caps, left, "{version:?}");
    }
}

#[tokio::test]
async fn nothing_is_sent_after_a_call_that_the_panel_may_still_be_at() {
    for version in GEN2 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let faults = world.panel.faults();
        let unknown = Some(ErrorCode::UnknownOutcome);
        let rest = Some(ErrorCode::NotAttempted);
        let on_two: Vec<_> = [0, 3, 1, 4].map(|n| spread(create(n), n)).to_vec();
        faults.set_for(Fault::DropBeforeCommit, Scope::path("addClient"), Some(1));
        let answer = world.batch(fence, on_two.clone()).await.unwrap();
        assert_eq!(codes(&answer), [unknown, unknown, rest, rest], "{version:?}");
        assert_eq!(world.passed("gateway.add.before_panel"), 1);
        world.batch(fence, on_two).await.unwrap();
        let off = |n| spread(again(n, |p: &mut BatchPut| p.client.enable = false), n);
        let off = [0, 3, 1, 4].map(off).to_vec();
        let second = Scope::path(&format!("updateClient/{}", uuid(3)));
        faults.set_for(Fault::DropBeforeCommit, second, Some(1));
        let answer = world.batch(fence, off.clone()).await.unwrap();
        assert_eq!(codes(&answer), [None, unknown, rest, rest], "{version:?}");
        assert_eq!(world.passed("gateway.update.before_panel"), 2);
        world.batch(fence, off.clone()).await.unwrap();
        settled(&world, fence, &off).await;
    }
}

#[tokio::test]
async fn items_of_a_batch_share_no_uuid_and_no_secret() {
    let world = World::of(PanelVersion::V2_9_4).await;
    let fence = world.claim().await;
    let like = |n, change: fn(&mut BatchPut, BatchPut)| {
        let (BatchItem::Put(mut put), BatchItem::Put(other)) = (create(n), create(0)) else {
            panic!("a create is a put")
        };
        change(&mut put, *other);
        BatchItem::Put(put)
    };
    let uuid = like(1, |put, other| put.client.uuid = other.client.uuid);
    let secret = like(2, |put, other| put.client.secret = other.client.secret);
    let answer = world.batch(fence, vec![create(0), uuid, secret, create(3)]).await.unwrap();
    let invalid = Some(ErrorCode::Invalid);
    assert_eq!(codes(&answer), [invalid, invalid, invalid, None]);
}
