//! The same handle as for generation 3.

use crate::gen2::bench::{BOTH, Bench, client};
use nebulalinks_model_panel::{Actor, PanelEvent};
use serde_json::json;

#[tokio::test]
async fn hands_leave_their_marks_in_the_journal() {
    for version in BOTH {
        let bench = Bench::new(version, Vec::new()).await;
        bench.add(1, json!([client("a")])).await;
        let mut changes = bench.panel.on_change();
        let writes = bench.panel.api_writes();
        bench.panel.add_foreign("stranger").unwrap();
        bench.panel.edit_by_hand("a", |client| client.total_gb = 1).unwrap();
        assert!(bench.panel.disable_by_hand("a"));
        assert!(bench.panel.enable_by_hand("a"));
        assert!(bench.panel.delete_by_hand("a"));
        assert!(!bench.panel.delete_by_hand("a"));
        let email = || "a".to_owned();
        for event in [
            PanelEvent::Created { email: "stranger".to_owned() },
            PanelEvent::Updated { email: email(), fields: vec!["total"] },
            PanelEvent::Disabled { email: email(), by_panel: false },
            PanelEvent::Enabled { email: email() },
            PanelEvent::Deleted { email: email() },
        ] {
            assert_eq!(changes.try_recv().unwrap(), event, "{version:?}");
        }
        assert_eq!(bench.panel.api_writes(), writes, "hands are not the API");
    }
}

#[tokio::test]
async fn one_api_write_is_one_change_of_one_client() {
    let bench = Bench::v2_9_4().await;
    let before = bench.panel.journal().len();
    bench.add(1, json!([client("a")])).await;
    let mut off = client("a");
    off["enable"] = json!(false);
    bench.update(off["id"].as_str().unwrap(), 1, off.clone()).await;
    let changes: Vec<_> = bench.panel.journal().split_off(before);
    let events: Vec<_> = changes.iter().map(|entry| entry.event.clone()).collect();
    let email = || "a".to_owned();
    let expected = [
        PanelEvent::Created { email: email() },
        PanelEvent::Disabled { email: email(), by_panel: false },
    ];
    assert_eq!(events, expected);
    assert!(changes.iter().all(|entry| entry.actor == Actor::Api));
}

#[tokio::test]
async fn a_restored_backup_is_the_panel_of_then_and_ends_the_sessions() {
    let mut bench = Bench::v2_9_4().await;
    bench.add(1, json!([client("a")])).await;
    let then = bench.panel.clients();
    let backup = bench.panel.backup();
    bench.panel.add_traffic("a", 5, 5);
    bench.panel.delete_by_hand("a");
    bench.panel.restore(&backup);
    assert_eq!(bench.panel.clients(), then);
    let (status, _) = bench.call("GET", "inbounds/list", json!(null)).await;
    assert_eq!(status, 404);
    bench.log_in().await;
    assert_eq!(bench.clients_on(1).await.len(), 2);
}
