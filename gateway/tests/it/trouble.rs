//! Writes while things go wrong.

use std::sync::Arc;
use std::time::Duration;

use nebulalinks_model_panel::{Fault, PanelVersion, Scope};
use nebulalinks_protocol::{ErrorCode, Expect, WriteOutcome};

use crate::batches::{create, delete};
use crate::support::{EMAIL, World, claim, put, uuid};

hold_for_all! {
    a_write_whose_answer_is_lost_is_read_back
    a_client_created_off_is_off_also_when_the_creates_answer_is_lost
    a_write_that_may_still_come_is_an_unknown_outcome
    a_refusal_is_read_back_and_told_without_credentials
    a_failed_read_back_is_an_unknown_outcome_and_a_failed_first_read_is_not
    no_call_starts_once_the_signature_expired_or_the_fence_is_old
}

async fn a_write_whose_answer_is_lost_is_read_back(version: PanelVersion) {
    for fault in
        [Fault::ErrorAfterCommit, Fault::TruncatedJson, Fault::EmptyBody, Fault::DropAfterCommit]
    {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.panel.faults().set_for(fault.clone(), Scope::path(world.paths().0), Some(1));
        let answer = world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
        assert_eq!(answer.outcome, WriteOutcome::Applied, "{fault:?}");
        assert_eq!(world.panel.times_created(EMAIL), 1);
    }
}

async fn a_client_created_off_is_off_also_when_the_creates_answer_is_lost(version: PanelVersion) {
    let world = World::of(version).await;
    let mut request = world.wish(world.claim().await, Expect::Absent);
    request.client.enable = false;
    world.panel.faults().set_for(Fault::EmptyBody, Scope::path(world.paths().0), Some(1));
    world.put(&request).await.unwrap();
    assert!(!world.panel.client(EMAIL).unwrap().is_on());
}

async fn a_write_that_may_still_come_is_an_unknown_outcome(version: PanelVersion) {
    for fault in [Fault::ErrorBeforeCommit, Fault::DropBeforeCommit, Fault::LoginPage] {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.panel.faults().set_for(fault.clone(), Scope::path(world.paths().0), Some(1));
        let problem = world.put(&world.wish(fence, Expect::Absent)).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::UnknownOutcome, "{fault:?}");
        assert!(
            world.put(&world.wish(fence, Expect::Absent)).await.is_ok(),
            "the next one does it"
        );
    }
}

async fn a_refusal_is_read_back_and_told_without_credentials(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let prose =
        format!("subId already in use: {}", world.wish(fence, Expect::Absent).client.sub_id);
    world.panel.faults().set_for(Fault::Refused(prose), Scope::path(world.paths().0), Some(1));
    let problem = world.put(&world.wish(fence, Expect::Absent)).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::PanelRefused);
    assert!(problem.detail.contains("already in use"));
    assert!(!problem.detail.contains("k3v9q2m8x7c1b5n4"), "{}", problem.detail);
}

async fn a_failed_read_back_is_an_unknown_outcome_and_a_failed_first_read_is_not(
    version: PanelVersion,
) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.panel.faults().set_for(Fault::Down, Scope::default(), None);
    let problem = world.put(&world.wish(fence, Expect::Absent)).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::PanelUnreachable);
    world.panel.faults().clear();
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    if world.is_gen2() {
        // There it is a lost session, which is renewed.
        return;
    }
    world.panel.faults().set_for(Fault::Unauthorized, Scope::path("clients/del"), Some(1));
    let problem = world.delete(fence, uuid()).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::PanelAuth);
    assert!(world.panel.client(EMAIL).is_some());
}

async fn no_call_starts_once_the_signature_expired_or_the_fence_is_old(version: PanelVersion) {
    for fenced in [false, true] {
        let world = Arc::new(World::of(version).await);
        let fence = world.claim().await;
        let slow = Fault::SlowAfterCommit(Duration::from_millis(400));
        world.panel.faults().set_for(slow, Scope::path("inbounds/list"), Some(1));
        let writer = Arc::clone(&world);
        let write =
            tokio::spawn(async move { writer.put(&writer.wish(fence, Expect::Absent)).await });
        let reading = || world.points.count("read.before");
        let start = reading();
        while reading() < start + 2 {
            tokio::task::yield_now().await;
        }
        if fenced {
            world.ask("POST", "/v1/claim", &claim("store-1", "p2", 6)).await;
        } else {
            world.advance(31_000);
        }
        let problem = write.await.unwrap().unwrap_err();
        let code = if fenced { ErrorCode::Fenced } else { ErrorCode::Expired };
        assert_eq!(problem.code, code);
        assert_eq!(world.panel.api_writes(), 0);
    }
}

#[tokio::test]
async fn every_effect_passes_its_crash_points_and_all_are_listed() {
    let world = World::new().await;
    let fence = world.claim().await;
    world.put(&put(fence, Expect::Absent)).await.unwrap();
    let mut request = put(fence, Expect::Uuid(uuid()));
    request.client.comment = "nl: x".into();
    request.inbounds = vec!["trojan".into()];
    world.put(&request).await.unwrap();
    request.client.enable = false;
    world.put(&request).await.unwrap();
    world.panel.drift_stats(EMAIL, |row| row.enable = true);
    request.client.enable = true;
    world.put(&request).await.unwrap();
    world.panel.drift_stats(EMAIL, |row| row.enable = false);
    world.put(&request).await.unwrap();
    world.delete(fence, uuid()).await.unwrap();
    world.restart_xray(fence).await.unwrap();
    world.batch(fence, vec![create(1), create(2)]).await.unwrap();
    world.batch(fence, vec![delete(1), delete(2)]).await.unwrap();
    let passed: std::collections::BTreeSet<&str> = world.points.passed().into_iter().collect();
    let listed: std::collections::BTreeSet<&str> =
        nebulalinks_gateway::CRASH_POINTS.into_iter().collect();
    assert_eq!(passed, listed);
}
