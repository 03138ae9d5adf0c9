//! Writes about clients, one after the other.

use crate::gen2::bench::{BOTH, Bench, about, client, id_of, with};
use axum::http::StatusCode;
use nebulalinks_model_panel::{InboundSeed, PanelVersion};
use serde_json::{Value, json};

#[tokio::test]
async fn an_email_is_taken_in_any_case_and_on_any_inbound() {
    let bench = Bench::v2_9_4().await;
    bench.add(1, json!([client("a")])).await;
    for (inbound, email) in [(1, "a"), (1, "A"), (2, "a")] {
        let answer = bench.add(inbound, json!([client(email)])).await;
        let text = format!("Something went wrong (Duplicate email: {email}\n)");
        assert_eq!(answer["msg"], text);
    }
    let twice = bench.add(2, json!([client("b"), client("B")])).await;
    assert_eq!(twice["success"], false, "all or none");
    assert_eq!(bench.panel.client("b"), None);
}

#[tokio::test]
async fn one_client_without_an_email_stops_every_create_and_rename() {
    let bench = Bench::v2_9_4().await;
    bench.add(1, json!([client("a")])).await;
    let mut nameless = client("x");
    nameless.as_object_mut().unwrap().remove("email");
    assert_eq!(bench.add(2, json!([nameless])).await["success"], true);
    assert_eq!(bench.add(1, json!([client("b")])).await["success"], false);
    let rename = with(client("a"), "email", json!("c"));
    assert_eq!(bench.update(&id_of("a"), 1, rename).await["success"], false);
    let edit = with(client("a"), "totalGB", json!(5));
    assert_eq!(bench.update(&id_of("a"), 1, edit).await["success"], true, "the email stays");
    bench.post(&format!("inbounds/2/delClient/{}", id_of("x")), Value::Null).await;
    assert_eq!(bench.add(1, json!([client("b")])).await["success"], true);
}

#[tokio::test]
async fn a_wrong_type_is_zero_in_the_row_and_stays_in_the_settings() {
    let bench = Bench::v2_9_4().await;
    for (email, wrong) in [("a", json!("1000")), ("b", json!(1e3))] {
        bench.add(1, json!([with(client(email), "totalGB", wrong.clone())])).await;
        let clients = bench.clients_on(1).await;
        assert_eq!(clients.last().unwrap()["totalGB"], wrong);
        let rows = bench.rows_on(1).await;
        assert_eq!(rows.last().unwrap()["total"], 0, "zero is unlimited");
    }
}

#[tokio::test]
async fn a_create_and_an_update_switch_the_row_on_in_v2_6_5_whatever_they_say() {
    for (version, row_is_on) in [(PanelVersion::V2_6_5, true), (PanelVersion::V2_9_4, false)] {
        let bench = Bench::new(version, Vec::new()).await;
        let off = with(client("a"), "enable", json!(false));
        bench.add(1, json!([off])).await;
        assert_eq!(bench.client("a").enabled_in_stats, Some(row_is_on), "{version:?}");
        bench.update(&id_of("a"), 1, off).await;
        assert_eq!(bench.client("a").enabled_in_stats, Some(row_is_on), "{version:?}");
        assert!(!bench.client("a").is_on());
    }
}

#[tokio::test]
async fn an_update_replaces_the_whole_object() {
    let bench = Bench::v2_9_4().await;
    bench.add(1, json!([with(client("a"), "unknown", json!({"kept": 1}))])).await;
    assert_eq!(bench.clients_on(1).await[1]["unknown"], json!({"kept": 1}));
    bench.update(&id_of("a"), 1, json!({"id": id_of("a"), "email": "a", "enable": true})).await;
    let mut left: Vec<String> =
        bench.clients_on(1).await[1].as_object().unwrap().keys().cloned().collect();
    left.sort();
    assert_eq!(left, ["created_at", "email", "enable", "id", "updated_at"]);
    let after = bench.client("a");
    assert_eq!((after.total, after.expiry_ms), (0, 0), "unlimited, for ever");
}

#[tokio::test]
async fn an_update_makes_no_row_except_for_a_client_that_had_no_email() {
    for version in BOTH {
        let bench = Bench::new(version, Vec::new()).await;
        bench.add(1, json!([client("a")])).await;
        bench.panel.drop_stats_row("a");
        bench.update(&id_of("a"), 1, client("a")).await;
        assert_eq!(bench.client("a").enabled_in_stats, None);
        assert!(bench.panel.add_traffic("a", 1 << 40, 0), "nobody counts it");
        for key in ["delClient", "delClientByEmail"] {
            let who = if key == "delClient" { id_of("a") } else { "a".to_owned() };
            let path = format!("inbounds/1/{key}/{who}");
            assert_ne!(bench.post(&path, Value::Null).await["success"], true, "stuck");
        }
        bench.update(&id_of("a"), 1, with(client("a"), "email", json!(""))).await;
        bench.update(&id_of("a"), 1, client("a")).await;
        assert_eq!(bench.client("a").enabled_in_stats, Some(true), "{version:?}");
    }
}

