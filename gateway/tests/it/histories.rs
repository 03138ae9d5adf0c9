//! What a gateway remembers of a store's history, and who goes on from it.

use nebulalinks_gateway::claim::{Claims, MOST_STORES};
use nebulalinks_protocol::{
    BatchDelete, BatchItem, BatchRequest, ClaimRequest, ClaimResponse, DeleteRequest, ErrorCode,
    Expect, HistoryPoint, Lineage, Problem,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{EMAIL, START_MS, TestClock, World, claim, put, uuid};

async fn ask(world: &World, request: &ClaimRequest) -> Result<ClaimResponse, Box<Problem>> {
    world.ask("POST", "/v1/claim", request).await.result()
}

/// The history `line` at a revision: two lines differ everywhere.
fn at(line: u8, revision: u64) -> HistoryPoint {
    let mut hash = [line; 32];
    hash[..8].copy_from_slice(&revision.to_be_bytes());
    HistoryPoint { revision, lineage: Some(Lineage(hash)) }
}

fn claims(process: &str, here: HistoryPoint) -> ClaimRequest {
    ClaimRequest { lineage: here.lineage, ..claim("s", process, here.revision) }
}

fn showing(request: ClaimRequest, shows: &[HistoryPoint]) -> ClaimRequest {
    ClaimRequest { shows: shows.to_vec(), ..request }
}

fn on_disk(world: &World) -> serde_json::Value {
    let file = world.state.path().join("claim.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[tokio::test]
async fn a_restart_that_shows_what_was_seen_replaces_the_holder_at_once() {
    let world = World::new().await;
    let first = ask(&world, &claims("p1", at(1, 50))).await.unwrap();
    let told = ask(&world, &claims("p2", at(1, 60))).await.unwrap_err();
    assert_eq!((told.code, &told.unshown), (ErrorCode::Claimed, &vec![at(1, 50)]));
    assert!(world.put(&put(first.fence, Expect::Absent)).await.is_err(), "it says no hash");
    let second = ask(&world, &showing(claims("p2", at(1, 60)), &[at(1, 50)])).await.unwrap();
    assert!(second.fence > first.fence && second.unshown.is_empty());
    let again = ask(&world, &claims("p2", at(1, 70))).await.unwrap();
    assert!(again.unshown.is_empty(), "a process shows once");
    assert_eq!(again.fence, second.fence);
}

#[tokio::test]
async fn a_fork_is_told_however_far_it_has_gone_and_lowers_nothing() {
    let world = World::new().await;
    ask(&world, &claims("p1", at(1, 50))).await.unwrap();
    for (n, forked) in [at(2, 50), at(2, 51), at(2, 9_000)].into_iter().enumerate() {
        let process = format!("p{}", n + 2);
        assert!(ask(&world, &claims(&process, forked)).await.is_err(), "the holder lives");
        world.advance(120_000);
        let granted = ask(&world, &claims(&process, forked)).await.unwrap();
        assert!(granted.unshown.contains(&at(1, 50)), "{granted:?}");
        // A wrong proof is none: another hash, or a point that a counter only passed.
        for wrong in [at(2, 50), HistoryPoint { revision: 50, lineage: None }] {
            let request = showing(claims(&process, forked), &[wrong]);
            assert!(ask(&world, &request).await.unwrap().unshown.contains(&at(1, 50)));
        }
    }
    world.advance(120_000);
    let back = ask(&world, &showing(claims("p9", at(1, 60)), &[at(1, 50)])).await.unwrap();
    assert!(!back.unshown.contains(&at(1, 50)), "the right store is known by its own history");
}

#[tokio::test]
async fn what_a_write_carries_is_durable_before_the_panel_is_called() {
    let world = World::new().await;
    let fence = ask(&world, &claims("p1", at(1, 5))).await.unwrap().fence;
    let mut create = put(fence, Expect::Absent);
    create.store = Some(at(1, 8));
    world.put(&create).await.unwrap();
    let tip = |world: &World| on_disk(world)["stores"]["s"]["tips"][0]["revision"].as_u64();
    assert_eq!(tip(&world), Some(8));
    let items = vec![BatchItem::Delete(BatchDelete { email: "nl-gone".into(), uuid: uuid() })];
    let batch = BatchRequest { fence, items, store: Some(at(1, 11)) };
    assert_eq!(world.ask("POST", "/v1/clients/batch", &batch).await.status, 200);
    assert_eq!(tip(&world), Some(11));
    let delete = DeleteRequest { fence, uuid: uuid(), store: Some(at(1, 12)) };
    let path = format!("/v1/clients/{EMAIL}");
    assert_eq!(world.ask("DELETE", &path, &delete).await.status, 200);
    assert_eq!(tip(&world), Some(12));
    // The gateway refuses an older store that comes within the same half minute.
    let told = ask(&world, &claims("p2", at(1, 7))).await.unwrap_err();
    assert_eq!(told.unshown, [at(1, 12)]);
    // Where it cannot be made durable nothing is written.
    let writes = world.panel.api_writes();
    std::fs::create_dir(world.state.path().join("claim.tmp")).unwrap();
    let mut create = put(fence, Expect::Absent);
    create.store = Some(at(1, 13));
    assert_eq!(world.put(&create).await.unwrap_err().code, ErrorCode::Internal);
    assert_eq!(world.panel.api_writes(), writes, "the panel was not called");
}

#[tokio::test]
async fn only_a_risen_revision_is_written_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let synced = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&synced);
    let hook = Arc::new(move |point: &'static str| {
        counted.fetch_add(u64::from(point == "gateway.claim.after_fsync"), Ordering::SeqCst);
    });
    let clock = Arc::new(TestClock(Arc::new(AtomicU64::new(START_MS))));
    let kept = Arc::new(Claims::open(folder.path(), clock, hook).unwrap());
    let fence = kept.claim(&claims("p1", at(1, 5))).await.unwrap().fence;
    for _ in 0..50 {
        kept.about_to_write(fence, Some(at(1, 6))).await.unwrap();
        kept.about_to_write(fence, Some(at(1, 4))).await.unwrap();
        kept.claim(&claims("p1", at(1, 6))).await.unwrap();
    }
    assert_eq!(synced.load(Ordering::SeqCst), 2, "the first claim and the one rise");
    let old = kept.about_to_write(fence - 1, Some(at(1, 9))).await.unwrap_err();
    assert_eq!(old.code, ErrorCode::Fenced);
    let exchanged = kept.about_to_write(fence, Some(at(2, 6))).await.unwrap_err();
    assert_eq!(exchanged.code, ErrorCode::Invalid, "one process has one history");
}

