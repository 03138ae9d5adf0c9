//! What a write leaves on a panel, of both ends of generation 3.

use nebulalinks_protocol::{Cap, End, ErrorCode, Expect, PutRequest, WriteOutcome};
use nebulalinks_sandbox::panel::PanelVersion;

use crate::support::{DAY_MS, EMAIL, START_MS, World, put, uuid};

const VERSIONS: [PanelVersion; 2] = [PanelVersion::V3_4_2, PanelVersion::Head];

fn again(fence: u64) -> PutRequest {
    put(fence, Expect::Uuid(uuid()))
}

/// After a write everything is as wanted, and writing it again calls nothing.
async fn settled(world: &World, request: &PutRequest) {
    let writes = world.panel.api_writes();
    let request = PutRequest { expect: Expect::Uuid(request.client.uuid), ..request.clone() };
    let answer = world.put(&request).await.unwrap();
    assert_eq!(answer.outcome, WriteOutcome::Unchanged);
    assert_eq!(world.panel.api_writes(), writes);
    let seen = world.panel.client(EMAIL).unwrap();
    assert_eq!(seen.is_on(), request.client.enable);
    assert_eq!(seen.uuid, request.client.uuid.to_string());
    assert_eq!(seen.entries, seen.inbounds.len());
    let client = answer.client.unwrap();
    assert!(client.consistent, "{client:?}");
    assert_eq!(client.enable, request.client.enable);
    assert_eq!((client.end, client.cap), (Some(request.client.end), request.client.cap));
}

#[tokio::test]
async fn a_create_is_whole_and_a_second_one_conflicts() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let request = put(world.claim().await, Expect::Absent);
        let answer = world.put(&request).await.unwrap();
        assert_eq!(answer.outcome, WriteOutcome::Applied);
        let seen = world.panel.client(EMAIL).unwrap();
        assert_eq!(seen.inbounds, [1, 2]);
        assert_eq!(seen.flow, "xtls-rprx-vision");
        assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
        settled(&world, &request).await;
        assert_eq!(world.panel.times_created(EMAIL), 1);
    }
}

#[tokio::test]
async fn a_client_created_off_is_off() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let mut request = put(world.claim().await, Expect::Absent);
        request.client.enable = false;
        world.put(&request).await.unwrap();
        settled(&world, &request).await;
    }
}

#[tokio::test]
async fn an_update_changes_ours_and_keeps_what_is_not_ours() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.put(&put(fence, Expect::Absent)).await.unwrap();
        world.panel.edit_by_hand(EMAIL, |c| c.tg_id = 77).unwrap();
        let mut request = again(fence);
        request.client.end = End::AtMs((START_MS + 60 * DAY_MS).try_into().unwrap());
        request.client.cap = Cap::Unlimited;
        request.client.uuid = uuid::Uuid::from_u128(5);
        request.client.sub_id = "rotated000000000".into();
        request.client.comment = "nl: another".into();
        assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
        settled(&world, &request).await;
        let mut kept = 0;
        world.panel.edit_by_hand(EMAIL, |c| kept = c.tg_id).unwrap();
        assert_eq!(kept, 77);
    }
}

#[tokio::test]
async fn switching_off_and_on_and_never_ending_all_hold() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.put(&put(fence, Expect::Absent)).await.unwrap();
        let mut request = again(fence);
        for (enable, end) in [(false, End::Never), (true, End::Never), (false, End::Never)] {
            (request.client.enable, request.client.end) = (enable, end);
            assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
            settled(&world, &request).await;
        }
    }
}

#[tokio::test]
async fn inbounds_follow_exactly() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.put(&put(fence, Expect::Absent)).await.unwrap();
        for (names, ids) in [(vec!["ws"], vec![2]), (vec!["1", "trojan"], vec![1, 3])] {
            let mut request = again(fence);
            request.inbounds = names.into_iter().map(str::to_owned).collect();
            world.put(&request).await.unwrap();
            assert_eq!(world.panel.client(EMAIL).unwrap().inbounds, ids);
            settled(&world, &request).await;
        }
    }
}

#[tokio::test]
async fn every_drift_between_settings_and_counters_is_mended() {
    for version in VERSIONS {
        for drift in 0..5 {
            let world = World::of(version).await;
            let fence = world.claim().await;
            world.put(&put(fence, Expect::Absent)).await.unwrap();
            match drift {
                0 => world.panel.drift_stats(EMAIL, |row| row.enable = false),
                1 => world.panel.drift_stats(EMAIL, |row| (row.total, row.expiry_time) = (5, 6)),
                2 => world.panel.drop_stats_row(EMAIL),
                3 => assert!(world.panel.disable_by_hand(EMAIL)),
                _ => world.panel.edit_by_hand(EMAIL, |c| c.reset = 30).unwrap(),
            }
            let list = world.list().await.unwrap();
            let seen = list.clients.first().unwrap();
            assert!(!seen.consistent || !seen.enable, "{version:?} drift {drift} shows");
            let request = again(fence);
            assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
            settled(&world, &request).await;
        }
    }
}

#[tokio::test]
async fn a_depleted_client_comes_back_with_more_and_not_without() {
    let world = World::new().await;
    let fence = world.claim().await;
    let mut request = put(fence, Expect::Absent);
    request.client.cap = Cap::Bytes(1_000.try_into().unwrap());
    world.put(&request).await.unwrap();
    world.panel.add_traffic(EMAIL, 600, 600);
    world.panel.poll(i64::try_from(world.now()).unwrap());
    assert!(!world.panel.client(EMAIL).unwrap().is_on());
    request.expect = Expect::Uuid(uuid());
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
    request.client.cap = Cap::Bytes(5_000.try_into().unwrap());
    world.put(&request).await.unwrap();
    settled(&world, &request).await;
    assert_eq!(world.panel.client(EMAIL).unwrap().up, 600, "nobody resets a counter");
}

