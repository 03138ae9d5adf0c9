//! Who may write.

use nebulalinks_protocol::{ClaimRequest, ClaimResponse, ErrorCode, Expect, HistoryPoint, Problem};

use crate::support::{START_MS, TestClock, World, claim, put};

async fn ask(world: &World, request: &ClaimRequest) -> Result<ClaimResponse, Box<Problem>> {
    world.ask("POST", "/v1/claim", request).await.result()
}

#[tokio::test]
async fn a_new_process_of_the_same_store_replaces_the_old_one_at_once() {
    let world = World::new().await;
    let first = ask(&world, &claim("s", "p1", 5)).await.unwrap();
    assert_eq!(first.highest_revision, 0);
    assert_eq!(first.panel.unwrap().identity, "guid-1");
    let renewed = ask(&world, &claim("s", "p1", 7)).await.unwrap();
    assert_eq!(renewed.fence, first.fence, "a renewal keeps the writes under way");
    let second = ask(&world, &claim("s", "p2", 9)).await.unwrap();
    assert!(second.fence > first.fence);
    assert_eq!(second.highest_revision, 7);
    let refused = world.put(&put(first.fence, Expect::Absent)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Fenced);
    assert_eq!(world.panel.api_writes(), 0);
}

#[tokio::test]
async fn a_lower_revision_is_told_the_highest_and_does_not_lower_it() {
    let world = World::new().await;
    ask(&world, &claim("s", "p1", 90)).await.unwrap();
    for process in ["p2", "p3"] {
        let told = ask(&world, &claim("s", process, 40)).await.unwrap_err();
        assert_eq!((told.code, told.highest_revision), (ErrorCode::Claimed, Some(90)));
        assert_eq!(told.unshown, [HistoryPoint { revision: 90, lineage: None }]);
        world.advance(120_000);
        let told = ask(&world, &claim("s", process, 40)).await.unwrap();
        assert_eq!(told.highest_revision, 90);
        assert_eq!(told.unshown, [HistoryPoint { revision: 90, lineage: None }]);
    }
}

#[tokio::test]
async fn another_store_waits_for_silence_or_takes_over() {
    let world = World::new().await;
    let first = ask(&world, &claim("s", "p1", 5)).await.unwrap();
    let other = claim("t", "q1", 1);
    world.advance(119_999);
    let refused = ask(&world, &other).await.unwrap_err();
    assert_eq!((refused.code, refused.highest_revision), (ErrorCode::Claimed, Some(5)));
    assert!(world.put(&put(first.fence, Expect::Absent)).await.is_ok(), "the holder goes on");
    world.advance(1);
    let taken = ask(&world, &other).await.unwrap();
    assert!(taken.fence > first.fence);
    let back = ClaimRequest { take_over: true, ..claim("s", "p1", 6) };
    assert!(ask(&world, &back).await.unwrap().fence > taken.fence);
}

#[tokio::test]
async fn the_fence_outlives_the_gateway_also_when_its_clock_steps_back() {
    let mut world = World::new().await;
    let old = ask(&world, &claim("s", "p1", 5)).await.unwrap().fence;
    let new = ask(&world, &claim("s", "p2", 5)).await.unwrap().fence;
    world.clock.0.fetch_sub(3_600_000, std::sync::atomic::Ordering::SeqCst);
    world.restart_gateway("panel-token").await;
    world.advance(1_000);
    let refused = world.put(&put(old, Expect::Absent)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Fenced);
    assert!(world.put(&put(new, Expect::Absent)).await.is_ok());
    assert!(ask(&world, &claim("s", "p3", 5)).await.unwrap().fence > new);
    let refused = ask(&world, &claim("t", "q", 1)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Claimed, "a restart is no silence");
}

#[tokio::test]
async fn a_damaged_claim_file_stops_the_start_and_a_dead_panel_stops_no_claim() {
    let mut world = World::new().await;
    world.panel_server.take().unwrap().kill().await;
    let answer = ask(&world, &claim("s", "p1", 5)).await.unwrap();
    assert_eq!(answer.panel, None);
    let file = world.state.path().join("claim.json");
    assert!(file.exists());
    std::fs::write(&file, b"{").unwrap();
    let opened = nebulalinks_gateway::claim::Claims::open(
        world.state.path(),
        std::sync::Arc::new(world.clock.clone()),
        std::sync::Arc::new(|_| {}),
    );
    assert!(opened.is_err());
}

#[tokio::test]
async fn a_replaced_process_of_the_same_store_cannot_take_its_place_back() {
    let world = World::new().await;
    ask(&world, &claim("s", "p1", 5)).await.unwrap();
    let later = ask(&world, &claim("s", "p2", 5)).await.unwrap();
    let refused = ask(&world, &claim("s", "p1", 6)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Claimed);
    let again = ask(&world, &claim("s", "p2", 7)).await.unwrap();
    assert_eq!(again.fence, later.fence, "the holder was not disturbed");
}

#[tokio::test]
async fn a_claim_whose_caller_hung_up_is_whole() {
    let world = World::new().await;
    let body = serde_json::to_vec(&claim("s", "p1", 5)).unwrap();
    // Many times, so that some are cut while the file is written.
    for _ in 0..40 {
        let request = world.request("POST", "/v1/claim", &body);
        let hung_up = std::time::Duration::from_micros(700);
        let _ = tokio::time::timeout(hung_up, world.send(&request)).await;
    }
    let file = world.state.path().join("claim.json");
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    while !file.exists() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let on_disk: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let fence = on_disk["fence"].as_u64().unwrap();
    while world.put(&put(fence, Expect::Absent)).await.is_err_and(|e| e.code == ErrorCode::Fenced)
        && tokio::time::Instant::now() < deadline
    {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let refused = ask(&world, &claim("t", "q", 1)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Claimed, "what stands on the disk holds");
}

#[tokio::test]
async fn silence_ends_also_after_the_clock_was_set_back() {
    use nebulalinks_gateway::claim::Claims;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    let folder = tempfile::tempdir().unwrap();
    let time = Arc::new(AtomicU64::new(START_MS));
    let clock = Arc::new(TestClock(Arc::clone(&time)));
    let claims = Claims::open(folder.path(), clock, Arc::new(|_| {})).unwrap();
    claims.claim(&claim("s", "p1", 5)).await.unwrap();
    time.fetch_sub(3_600_000, Ordering::SeqCst);
    assert!(claims.claim(&claim("t", "q", 1)).await.is_err());
    time.fetch_add(120_000, Ordering::SeqCst);
    assert!(claims.claim(&claim("t", "q", 1)).await.is_ok());
}