#[tokio::test]
async fn the_memory_of_a_store_outlives_others_and_the_gateway() {
    let mut world = World::new().await;
    ask(&world, &claims("p1", at(1, 50))).await.unwrap();
    for n in 0..5 {
        let other = ClaimRequest { take_over: true, ..claim(&format!("empty-{n}"), "q1", 1) };
        assert!(ask(&world, &other).await.unwrap().unshown.is_empty());
    }
    world.restart_gateway("panel-token").await;
    world.advance(130_000);
    let told = ask(&world, &claims("p2", at(2, 900))).await.unwrap();
    assert_eq!((told.unshown, told.highest_revision), (vec![at(1, 50)], 50));
}

#[tokio::test]
async fn a_flood_of_store_ids_makes_no_gateway_forget_the_newest() {
    let world = World::new().await;
    for n in 0..MOST_STORES + 5 {
        world.advance(1_000);
        let request = claim(&format!("s{n}"), "p", 7);
        ask(&world, &ClaimRequest { take_over: true, ..request }).await.unwrap();
    }
    let stores = on_disk(&world)["stores"].as_object().unwrap().clone();
    assert_eq!(stores.len(), MOST_STORES);
    assert!(!stores.contains_key("s0") && stores.contains_key("s36"), "the oldest goes");
}

