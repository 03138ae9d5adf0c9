//! What is checked, and what there is to see at a moment. A check that holds says nothing.

use super::grammar::Check;
use super::plain::one_line;
use super::player::Player;
use super::seen::{facts, place};
use crate::trouble::Trouble;
use nebulalinks_model_discord::{Audience, EmulatorEvent, EventKind};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long what is to be said somewhere may take: beside much else the claim that tells of another holder
/// may be the next one, half a minute later.
const SAID_WITHIN: Duration = Duration::from_secs(40);

impl Player<'_> {
    /// Why it does not hold, or nothing.
    pub(super) async fn check(&mut self, check: &Check) -> Result<Option<String>, Trouble> {
        Ok(match check {
            Check::Clients(number, who, id) => {
                let found = self.clients_of(who, id)?.len();
                (found != *number).then(|| format!("{who} has {found} clients on {id}"))
            }
            Check::NoDmTwice => self.dm_twice(),
            Check::Ready(text) => {
                let said = self.until_page_says("/readyz", |page| page.contains(text.as_str()));
                said.await.map(|page| format!("/readyz says {page}"))
            }
            Check::ReadyValid => {
                let said = self.until_page_says("/readyz", |page| page.contains("\"valid\":true"));
                said.await.map(|page| format!("/readyz says {page}"))
            }
            Check::Metrics(text) => {
                let said = self.until_page_says("/metrics", |page| page.contains(text.as_str()));
                said.await.map(|_| format!("/metrics does not say {text}"))
            }
            Check::Servers(text) => {
                let said = self.until_servers_say(text);
                said.await.map(|page| format!("`nebulalinks get servers` says {page}"))
            }
            Check::Log(text) => {
                let log = self.system.settings.log_of("controller");
                until_file_says(&log, text).await.map(|_| format!("the log does not say {text}"))
            }
            Check::SecondLog(text) => {
                let log = self.system.settings.log_of("second");
                until_file_says(&log, text)
                    .await
                    .map(|tail| format!("the second controller says\n{tail}"))
            }
            Check::ForeignUntouched(name, id) => {
                let now = self.server(id)?.panel.client(name);
                let made = self.foreign.get(&(id.clone(), name.clone()));
                (now.as_ref() != made).then(|| format!("{name} on {id} is not as it was made"))
            }
            Check::Alert(alert, fires) => self.check_alert(alert, *fires).await?,
            Check::NothingWritten(length) => {
                let before = self.writes();
                self.pass(*length).await?;
                let now = self.writes();
                (now != before).then(|| format!("{} writes to panels", now - before))
            }
        })
    }

    fn writes(&self) -> usize {
        self.system.servers.values().map(|server| server.panel.api_writes()).sum()
    }

    fn dm_twice(&self) -> Option<String> {
        let mut told: BTreeMap<(String, String), usize> = BTreeMap::new();
        for message in self.system.emulator.messages() {
            if let Audience::Direct(user) = &message.audience {
                *told.entry((user.clone(), message.text.clone())).or_default() += 1;
            }
        }
        let twice = told.into_iter().find(|(_, times)| *times > 1);
        twice.map(|((user, _), times)| format!("{user} got the same direct message {times} times"))
    }

    /// The page when it never says it.
    async fn until_page_says(&self, path: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
        let deadline = tokio::time::Instant::now() + SAID_WITHIN;
        loop {
            let page = self.system.page(path).await.unwrap_or_default();
            if fits(&page) {
                return None;
            }
            if tokio::time::Instant::now() > deadline {
                return Some(page);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What they say when they never say it.
    async fn until_servers_say(&self, text: &str) -> Option<String> {
        let deadline = tokio::time::Instant::now() + SAID_WITHIN;
        loop {
            let said = self.system.servers_page().await.unwrap_or_default();
            if said.contains(text) {
                return None;
            }
            if tokio::time::Instant::now() > deadline {
                return Some(said);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What there is now: every message that stays, every client.
    pub(super) fn look(&self) -> Vec<String> {
        let emulator = &self.system.emulator;
        let threads = emulator.threads();
        let names = |id: u64| {
            let thread = threads.iter().any(|thread| thread.id == id);
            if thread { Some("order-thread".to_owned()) } else { emulator.name_of(id) }
        };
        let mut lines = Vec::new();
        for message in emulator.messages() {
            if matches!(message.audience, Audience::Only(_)) {
                continue;
            }
            let event = EmulatorEvent {
                kind: EventKind::Posted,
                at_ms: message.created_ms,
                channel: message.channel,
                channel_name: message.channel_name.clone(),
                message: message.id,
                author: message.author.clone(),
                audience: message.audience.clone(),
                text: String::new(),
            };
            let place = place(&event, &threads);
            lines.push(format!("{place}: {}", one_line(&message.text, &names)));
        }
        for (id, server) in &self.system.servers {
            for client in server.panel.clients() {
                let now = server.panel.now_ms();
                let name = super::plain::without_ids(&client.email, &names);
                let on = if client.is_on() { "on" } else { "off" };
                let facts = facts(&client, now, &["expiry", "total", "limit_ip"]);
                lines.push(format!("{id}: {name} {on}, {facts}"));
            }
        }
        lines
    }
}

/// The end of the file when it never says it.
async fn until_file_says(path: &std::path::Path, text: &str) -> Option<String> {
    let deadline = tokio::time::Instant::now() + SAID_WITHIN;
    loop {
        let log = std::fs::read_to_string(path).unwrap_or_default();
        if log.contains(text) {
            return None;
        }
        if tokio::time::Instant::now() > deadline {
            let lines: Vec<&str> = log.lines().rev().take(8).collect();
            return Some(lines.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
