//! Xray: it never fails loudly, it is started anew for everybody, and one bad client is enough
//! to keep it down.

use crate::gen2::bench::{BOTH, Bench, DAY, NOW, client, id_of, with};
use nebulalinks_model_panel::{InboundSeed, PanelVersion, XrayState};
use serde_json::{Value, json};

/// Longer than any id that Xray makes a uuid of.
const BAD_ID: &str = "not-a-uuid-and-too-long-to-be-made-one";

fn inbound(method: &str) -> InboundSeed {
    InboundSeed::shadowsocks("ss", 8388, method, "AAECAwQFBgcICQoLDA0ODw==")
}

#[tokio::test]
async fn an_end_restarts_xray_for_everybody_on_v2_9_4_and_not_on_v2_6_5() {
    for (version, restarts) in [(PanelVersion::V2_6_5, 0), (PanelVersion::V2_9_4, 1)] {
        let bench = Bench::new(version, Vec::new()).await;
        bench.add(1, json!([client("a"), client("b")])).await;
        bench.pass(10_000);
        assert_eq!(bench.panel.xray_restarts(), 0);
        bench.pass(30 * DAY);
        assert_eq!(bench.panel.xray_restarts(), restarts, "both at once: one restart");
        let after = bench.client("a");
        assert_eq!(after.enabled_in_stats, Some(false));
        assert_eq!(after.enabled_in_settings, version == PanelVersion::V2_6_5);
    }
}

#[tokio::test]
async fn enabling_the_expired_again_restarts_xray_at_each_poll() {
    let bench = Bench::v2_9_4().await;
    let expired = with(client("a"), "expiryTime", json!(NOW - 1));
    bench.add(1, json!([expired])).await;
    for round in 1..=3 {
        bench.pass(10_000);
        assert_eq!(bench.panel.xray_restarts(), round);
        bench.update(&id_of("a"), 1, expired.clone()).await;
    }
}

#[tokio::test]
async fn a_malformed_uuid_is_taken_and_xray_goes_down_within_half_a_minute() {
    for version in BOTH {
        let bench = Bench::new(version, Vec::new()).await;
        bench.pass(1);
        let bad = with(client("a"), "id", json!(BAD_ID));
        assert_eq!(bench.add(1, json!([bad])).await["success"], true);
        assert_eq!(bench.panel.xray(), XrayState::Running);
        bench.pass(30_000);
        assert_eq!(bench.panel.xray(), XrayState::Failed);
        assert!(!bench.panel.add_traffic("sentinel-2", 1, 1));
        assert_eq!(bench.add(2, json!([client("b")])).await["success"], true, "nobody notices");
        bench.post(&format!("inbounds/1/delClient/{BAD_ID}"), Value::Null).await;
        bench.pass(2_000);
        assert_eq!(bench.panel.xray(), XrayState::Running, "it is tried again and again");
    }
}

#[tokio::test]
async fn a_short_text_is_as_good_as_a_uuid_to_xray() {
    let bench = Bench::v2_9_4().await;
    bench.add(1, json!([with(client("a"), "id", json!("not-a-uuid"))])).await;
    bench.panel.restart_xray();
    assert_eq!(bench.panel.xray(), XrayState::Running);
}

#[tokio::test]
async fn a_legacy_cipher_must_stand_in_the_client_and_is_missed_at_the_next_full_start() {
    let bench = Bench::new(PanelVersion::V2_9_4, vec![inbound("chacha20-ietf-poly1305")]).await;
    let account = with(client("a"), "password", json!("pass"));
    bench.add(3, json!([account])).await;
    bench.pass(60_000);
    assert_eq!(bench.panel.xray(), XrayState::Running, "the hot apply knows the cipher");
    bench.panel.restart_xray();
    assert_eq!(bench.panel.xray(), XrayState::Failed);
    let (_, status) = bench.call("GET", "server/status", Value::Null).await;
    assert_eq!(status["obj"]["xray"]["state"], "error");
    assert_eq!(status["success"], true);
    bench.update("a", 3, with(account, "method", json!("chacha20-ietf-poly1305"))).await;
    bench.panel.restart_xray();
    assert_eq!(bench.panel.xray(), XrayState::Running);
}

#[tokio::test]
async fn a_2022_client_wants_a_key_of_the_right_length_and_no_cipher() {
    let method = "2022-blake3-aes-128-gcm";
    let bench = Bench::new(PanelVersion::V2_9_4, vec![inbound(method)]).await;
    let good = with(client("a"), "password", json!("AAECAwQFBgcICQoLDA0ODw=="));
    bench.add(3, json!([good])).await;
    for (bad, what) in [
        (with(good.clone(), "password", json!("short")), "the length"),
        (with(good.clone(), "method", json!(method)), "the cipher"),
    ] {
        bench.update("a", 3, bad).await;
        bench.panel.restart_xray();
        assert_eq!(bench.panel.xray(), XrayState::Failed, "{what}");
        bench.update("a", 3, good.clone()).await;
        bench.panel.restart_xray();
        assert_eq!(bench.panel.xray(), XrayState::Running, "{what}");
    }
}

#[tokio::test]
async fn a_write_on_a_2022_inbound_restarts_xray_for_everybody() {
    for (method, restarts) in [("2022-blake3-aes-128-gcm", 1), ("chacha20-ietf-poly1305", 0)] {
        let bench = Bench::new(PanelVersion::V2_9_4, vec![inbound(method)]).await;
        bench.pass(1);
        let mut account = with(client("a"), "password", json!("AAECAwQFBgcICQoLDA0ODw=="));
        if restarts == 0 {
            account = with(account, "method", json!(method));
        }
        bench.add(3, json!([account])).await;
        bench.pass(30_000);
        assert_eq!(bench.panel.xray_restarts(), restarts, "{method}");
        bench.pass(30_000);
        assert_eq!(bench.panel.xray_restarts(), restarts, "once");
    }
}

#[tokio::test]
async fn without_xray_nobody_is_cut_off() {
    let bench = Bench::v2_9_4().await;
    bench.add(1, json!([client("a")])).await;
    bench.panel.set_xray(XrayState::Stopped);
    bench.pass(40 * DAY);
    assert!(bench.client("a").is_on());
    bench.panel.set_xray(XrayState::Running);
    bench.pass(10_000);
    assert!(!bench.client("a").is_on());
}

#[tokio::test]
async fn the_first_traffic_starts_a_delayed_client_and_dates_its_neighbours_anew() {
    for version in BOTH {
        let bench = Bench::new(version, Vec::new()).await;
        bench.add(1, json!([client("b"), with(client("a"), "expiryTime", json!(-DAY))])).await;
        bench.pass(10_000);
        assert_eq!(bench.client("a").expiry_ms, -DAY);
        bench.panel.add_traffic("a", 1, 1);
        bench.pass(10_000);
        assert_eq!(bench.client("a").expiry_ms, NOW + 20_000 + DAY);
        let neighbour = bench.clients_on(1).await[1].clone();
        let dated = neighbour["updated_at"] == NOW + 20_000;
        assert_eq!(dated, version == PanelVersion::V2_9_4);
    }
}
