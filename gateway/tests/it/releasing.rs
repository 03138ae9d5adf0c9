//! A client of the shop's is given back: by one update, under its own uuid, on its own row of counters.

use nebulalinks_model_panel::PanelVersion;
use nebulalinks_protocol::{Client, ErrorCode, Expect, PutRequest, WriteOutcome};

use crate::adopting::writes_after;
use crate::support::{EMAIL, World};

hold_for_all! {
    a_client_is_given_back_by_one_update_and_keeps_what_it_is
    the_same_once_more_changes_nothing
    nobodys_name_is_taken_and_nobody_elses_client_given_away
    a_client_is_given_back_where_it_is_whatever_its_inbounds_are_called_by_now
}

const THEIRS: &str = "Bobs.Phone+1@home";

/// A panel with a client of ours that has used something, and the request that gives it back as it is.
async fn served(version: PanelVersion) -> (World, Client, PutRequest) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let mut request = world.wish(fence, Expect::Absent);
    world.put(&request).await.unwrap();
    assert!(world.panel.add_traffic(EMAIL, 3 << 20, 4 << 20));
    let client = there(&world, EMAIL).await.unwrap();
    request.expect = Expect::Uuid(client.uuid.unwrap());
    request.to = Some(THEIRS.to_owned());
    request.client.comment = "bob".to_owned();
    (world, client, request)
}

async fn there(world: &World, email: &str) -> Option<Client> {
    world.list().await.unwrap().clients.into_iter().find(|client| client.email == email)
}

async fn a_client_is_given_back_by_one_update_and_keeps_what_it_is(version: PanelVersion) {
    let (world, before, request) = served(version).await;
    let calls = world.panel.calls();
    let answer = world.put(&request).await.unwrap();
    assert_eq!(answer.outcome, WriteOutcome::Applied);
    assert_eq!(writes_after(&world, calls), 1, "one update");
    let after = answer.client.unwrap();
    assert_eq!((&*after.email, &*after.comment), (THEIRS, "bob"));
    assert_eq!((after.uuid, &after.sub_id), (before.uuid, &before.sub_id));
    assert_eq!((after.end, after.cap, after.enable), (before.end, before.cap, true));
    assert_eq!((after.used_bytes, &after.incarnation), (before.used_bytes, &before.incarnation));
    assert_eq!(after.inbounds, before.inbounds);
    assert!(after.used_bytes > 0 && after.consistent);
    assert!(there(&world, EMAIL).await.is_none());
}

async fn the_same_once_more_changes_nothing(version: PanelVersion) {
    let (world, _, request) = served(version).await;
    world.put(&request).await.unwrap();
    let writes = world.panel.api_writes();
    assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Unchanged);
    assert_eq!(world.panel.api_writes(), writes);
}

async fn nobodys_name_is_taken_and_nobody_elses_client_given_away(version: PanelVersion) {
    let (world, before, request) = served(version).await;
    world.panel.add_foreign("friend").unwrap();
    let friend = there(&world, "friend").await.unwrap();
    let writes = world.panel.api_writes();
    let world_of = &world;
    let code = |request: PutRequest| async move { world_of.put(&request).await.unwrap_err().code };
    let to = |name: &str| PutRequest { to: Some(name.to_owned()), ..request.clone() };
    assert_eq!(code(to("friend")).await, ErrorCode::Conflict);
    let other = Expect::Uuid(uuid::Uuid::from_u128(7));
    assert_eq!(code(PutRequest { expect: other, ..request.clone() }).await, ErrorCode::Conflict);
    let invalid = [
        to("nl-main-another"),
        to(""),
        to(&"x".repeat(300)),
        PutRequest { expect: Expect::Absent, ..request.clone() },
        PutRequest { from: Some("friend".to_owned()), ..request.clone() },
    ];
    for request in invalid {
        assert_eq!(code(request).await, ErrorCode::Invalid);
    }
    assert_eq!(world.panel.api_writes(), writes);
    assert_eq!(there(&world, EMAIL).await.unwrap(), before);
    assert_eq!(there(&world, "friend").await.unwrap(), friend);
}

/// The numbers are those of a list: since then the panel was restored, or somebody named another inbound so.
async fn a_client_is_given_back_where_it_is_whatever_its_inbounds_are_called_by_now(
    version: PanelVersion,
) {
    for (renamed, enable) in [(true, true), (false, true), (true, false)] {
        let (world, before, mut request) = served(version).await;
        let on: Vec<String> = before.inbounds.iter().map(i64::to_string).collect();
        let mut others = world.panel.inbounds().into_iter().map(|inbound| inbound.id);
        let other = others.find(|id| !before.inbounds.contains(id)).unwrap();
        world.panel.add_foreign("friend").unwrap();
        let friend = there(&world, "friend").await.unwrap();
        if renamed {
            world.panel.rename_inbound(other, &on[0]);
            request.inbounds = on;
        } else {
            request.inbounds = vec!["77".to_owned()];
        }
        request.client.enable = enable;
        if !enable {
            // Who is switched off stays where they are, too.
            request.to = None;
            request.client.comment = before.comment.clone();
        }
        let calls = world.panel.calls();
        let after = world.put(&request).await.unwrap().client.unwrap();
        // That it is switched off is no update of a v3 panel.
        let updates = if world.is_gen2() || enable { 1 } else { 0 };
        assert_eq!(writes_after(&world, calls), updates, "one update");
        assert_eq!(after.email, if enable { THEIRS } else { EMAIL });
        assert_eq!((after.inbounds, after.uuid), (before.inbounds, before.uuid));
        assert_eq!((after.used_bytes, after.incarnation), (before.used_bytes, before.incarnation));
        assert_eq!(there(&world, "friend").await.unwrap(), friend, "who stays as they are");
    }
}
