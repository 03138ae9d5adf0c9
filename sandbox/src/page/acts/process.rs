//! Processes are ended as a crash ends them, and started again.

use super::super::refused::Refused;
use super::super::world::World;
use crate::process::Process;
use serde::Deserialize;
use serde_json::{Value, json};

/// What people on call read.
const RUNBOOK: &str = include_str!("../../../../docs/OPERATIONS.md");

/// What is done to a process.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Act {
    /// `kill -9`; it is started again at once.
    #[serde(rename = "process.kill")]
    Kill { name: String },
    /// It ends in order and stays down.
    #[serde(rename = "process.stop")]
    Stop { name: String },
    /// What the runbook says about an alert.
    #[serde(rename = "process.runbook")]
    Runbook { entry: String },
    /// It starts after a stop.
    #[serde(rename = "process.start")]
    Start { name: String },
}

/// Does it.
pub(in crate::page) async fn act(world: &World, asked: Act) -> Result<Value, Refused> {
    match asked {
        Act::Kill { name } => of(world, &name)?.kill().await,
        Act::Stop { name } => of(world, &name)?.stop().await,
        Act::Runbook { entry } => {
            let found = entry_of(RUNBOOK, &entry);
            let none = || Refused::because(format!("the runbook has no entry {entry}"));
            let (title, text) = found.ok_or_else(none)?;
            return Ok(json!({ "title": title, "text": text }));
        }
        Act::Start { name } => of(world, &name)?.start_again().await,
    }
    Ok(json!({}))
}

fn of<'w>(world: &'w World, name: &str) -> Result<&'w Process, Refused> {
    let system = world.system();
    let mut all = system.servers.values().map(|s| &s.gateway).chain([&system.controller]);
    let found = all.find(|process| process.spec.name == name);
    found.ok_or_else(|| Refused::because(format!("there is no process {name}")))
}

/// The entry that a link such as `docs/OPERATIONS.md#controllerdown` leads to: its title and text.
fn entry_of<'t>(runbook: &'t str, link: &str) -> Option<(&'t str, &'t str)> {
    let (_, anchor) = link.split_once('#')?;
    let mut sections = runbook.split("\n### ").skip(1);
    sections.find_map(|section| {
        let (title, rest) = section.split_once('\n')?;
        let text = rest.split("\n## ").next().unwrap_or(rest).trim();
        (title.trim().to_lowercase() == anchor).then_some((title.trim(), text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../../../../dashboards/alerts.yaml");

    #[test]
    fn each_alert_leads_to_its_entry_and_to_no_more_than_that() {
        let links = RULES.lines().filter_map(|line| line.trim().strip_prefix("runbook: "));
        let links: Vec<&str> = links.collect();
        assert!(links.len() >= 33, "{links:?}");
        for link in links {
            let (_, text) = entry_of(RUNBOOK, link).unwrap_or_else(|| panic!("no {link}"));
            assert!(!text.is_empty() && !text.contains("\n## "), "{link}: {text}");
        }
        assert_eq!(entry_of(RUNBOOK, "docs/OPERATIONS.md#nothing"), None);
    }
}
