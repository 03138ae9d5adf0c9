//! What only panels of generation 3 do.

use nebulalinks_model_panel::{InboundSeed, PanelVersion, SettingsClient};
use nebulalinks_protocol::{End, ErrorCode, Expect, WriteOutcome};

use crate::support::{EMAIL, World, put, uuid};
use crate::writes::settled;

const VERSIONS: [PanelVersion; 2] = [PanelVersion::V3_4_2, PanelVersion::Head];

#[tokio::test]
async fn a_flow_that_a_reset_lost_comes_back() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let mut request = put(fence, Expect::Absent);
        request.client.enable = false;
        world.put(&request).await.unwrap();
        // By a hand: the panel switches it on, with the flow of the last inbound, which has none.
        let url = world.target().url.join(&format!("panel/api/clients/resetTraffic/{EMAIL}"));
        let reset = reqwest::Client::builder().no_proxy().build().unwrap().post(url.unwrap());
        let answer = reset.bearer_auth("panel-token").send().await.unwrap();
        assert!(answer.text().await.unwrap().contains("\"success\":true"));
        world.panel.forget_ways("resetTraffic");
        if version == PanelVersion::V3_4_2 {
            // A real one takes the inbounds in no fixed order, the model in the harmless one.
            world.panel.edit_by_hand(EMAIL, |client| client.flow.clear()).unwrap();
        }
        assert_eq!(world.panel.client(EMAIL).unwrap().flow, "", "{version:?}");
        assert!(!world.list().await.unwrap().clients[0].consistent, "it shows");
        request.expect = Expect::Uuid(uuid());
        request.client.enable = true;
        assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
        assert_eq!(world.panel.client(EMAIL).unwrap().flow, "xtls-rprx-vision");
        settled(&world, &request).await;
    }
}

#[tokio::test]
async fn an_inbound_on_a_node_is_refused_unless_opted_in() {
    for version in VERSIONS {
        for opted_in in [false, true] {
            let world = World::with(version, |c| c.panel.allow_nodes = opted_in).await;
            let seed = InboundSeed::vless_reality("elsewhere", 900);
            world.panel.add_inbound(&InboundSeed { node_id: Some(2), ..seed });
            let mut request = put(world.claim().await, Expect::Absent);
            request.inbounds = vec!["elsewhere".to_owned()];
            match world.put(&request).await {
                Ok(_) if opted_in => settled(&world, &request).await,
                Err(problem) if !opted_in => {
                    assert_eq!(problem.code, ErrorCode::NoInbound);
                    assert!(problem.detail.contains("--allow-nodes"), "{}", problem.detail);
                    assert_eq!(world.panel.api_writes(), 0);
                }
                other => panic!("{version:?} {opted_in}: {other:?}"),
            }
        }
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
        world.panel.edit_by_hand(EMAIL, |client| client.tg_id = 77).unwrap();
        let before = world.list().await.unwrap().clients.pop().unwrap();
        world.advance(60_000);
        match drift {
            0 => world.panel.drop_record(EMAIL),
            _ => world.panel.drop_from_settings(EMAIL, 2),
        }
        let mut request = put(fence, Expect::Uuid(uuid()));
        request.client.end = End::Never;
        assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
        settled(&world, &request).await;
        let after = world.list().await.unwrap().clients.pop().unwrap();
        assert_eq!((after.used_bytes, after.incarnation), (7, before.incarnation), "{drift}");
        let seen = |client: &mut SettingsClient| assert_eq!(client.tg_id, 77, "{drift}");
        world.panel.edit_by_hand(EMAIL, seen).unwrap();
    }
}
