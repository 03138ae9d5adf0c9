//! The inbounds that a write names: which of the panel's is meant, and what is refused.

use nebulalinks_model_panel::{InboundSeed, PanelVersion, SettingsClient};
use nebulalinks_protocol::{
    BatchRequest, BatchResult, ClientAnswer, ClientList, ErrorCode, Expect, NAME_UNREADABLE,
    Problem, PutRequest,
};
use serde_json::json;

use crate::support::{EMAIL, World, uuid};

hold_for_all! {
    a_blank_in_a_remark_keeps_nobody_from_being_served
    a_remark_of_several_is_refused_with_their_numbers
    who_is_to_be_off_is_switched_off_on_an_inbound_that_is_off
    who_is_to_be_off_is_switched_off_wherever_a_hand_has_put_them_too
    a_list_that_lacks_an_inbound_is_told_only_to_who_understands_it
    while_an_inbound_is_unreadable_others_are_extended_and_nobody_is_made_or_removed
}

/// A client is on the second inbound, and the third is unreadable.
async fn with_an_unreadable_inbound(version: PanelVersion) -> (World, PutRequest) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let mut request = world.wish(fence, Expect::Absent);
    request.inbounds = vec!["2".to_owned()];
    world.put(&request).await.unwrap();
    request.expect = Expect::Uuid(uuid());
    assert!(world.panel.break_inbound(3, true));
    (world, request)
}

fn names_it(problem: &Problem) {
    for said in ["`trojan`", "number 3", "not JSON"] {
        assert!(problem.detail.contains(said), "{}", problem.detail);
    }
}

async fn a_list_that_lacks_an_inbound_is_told_only_to_who_understands_it(version: PanelVersion) {
    let (world, _) = with_an_unreadable_inbound(version).await;
    let problem = world.list().await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::PanelProtocol, "an older controller takes it for no list");
    names_it(&problem);
    let path = format!("/v1/clients?{NAME_UNREADABLE}");
    let list: ClientList = world.ask("GET", &path, &()).await.json();
    let [broken] = &list.unreadable[..] else { panic!("{:?}", list.unreadable) };
    assert_eq!((broken.id, broken.remark.as_str()), (3, "trojan"));
    assert!(list.inbounds.iter().all(|i| i.id != 3) && list.inbounds.len() == 3);
    assert!(list.clients.iter().any(|c| c.email == EMAIL && c.consistent));
    assert!((world.metric("nebulalinks_gateway_unreadable_inbounds").await - 1.0).abs() < 0.1);
    let one: ClientAnswer = world.ask("GET", &format!("/v1/clients/{EMAIL}"), &()).await.json();
    assert!(one.client.is_some());
    let other = "/v1/clients/nl-main-01jz8q5v9m3kbbbbbbbbbbbbbb";
    let problem = world.ask("GET", other, &()).await.result::<ClientAnswer>().unwrap_err();
    assert_eq!(problem.code, ErrorCode::PanelProtocol, "no proven absence");
    names_it(&problem);
    assert!(world.panel.break_inbound(3, false));
    assert!(world.list().await.unwrap().unreadable.is_empty());
    assert!(world.metric("nebulalinks_gateway_unreadable_inbounds").await.abs() < 0.1);
}

async fn while_an_inbound_is_unreadable_others_are_extended_and_nobody_is_made_or_removed(
    version: PanelVersion,
) {
    let (world, mut request) = with_an_unreadable_inbound(version).await;
    request.client.ip_limit += 1;
    world.put(&request).await.unwrap();
    let mut other = request.clone();
    other.client.email = "nl-main-01jz8q5v9m3kbbbbbbbbbbbbbb".to_owned();
    other.client.uuid = uuid::Uuid::from_u128(77);
    other.client.sub_id = "k3v9q2m8x7c1b5n5".to_owned();
    other.client.secret = other.client.secret.chars().rev().collect();
    other.expect = Expect::Absent;
    let refused = world.put(&other).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::PanelRefused, "it may be on that inbound");
    names_it(&refused);
    let refused = world.delete(request.fence, uuid()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::PanelRefused, "it could not be read back");
    request.client.ip_limit += 1;
    let items = vec![other.clone().into(), request.clone().into()];
    let batch = BatchRequest { fence: request.fence, items, store: None };
    let answer: nebulalinks_protocol::BatchAnswer =
        world.ask("POST", "/v1/clients/batch", &batch).await.json();
    let [BatchResult::Failed(problem), BatchResult::Done { .. }] = &answer.results[..] else {
        panic!("{:?}", answer.results)
    };
    assert_eq!(problem.code, ErrorCode::PanelRefused);
    // The one that is named.
    request.inbounds = vec!["trojan".to_owned()];
    let refused = world.put(&request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoInbound);
    assert!(refused.detail.contains("`trojan` cannot be read"), "{}", refused.detail);
    assert_eq!(world.panel.times_created(EMAIL), 1);
    assert!(world.panel.break_inbound(3, false));
    world.put(&other).await.unwrap();
    world.delete(request.fence, uuid()).await.unwrap();
}

