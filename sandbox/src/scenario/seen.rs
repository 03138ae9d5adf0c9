//! What people and panels did, as lines. Within one command a message that is changed several
//! times is one line, with what it says in the end: how often it changed on the way is a matter of
//! timing, what people are left with is not.

use super::grammar::quantity::{spell_bytes, spell_length};
use super::plain::{one_line, whole_line};
use crate::system::System;
use nebulalinks_model_discord::{Audience, EmulatorEvent, EventKind};
use nebulalinks_model_panel::{Actor, ClientSnapshot, JournalEntry, PanelEvent};
use std::collections::BTreeMap;

/// How far the histories were read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reader {
    events: usize,
    journals: BTreeMap<String, usize>,
    /// What each message said when it was last shown in a transcript.
    shown: BTreeMap<u64, String>,
}

impl Reader {
    /// What happened since the last [`Reader::commit`], as lines.
    pub(crate) fn lines(&self, system: &System) -> Vec<String> {
        let mut lines = self.messages(system).into_iter().map(|(_, line)| line).collect::<Vec<_>>();
        for (id, server) in &system.servers {
            let from = self.journals.get(id).copied().unwrap_or(0);
            let entries = server.panel.journal_since(from);
            let client = |email: &str| server.panel.client(email);
            lines.extend(panel_lines(id, &entries, &client));
        }
        lines
    }

    /// Takes what happened so far as told.
    pub(crate) fn commit(&mut self, system: &System) {
        for (message, _) in self.messages(system) {
            if let Some((id, text)) = message {
                self.shown.insert(id, text);
            }
        }
        self.events = system.emulator.happened();
        for (id, server) in &system.servers {
            self.journals.insert(id.clone(), server.panel.changes());
        }
    }

    /// The lines about messages, each with the message's id and what it says now.
    fn messages(&self, system: &System) -> Vec<Line> {
        let new = system.emulator.history_after(self.events);
        if new.is_empty() {
            return Vec::new();
        }
        let mut last: BTreeMap<u64, &EmulatorEvent> = BTreeMap::new();
        for event in new.iter().filter(|event| shows_message(event)) {
            last.insert(event.message, event);
        }
        let threads = system.emulator.threads();
        let names = |id: u64| {
            let thread = threads.iter().any(|thread| thread.id == id);
            if thread { Some("order-thread".to_owned()) } else { system.emulator.name_of(id) }
        };
        let place = |event: &EmulatorEvent| place(event, &threads);
        let mut told: Vec<u64> = Vec::new();
        let mut lines = Vec::new();
        let mut changed = Vec::new();
        for event in &new {
            match event.kind {
                EventKind::Posted | EventKind::Edited if shows_message(event) => {
                    if told.contains(&event.message) {
                        continue;
                    }
                    told.push(event.message);
                    let end = last.get(&event.message).copied().unwrap_or(event);
                    let text = whole_line(&end.text, &names);
                    let before = self.shown.get(&event.message);
                    if before == Some(&text) {
                        continue;
                    }
                    let now = if before.is_some() { ", now" } else { "" };
                    if before.is_some() {
                        changed.push(lines.len());
                    }
                    let place = place(end);
                    // The prices are the middle of the store's panel.
                    let shown =
                        if place == "store" { text.clone() } else { one_line(&end.text, &names) };
                    let line = format!("{place}{now}: {shown}");
                    lines.push((Some((event.message, text)), line));
                }
                EventKind::Deleted if event.audience == Audience::Channel => {
                    lines.push((None, format!("{}: a message is deleted", place(event))));
                }
                EventKind::ModalShown => {
                    let text = one_line(&event.text, &names);
                    lines.push((None, format!("{} sees a dialog: {text}", reader(event))));
                }
                EventKind::InteractionFailed => {
                    lines.push((None, format!("{} sees: {}", reader(event), event.text)));
                }
                _ => {}
            }
        }
        in_order_of_posting(&mut lines, &changed);
        lines
    }
}

/// A line, and of which message with what it says now.
type Line = (Option<(u64, String)>, String);

