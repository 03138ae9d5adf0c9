//! Every trap of the panels that is known, and the law that holds it.
//!
//! | trap | law |
//! | --- | --- |
//! | omitted means zero in updates | `writes::an_update_changes_ours_and_keeps_what_is_not_ours` |
//! | lost updates under parallel writes | [`parallel_writes_lose_no_update`] |
//! | orphan rows of counters | [`gen2`]`::an_orphan_row_of_counters_is_not_the_next_clients` |
//! | missing rows of counters | `writes::every_drift_between_settings_and_counters_is_mended`, [`gen2`]`::a_missing_row_of_counters_is_mended_without_a_restart` |
//! | shared uuids | [`gen2`]`::a_uuid_that_another_client_has_is_refused` |
//! | an inbound's last client | [`gen2`]`::a_last_client_is_replaced_by_a_sentinel_before_it_goes` |
//! | forced `enable` | `writes::a_client_created_off_is_off` |
//! | silent skip on the same sub id | [`gen3`]`::a_record_that_outlived_its_inbounds_is_taken_up_with_its_counter` |
//! | updates that change nothing and mend nothing | `writes::every_drift_between_settings_and_counters_is_mended` |
//! | a reset that loses the flow | [`gen3`]`::a_flow_that_a_reset_lost_comes_back` |
//! | success before visibility | [`success_is_not_believed_until_it_is_seen`], `trouble::a_write_that_may_still_come_is_an_unknown_outcome` |
//! | empty bodies after a commit | `trouble::a_write_whose_answer_is_lost_is_read_back` |
//! | CSRF | `tokens::a_token_is_made_once_under_our_own_name_and_opens_the_panel`, [`a_generation_is_told_by_what_only_it_has`] |
//! | a locked database answers a login as a wrong password | [`gen2`]`::a_login_that_worked_before_is_tried_again_after_one_five_and_fifteen_minutes` |
//! | a `panelGuid` that is not told for a moment | `an_identity_that_is_not_told_for_a_moment_is_no_other_panel` |
//! | a certificate that does not fit | [`a_panel_whose_certificate_does_not_fit_is_told_as_such`] |
//! | the login limiter | [`gen2`]`::one_wrong_password_stops_trying_and_says_so`, `tokens::one_wrong_password_is_tried_once` |
//! | session expiry as 307, 401 or 404 | [`gen2`]`::a_lost_session_is_renewed_whatever_the_version_answers`, also `…_behind_a_proxy` |
//! | Shadowsocks `method` and key length | [`gen2`]`::shadowsocks_clients_have_the_method_and_key_that_xray_needs` |
//! | links with `localhost` | [`no_source_names_a_call_that_is_never_made`]: no link is asked for |
//! | nodes | [`gen3`]`::an_inbound_on_a_node_is_refused_unless_opted_in` |
//! | a changed `panelGuid` | `decided_for::no_put_delete_or_restart_goes_to_another_panel_than_it_names` |
//! | success while Xray is down | `reads::health_names_what_is_wrong_with_the_panel`, [`a_write_is_told_with_the_state_of_xray`] |
//! | `restartXrayOnClientDisable` on v2.9.4 | [`gen2`]`::a_panel_that_restarts_xray_for_each_end_is_reported`, [`gen2`]`::what_has_ended_is_never_switched_on` |
//! | v3.0.0 to v3.4.1 | [`a_version_that_loses_writes_is_refused_and_told_what_to_install`] |
//! | calls that destroy | [`no_source_names_a_call_that_is_never_made`], and of each test's panel `calls::strange` |
//! | a full restart of Xray | [`no_write_of_ours_restarts_xray`], [`gen2`]`::a_missing_row_of_counters_is_mended_without_a_restart` |

mod gen2;
mod gen3;

use std::sync::Arc;

use nebulalinks_gateway::PanelTarget;
use nebulalinks_model_panel::{ModelPanel, PanelClock, PanelConfig, PanelVersion, XrayState};
use nebulalinks_protocol::{ErrorCode, Expect, Health, Xray};

use crate::support::{EMAIL, START_MS, World, uuid};

hold_for_all! {
    parallel_writes_lose_no_update
    success_is_not_believed_until_it_is_seen
    no_write_of_ours_restarts_xray
    a_write_is_told_with_the_state_of_xray
    a_wrong_base_path_is_told_as_such
}

async fn parallel_writes_lose_no_update(version: PanelVersion) {
    let world = Arc::new(World::of(version).await);
    let fence = world.claim().await;
    let writes = (0..20).map(|n: u128| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let mut request = world.wish(fence, Expect::Absent);
            request.client.email = format!("{EMAIL}-{n:02}");
            request.client.uuid = uuid::Uuid::from_u128(n + 1);
            request.client.sub_id = format!("parallel{n:08}");
            world.put(&request).await.map(|_| ())
        })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap().unwrap();
    }
    let list = world.list().await.unwrap();
    assert_eq!(list.clients.len(), 20);
    assert!(list.clients.iter().all(|c| c.consistent && c.enable));
}

