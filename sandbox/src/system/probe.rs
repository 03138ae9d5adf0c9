//! What the controller says of itself over HTTP.

use super::System;
use crate::scenario::series_of;
use crate::trouble::Trouble;
use std::time::Duration;

impl System {
    /// A page of the controller's public address; nothing when it does not answer.
    pub(crate) async fn page(&self, path: &str) -> Option<String> {
        page(&format!("http://{}{path}", self.settings.metrics)).await
    }

    /// What Prometheus would scrape now: the controller and every gateway, each under its job.
    pub(crate) async fn series(&self) -> Vec<(String, f64)> {
        let mut series = Vec::new();
        let controller = self.page("/metrics").await;
        let mut take = |page: Option<String>, labels: &str| {
            series.push((format!("up{{{labels}}}"), if page.is_some() { 1.0 } else { 0.0 }));
            series.extend(series_of(page.as_deref().unwrap_or_default(), labels));
        };
        take(controller, "job=\"nebulalinks\",instance=\"controller\"");
        for (id, server) in &self.servers {
            let scraped = page(&format!("http://{}/metrics", server.metrics_at)).await;
            let job = "job=\"nebulalinks-gateway\"";
            take(scraped, &format!("{job},instance=\"{id}\",server=\"{id}\""));
        }
        series
    }

    /// What `nebulalinks get servers -o json` prints; nothing when nobody answers.
    pub(crate) async fn servers_page(&self) -> Option<String> {
        Some(format!("{:#}", self.control_page("/v1/servers").await?))
    }

    /// What a path of the controller's private socket answers; nothing when nobody does.
    pub(crate) async fn control_page(&self, path: &str) -> Option<serde_json::Value> {
        let socket = self.settings.state.join("control.sock");
        let client = reqwest::Client::builder().unix_socket(socket).build().ok()?;
        let asked = client.get(format!("http://control{path}")).send().await.ok()?;
        serde_json::from_str(&asked.text().await.ok()?).ok()
    }

    /// Asks the controller for something at its private socket; the body is JSON or empty.
    pub(crate) async fn post(&self, path: &str, body: String) -> Result<(), Trouble> {
        let socket = self.settings.state.join("control.sock");
        let failed = |why: &dyn std::fmt::Display| {
            Trouble::while_doing("ask at the controller's socket")(why.to_string())
        };
        let client = reqwest::Client::builder().unix_socket(socket).build();
        let asked = async {
            let request = client?.post(format!("http://control{path}")).body(body);
            let answer = request.send().await?;
            Ok::<_, reqwest::Error>((answer.status(), answer.text().await?))
        };
        let (status, said) = asked.await.map_err(|error| failed(&error))?;
        if status.is_success() {
            return Ok(());
        }
        Err(failed(&refusal(&said).unwrap_or_else(|| status.to_string())))
    }

    /// Whether the last pass over a server wanted no change.
    pub(crate) async fn wants_nothing_of(&self, id: &str) -> bool {
        let page = self.page("/metrics").await.unwrap_or_default();
        number(&page, &format!("nebulalinks_server_changes_wanted{{server=\"{id}\"}}")) == Some(0.0)
    }

    /// Whether every server answered the controller's last call.
    pub(crate) async fn all_reachable(&self) -> bool {
        let Some(page) = self.page("/metrics").await else { return false };
        self.servers.keys().all(|id| {
            number(&page, &format!("nebulalinks_server_reachable{{server=\"{id}\"}}")) == Some(1.0)
        })
    }
}

/// Why the controller refused, in its own words.
fn refusal(body: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(body).ok()?;
    value.get("error")?.as_str().map(str::to_owned)
}

/// A page, within two seconds.
async fn page(url: &str) -> Option<String> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().ok()?;
    client.get(url).send().await.ok()?.text().await.ok()
}

fn number(page: &str, name: &str) -> Option<f64> {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{number, refusal};

    #[test]
    fn a_refusal_is_told_in_the_controllers_words() {
        let body = r#"{"error":"the store cannot take it now; see the log","code":"x"}"#;
        assert_eq!(refusal(body).as_deref(), Some("the store cannot take it now; see the log"));
        assert_eq!(refusal("<html>503</html>"), None);
    }

    #[test]
    fn a_number_is_found_by_its_whole_name() {
        let page = "# HELP a\na_b{x=\"1\"} 7\na{x=\"1\"} 3.5\n";
        assert_eq!(number(page, "a{x=\"1\"}"), Some(3.5));
        assert_eq!(number(page, "a"), None);
    }
}