/// Messages that are changed at once are changed in any order: their lines stand in the order in
/// which they were posted.
fn in_order_of_posting(lines: &mut [Line], changed: &[usize]) {
    let mut sorted: Vec<Line> = changed.iter().filter_map(|at| lines.get(*at).cloned()).collect();
    sorted.sort_by_key(|(message, _)| message.as_ref().map(|(id, _)| *id));
    for (at, line) in changed.iter().zip(sorted) {
        if let Some(place) = lines.get_mut(*at) {
            *place = line;
        }
    }
}

/// A message of the bot that says something.
fn shows_message(event: &EmulatorEvent) -> bool {
    matches!(event.kind, EventKind::Posted | EventKind::Edited)
        && event.author == BOT
        && event.text != "…"
}

/// The bot's name at the emulator.
const BOT: &str = "NebulaLinks";

/// Whose eyes an event is for.
fn reader(event: &EmulatorEvent) -> &str {
    match &event.audience {
        Audience::Only(user) | Audience::Direct(user) => user,
        Audience::Channel => &event.author,
    }
}

/// Where a message is seen.
pub(super) fn place(
    event: &EmulatorEvent,
    threads: &[nebulalinks_model_discord::ThreadView],
) -> String {
    match &event.audience {
        Audience::Only(user) => format!("{user} sees"),
        Audience::Direct(user) => format!("{user} by DM"),
        Audience::Channel => match threads.iter().find(|thread| thread.id == event.channel) {
            Some(thread) => {
                let customer = thread.members.iter().find(|member| *member != BOT);
                format!("{} in order thread", customer.map_or("nobody", String::as_str))
            }
            None => event.channel_name.clone(),
        },
    }
}

