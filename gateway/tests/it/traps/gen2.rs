//! What only panels of generation 2 do.

use nebulalinks_gateway::PanelTarget;
use nebulalinks_model_panel::{Fault, InboundSeed, PanelVersion, Scope, SettingsClient, XrayState};
use nebulalinks_protocol::{Cap, End, ErrorCode, Expect, Health, Notice, PutRequest, WriteOutcome};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{EMAIL, START_MS, World, uuid};
use crate::writes::settled;

const VERSIONS: [PanelVersion; 2] = [PanelVersion::V2_6_5, PanelVersion::V2_9_4];

fn on(world: &World, fence: u64, inbound: &str) -> PutRequest {
    let mut request = world.wish(fence, Expect::Absent);
    request.inbounds = vec![inbound.to_owned()];
    request
}

#[tokio::test]
async fn a_lost_session_is_renewed_whatever_the_version_answers() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.panel.replace_secret();
        world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
        world.panel.replace_secret();
        assert_eq!(world.list().await.unwrap().clients.len(), 1);
        world.panel.replace_secret();
        assert_eq!(world.delete(fence, uuid()).await.unwrap().outcome, WriteOutcome::Applied);
        assert_eq!(world.panel.client(EMAIL), None);
    }
}

/// Puts a proxy before the panel that drops the header for which a panel answers 401.
fn behind_a_proxy(target: &mut PanelTarget) {
    let panel = target.url.socket_addrs(|| None).unwrap()[0];
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    target.url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move {
        loop {
            let (mut from, mut back) = listener.accept().await.unwrap().0.into_split();
            let (mut answers, mut to) = TcpStream::connect(panel).await.unwrap().into_split();
            tokio::spawn(async move { tokio::io::copy(&mut answers, &mut back).await });
            tokio::spawn(async move {
                let mut bytes = vec![0; 1 << 16];
                while let Ok(n @ 1..) = from.read(&mut bytes).await {
                    let text = String::from_utf8_lossy(&bytes[..n]);
                    let text = text.replace("x-requested-with:", "x-dropped:");
                    to.write_all(text.as_bytes()).await.unwrap();
                }
            });
        }
    });
}

#[tokio::test]
async fn a_lost_session_is_renewed_whatever_the_version_answers_behind_a_proxy() {
    for (version, status) in [(PanelVersion::V2_6_5, 307), (PanelVersion::V2_9_4, 404)] {
        let mut way = None;
        let world = World::with(version, |config| {
            behind_a_proxy(&mut config.panel);
            way = Some(config.panel.url.join("panel/api/inbounds/list").unwrap());
        })
        .await;
        let browser = reqwest::Client::builder().no_proxy();
        let browser = browser.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let stranger =
            browser.get(way.unwrap()).header("x-requested-with", "XMLHttpRequest").send().await;
        assert_eq!(stranger.unwrap().status(), status);
        let fence = world.claim().await;
        world.panel.replace_secret();
        world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
        world.panel.replace_secret();
        assert_eq!(world.list().await.unwrap().clients.len(), 1);
    }
}

#[tokio::test]
async fn a_session_is_renewed_before_it_ends() {
    const HOUR_MS: u64 = 3_600_000;
    for version in VERSIONS {
        let world = World::of(version).await;
        world.list().await.unwrap();
        world.panel.faults().set_for(Fault::EmptyBody, Scope::path("/login"), Some(1));
        world.advance(5 * HOUR_MS);
        world.list().await.unwrap();
        assert_eq!(world.panel.faults().pending(), 1, "it lives 6 hours");
        world.advance(HOUR_MS / 2);
        // An empty answer to a login is no refusal: the next request tries again.
        assert_eq!(world.list().await.unwrap_err().code, ErrorCode::PanelProtocol);
        assert_eq!(world.panel.faults().pending(), 0);
        world.list().await.unwrap();
    }
}

