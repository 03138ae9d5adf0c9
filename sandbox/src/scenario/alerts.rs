//! Whether an alert fires: what the processes show now, held for an hour, is given to Prometheus's
//! own rule tests together with the shipped rules. What counts goes on as since the last check.

use super::player::Player;
use super::scrape::Scrape;
use crate::trouble::Trouble;
use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

/// The shipped rules.
pub(super) const RULES: &str = include_str!("../../../dashboards/alerts.yaml");
/// How long it may take until the processes show what an alert is about.
const WITHIN: Duration = Duration::from_secs(12);

impl Player<'_> {
    /// Why the alert is not as it should be; nothing when it is. Without `promtool` nothing is
    /// checked, and that is printed.
    pub(super) async fn check_alert(
        &mut self,
        alert: &str,
        fires: bool,
    ) -> Result<Option<String>, Trouble> {
        if !RULES.lines().any(|line| line.trim() == format!("- alert: {alert}")) {
            return Err(Trouble(format!("dashboards/alerts.yaml has no alert {alert}")));
        }
        let before = self.scraped.take();
        let deadline = tokio::time::Instant::now() + WITHIN;
        let (found, scrape) = loop {
            let series = self.system.series().await.into_iter().collect();
            let scrape = Scrape { at: self.system.clock.now_ms(), series };
            if as_said(&rule_test(alert, fires, &scrape, before.as_ref())).await? {
                break (None, scrape);
            }
            if tokio::time::Instant::now() > deadline {
                let how = if fires { "does not fire" } else { "fires" };
                break (Some(format!("{alert} {how}")), scrape);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        self.scraped = Some(scrape);
        Ok(found)
    }
}

/// A rule test in promtool's form: every gauge keeps its value for an hour.
fn rule_test(alert: &str, fires: bool, scrape: &Scrape, before: Option<&Scrape>) -> String {
    let mut text = held_for_an_hour(scrape, before);
    let expected = if fires { "[{labels: '{}', value: 1}]" } else { "[]" };
    let _ = write!(
        text,
        "    promql_expr_test:\n      - expr: 'count(ALERTS{{alertname=\"{alert}\",\
         alertstate=\"firing\"}}) > bool 0'\n        eval_time: 60m\n        exp_samples: {expected}\n"
    );
    text
}

/// The beginning of a rule test: what was scraped, as it would go on.
pub(super) fn held_for_an_hour(scrape: &Scrape, before: Option<&Scrape>) -> String {
    let mut text =
        "rule_files: [rules.yaml]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    \
                    input_series:\n"
            .to_owned();
    for (name, value) in &scrape.series {
        let slope = scrape.slope(name, *value, before);
        let name = name.replace('\'', "''");
        let _ = writeln!(text, "      - {{series: '{name}', values: '{value}+{slope}x60'}}");
    }
    text
}

async fn as_said(rule_test: &str) -> Result<bool, Trouble> {
    match promtool(rule_test).await? {
        Some((passed, _)) => Ok(passed),
        None => {
            complain!(
                "promtool is not installed: no alert is checked (apt-get install prometheus)"
            );
            Ok(true)
        }
    }
}

/// Whether a rule test passes, and what promtool says of it; nothing where it is not installed.
pub(super) async fn promtool(rule_test: &str) -> Result<Option<(bool, String)>, Trouble> {
    let folder = tempfile::tempdir().map_err(Trouble::while_doing("make a folder"))?;
    let path = folder.path().join("test.yaml");
    std::fs::write(folder.path().join("rules.yaml"), RULES)
        .and_then(|()| std::fs::write(&path, rule_test))
        .map_err(Trouble::while_doing("write a rule test"))?;
    let run = tokio::process::Command::new("promtool")
        .args(["test", "rules"])
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .await;
    match run {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            Ok(Some((output.status.success(), String::from_utf8_lossy(&said).into_owned())))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble(format!("cannot run promtool: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Skipped where promtool is not installed.
    #[tokio::test]
    async fn an_alert_fires_on_what_its_rule_says_and_on_nothing_else() {
        let amnesia = [("nebulalinks_amnesia{job=\"nebulalinks\"}".to_owned(), 1.0)];
        let calm = [("nebulalinks_amnesia{job=\"nebulalinks\"}".to_owned(), 0.0)];
        let there = std::process::Command::new("promtool").arg("--version").output().is_ok();
        for (fires, series) in [(true, amnesia), (false, calm)] {
            let scrape = Scrape { at: 0, series: series.into() };
            let test = |fires| rule_test("StoreAmnesia", fires, &scrape, None);
            assert!(as_said(&test(fires)).await.unwrap());
            let otherwise = as_said(&test(!fires)).await.unwrap();
            assert!(!there || !otherwise, "it is seen when it is not so");
        }
    }
}
