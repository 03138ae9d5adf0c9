//! What starting Xray anew does, of both ends of both generations.

use nebulalinks_model_panel::XrayState;
use nebulalinks_protocol::{ErrorCode, Expect, Xray};

use crate::support::{EMAIL, World};

hold_for_all! {
    a_restart_ends_what_is_open_and_is_one_call
    an_xray_that_does_not_run_is_not_started
    a_replaced_controller_restarts_nothing
}

async fn a_restart_ends_what_is_open_and_is_one_call(
    version: nebulalinks_model_panel::PanelVersion,
) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let mut request = world.wish(fence, Expect::Absent);
    world.put(&request).await.unwrap();
    world.panel.keep_open(EMAIL);
    request.expect = Expect::Uuid(crate::support::uuid());
    request.client.enable = false;
    world.put(&request).await.unwrap();
    assert!(world.panel.add_traffic(EMAIL, 1, 1), "taking a client off ends no session");
    let answer = world.restart_xray(fence).await.unwrap();
    assert_eq!(answer.panel.xray, Xray::Running);
    assert_eq!(world.panel.xray_restarts(), 1);
    assert!(!world.panel.add_traffic(EMAIL, 1, 1));
    assert!(!world.list().await.unwrap().clients[0].enable);
}

async fn an_xray_that_does_not_run_is_not_started(version: nebulalinks_model_panel::PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    for state in [XrayState::Stopped, XrayState::Failed] {
        world.panel.set_xray(state);
        let problem = world.restart_xray(fence).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::Conflict, "{}", problem.detail);
    }
    let asked = |way: &String| way.ends_with("restartXrayService");
    assert!(!world.panel.ways_called().iter().any(asked), "the panel would start it");
}

async fn a_replaced_controller_restarts_nothing(version: nebulalinks_model_panel::PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.ask("POST", "/v1/claim", &crate::support::claim("store-1", "p2", 6)).await;
    let problem = world.restart_xray(fence).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::Fenced);
    assert_eq!(world.panel.xray_restarts(), 0);
}