/// A panel's changes, those by hand left out: the command has said them.
fn panel_lines(
    server: &str,
    entries: &[JournalEntry],
    client: &dyn Fn(&str) -> Option<ClientSnapshot>,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // A create is several steps on the panel; what came of it is one line.
    let mut created: Vec<&str> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.actor != Actor::Hand) {
        let email = entry.event.email();
        let name = super::plain::without_ids(email, &|_| None);
        let now = client(email);
        let facts = |fields: &[&str]| {
            now.as_ref().map_or_else(String::new, |c| facts(c, entry.at_ms, fields))
        };
        let what = match &entry.event {
            PanelEvent::Created { .. } => {
                created.push(email);
                format!("+ {name} {}", facts(&["expiry", "total", "limit_ip"]))
            }
            PanelEvent::Updated { .. } | PanelEvent::Enabled { .. } if created.contains(&email) => {
                continue;
            }
            PanelEvent::Updated { fields, .. } => {
                let said = facts(fields);
                if said.is_empty() {
                    continue;
                }
                format!("~ {name} {said}")
            }
            PanelEvent::Enabled { .. } => format!("+ {name} enabled again"),
            PanelEvent::Disabled { by_panel, .. } => {
                format!("- {name} disabled{}", why_off(now.as_ref(), entry.at_ms, *by_panel))
            }
            PanelEvent::Deleted { .. } => format!("- {name} deleted"),
        };
        let line = format!("{server}: {what}");
        // The same change in several steps, one field after the other, makes one line.
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The facts of a client that a change touched.
pub(super) fn facts(client: &ClientSnapshot, at_ms: i64, fields: &[&str]) -> String {
    let mut said = Vec::new();
    for field in fields {
        said.push(match *field {
            "email" => "has this name now".to_owned(),
            "expiry" if client.expiry_ms == 0 => "never ends".to_owned(),
            "expiry" if client.expiry_ms <= at_ms => "ended".to_owned(),
            "expiry" => format!("ends in {}", spell_length(client.expiry_ms - at_ms)),
            "total" if client.total == 0 => "no cap".to_owned(),
            "total" => format!("cap {}", spell_bytes(client.total)),
            "limit_ip" if client.limit_ip == 0 => "any number of devices".to_owned(),
            "limit_ip" => format!("{} devices", client.limit_ip),
            "comment" => format!("comment \"{}\"", client.comment),
            "uuid" => "another uuid".to_owned(),
            "sub_id" => "another sub id".to_owned(),
            "inbounds" => format!("on inbounds {:?}", client.inbounds),
            "entries" => format!("{} entries", client.entries),
            _ => continue,
        });
    }
    said.join(", ")
}

/// A cut-off this soon after the end is prompt. A busy machine takes a second or two of real time
/// for it, which no file may depend on.
const PROMPT_S: i64 = 10;

/// Why a client went off. At its end the loop and the panel's own rule race, and which is first is not
/// said; neither is it of a client that is gone since, whose end nobody knows.
fn why_off(client: Option<&ClientSnapshot>, at_ms: i64, by_panel: bool) -> String {
    let by = if by_panel { " by the panel itself" } else { "" };
    let Some(client) = client else { return String::new() };
    let used = client.up + client.down;
    if client.expiry_ms > 0 && at_ms >= client.expiry_ms {
        let late_s = (at_ms - client.expiry_ms) / 1000;
        if late_s < PROMPT_S {
            return format!(" (expired), within {PROMPT_S}s");
        }
        return format!("{by} (expired), {late_s}s late");
    }
    if client.total > 0 && used >= client.total {
        return format!("{by} (depleted)");
    }
    by.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(expiry_ms: i64, total: i64, used: i64) -> ClientSnapshot {
        ClientSnapshot {
            email: "nl-main-01jd7k9xq2v5w8y3z4a6b7c8d9".into(),
            uuid: String::new(),
            sub_id: String::new(),
            flow: String::new(),
            entries: 1,
            enabled_in_settings: true,
            enabled_in_record: true,
            enabled_in_stats: Some(true),
            total,
            expiry_ms,
            limit_ip: 2,
            inbounds: vec![1],
            up: 0,
            down: used,
            comment: String::new(),
            created_at: 0,
            row_id: Some(1),
        }
    }

    fn entry(actor: Actor, event: PanelEvent) -> JournalEntry {
        JournalEntry { at_ms: 1_000, actor, event }
    }

    #[test]
    fn a_create_in_several_steps_is_one_line() {
        let now = client(1_000 + 30 * 86_400_000, 50 << 30, 0);
        let email = now.email.clone();
        let entries = [
            entry(Actor::Api, PanelEvent::Created { email: email.clone() }),
            entry(Actor::Api, PanelEvent::Updated { email, fields: vec!["expiry"] }),
        ];
        let lines = panel_lines("fra-1", &entries, &|_| Some(now.clone()));
        assert_eq!(lines, ["fra-1: + nl-main-… ends in 30d, cap 50GiB, 2 devices"]);
    }

    #[test]
    fn a_cut_off_says_why_and_how_late_it_was() {
        let off = |at_ms, now: ClientSnapshot, by_panel, actor| {
            let event = PanelEvent::Disabled { email: now.email.clone(), by_panel };
            let entry = JournalEntry { at_ms, actor, event };
            panel_lines("fra-1", &[entry], &|_| Some(now.clone())).concat()
        };
        let expired = |late_ms: i64| off(900 + late_ms, client(900, 0, 0), false, Actor::Api);
        assert_eq!(expired(100), "fra-1: - nl-main-… disabled (expired), within 10s");
        assert_eq!(expired(9_999), "fra-1: - nl-main-… disabled (expired), within 10s");
        assert_eq!(expired(10_000), "fra-1: - nl-main-… disabled (expired), 10s late");
        let depleted = off(1_000, client(0, 10, 10), true, Actor::Panel);
        assert_eq!(depleted, "fra-1: - nl-main-… disabled by the panel itself (depleted)");
    }

    #[test]
    fn what_is_done_by_hand_is_not_repeated_and_what_we_repeat_is() {
        let email = client(0, 0, 0).email;
        let event = PanelEvent::Deleted { email };
        let by_hand = entry(Actor::Hand, event.clone());
        assert!(panel_lines("fra-1", &[by_hand], &|_| None).is_empty());
        assert_eq!(panel_lines("fra-1", &[entry(Actor::Api, event)], &|_| None).len(), 1);
    }
}