/// On a v2 panel another's write to the same inbound can undo ours after it was answered.
async fn success_is_not_believed_until_it_is_seen(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let (panel, mut changes) = (world.panel.clone(), world.panel.on_change());
    let undone = tokio::spawn(async move {
        changes.recv().await.unwrap();
        panel.drop_from_settings(EMAIL, 1);
        panel.drop_from_settings(EMAIL, 2);
        panel.drop_record(EMAIL);
        panel.drop_stats_row(EMAIL);
    });
    let problem = world.put(&world.wish(fence, Expect::Absent)).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::UnknownOutcome);
    assert!(problem.detail.contains("said success and changed nothing"), "{}", problem.detail);
    undone.await.unwrap();
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    assert!(world.list().await.unwrap().clients.iter().all(|c| c.consistent));
}

async fn no_write_of_ours_restarts_xray(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let restarts = world.panel.xray_restarts();
    let mut request = world.wish(fence, Expect::Absent);
    request.inbounds = vec!["ws".to_owned()];
    world.put(&request).await.unwrap();
    request.expect = Expect::Uuid(uuid());
    for enable in [false, true] {
        request.client.enable = enable;
        world.put(&request).await.unwrap();
    }
    request.inbounds = vec!["trojan".to_owned()];
    world.put(&request).await.unwrap();
    world.delete(fence, uuid()).await.unwrap();
    world.advance(60_000);
    world.panel.poll_if_due();
    assert_eq!(world.panel.xray_restarts(), restarts);
}

async fn a_write_is_told_with_the_state_of_xray(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.panel.set_xray(XrayState::Failed);
    let written = world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    assert_eq!(written.panel.xray, Xray::Error);
    assert!(world.panel.client(EMAIL).is_some());
}

async fn a_wrong_base_path_is_told_as_such(version: PanelVersion) {
    let world = World::with(version, |config| {
        let base = config.panel.url.join("/elsewhere/").unwrap();
        config.panel.url = base;
    })
    .await;
    let problem = world.list().await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::PanelAuth);
    assert!(problem.detail.contains("base path"), "{}", problem.detail);
}

/// An https panel with a certificate of an authority of its own, for this name.
async fn tls_panel(panel: &ModelPanel, name: &str) -> (std::net::SocketAddr, Vec<u8>) {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::pki_types::PrivateKeyDer;
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let cert = params.signed_by(&key, &authority).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], private)
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = TlsListener(listener, tokio_rustls::TlsAcceptor::from(Arc::new(config)));
    let router = panel.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, authority.pem().into_bytes())
}

/// Hands on the connections whose handshake succeeds.
struct TlsListener(tokio::net::TcpListener, tokio_rustls::TlsAcceptor);

impl axum::serve::Listener for TlsListener {
    type Io = tokio_rustls::server::TlsStream<tokio::net::TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, peer) = self.0.accept().await.unwrap();
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

#[tokio::test]
async fn a_panel_whose_certificate_does_not_fit_is_told_as_such() {
    let clock: PanelClock = Arc::new(|| i64::try_from(START_MS).unwrap());
    let config = PanelConfig::new("guid-1", "panel-token", clock).with_base_path("/t/");
    let (address, pem) = tls_panel(&ModelPanel::new(config), "panel.example.net").await;
    let ask = async |authorities: Option<&Vec<u8>>, name: Option<&str>, scheme: &str| {
        let url = format!("{scheme}://{address}/t/").parse().unwrap();
        let mut target = PanelTarget::with_token(url, "panel-token");
        target.tls.authorities = authorities.cloned();
        target.tls.name = name.map(str::to_owned);
        World::with(PanelVersion::Head, |config| config.panel = target).await.list().await
    };
    let good = ask(Some(&pem), Some("panel.example.net"), "https").await;
    assert_eq!(good.unwrap().panel.identity, "guid-1");
    for (authorities, name) in [
        (None, None),
        (None, Some("panel.example.net")),
        (Some(&pem), None),
        (Some(&pem), Some("other.example.net")),
    ] {
        let problem = ask(authorities, name, "https").await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::PanelUnreachable);
        for said in ["certificate", "--panel-ca", "--panel-name"] {
            assert!(problem.detail.contains(said), "{}", problem.detail);
        }
        assert!(!problem.detail.contains("/t/"), "{}", problem.detail);
    }
    let world = World::new().await;
    let url = world.target().url.to_string().replace("http://", "https://");
    let target = PanelTarget::with_token(url.parse().unwrap(), "panel-token");
    let problem =
        World::with(PanelVersion::Head, |c| c.panel = target).await.list().await.unwrap_err();
    assert!(problem.detail.contains("does not speak TLS"), "{}", problem.detail);
}

