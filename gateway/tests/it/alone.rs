//! One client without the list, on panels that tell as much of it so: what is done by that, and what
//! is left to the list.

use nebulalinks_model_panel::{Fault, InboundSeed, PanelVersion, Scope, SettingsClient};
use nebulalinks_protocol::{Client, ClientAnswer, ErrorCode, Expect, Problem, WriteOutcome};

use crate::support::{EMAIL, World, uuid};
use crate::writes::settled;

hold_for_all! {
    a_new_client_is_made_without_the_list_where_the_panel_tells_as_much
    a_new_client_costs_the_panel_no_call_twice_but_for_which_one_it_is
    a_client_is_looked_up_without_the_list_and_is_the_same
    a_client_that_is_there_is_not_made_again_whatever_the_tables_say
    what_changed_of_an_inbound_since_the_list_counts
    many_who_are_looked_up_at_once_cost_the_panel_little_more_than_a_list
    a_client_of_another_uuid_in_the_settings_alone_is_not_written_over
    a_client_that_comes_by_hand_just_before_the_create_is_not_taken_over
}

/// Whether this version says of inbounds whether they are on, apart from the list.
fn makes_alone(version: PanelVersion) -> bool {
    version == PanelVersion::Head
}

impl World {
    /// No list can be had from now on.
    fn without_lists(&self) {
        let fault = Fault::Refused("no list".to_owned());
        self.panel.faults().set_for(fault, Scope::path("inbounds/list"), None);
    }

    async fn one(&self) -> Result<Option<Client>, Box<Problem>> {
        let answer = self.ask("GET", &format!("/v1/clients/{EMAIL}"), &()).await;
        answer.result::<ClientAnswer>().map(|answer| answer.client)
    }

    async fn listed(&self) -> Option<Client> {
        self.list().await.unwrap().clients.into_iter().find(|client| client.email == EMAIL)
    }
}

async fn a_new_client_is_made_without_the_list_where_the_panel_tells_as_much(
    version: PanelVersion,
) {
    for enable in [true, false] {
        let world = World::of(version).await;
        let mut request = world.wish(world.claim().await, Expect::Absent);
        request.client.enable = enable;
        world.list().await.unwrap();
        world.without_lists();
        let made = world.put(&request).await;
        world.panel.faults().clear();
        if !makes_alone(version) {
            assert_eq!(made.unwrap_err().code, ErrorCode::PanelProtocol);
            assert_eq!(world.panel.api_writes(), 0);
            continue;
        }
        let made = made.unwrap();
        assert_eq!(made.outcome, WriteOutcome::Applied);
        assert_eq!(made.client, world.listed().await, "what was read back is what the list says");
        settled(&world, &request).await;
        assert_eq!(world.panel.times_created(EMAIL), 1);
    }
}

async fn a_new_client_costs_the_panel_no_call_twice_but_for_which_one_it_is(version: PanelVersion) {
    let world = World::of(version).await;
    let request = world.wish(world.claim().await, Expect::Absent);
    world.list().await.unwrap();
    let before = world.panel.calls();
    world.put(&request).await.unwrap();
    let calls = world.panel.calls() - before;
    if makes_alone(version) {
        // How it is, which inbounds, no record, no counters; made; its record, its counters, and whether
        // the same panel told them.
        assert_eq!(calls, 8);
    }
}

async fn a_client_is_looked_up_without_the_list_and_is_the_same(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    assert_eq!(world.one().await.unwrap(), None, "before any list it is asked for one");
    world.without_lists();
    let absent = world.one().await;
    if world.is_gen2() {
        assert_eq!(absent.unwrap_err().code, ErrorCode::PanelProtocol);
        return;
    }
    assert_eq!(absent.unwrap(), None);
    world.panel.faults().clear();
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    world.advance(60_000);
    let listed = world.listed().await;
    world.without_lists();
    assert_eq!(world.one().await.unwrap(), listed);
    world.panel.add_traffic(EMAIL, 3, 4);
    let used = world.one().await.unwrap().unwrap();
    assert_eq!((used.used_bytes, used.incarnation), (7, listed.unwrap().incarnation));
    world.panel.drift_stats(EMAIL, |row| row.enable = false);
    let off = world.one().await.unwrap().unwrap();
    assert!(!off.enable && !off.consistent);
    // A second life of the name: what is known of the first is of another row.
    world.panel.faults().clear();
    world.delete(fence, uuid()).await.unwrap();
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    world.without_lists();
    let second = world.one().await;
    // Made alone, it was in no list yet.
    assert_eq!(second.is_err(), makes_alone(version));
    world.panel.faults().clear();
    assert_eq!(world.one().await.unwrap(), world.listed().await);
}