#[tokio::test]
async fn one_wrong_password_stops_trying_and_says_so() {
    for version in VERSIONS {
        let mut world = World::of(version).await;
        world.restart_gateway("wrong").await;
        world.advance(1_000);
        let problem = world.list().await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::PanelAuth);
        assert!(problem.detail.contains("restart the gateway"), "{}", problem.detail);
        let calls = world.panel.calls();
        for _ in 0..3 {
            world.advance(7 * 3_600_000);
            assert_eq!(world.list().await.unwrap_err().code, ErrorCode::PanelAuth);
        }
        assert_eq!(world.panel.calls(), calls, "it is not asked once more");
    }
}

/// A locked database answers a login as a wrong password does.
#[tokio::test]
async fn a_login_that_worked_before_is_tried_again_after_one_five_and_fifteen_minutes() {
    const REFUSED: &str = "nebulalinks_gateway_panel_login_refused";
    for version in VERSIONS {
        let world = World::of(version).await;
        world.list().await.unwrap();
        world.panel.faults().set(Fault::DatabaseLocked);
        world.panel.replace_secret();
        let problem = world.list().await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::PanelAuth);
        assert!(problem.detail.contains("database may be locked"), "{}", problem.detail);
        assert_eq!(world.metric(REFUSED).await, 1.0);
        for wait_min in [1, 5, 15] {
            let calls = world.panel.calls();
            world.advance(wait_min * 60_000 - 1);
            assert_eq!(world.list().await.unwrap_err().code, ErrorCode::PanelAuth);
            assert_eq!(world.panel.calls(), calls, "it is not asked before its time");
            world.advance(1);
            assert_eq!(world.list().await.unwrap_err().code, ErrorCode::PanelAuth);
            assert!(world.panel.calls() > calls, "{wait_min} min");
        }
        world.panel.faults().clear();
        world.advance(3_600_000);
        world.list().await.unwrap();
        assert_eq!(world.metric(REFUSED).await, 0.0);
    }
}

#[tokio::test]
async fn an_orphan_row_of_counters_is_not_the_next_clients() {
    for version in VERSIONS {
        // Of the same inbound, and of another, for which the panel would cut off the wrong one.
        for of in [1, 2] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            world.panel.add_foreign("stays").unwrap();
            world.panel.leave_stats_row(of, EMAIL, |row| {
                (row.up, row.down, row.total, row.enable) = (30, 40, 50, false);
            });
            let request = world.wish(fence, Expect::Absent);
            let written = world.put(&request).await.unwrap();
            assert_eq!(written.client.unwrap().used_bytes, 0);
            settled(&world, &request).await;
            let restarts = world.panel.xray_restarts();
            world.advance(60_000);
            world.panel.poll_if_due();
            assert_eq!(world.panel.xray_restarts(), restarts);
        }
    }
}

#[tokio::test]
async fn a_missing_row_of_counters_is_mended_without_a_restart() {
    for version in VERSIONS {
        for (inbound, delete) in [("1", false), ("1", true), ("trojan", false), ("trojan", true)] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            let mut request = on(&world, fence, inbound);
            world.put(&request).await.unwrap();
            world.panel.drop_stats_row(EMAIL);
            let restarts = world.panel.xray_restarts();
            if delete {
                world.delete(fence, uuid()).await.unwrap();
                assert_eq!(world.panel.client(EMAIL), None);
            } else {
                request.expect = Expect::Uuid(uuid());
                world.put(&request).await.unwrap();
                settled(&world, &request).await;
            }
            assert!(world.panel.clients().iter().all(|c| !c.email.is_empty()));
            world.advance(60_000);
            world.panel.poll_if_due();
            assert_eq!(world.panel.xray_restarts(), restarts);
        }
    }
}

