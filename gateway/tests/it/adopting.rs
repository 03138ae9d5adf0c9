//! A client that is somebody's own becomes the shop's: by one update, under its own uuid, on its own row
//! of counters.

use nebulalinks_model_panel::PanelVersion;
use nebulalinks_protocol::{Client, ErrorCode, Expect, PutRequest, WriteOutcome};

use crate::support::{EMAIL, World};

hold_for_all! {
    a_client_is_renamed_by_one_update_and_keeps_what_it_is
    the_same_once_more_changes_nothing_whether_or_not_its_answer_came
    only_the_client_that_is_meant_is_adopted
    a_batch_adopts_many
    one_whose_credentials_changed_meanwhile_is_adopted_with_the_new_ones
    one_without_the_shops_flow_is_left_on_and_can_be_cut_off
    one_that_renews_itself_is_told_from_one_whose_tables_disagree
}

const THEIRS: &str = "Bobs.Phone+1@home";

/// A panel with somebody's own client that has used something, and the request that adopts it as it is.
async fn found(version: PanelVersion) -> (World, Client, PutRequest) {
    let world = World::of(version).await;
    world.panel.add_foreign(THEIRS).unwrap();
    assert!(world.panel.add_traffic(THEIRS, 3 << 20, 4 << 20));
    let fence = world.claim().await;
    let client = there(&world, THEIRS).await.unwrap();
    let mut request = world.wish(fence, Expect::Uuid(client.uuid.unwrap()));
    request.from = Some(THEIRS.to_owned());
    request.inbounds = client.inbounds.iter().map(ToString::to_string).collect();
    request.client.uuid = client.uuid.unwrap();
    request.client.sub_id.clone_from(&client.sub_id);
    (request.client.end, request.client.cap) = (client.end.unwrap(), client.cap);
    (world, client, request)
}

/// How many calls changed something; none but updates.
pub(crate) fn writes_after(world: &World, calls: u64) -> usize {
    let calls = world.panel.calls_after(calls);
    let has = |word| calls.iter().filter(|call| call.path.to_lowercase().contains(word)).count();
    assert_eq!((has("add"), has("del")), (0, 0), "{calls:?}");
    has("update")
}

async fn there(world: &World, email: &str) -> Option<Client> {
    world.list().await.unwrap().clients.into_iter().find(|client| client.email == email)
}

async fn a_client_is_renamed_by_one_update_and_keeps_what_it_is(version: PanelVersion) {
    let (world, before, request) = found(version).await;
    let calls = world.panel.calls();
    let answer = world.put(&request).await.unwrap();
    assert_eq!(answer.outcome, WriteOutcome::Applied);
    assert_eq!(writes_after(&world, calls), 1, "one update");
    let after = answer.client.unwrap();
    assert_eq!((&*after.email, &*after.comment), (EMAIL, "nl: somebody"));
    assert_eq!((after.uuid, &after.sub_id), (before.uuid, &before.sub_id));
    assert_eq!((after.end, after.cap, after.enable), (before.end, before.cap, true));
    assert_eq!((after.used_bytes, &after.incarnation), (before.used_bytes, &before.incarnation));
    assert_eq!(after.inbounds, before.inbounds);
    assert!(after.used_bytes > 0 && after.consistent);
    assert!(there(&world, THEIRS).await.is_none());
    assert!(world.panel.client(THEIRS).is_none());
}

async fn the_same_once_more_changes_nothing_whether_or_not_its_answer_came(version: PanelVersion) {
    let (world, _, request) = found(version).await;
    world.put(&request).await.unwrap();
    let writes = world.panel.api_writes();
    for from in [request.from.clone(), None] {
        let answer = world.put(&PutRequest { from, ..request.clone() }).await.unwrap();
        assert_eq!(answer.outcome, WriteOutcome::Unchanged);
    }
    assert_eq!(world.panel.api_writes(), writes);
    // Somebody else takes the old name meanwhile: that is another client.
    world.panel.add_foreign(THEIRS).unwrap();
    let other = there(&world, THEIRS).await.unwrap();
    world.put(&request).await.unwrap();
    assert_eq!(there(&world, THEIRS).await.unwrap(), other);
}

