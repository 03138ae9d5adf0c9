//! Generation 2, at both ends.

use crate::recordings::replay::{Beside, replay};
use nebulalinks_model_panel::{ModelPanel, PanelVersion};
use serde_json::{Value, json};

struct Gen2;

impl Beside for Gen2 {
    const SKIPPED: &'static [(&'static str, &'static str)] =
        &[("login page", "recorded cut off, and without the part that names the version")];

    fn before(panel: &ModelPanel, tick: impl Fn(), exchange: &Value) {
        let note = exchange["note"].as_str().unwrap_or_default();
        if note.starts_with("turned off by the panel") || note.contains("the next poll") {
            tick();
        }
        match exchange["name"].as_str().unwrap() {
            "update with the traffic row missing" => panel.drop_stats_row("acc-10"),
            "create where a stale traffic row exists" => {
                panel.leave_stats_row(1, "ghost", |row| {
                    (row.up, row.down, row.total, row.expiry_time) = (123, 456, 6, 5);
                    row.enable = true;
                });
            }
            _ => {}
        }
    }

    fn machine(panel: &ModelPanel) -> Value {
        json!({"xray_process_replaced": panel.xray_restarts() > 0})
    }
}

#[tokio::test]
async fn v2_9_4_answers_as_recorded() {
    replay::<Gen2>(PanelVersion::V2_9_4, "gen2-v2.9.4").await;
}

#[tokio::test]
async fn v2_6_5_answers_as_recorded() {
    replay::<Gen2>(PanelVersion::V2_6_5, "gen2-v2.6.5").await;
}