#[tokio::test]
async fn a_rowless_shadowsocks_client_is_told_what_to_do_about() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let mut request = on(&world, fence, "ss");
        world.put(&request).await.unwrap();
        // So that the inbound has another, and the first step is the one that cannot be taken.
        request.client.email = format!("{EMAIL}-2");
        request.client.uuid = uuid::Uuid::from_u128(2);
        world.put(&request).await.unwrap();
        world.panel.drop_stats_row(EMAIL);
        let again = PutRequest { expect: Expect::Uuid(uuid()), ..on(&world, fence, "ss") };
        for problem in
            [world.put(&again).await.unwrap_err(), world.delete(fence, uuid()).await.unwrap_err()]
        {
            assert_eq!(problem.code, ErrorCode::PanelRefused);
            assert!(problem.detail.contains("x-ui migrate"), "{}", problem.detail);
        }
    }
}

#[tokio::test]
async fn a_uuid_that_another_client_has_is_refused() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let mut theirs = SettingsClient::default();
        (theirs.email, theirs.id, theirs.enable) = ("theirs".into(), uuid().to_string(), true);
        world.panel.add_by_hand(theirs, &[2]).unwrap();
        let request = world.wish(fence, Expect::Absent);
        let problem = world.put(&request).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::PanelRefused);
        assert!(problem.detail.contains("same uuid"), "{}", problem.detail);
        assert_eq!(world.panel.api_writes(), 0);
        assert!(world.panel.client("theirs").is_some());
    }
}

#[tokio::test]
async fn a_last_client_is_replaced_by_a_sentinel_before_it_goes() {
    for version in VERSIONS {
        for inbound in ["1", "ws", "trojan", "ss"] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            let request = on(&world, fence, inbound);
            for _ in 0..2 {
                world.put(&request).await.unwrap();
                let gone = world.delete(fence, uuid()).await.unwrap();
                assert_eq!((gone.outcome, gone.client), (WriteOutcome::Applied, None));
                let left = world.list().await.unwrap().clients;
                assert_eq!(left.len(), 1, "{inbound}");
                assert!(left[0].email.starts_with("sentinel-inbound-"), "{:?}", left[0]);
                assert!(!left[0].enable && !left[0].comment.is_empty());
            }
            world.panel.restart_xray();
            assert_eq!(world.panel.xray(), XrayState::Running, "{inbound}");
        }
    }
}

/// What is derived from a password can be guessed from, and lists leave the host.
#[tokio::test]
async fn nothing_of_a_sentinel_follows_from_the_panels_password() {
    for inbound in ["1", "trojan"] {
        let mut seen = Vec::new();
        // Two panels of one password.
        for _ in 0..2 {
            let world = World::of(PanelVersion::V2_9_4).await;
            let fence = world.claim().await;
            world.put(&on(&world, fence, inbound)).await.unwrap();
            world.delete(fence, uuid()).await.unwrap();
            seen.extend(world.list().await.unwrap().clients);
        }
        assert_eq!(seen[0].email, seen[1].email);
        assert_ne!(seen[0].sub_id, seen[1].sub_id);
        assert!(seen[0].uuid.is_none() || seen[0].uuid != seen[1].uuid);
    }
}

#[tokio::test]
async fn a_client_of_several_inbounds_is_refused_and_says_why() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let mut request = on(&world, fence, "1");
        request.inbounds = vec!["vless-reality".into(), "1".into()];
        world.put(&request).await.unwrap();
        request.expect = Expect::Uuid(uuid());
        request.inbounds.push("ws".into());
        let problem = world.put(&request).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::NoInbound);
        assert!(problem.detail.contains("one inbound only"), "{}", problem.detail);
    }
}