/// With a token, with a user, and with both.
fn ways(target: &PanelTarget) -> [PanelTarget; 3] {
    let token = PanelTarget::with_token(target.url.clone(), "panel-token");
    let login = PanelTarget::with_login(target.url.clone(), "admin", "admin");
    let both = PanelTarget { token: token.token.clone(), ..login.clone() };
    [token, login, both]
}

#[tokio::test]
async fn a_generation_is_told_by_what_only_it_has() {
    use PanelVersion as V;
    for (version, told) in [
        (V::V2_6_5, [None, Some("gen2"), Some("gen2")]),
        (V::V2_9_4, [None, Some("gen2"), Some("gen2")]),
        (V::V3_4_2, [Some("gen3"), None, Some("gen3")]),
        (V::Head, [Some("gen3"), None, Some("gen3")]),
    ] {
        for (way, told) in told.into_iter().enumerate() {
            let choose =
                |c: &mut nebulalinks_gateway::Config| c.panel = ways(&c.panel)[way].clone();
            let world = World::with(version, choose).await;
            match (told, world.list().await) {
                (Some(told), Ok(list)) => assert_eq!(list.panel.generation, told),
                (None, Err(problem)) => {
                    assert_eq!(problem.code, ErrorCode::PanelAuth, "{version:?} {way}");
                    let help = if way == 0 { "--panel-user" } else { "nebulalinks-gateway token" };
                    assert!(problem.detail.contains(help), "{}", problem.detail);
                }
                (_, other) => panic!("{version:?} {way}: {:?}", other.map(|l| l.panel)),
            }
        }
    }
}

/// An upgrade in place: nobody need have asked while the panel was away.
#[tokio::test]
async fn a_panel_of_another_generation_at_the_same_address_is_found_out() {
    use PanelVersion as V;
    for (before, after) in [(V::V2_9_4, V::Head), (V::V3_4_2, V::V2_9_4)] {
        let mut world = World::with(before, |c| c.panel = ways(&c.panel)[2].clone()).await;
        world.list().await.unwrap();
        world.panel_server.take().unwrap().kill().await;
        let clock: PanelClock = Arc::new(|| i64::try_from(START_MS).unwrap());
        let config = PanelConfig::new("guid-2", "panel-token", clock);
        let other = ModelPanel::new(config.with_version(after).with_base_path("/t/"));
        let address = world.target().url.socket_addrs(|| None).unwrap()[0];
        world.panel_server = Some(other.serve(address).await.unwrap());
        let told = match world.list().await {
            Ok(list) => list,
            Err(_) => world.list().await.unwrap(),
        };
        assert_eq!(told.panel.generation == "gen2", after == V::V2_9_4);
        assert_eq!(crate::calls::strange(&other.ways_called()), Vec::<&String>::new());
    }
}

#[tokio::test]
async fn a_version_that_loses_writes_is_refused_and_told_what_to_install() {
    for version in [PanelVersion::V3_0_2, PanelVersion::V3_3_0] {
        for way in [0, 2] {
            let choose =
                |c: &mut nebulalinks_gateway::Config| c.panel = ways(&c.panel)[way].clone();
            let world = World::with(version, choose).await;
            let problem = world.list().await.unwrap_err();
            assert_eq!(problem.code, ErrorCode::PanelUnsupported, "{version:?}");
            assert!(problem.detail.contains("v3.5.0") && problem.detail.contains("v2.9.4"));
            let health: Health = world.ask("GET", "/v1/health", &()).await.json();
            assert_eq!(health.panel_error, Some(ErrorCode::PanelUnsupported));
        }
    }
}

#[test]
fn no_source_names_a_call_that_is_never_made() {
    const NEVER: [&str; 15] = [
        "bulkAdjust",
        "delDepleted",
        "resetAll",
        "delOrphans",
        "inbounds/update/",
        "inbounds/del/",
        "inbounds/add\"",
        "stopXrayService",
        "importDB",
        "updatePanel",
        "resetTraffic",
        "resetClientTraffic",
        "clients/links",
        "subLinks",
        "allLinks",
    ];
    /// Everybody on the server reconnects: one call of each generation, for the verb of its own.
    const RESTART: &str = "restartXrayService";
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            read += 1;
            for never in NEVER {
                assert!(!text.contains(never), "{}: {never}", path.display());
            }
            let restarts = text.matches(RESTART).count();
            let may = ["hooks.rs", "gen2/mod.rs", "gen3/mod.rs"];
            let may = may.iter().any(|file| path.ends_with(file));
            assert!(restarts == usize::from(may), "{}: {restarts} of {RESTART}", path.display());
        }
    }
    assert!(read > 20, "{read}");
}
