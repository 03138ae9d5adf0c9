//! What the gateway reports of a panel, of whatever generation.

use nebulalinks_model_panel::{Fault, PanelVersion, XrayState};
use nebulalinks_protocol::{ErrorCode, Expect, Health, Xray};

use crate::support::{EMAIL, World};

hold_for_all! {
    a_list_holds_everything_once_and_no_private_key
    where_an_inbound_is_reached_is_told
    a_list_is_complete_or_an_error
    health_names_what_is_wrong_with_the_panel
}

async fn a_list_holds_everything_once_and_no_private_key(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.panel.add_foreign("bob").unwrap();
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    world.panel.add_traffic(EMAIL, 1_000, 2_000);
    let raw = world.request("GET", "/v1/clients", b"");
    let answer = world.send(&raw).await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    for secret in ["privateKey", "mldsa65Seed", "model-private-key", "certificates"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let list: nebulalinks_protocol::ClientList = answer.json();
    let emails: Vec<&str> = list.clients.iter().map(|c| c.email.as_str()).collect();
    assert_eq!(emails, ["bob", EMAIL]);
    let ours = list.clients.last().unwrap();
    let on: &[i64] = if world.is_gen2() { &[1] } else { &[1, 2] };
    assert_eq!((ours.used_bytes, ours.inbounds.as_slice()), (3_000, on));
    assert!(ours.enable && ours.consistent);
    assert_eq!(ours.incarnation.panel, list.panel.identity);
    assert_eq!(list.panel.identity == "guid-1", !world.is_gen2());
    let generation = if world.is_gen2() { "gen2" } else { "gen3" };
    assert_eq!((list.panel.generation.as_str(), list.panel.xray), (generation, Xray::Running));
    assert_eq!(list.panel.version, version.label());
    assert_eq!(list.inbounds.len(), 4);
    let reality = &list.inbounds[0].stream["realitySettings"];
    assert!(reality["settings"]["publicKey"].is_string());
    assert_eq!(list.inbounds[3].settings["password"], "AAECAwQFBgcICQoLDA0ODw==");
}

async fn where_an_inbound_is_reached_is_told(version: PanelVersion) {
    let world = World::of(version).await;
    let first = async || world.list().await.unwrap().inbounds.remove(0);
    let before = first().await;
    let strategy = if world.is_gen2() { "" } else { "node" };
    assert_eq!((before.listen.as_str(), before.share_strategy.as_str()), ("", strategy));
    assert!(world.panel.set_inbound_listen(1, "127.0.0.1"));
    assert!(world.panel.share_inbound(1, "custom", "share.example.org"));
    assert!(world.panel.add_external_proxy(1, "tls", "cdn.example.org", 443));
    let told = first().await;
    assert_eq!(told.listen, "127.0.0.1");
    let proxy = &told.stream["externalProxy"][0];
    assert_eq!((&proxy["dest"], &proxy["port"]), (&"cdn.example.org".into(), &443.into()));
    let share = (told.share_strategy.as_str(), told.share_address.as_str());
    assert_eq!(share == ("custom", "share.example.org"), !world.is_gen2(), "{share:?}");
}

async fn a_list_is_complete_or_an_error(version: PanelVersion) {
    for (fault, code) in [
        (Fault::EmptyBody, ErrorCode::PanelProtocol),
        (Fault::TruncatedJson, ErrorCode::PanelProtocol),
        (Fault::LoginPage, ErrorCode::PanelProtocol),
        (Fault::ErrorBeforeCommit, ErrorCode::PanelUnreachable),
        (Fault::DropBeforeCommit, ErrorCode::PanelUnreachable),
        (Fault::Down, ErrorCode::PanelUnreachable),
        (Fault::Unauthorized, ErrorCode::PanelAuth),
        (Fault::Refused("no".into()), ErrorCode::PanelProtocol),
    ] {
        let world = World::of(version).await;
        assert!(world.list().await.is_ok());
        world.panel.faults().set(fault.clone());
        assert_eq!(world.list().await.unwrap_err().code, code, "{fault:?}");
        world.panel.faults().clear();
        assert!(world.list().await.is_ok(), "{fault:?}");
    }
}

async fn health_names_what_is_wrong_with_the_panel(version: PanelVersion) {
    let mut world = World::of(version).await;
    world.panel.set_xray(XrayState::Failed);
    let health: Health = world.ask("GET", "/v1/health", &()).await.json();
    assert_eq!(health.panel.unwrap().xray, Xray::Error);
    world.restart_gateway("another-token").await;
    world.advance(1_000);
    let health: Health = world.ask("GET", "/v1/health", &()).await.json();
    assert_eq!(health.panel_error, Some(ErrorCode::PanelAuth));
}
