//! Troubles that pass and look final: each ends by itself with the trouble, and nothing is restarted.

use nebulalinks_gateway::PanelTarget;
use nebulalinks_model_panel::{Fault, PanelVersion, Scope};
use nebulalinks_protocol::{ErrorCode, Expect, Notice};

use crate::support::{ADMIN, EMAIL, World, uuid};

hold_for_all! {
    a_moments_refusal_of_any_call_is_over_when_it_passes
    a_restart_that_answers_401_403_or_404_for_a_while_is_over_when_it_ends
    a_restored_panel_is_written_again_at_once
}

/// What a panel that starts, or a proxy in front of it, may say for a moment.
const REFUSALS: [Fault; 5] = [
    Fault::Unauthorized,
    Fault::Proxy(403),
    Fault::Proxy(404),
    Fault::Proxy(401),
    Fault::Proxy(503),
];

/// With all credentials that a panel of any version takes.
async fn with_all_credentials(version: PanelVersion) -> World {
    World::with(version, |config| {
        let both = PanelTarget::with_login(config.panel.url.clone(), ADMIN, ADMIN);
        let token = PanelTarget::with_token(config.panel.url.clone(), "panel-token").token;
        config.panel = PanelTarget { token, ..both };
    })
    .await
}

/// Everything that a gateway does, as if nothing had been.
async fn all_is_well(world: &World, why: &str) {
    world.list().await.unwrap_or_else(|problem| panic!("{why}: {problem:?}"));
    let fence = world.claim().await;
    let (before, uuid) = match world.panel.client(EMAIL) {
        Some(_) => (Expect::Uuid(uuid()), uuid()),
        None => (Expect::Absent, uuid()),
    };
    let request = world.wish(fence, before);
    world.put(&request).await.unwrap_or_else(|problem| panic!("{why}: {problem:?}"));
    world.delete(fence, uuid).await.unwrap_or_else(|problem| panic!("{why}: {problem:?}"));
}

async fn a_moments_refusal_of_any_call_is_over_when_it_passes(version: PanelVersion) {
    for world in [World::of(version).await, with_all_credentials(version).await] {
        for fault in REFUSALS.into_iter().take(3) {
            for spared in 0..6 {
                // Also the calls of a new session, and of a panel that is found out anew.
                world.panel.replace_secret();
                // A caller has so many requests a minute.
                world.advance(10_000);
                world.panel.faults().once_after(spared, fault.clone(), Scope::default());
                let fence = world.claim().await;
                // Whatever comes of these.
                let _ = world.list().await;
                let _ = world.put(&world.wish(fence, Expect::Absent)).await;
                let _ = world.delete(fence, uuid()).await;
                world.panel.faults().clear();
                all_is_well(&world, &format!("{fault:?} after {spared}")).await;
            }
        }
        assert!(world.metric("nebulalinks_gateway_panel_login_refused").await.abs() < 0.1);
    }
}

async fn a_restart_that_answers_401_403_or_404_for_a_while_is_over_when_it_ends(
    version: PanelVersion,
) {
    for world in [World::of(version).await, with_all_credentials(version).await] {
        for fault in REFUSALS {
            world.panel.faults().set(fault.clone());
            for _ in 0..3 {
                assert!(world.list().await.is_err());
                world.advance(30_000);
            }
            world.panel.faults().clear();
            all_is_well(&world, &format!("{fault:?}")).await;
        }
    }
}

async fn a_restored_panel_is_written_again_at_once(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    let backup = world.panel.backup();
    // While it is being restored, an empty database answers under another identity.
    world.panel.replace_guid("guid-fresh");
    world.panel.replace_secret();
    if !world.is_gen2() {
        let refused = world.put(&world.wish(fence, Expect::Uuid(uuid()))).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::PanelRefused, "it was decided for the other");
        let list = world.list().await.unwrap();
        assert!(list.panel.notices.contains(&Notice::IdentityChanged));
    }
    world.panel.restore(&backup);
    let list = world.list().await.unwrap();
    assert!(!list.panel.notices.contains(&Notice::IdentityChanged));
    let notice = "nebulalinks_gateway_panel_notice{notice=\"identity_changed\"}";
    assert!(world.metric(notice).await.abs() < 0.1);
    let mut request = world.wish(fence, Expect::Uuid(uuid()));
    request.client.ip_limit += 1;
    world.put(&request).await.unwrap();
}

/// A version that deletes by email is not taken for an older one because a proxy said 404 once.
#[tokio::test]
async fn a_passing_404_makes_later_deletes_no_deletes_by_key() {
    let world = World::of(PanelVersion::V2_9_4).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    let by_email = Scope::path("delClientByEmail");
    world.panel.faults().set_for(Fault::Proxy(404), by_email, Some(1));
    world.delete(fence, uuid()).await.unwrap();
    world.panel.forget_ways("delClient");
    world.advance(10 * 60_000);
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    world.delete(fence, uuid()).await.unwrap();
    let ways = world.panel.ways_called();
    assert!(ways.iter().any(|way| way.contains("delClientByEmail")), "{ways:?}");
    assert!(!ways.iter().any(|way| way.contains("/delClient/")), "{ways:?}");
}