async fn a_blank_in_a_remark_keeps_nobody_from_being_served(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let mut request = world.wish(fence, Expect::Absent);
    for (remark, name) in [("ws ", "ws"), ("ws", " ws"), ("ws\u{a0}", "ws\u{a0}")] {
        assert!(world.panel.rename_inbound(2, remark));
        request.inbounds = vec![name.to_owned()];
        world.put(&request).await.unwrap();
        request.expect = Expect::Uuid(uuid());
        assert_eq!(world.panel.client(EMAIL).unwrap().inbounds, [2], "{remark:?} {name:?}");
    }
}

async fn a_remark_of_several_is_refused_with_their_numbers(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    assert!(world.panel.rename_inbound(1, "ws"));
    let mut request = world.wish(fence, Expect::Absent);
    request.inbounds = vec!["ws".to_owned()];
    let refused = world.put(&request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoInbound);
    assert!(refused.detail.contains("`ws`") && refused.detail.contains("1, 2"), "{refused:?}");
    assert!(world.panel.rename_inbound(1, "ws "));
    world.put(&request).await.unwrap();
    assert_eq!(world.panel.client(EMAIL).unwrap().inbounds, [2], "exactly so comes first");
}

async fn who_is_to_be_off_is_switched_off_on_an_inbound_that_is_off(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let mut request = world.wish(fence, Expect::Absent);
    request.inbounds = vec!["2".to_owned()];
    world.put(&request).await.unwrap();
    assert!(world.panel.set_inbound_enable(2, false));
    request.expect = Expect::Uuid(uuid());
    request.client.ip_limit = 7;
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::NoInbound);
    request.client.enable = false;
    world.put(&request).await.unwrap();
    assert!(!world.panel.client(EMAIL).unwrap().is_on());
}

/// A hand puts a client of ours on one inbound more: on the v2 panels with a copy of its object.
async fn put_there_too(world: &World, id: i64) {
    if !world.is_gen2() {
        let way = format!("panel/api/clients/{EMAIL}/attach");
        world.by_hand("POST", &way, &json!({"inboundIds": [id]})).await;
        return;
    }
    let mut copy = SettingsClient::default();
    (copy.email, copy.enable) = ("copy".into(), true);
    world.panel.add_by_hand(copy, &[id]).unwrap();
    world.panel.corrupt_client("copy", |object| {
        object.insert("email".into(), EMAIL.into());
        object.insert("id".into(), uuid().to_string().into());
    });
}

/// On a second inbound of a v2 panel, on one with another form of password, and on a node.
async fn who_is_to_be_off_is_switched_off_wherever_a_hand_has_put_them_too(version: PanelVersion) {
    for other in ["ss", "elsewhere"] {
        let world = World::of(version).await;
        let seed = InboundSeed::vless_ws("elsewhere", 900);
        world.panel.add_inbound(&InboundSeed { node_id: Some(2), ..seed });
        let fence = world.claim().await;
        let mut request = world.wish(fence, Expect::Absent);
        request.inbounds = vec!["trojan".to_owned()];
        world.put(&request).await.unwrap();
        put_there_too(&world, world.panel.inbound_named(other).unwrap()).await;
        assert!(world.panel.client(EMAIL).unwrap().inbounds.len() > 1, "{other}");
        request.expect = Expect::Uuid(uuid());
        request.client.enable = false;
        world.put(&request).await.unwrap();
        assert!(!world.panel.client(EMAIL).unwrap().is_on(), "{other}");
        let clients = world.list().await.unwrap().clients;
        assert!(clients.iter().all(|client| client.email != EMAIL || !client.enable), "{other}");
    }
}