async fn a_client_that_is_there_is_not_made_again_whatever_the_tables_say(version: PanelVersion) {
    for drift in 0..5 {
        let world = World::of(version).await;
        if world.is_gen2() {
            return;
        }
        let fence = world.claim().await;
        let request = world.wish(fence, Expect::Absent);
        world.put(&request).await.unwrap();
        world.list().await.unwrap();
        match drift {
            0 => {}
            1 => world.panel.drop_record(EMAIL),
            2 => world.panel.drop_stats_row(EMAIL),
            3 => world.panel.drop_from_settings(EMAIL, 1),
            _ => {
                world.panel.drop_record(EMAIL);
                world.panel.drop_stats_row(EMAIL);
            }
        }
        match world.put(&request).await {
            Err(problem) => assert_eq!(problem.code, ErrorCode::Conflict, "{drift}"),
            // Only the list knows of it: it is brought to what is asked, and stays one.
            Ok(_) => assert_eq!(drift, 4),
        }
        let listed = world.list().await.unwrap().clients;
        assert_eq!(listed.len(), 1, "{drift}");
        assert_eq!(listed[0].uuid, Some(uuid()), "{drift}");
        let one = world.one().await.unwrap().unwrap();
        assert_eq!(one.incarnation, listed[0].incarnation, "{drift}");
    }
}

async fn what_changed_of_an_inbound_since_the_list_counts(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let mut request = world.wish(fence, Expect::Absent);
    request.inbounds = vec!["ws".to_owned()];
    world.list().await.unwrap();
    assert!(world.panel.set_inbound_enable(2, false));
    let refused = world.put(&request).await.unwrap_err();
    assert!(refused.detail.contains("switched off"), "{}", refused.detail);
    assert!(world.panel.set_inbound_enable(2, true));
    world.list().await.unwrap();
    assert!(world.panel.rename_inbound(1, "ws"));
    let refused = world.put(&request).await.unwrap_err();
    assert!(refused.detail.contains("1, 2"), "{}", refused.detail);
    assert!(world.panel.rename_inbound(2, "another"));
    assert!(world.panel.rename_inbound(1, "vless-reality"));
    world.list().await.unwrap();
    let third = world.panel.add_inbound(&InboundSeed::vless_ws("ws", 9_444));
    world.put(&request).await.unwrap();
    assert_eq!(world.panel.client(EMAIL).unwrap().inbounds, [third]);
    settled(&world, &request).await;
}

async fn many_who_are_looked_up_at_once_cost_the_panel_little_more_than_a_list(
    version: PanelVersion,
) {
    let world = World::of(version).await;
    world.claim().await;
    world.list().await.unwrap();
    let before = world.panel.calls();
    let one = || async { assert_eq!(world.one().await.unwrap(), None) };
    let four = || async { tokio::join!(one(), one(), one(), one()) };
    tokio::join!(four(), four(), four(), four(), four());
    let calls = world.panel.calls() - before;
    // Four alone, three calls each, and two lists at the most: one is being read when others ask.
    assert!(calls <= 4 * 3 + 2 * 2, "{calls} calls for 20");
}

async fn a_client_of_another_uuid_in_the_settings_alone_is_not_written_over(version: PanelVersion) {
    let world = World::of(version).await;
    if world.is_gen2() {
        return;
    }
    let request = world.wish(world.claim().await, Expect::Absent);
    world.put(&request).await.unwrap();
    world.panel.drop_record(EMAIL);
    world.panel.drop_stats_row(EMAIL);
    let mut another = request.clone();
    another.client.uuid = uuid::Uuid::from_u128(7);
    let answer = world.put(&another).await;
    let listed = world.list().await.unwrap().clients;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].uuid, Some(crate::support::uuid()), "{answer:?}");
}

async fn a_client_that_comes_by_hand_just_before_the_create_is_not_taken_over(
    version: PanelVersion,
) {
    let world = World::of(version).await;
    let request = world.wish(world.claim().await, Expect::Absent);
    world.list().await.unwrap();
    let (panel, mut came) = (world.panel.clone(), false);
    world.points.at("gateway.add.before_panel", move || {
        let mut another = SettingsClient::default();
        another.email = EMAIL.to_owned();
        another.id = uuid::Uuid::from_u128(7).to_string();
        another.sub_id = "handmadehandmade".to_owned();
        another.enable = true;
        if !std::mem::replace(&mut came, true) {
            panel.add_by_hand(another, &[1]).unwrap();
        }
    });
    let problem = world.put(&request).await.unwrap_err();
    world.points.calm();
    assert_eq!(problem.code, ErrorCode::Conflict, "{}", problem.detail);
    let listed = world.list().await.unwrap().clients;
    assert_eq!(listed.iter().map(|c| c.uuid).collect::<Vec<_>>(), [Some(uuid::Uuid::from_u128(7))]);
}
