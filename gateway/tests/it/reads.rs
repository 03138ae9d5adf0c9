//! What is told of a panel.

use nebulalinks_protocol::{ErrorCode, Expect, Health, Xray};
use nebulalinks_sandbox::panel::{Fault, XrayState};

use crate::support::{EMAIL, World, put};

#[tokio::test]
async fn a_list_holds_everything_once_and_no_private_key() {
    let world = World::new().await;
    let fence = world.claim().await;
    world.panel.add_foreign("bob").unwrap();
    world.put(&put(fence, Expect::Absent)).await.unwrap();
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
    assert_eq!((ours.used_bytes, ours.inbounds.as_slice()), (3_000, &[1, 2][..]));
    assert!(ours.enable && ours.consistent);
    assert_eq!(ours.incarnation.panel, "guid-1");
    assert_eq!((list.panel.generation.as_str(), list.panel.xray), ("gen3", Xray::Running));
    assert_eq!(list.inbounds.len(), 4);
    let reality = &list.inbounds[0].stream["realitySettings"];
    assert!(reality["settings"]["publicKey"].is_string());
    assert_eq!(list.inbounds[3].settings["password"], "AAECAwQFBgcICQoLDA0ODw==");
}

#[tokio::test]
async fn a_list_is_complete_or_an_error() {
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
        let world = World::new().await;
        assert!(world.list().await.is_ok());
        world.panel.faults().set(fault.clone());
        assert_eq!(world.list().await.unwrap_err().code, code, "{fault:?}");
        world.panel.faults().clear();
        assert!(world.list().await.is_ok(), "{fault:?}");
    }
}

#[tokio::test]
async fn health_names_what_is_wrong_with_the_panel() {
    let mut world = World::new().await;
    world.panel.set_xray(XrayState::Failed);
    let health: Health = world.ask("GET", "/v1/health", &()).await.json();
    assert_eq!(health.panel.unwrap().xray, Xray::Error);
    world.restart_gateway("another-token").await;
    world.advance(1_000);
    let health: Health = world.ask("GET", "/v1/health", &()).await.json();
    assert_eq!(health.panel_error, Some(ErrorCode::PanelAuth));
}