#[tokio::test]
async fn shadowsocks_clients_have_the_method_and_key_that_xray_needs() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let long = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        for (port, method, password) in [
            (500, "chacha20-ietf-poly1305", "x"),
            (501, "aes-256-gcm", "x"),
            (502, "2022-blake3-aes-256-gcm", long),
        ] {
            world.panel.add_inbound(&InboundSeed::shadowsocks(method, port, method, password));
        }
        let inbounds = ["ss", "chacha20-ietf-poly1305", "aes-256-gcm", "2022-blake3-aes-256-gcm"];
        for (n, inbound) in inbounds.into_iter().enumerate() {
            let mut request = on(&world, fence, inbound);
            request.client.email = format!("{EMAIL}-{n}");
            request.client.uuid = uuid::Uuid::from_u128(u128::try_from(n).unwrap() + 9);
            assert!(world.put(&request).await.unwrap().client.unwrap().consistent);
            // The next full start is when it would show.
            world.panel.restart_xray();
            assert_eq!(world.panel.xray(), XrayState::Running, "{inbound}");
        }
    }
}

#[tokio::test]
async fn a_move_keeps_what_is_left_of_the_cap() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let mut request = on(&world, fence, "ws");
        request.client.cap = Cap::Bytes(1_000.try_into().unwrap());
        world.put(&request).await.unwrap();
        world.panel.add_traffic(EMAIL, 300, 400);
        request.expect = Expect::Uuid(uuid());
        request.inbounds = vec!["trojan".into()];
        let moved = world.put(&request).await.unwrap().client.unwrap();
        // The counter starts anew, so the cap is what was left by the old one.
        assert_eq!((moved.used_bytes, moved.inbounds.as_slice()), (0, &[3][..]));
        assert_eq!(moved.cap, Cap::Bytes(300.try_into().unwrap()));
    }
}

#[tokio::test]
async fn what_is_not_ours_of_a_client_moves_with_it_and_comes_back_with_its_row() {
    for version in VERSIONS {
        for (batch, moves) in [(false, true), (true, true), (false, false), (true, false)] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            let mut request = on(&world, fence, "ws");
            world.put(&request).await.unwrap();
            world.panel.corrupt_client(EMAIL, |object| {
                object.insert("tgId".into(), 77.into());
                object.insert("ofALaterVersion".into(), "x".into());
            });
            request.expect = Expect::Uuid(uuid());
            if moves {
                request.inbounds = vec!["trojan".into()];
            } else {
                world.panel.drop_stats_row(EMAIL);
            }
            if batch {
                let items = vec![request.clone().into()];
                let answer = world.batch(fence, items).await.unwrap();
                assert_eq!(crate::batches::codes(&answer), [None]);
            } else {
                world.put(&request).await.unwrap();
            }
            let seen = world.object();
            assert_eq!((&seen["tgId"], &seen["ofALaterVersion"]), (&77.into(), &"x".into()));
            settled(&world, &request).await;
        }
    }
}

#[tokio::test]
async fn what_has_ended_is_never_switched_on() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let request = world.wish(fence, Expect::Absent);
        world.put(&request).await.unwrap();
        world.advance(31 * 86_400_000);
        world.panel.poll_if_due();
        let writes = world.panel.api_writes();
        let restarts = world.panel.xray_restarts();
        let fence = world.claim().await;
        let again = PutRequest { fence, expect: Expect::Uuid(uuid()), ..request.clone() };
        assert_eq!(world.put(&again).await.unwrap_err().code, ErrorCode::Conflict);
        assert_eq!(world.panel.api_writes(), writes);
        let mut more = again;
        more.client.end = End::AtMs((START_MS + 90 * 86_400_000).try_into().unwrap());
        world.put(&more).await.unwrap();
        settled(&world, &more).await;
        world.advance(60_000);
        world.panel.poll_if_due();
        assert_eq!(world.panel.xray_restarts(), restarts);
    }
}

#[tokio::test]
async fn a_panel_that_restarts_xray_for_each_end_is_reported() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let health: Health = world.ask("GET", "/v1/health", &()).await.json();
        let notices = health.panel.unwrap().notices;
        assert!(notices.contains(&Notice::KnownByAddress));
        let restarts = version == PanelVersion::V2_9_4;
        assert_eq!(notices.contains(&Notice::RestartsXrayOnEnd), restarts);
    }
}