async fn only_the_client_that_is_meant_is_adopted(version: PanelVersion) {
    let (world, before, request) = found(version).await;
    let writes = world.panel.api_writes();
    let world_of = &world;
    let code = |request: PutRequest| async move { world_of.put(&request).await.unwrap_err().code };
    let other = Expect::Uuid(uuid::Uuid::from_u128(7));
    assert_eq!(code(PutRequest { expect: other, ..request.clone() }).await, ErrorCode::Conflict);
    let gone = Some("nobody".to_owned());
    assert_eq!(code(PutRequest { from: gone, ..request.clone() }).await, ErrorCode::Conflict);
    let invalid = [
        PutRequest { expect: Expect::Absent, ..request.clone() },
        PutRequest { from: Some("nl-main-another".to_owned()), ..request.clone() },
        PutRequest { from: Some(String::new()), ..request.clone() },
        PutRequest { from: Some("x".repeat(300)), ..request.clone() },
    ];
    for request in invalid {
        assert_eq!(code(request).await, ErrorCode::Invalid);
    }
    assert_eq!(world.panel.api_writes(), writes);
    assert_eq!(there(&world, THEIRS).await.unwrap(), before);
}

async fn a_batch_adopts_many(version: PanelVersion) {
    let (world, _, first) = found(version).await;
    let mut items = vec![first.clone().into()];
    for n in 0..5_u8 {
        let (theirs, ours) = (format!("Phone_{n}@home"), format!("nl-main-phone{n}"));
        world.panel.add_foreign(&theirs).unwrap();
        let client = there(&world, &theirs).await.unwrap();
        let mut request = first.clone();
        request.expect = Expect::Uuid(client.uuid.unwrap());
        (request.client.email, request.from) = (ours, Some(theirs));
        request.client.uuid = client.uuid.unwrap();
        request.client.sub_id.clone_from(&client.sub_id);
        request.client.secret = format!("{n}{}", &first.client.secret[1..]);
        items.push(request.into());
    }
    let answer = world.batch(first.fence, items).await.unwrap();
    for result in &answer.results {
        assert!(matches!(result, nebulalinks_protocol::BatchResult::Done { .. }), "{result:?}");
    }
    let all = world.list().await.unwrap().clients;
    assert!(all.iter().all(|client| client.email.starts_with("nl-")), "{all:?}");
    assert_eq!(all.len(), 6);
}

async fn one_whose_credentials_changed_meanwhile_is_adopted_with_the_new_ones(
    version: PanelVersion,
) {
    let (world, before, mut request) = found(version).await;
    request.client.uuid = uuid::Uuid::from_u128(0xacdc);
    request.client.sub_id = "another0key0of16".to_owned();
    let calls = world.panel.calls();
    let after = world.put(&request).await.unwrap().client.unwrap();
    assert_eq!(writes_after(&world, calls), 1, "one update");
    assert_eq!((&*after.email, after.uuid), (EMAIL, Some(request.client.uuid)));
    assert_eq!((&after.sub_id, after.consistent), (&request.client.sub_id, true));
    assert_eq!((after.used_bytes, &after.incarnation), (before.used_bytes, &before.incarnation));
    assert!(there(&world, THEIRS).await.is_none());
}

async fn one_without_the_shops_flow_is_left_on_and_can_be_cut_off(version: PanelVersion) {
    let (world, _, mut request) = found(version).await;
    world.panel.edit_by_hand(THEIRS, |client| client.flow.clear()).unwrap();
    let refused = world.put(&request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::PanelRefused);
    assert!(there(&world, THEIRS).await.unwrap().enable, "who uses it is not cut off");
    // It was suspended, or its end has come.
    request.client.enable = false;
    let off = world.put(&request).await.unwrap().client.unwrap();
    assert_eq!((&*off.email, off.enable), (EMAIL, false));
    assert!(there(&world, THEIRS).await.is_none());
}

async fn one_that_renews_itself_is_told_from_one_whose_tables_disagree(version: PanelVersion) {
    let (world, client, _) = found(version).await;
    assert!(client.consistent && !client.renews);
    world.panel.edit_by_hand(THEIRS, |client| client.reset = 30).unwrap();
    let client = there(&world, THEIRS).await.unwrap();
    assert!(!client.consistent && client.renews);
}
