//! All alerts at once: which would fire if what the processes show now stayed so, and since when it
//! has been so. With that an alert is pending until its `for` is over, and fires then, as Prometheus
//! has it.

use super::alerts::{RULES, held_for_an_hour, promtool};
use super::grammar::quantity::length_ms;
use super::scrape::Scrape;
use crate::trouble::Trouble;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// An alert whose condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Alert {
    /// Its name, as in the rules.
    pub(crate) name: String,
    /// Its labels beside the name, spelt as in PromQL.
    pub(crate) labels: String,
    /// `page` or `ticket`.
    pub(crate) severity: String,
    /// What people on call read.
    pub(crate) summary: String,
    /// Where the runbook has it, such as `docs/OPERATIONS.md#controllerdown`.
    pub(crate) runbook: String,
    /// Since when its condition holds, ms since 1970.
    pub(crate) since_ms: u64,
    /// From when on it fires, ms since 1970; before, it is pending.
    pub(crate) fires_ms: u64,
}

/// Time was moved when it is further on than this at the next look, ms.
const MOVED: u64 = 60_000;
/// After that everybody needs this long to do what fell due, ms: what holds only meanwhile does not fire.
const SETTLES: u64 = 15_000;

/// What held when it was looked last.
#[derive(Default)]
pub(crate) struct Firing {
    since: BTreeMap<(String, String), u64>,
    looked_ms: u64,
    moved_ms: u64,
    scraped: Option<Scrape>,
}

impl Firing {
    /// Looks at what the processes show now, at this moment; nothing where promtool is not installed.
    pub(crate) async fn look(
        &mut self,
        now_ms: u64,
        series: Vec<(String, f64)>,
    ) -> Result<Option<Vec<Alert>>, Trouble> {
        let scrape = Scrape { at: now_ms, series: series.into_iter().collect() };
        let said = promtool(&test_of_all(&scrape, self.scraped.as_ref())).await?;
        // A counter's rise is told by a scrape that is a minute old at least.
        let old = self.scraped.as_ref().is_none_or(|last| now_ms >= last.at + 60_000);
        if old {
            self.scraped = Some(scrape);
        }
        Ok(said.map(|(_, said)| self.dated(holding(&said), now_ms)))
    }

    fn dated(&mut self, holding: Vec<Alert>, now_ms: u64) -> Vec<Alert> {
        let key = |alert: &Alert| (alert.name.clone(), alert.labels.clone());
        let before = std::mem::take(&mut self.since);
        if now_ms.abs_diff(self.looked_ms) > MOVED {
            self.moved_ms = now_ms;
        }
        self.looked_ms = now_ms;
        let settled = self.moved_ms + SETTLES;
        let waits = waits();
        holding
            .into_iter()
            .map(|alert| {
                // A clock that was set back begins anew.
                let known = before.get(&key(&alert)).copied().filter(|since| *since <= now_ms);
                let since_ms = known.unwrap_or(now_ms);
                self.since.insert(key(&alert), since_ms);
                let wait = waits.get(alert.name.as_str()).copied().unwrap_or(0);
                Alert { since_ms, fires_ms: (since_ms + wait).max(settled), ..alert }
            })
            .collect()
    }
}

/// The alerts of the rules, each with how long its condition must hold, ms.
fn waits() -> BTreeMap<&'static str, u64> {
    let mut waits = BTreeMap::new();
    let mut last = "";
    for line in RULES.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("- alert: ") {
            last = name;
            waits.insert(last, 0);
        } else if let Some(wait) = line.strip_prefix("for: ").and_then(length_ms) {
            waits.insert(last, wait);
        }
    }
    waits
}

fn test_of_all(scrape: &Scrape, before: Option<&Scrape>) -> String {
    let mut text = held_for_an_hour(scrape, before);
    text.push_str("    alert_rule_test:\n");
    for name in waits().keys() {
        let _ = writeln!(text, "      - {{eval_time: 60m, alertname: {name}, exp_alerts: []}}");
    }
    text
}