#[tokio::test]
async fn what_an_operator_gave_up_is_forgotten_and_nothing_else_is() {
    let world = World::new().await;
    ask(&world, &claims("p1", at(1, 50))).await.unwrap();
    world.advance(120_000);
    let told = ask(&world, &claims("p2", at(2, 40))).await.unwrap();
    assert_eq!(told.unshown, [at(1, 50)]);
    let mut write = put(told.fence, Expect::Absent);
    write.store = Some(at(2, 44));
    world.put(&write).await.unwrap();
    let other = ClaimRequest { gives_up: vec![at(1, 51)], ..claims("p2", at(2, 45)) };
    assert_eq!(ask(&world, &other).await.unwrap().unshown, [at(1, 50)], "not what was seen");
    let resolved = ClaimRequest { gives_up: vec![at(1, 50)], ..claims("p2", at(2, 46)) };
    assert!(ask(&world, &resolved).await.unwrap().unshown.is_empty());
    let restarted = showing(claims("p3", at(2, 60)), &[at(2, 46)]);
    assert!(ask(&world, &restarted).await.unwrap().unshown.is_empty(), "its history is the one");
    let old = ask(&world, &claims("p4", at(1, 50))).await.unwrap_err();
    assert_eq!(old.unshown, [at(2, 60)]);
}

#[tokio::test]
async fn a_fork_that_wrote_is_remembered_beside_what_it_lacks() {
    let world = World::new().await;
    ask(&world, &claims("p1", at(1, 50))).await.unwrap();
    world.advance(120_000);
    let fence = ask(&world, &claims("p2", at(2, 40))).await.unwrap().fence;
    let mut write = put(fence, Expect::Absent);
    write.store = Some(at(2, 44));
    world.put(&write).await.unwrap();
    world.advance(120_000);
    let told = ask(&world, &claims("p3", at(2, 42))).await.unwrap();
    assert_eq!(told.unshown, [at(1, 50), at(2, 44)]);
}

#[tokio::test]
async fn a_controller_of_before_hashes_writes_only_where_none_is_known() {
    let world = World::new().await;
    let old = ask(&world, &claim("s", "p1", 5)).await.unwrap();
    world.put(&put(old.fence, Expect::Absent)).await.unwrap();
    // Upgraded: the number that was seen is compared once, and its hash is kept from then on.
    let new = ask(&world, &claims("p2", at(1, 6))).await.unwrap();
    assert!(new.unshown.is_empty());
    let refused = world.put(&put(new.fence, Expect::Uuid(uuid()))).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Invalid);
    assert!(refused.detail.contains("older release"), "{}", refused.detail);
    let refused = ask(&world, &claim("s", "p3", 9)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Invalid, "and no claim of before hashes comes back");
    assert!(ask(&world, &claims("p3", at(2, 7))).await.is_err(), "by its hash, not its number");
}

#[tokio::test]
async fn a_claim_file_of_before_hashes_is_read_and_one_of_now_by_an_older_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claim.json");
    std::fs::write(&file, br#"{"store_id":"s","process":"p1","fence":7,"highest_revision":90}"#)
        .unwrap();
    let clock = Arc::new(TestClock(Arc::new(AtomicU64::new(START_MS))));
    let kept = Claims::open(folder.path(), clock, Arc::new(|_| {})).unwrap();
    assert!(kept.holds(7));
    let told = kept.claim(&claims("p2", at(1, 80))).await.unwrap_err();
    assert_eq!(told.unshown, [HistoryPoint { revision: 90, lineage: None }]);
    let taken = kept.claim(&claims("p2", at(1, 95))).await.unwrap();
    assert!(taken.unshown.is_empty() && taken.fence > 7);
    let text: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!((&text["store_id"], &text["process"]), (&"s".into(), &"p2".into()));
    assert_eq!(text["fence"].as_u64(), Some(taken.fence));
    assert_eq!(text["highest_revision"].as_u64(), Some(95));
}