#[tokio::test]
async fn a_row_left_behind_gives_its_usage_and_limits_to_the_next_of_that_email() {
    let bench = Bench::v2_9_4().await;
    bench.panel.leave_stats_row(1, "a", |row| (row.up, row.total, row.enable) = (7, 9, true));
    assert_eq!(bench.rows_on(1).await[1]["uuid"], "", "an orphan is in the list");
    bench.add(1, json!([client("a")])).await;
    let row = &bench.rows_on(1).await[1];
    assert_eq!((&row["up"], &row["total"]), (&json!(7), &json!(9)));
    bench.update(&id_of("a"), 1, client("a")).await;
    let row = &bench.rows_on(1).await[1];
    assert_eq!((&row["up"], &row["total"]), (&json!(7), &json!(1_000)), "usage takes a reset");
}

#[tokio::test]
async fn a_shared_uuid_takes_every_client_with_it_and_leaves_a_row() {
    let bench = Bench::v2_9_4().await;
    bench.add(1, json!([client("a")])).await;
    bench.add(1, json!([with(client("b"), "id", json!(id_of("a")))])).await;
    bench.post(&format!("inbounds/1/delClient/{}", id_of("a")), Value::Null).await;
    assert_eq!((bench.panel.client("a"), bench.panel.client("b")), (None, None));
    let rows = bench.rows_on(1).await;
    let left: Vec<&str> = rows.iter().map(|row| row["email"].as_str().unwrap()).collect();
    assert_eq!(left, ["sentinel-1", "a"], "only the last one's row went");
}

#[tokio::test]
async fn the_last_client_of_an_inbound_stays() {
    for version in BOTH {
        let bench = Bench::new(version, Vec::new()).await;
        let path = format!("inbounds/1/delClient/{}", id_of("sentinel-1"));
        let answer = bench.post(&path, Value::Null).await;
        assert_eq!(answer["msg"], "Something went wrong (no client remained in Inbound\n)");
        assert_eq!(bench.clients_on(1).await.len(), 1);
    }
}

#[tokio::test]
async fn deleting_nobody_is_a_success_only_in_v2_6_5() {
    for (version, success) in [(PanelVersion::V2_6_5, true), (PanelVersion::V2_9_4, false)] {
        let bench = Bench::new(version, Vec::new()).await;
        bench.add(1, json!([client("a")])).await;
        let path = format!("inbounds/1/delClient/{}", id_of("nobody"));
        assert_eq!(bench.post(&path, Value::Null).await["success"], success);
    }
}

#[tokio::test]
async fn an_object_without_its_key_makes_every_delete_by_key_panic() {
    let bench = Bench::v2_9_4().await;
    bench.add(1, json!([client("a"), client("b")])).await;
    bench.panel.corrupt_client("b", |object| {
        object.remove("id");
    });
    let delete = format!("inbounds/1/delClient/{}", id_of("a"));
    let (status, _) = bench.call("POST", &delete, Value::Null).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let by_email = bench.post("inbounds/1/delClientByEmail/a", Value::Null).await;
    assert_eq!(by_email["msg"], "Client deleted successfully");
}

#[tokio::test]
async fn calls_on_an_inbound_without_clients_and_bodies_without_clients_panic() {
    let mixed = InboundSeed { protocol: "mixed".to_owned(), ..InboundSeed::vless_ws("mixed", 90) };
    let mixed = InboundSeed { settings: json!({"auth": "noauth"}), ..mixed };
    let bench = Bench::new(PanelVersion::V2_9_4, vec![mixed]).await;
    bench.add(1, json!([client("a")])).await;
    let before = bench.panel.clients();
    let update = format!("inbounds/updateClient/{}", id_of("a"));
    for (path, body) in [
        ("inbounds/addClient", about(3, json!([client("b")]))),
        ("inbounds/addClient", json!({"id": 1, "settings": "{}"})),
        (update.as_str(), about(1, json!([]))),
    ] {
        let (status, body) = bench.call("POST", path, body).await;
        assert_eq!((status, body), (StatusCode::INTERNAL_SERVER_ERROR, Value::Null), "{path}");
    }
    assert_eq!(bench.panel.clients(), before);
}

#[tokio::test]
async fn a_reset_brings_back_only_whom_the_settings_have_on() {
    for (version, back) in [(PanelVersion::V2_6_5, true), (PanelVersion::V2_9_4, false)] {
        let bench = Bench::new(version, Vec::new()).await;
        bench.add(1, json!([client("a")])).await;
        bench.panel.add_traffic("a", 600, 600);
        bench.pass(10_000);
        assert!(!bench.client("a").is_on());
        bench.post("inbounds/2/resetClientTraffic/a", Value::Null).await;
        assert_eq!(bench.client("a").enabled_in_stats, Some(true), "any inbound will do");
        assert_eq!(bench.client("a").is_on(), back, "{version:?}");
        bench.update(&id_of("a"), 1, client("a")).await;
        assert!(bench.client("a").is_on());
    }
}

#[tokio::test]
async fn a_slash_in_a_key_leads_nowhere_even_escaped() {
    let trojan = InboundSeed::trojan_reality("trojan", 8443);
    let bench = Bench::new(PanelVersion::V2_9_4, vec![trojan]).await;
    let slashed = with(client("a"), "password", json!("a/b"));
    assert_eq!(bench.add(3, json!([slashed])).await["success"], true);
    let (status, _) =
        bench.call("POST", "inbounds/updateClient/a%2Fb", about(3, json!([slashed]))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
