//! What `check` tries, step by step, and what it says to do.
//!
//! - `report`: the lines, as data and as text
//! - `local`: what this machine holds: files, clock, listener
//! - `panel`: what the panel answers
//!
//! The rules are pure; only `check` and the readers in `local` touch anything.

mod local;
mod panel;
mod report;

use std::sync::Arc;
use std::time::Duration;

use prometheus::Registry;

pub use report::{Finding, Report, Verdict};

use crate::app_state::connect;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::serve::Env;

/// Tries everything once, changes nothing, and goes on after what fails as far as it makes sense.
pub async fn check(config: &Config, env: &Env) -> Report {
    let mut report = Report::default();
    report.add("configuration", local::configuration(config));
    report.add("who may knock", local::knocking(config));
    report.add("name", local::name(config));
    report.add("keys", local::keys(&config.keys));
    let (state, fence_ms) = local::state(&config.state);
    report.add("state folder", state);
    let mut not_before_s = None;
    if let Some(files) = &config.tls {
        let loaded = files.load();
        not_before_s = loaded.as_ref().ok().map(|l| l.certificate.not_before_s);
        report.add("certificate", local::certificate(files, &loaded, env.clock.now_ms()));
    }
    report.add("clock", local::clock(env.clock.now_ms(), fence_ms, not_before_s));
    if config.check().is_err() {
        // What is refused there may be that the panel's credentials would travel in clear.
        return report;
    }
    let metrics = match Metrics::register(&Registry::new()) {
        Ok(metrics) => metrics,
        Err(error) => {
            report.add("metrics", Finding::failed(error.to_string(), "this is a bug: report it"));
            return report;
        }
    };
    let (clock, hook) = (Arc::clone(&env.clock), Arc::clone(&env.hook));
    let entropy = Arc::clone(&env.entropy);
    let adapter = match connect(&config.panel, None, clock, hook, entropy, metrics) {
        Ok(adapter) => adapter,
        Err(error) => {
            report.add("panel", Finding::failed(error.to_string(), "mend the panel's address"));
            return report;
        }
    };
    let answered = adapter.info().await;
    for (name, step) in panel::answers(&answered) {
        report.add(name, step);
    }
    if answered.is_ok() {
        let start = tokio::time::Instant::now();
        let contents = adapter.list().await;
        let took: Duration = start.elapsed();
        for (name, step) in panel::contents(&contents, took) {
            report.add(name, step);
        }
    }
    report
}
