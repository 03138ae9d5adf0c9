//! Generation 3, at both ends.

use crate::recordings::replay::{Beside, replay};
use nebulalinks_model_panel::{ModelPanel, PanelVersion};
use serde_json::{Value, json};

struct Gen3;

impl Beside for Gen3 {
    const SKIPPED: &'static [(&'static str, &'static str)] = &[(
        "login page",
        "recorded on a build without its pages (500); the model shows a page, as a real one does",
    )];

    fn before(panel: &ModelPanel, tick: impl Fn(), exchange: &Value) {
        match exchange["name"].as_str().unwrap() {
            "an update equal to the stored settings does not repair a drifted traffic row" => {
                panel.drift_stats("acc-7", |row| (row.total, row.expiry_time) = (5, 6));
            }
            "update with the traffic row missing" => panel.drop_stats_row("acc-7"),
            name if name.starts_with("turned off by the panel")
                || name == "off again at the next poll"
                || name == "still on after the next poll" =>
            {
                tick();
            }
            _ => {}
        }
    }

    fn machine(_: &ModelPanel) -> Value {
        json!(null)
    }
}

#[tokio::test]
async fn the_head_answers_as_recorded() {
    replay::<Gen3>(PanelVersion::Head, "gen3-head").await;
}

#[tokio::test]
async fn v3_4_2_answers_as_recorded() {
    replay::<Gen3>(PanelVersion::V3_4_2, "gen3-v3.4.2").await;
}