/// What promtool says that it got where no alert was expected.
fn holding(said: &str) -> Vec<Alert> {
    let mut found = Vec::new();
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    for line in said.lines().map(str::trim) {
        if let Some(list) = line.strip_prefix("Labels:") {
            labels = pairs(list);
        } else if let Some(list) = line.strip_prefix("Annotations:") {
            let mut annotations = pairs(list);
            let mut labels = std::mem::take(&mut labels);
            let take = |map: &mut BTreeMap<String, String>, name: &str| {
                map.remove(name).unwrap_or_default()
            };
            let name = take(&mut labels, "alertname");
            let severity = take(&mut labels, "severity");
            labels.remove("job");
            found.push(Alert {
                name,
                severity,
                summary: take(&mut annotations, "summary"),
                runbook: take(&mut annotations, "runbook"),
                labels: labels
                    .iter()
                    .map(|(k, v)| format!("{k}={v}"))
                    .collect::<Vec<_>>()
                    .join(" "),
                since_ms: 0,
                fires_ms: 0,
            });
        }
    }
    found
}

/// `{a="b", c="d"}` with Go's escapes of `"`, `\` and line breaks.
fn pairs(list: &str) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    let mut rest = list.trim_start_matches('{');
    while let Some((name, value)) = rest.split_once("=\"") {
        let mut text = String::new();
        let mut chars = value.char_indices();
        let mut end = value.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, c)) => text.push(c),
                    None => {}
                },
                c => text.push(c),
            }
        }
        pairs.insert(name.trim_matches([',', ' ']).to_owned(), text);
        rest = value.get(end..).unwrap_or_default();
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = r#"
    alertname: SurfaceRefused, time: 1h, 
        exp:[], 
        got:[
            0:
              Labels:{alertname="SurfaceRefused", kind="store", severity="ticket"}
              Annotations:{runbook="docs/OPERATIONS.md#surfacerefused", summary="Refuses 3, of \"store\": nobody sees it."}
            ]
"#;

    #[test]
    fn what_promtool_got_is_read_with_its_labels_and_words() {
        let found = holding(SAID);
        let [alert] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&*alert.name, &*alert.labels), ("SurfaceRefused", "kind=store"));
        assert_eq!(alert.summary, "Refuses 3, of \"store\": nobody sees it.");
        assert_eq!(alert.runbook, "docs/OPERATIONS.md#surfacerefused");
    }

    #[test]
    fn an_alert_is_pending_until_its_condition_has_held_for_its_time() {
        let mut firing = Firing::default();
        let at = |firing: &mut Firing, now| {
            let [alert] = &firing.dated(holding(SAID), now)[..] else { panic!("one") };
            (alert.since_ms, alert.fires_ms)
        };
        assert_eq!(at(&mut firing, 1_000), (1_000, 301_000));
        assert_eq!(at(&mut firing, 9_000), (1_000, 301_000));
        assert!(firing.dated(Vec::new(), 10_000).is_empty());
        assert_eq!(at(&mut firing, 20_000), (20_000, 320_000));
        assert_eq!(at(&mut firing, 5_000), (5_000, 305_000), "the clock was set back");
    }

    #[test]
    fn nothing_fires_just_because_time_was_moved() {
        let mut firing = Firing::default();
        let fires = |firing: &mut Firing, now| firing.dated(holding(SAID), now)[0].fires_ms;
        assert_eq!(fires(&mut firing, 1_000), 301_000);
        let hour = 3_600_000;
        assert_eq!(fires(&mut firing, hour), hour + SETTLES, "what fell due is being done");
        assert_eq!(fires(&mut firing, hour + 5_000), hour + SETTLES);
        assert!(fires(&mut firing, hour + 16_000) < hour + 16_000, "it holds all the same");
    }

    #[test]
    fn every_alert_says_how_long_it_waits() {
        let waits = waits();
        assert_eq!(waits.get("CatalogInvalid"), Some(&300_000));
        assert_eq!(waits.get("CertificateEnding"), Some(&3_600_000));
        assert!(waits.len() >= 33, "{waits:?}");
    }

    /// Skipped where promtool is not installed.
    #[tokio::test]
    async fn all_alerts_are_looked_at_with_one_run() {
        let series = [
            ("nebulalinks_amnesia{job=\"nebulalinks\"}", 1.0),
            ("nebulalinks_catalog_valid{job=\"nebulalinks\"}", 0.0),
            ("up{job=\"nebulalinks\"}", 1.0),
        ];
        let series = series.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let Some(found) = Firing::default().look(5, series).await.unwrap() else { return };
        let names: Vec<&str> = found.iter().map(|alert| &*alert.name).collect();
        assert_eq!(names, ["CatalogInvalid", "StoreAmnesia"]);
        assert!(found[1].summary.starts_with("The store lacks"), "{found:?}");
    }
}