#[tokio::test]
async fn a_delete_expects_its_uuid_and_is_done_once() {
    let world = World::new().await;
    let fence = world.claim().await;
    world.put(&put(fence, Expect::Absent)).await.unwrap();
    let other = world.delete(fence, uuid::Uuid::from_u128(9)).await.unwrap_err();
    assert_eq!(other.code, ErrorCode::Conflict);
    let answer = world.delete(fence, uuid()).await.unwrap();
    assert_eq!((answer.outcome, answer.client), (WriteOutcome::Applied, None));
    assert_eq!(world.panel.client(EMAIL), None);
    let answer = world.delete(fence, uuid()).await.unwrap();
    assert_eq!(answer.outcome, WriteOutcome::Unchanged);
}

#[tokio::test]
async fn what_could_hurt_the_panel_is_not_sent() {
    type Spoil = fn(&mut PutRequest);
    let spoilt: [(ErrorCode, Spoil); 9] = [
        (ErrorCode::Invalid, |r| r.client.uuid = uuid::Uuid::nil()),
        (ErrorCode::Invalid, |r| r.client.sub_id = "a b/c\u{e9}xxxxxx".into()),
        (ErrorCode::Invalid, |r| r.client.secret = "short".into()),
        (ErrorCode::Invalid, |r| r.client.comment = "a\nb".into()),
        (ErrorCode::Invalid, |r| r.client.cap = Cap::Bytes(u64::MAX.try_into().unwrap())),
        (ErrorCode::Invalid, |r| r.client.end = End::AtMs(u64::MAX.try_into().unwrap())),
        (ErrorCode::Invalid, |r| r.inbounds.clear()),
        (ErrorCode::NoInbound, |r| r.inbounds = vec!["nowhere".into()]),
        (ErrorCode::NoInbound, |r| r.inbounds = vec!["trojan".into(), "ss".into()]),
    ];
    let world = World::new().await;
    let fence = world.claim().await;
    for (index, (code, spoil)) in spoilt.into_iter().enumerate() {
        let mut request = put(fence, Expect::Absent);
        spoil(&mut request);
        assert_eq!(world.put(&request).await.unwrap_err().code, code, "{index}");
    }
    world.panel.set_inbound_enable(2, false);
    let off = world.put(&put(fence, Expect::Absent)).await.unwrap_err();
    assert_eq!(off.code, ErrorCode::NoInbound);
    let mut request = put(fence, Expect::Absent);
    request.client.email = "bob".into();
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Invalid);
    request = put(fence, Expect::Absent);
    request.client.end = End::AtMs((START_MS - 1).try_into().unwrap());
    request.inbounds = vec!["1".into()];
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
    assert_eq!(world.panel.api_writes(), 0);
}

#[tokio::test]
async fn a_secret_takes_the_form_its_cipher_needs() {
    let world = World::new().await;
    let fence = world.claim().await;
    for (name, expect) in [("ss", Expect::Absent), ("trojan", Expect::Uuid(uuid()))] {
        let mut request = put(fence, expect);
        request.inbounds = vec![name.into()];
        world.put(&request).await.unwrap();
        settled(&world, &request).await;
    }
}

#[tokio::test]
async fn a_record_that_outlived_its_inbounds_is_taken_up_with_its_counter() {
    for version in VERSIONS {
        for rotated in [false, true] {
            let world = World::of(version).await;
            let mut request = put(world.claim().await, Expect::Absent);
            world.put(&request).await.unwrap();
            world.panel.add_traffic(EMAIL, 3, 4);
            let before = world.list().await.unwrap().clients.pop().unwrap();
            assert!(world.panel.detach_by_hand(EMAIL));
            assert!(world.list().await.unwrap().clients.is_empty());
            world.advance(60_000);
            if rotated {
                request.client.uuid = uuid::Uuid::from_u128(6);
                request.client.sub_id = "rotated000000000".into();
            }
            request.client.end = End::Never;
            world.put(&request).await.unwrap();
            settled(&world, &request).await;
            let after = world.list().await.unwrap().clients.pop().unwrap();
            // The same counter goes on: told as another, its use would be counted twice.
            assert_eq!((after.used_bytes, after.incarnation), (7, before.incarnation));
        }
    }
}

#[tokio::test]
async fn a_lost_record_or_place_is_mended_and_the_counter_goes_on() {
    for drift in 0..2 {
        let world = World::of(PanelVersion::Head).await;
        let fence = world.claim().await;
        world.put(&put(fence, Expect::Absent)).await.unwrap();
        world.panel.add_traffic(EMAIL, 3, 4);
        let before = world.list().await.unwrap().clients.pop().unwrap();
        world.advance(60_000);
        match drift {
            0 => world.panel.drop_record(EMAIL),
            _ => world.panel.drop_from_settings(EMAIL, 2),
        }
        let mut request = again(fence);
        request.client.end = End::Never;
        assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
        settled(&world, &request).await;
        let after = world.list().await.unwrap().clients.pop().unwrap();
        assert_eq!((after.used_bytes, after.incarnation), (7, before.incarnation), "{drift}");
    }
}
