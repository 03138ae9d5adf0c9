//! What happens, one line each: requests to Discord, to the gateways and to the panels, and what the
//! processes log. The last few thousand are kept, each with a number that only grows.

use crate::clock::SharedClock;
use crate::system::System;
use nebulalinks_model_discord::RequestLog;
use nebulalinks_model_panel::CallLog;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// So many are kept.
const KEPT: usize = 6_000;
/// How often it is looked for more.
const EVERY: Duration = Duration::from_millis(150);
/// So much of an older log is read at the start, bytes.
const OLD: u64 = 64 << 10;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    /// When, on the sandbox's clock, ms since 1970.
    at: u64,
    /// `controller`, `gateway-fra-1`, `panel-fra-1` or `discord`.
    of: String,
    #[serde(flatten)]
    body: EntryBody,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum EntryBody {
    Request { method: String, path: String, status: u16, ms: u64 },
    Logged { level: String, text: String },
}

/// What was kept.
#[derive(Default)]
pub(super) struct Log(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    last: u64,
    entries: VecDeque<(u64, Entry)>,
}

impl Log {
    /// Begins to collect what happens in a system, until that is gone.
    pub(super) fn follow(system: &Arc<System>) -> Arc<Self> {
        let log = Arc::new(Self::default());
        let mut from = Sources::of(system);
        let (kept, system) = (Arc::downgrade(&log), Arc::downgrade(system));
        tokio::spawn(async move {
            while from.take(&kept, &system).is_some() {
                tokio::time::sleep(EVERY).await;
            }
        });
        log
    }

    /// What came after this number, oldest first, each with its own.
    pub(super) fn after(&self, number: u64) -> Vec<(u64, Value)> {
        let kept = self.kept();
        let from = kept.entries.partition_point(|(n, _)| *n <= number);
        let new = kept.entries.range(from..);
        new.map(|(n, entry)| (*n, numbered(*n, entry))).collect()
    }

    fn add(&self, mut entries: Vec<Entry>) {
        entries.sort_by_key(|entry| entry.at);
        let mut kept = self.kept();
        for entry in entries {
            kept.last += 1;
            let number = kept.last;
            kept.entries.push_back((number, entry));
        }
        let surplus = kept.entries.len().saturating_sub(KEPT);
        kept.entries.drain(..surplus);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn numbered(number: u64, entry: &Entry) -> Value {
    let mut value = json!(entry);
    if let Some(map) = value.as_object_mut() {
        map.insert("n".to_owned(), json!(number));
    }
    value
}

/// Where the entries come from, and how far each was read.
struct Sources {
    files: Vec<Tail>,
    discord: usize,
    panels: BTreeMap<String, u64>,
}

impl Sources {
    fn of(system: &System) -> Self {
        let gateways = system.servers.values().map(|server| &server.gateway);
        let processes = gateways.chain([&system.controller]);
        let files =
            processes.map(|process| Tail::new(&process.spec.name, process.spec.log.clone()));
        Self { files: files.collect(), discord: 0, panels: BTreeMap::new() }
    }

    /// Takes what is new; nothing when the system or the log is gone.
    fn take(&mut self, log: &Weak<Log>, system: &Weak<System>) -> Option<()> {
        let (log, system) = (log.upgrade()?, system.upgrade()?);
        let mut new = Vec::new();
        for file in &mut self.files {
            new.extend(file.take(&system.clock));
        }
        let requests = system.emulator.requests_after(self.discord);
        self.discord += requests.len();
        new.extend(requests.into_iter().map(asked_discord));
        for (id, server) in &system.servers {
            let seen = self.panels.entry(id.clone()).or_default();
            let calls = server.panel.calls_after(*seen);
            *seen = calls.last().map_or(*seen, |last| last.number);
            new.extend(calls.into_iter().map(|call| asked_panel(id, call)));
        }
        if !new.is_empty() {
            log.add(new);
        }
        Some(())
    }
}

fn ms(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn asked_discord(request: RequestLog) -> Entry {
    let RequestLog { method, path, status, at_ms, took, .. } = request;
    let path = path.trim_start_matches("/api/v10");
    let body = answered(method, path, status, ms(took));
    Entry { at: at_ms.0, of: "discord".to_owned(), body }
}

fn asked_panel(id: &str, call: CallLog) -> Entry {
    let CallLog { at_ms, method, path, status, took, .. } = call;
    let body = answered(method, &path, status, ms(took));
    Entry { at: u64::try_from(at_ms).unwrap_or(0), of: format!("panel-{id}"), body }
}

fn answered(method: String, path: &str, status: u16, ms: u64) -> EntryBody {
    EntryBody::Request { method, path: without_secrets(path), status, ms }
}

/// A log file, read as it grows.
struct Tail {
    of: String,
    path: PathBuf,
    /// How far it was read; `None` before the first look.
    read: Option<u64>,
    /// The beginning of a line whose end is not there yet.
    rest: Vec<u8>,
}

impl Tail {
    fn new(of: &str, path: PathBuf) -> Self {
        Self { of: of.to_owned(), path, read: None, rest: Vec::new() }
    }

    fn take(&mut self, clock: &SharedClock) -> Vec<Entry> {
        let Ok(text) = self.grown() else { return Vec::new() };
        let Some(end) = text.iter().rposition(|byte| *byte == b'\n') else {
            self.rest = text;
            return Vec::new();
        };
        let (whole, rest) = text.split_at(end + 1);
        self.rest = rest.to_vec();
        entries(&self.of, &String::from_utf8_lossy(whole), clock.ahead_ms(), clock.now_ms())
    }

    /// What was left of the last look, and what came since.
    fn grown(&mut self) -> std::io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        let from = match self.read {
            None => length.saturating_sub(OLD),
            // A file that is shorter now is another one.
            Some(read) if read > length => 0,
            Some(read) => read,
        };
        let mut text = std::mem::take(&mut self.rest);
        file.seek(SeekFrom::Start(from))?;
        let read = file.take(1 << 20).read_to_end(&mut text)?;
        let skips = self.read.is_none() && from > 0;
        self.read = Some(from + u64::try_from(read).unwrap_or(0));
        if skips && let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            text.drain(..=end);
        }
        Ok(text)
    }
}

/// The lines of a process's log. One that has no time of its own goes on with the one before.
fn entries(of: &str, text: &str, ahead_ms: i64, now: u64) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (at, level, said) = match dated(line, ahead_ms) {
            Some(parts) => parts,
            None => match found.last_mut().map(|entry| &mut entry.body) {
                Some(EntryBody::Logged { text, .. }) => {
                    text.push('\n');
                    text.push_str(&without_secrets(line));
                    continue;
                }
                _ => (now, "", line),
            },
        };
        let body = request(said).unwrap_or_else(|| EntryBody::Logged {
            level: level.to_lowercase(),
            text: without_secrets(said),
        });
        found.push(Entry { at, of: of.to_owned(), body });
    }
    found
}

/// `2027-01-01T08:00:00.123456Z  INFO said`: when, the level, what was said.
fn dated(line: &str, ahead_ms: i64) -> Option<(u64, &str, &str)> {
    let (at, rest) = line.split_once(' ')?;
    let at: jiff::Timestamp = at.parse().ok()?;
    let (level, said) = rest.trim_start().split_once(' ')?;
    let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
    let at = u64::try_from(at.as_millisecond() + ahead_ms).ok()?;
    levels.contains(&level).then_some((at, level, said.trim_start()))
}

/// A gateway's line about a request.
fn request(said: &str) -> Option<EntryBody> {
    let fields: BTreeMap<&str, &str> =
        said.strip_prefix("request ")?.split(' ').filter_map(|f| f.split_once('=')).collect();
    let field = |name: &str| fields.get(name).map(|text| text.trim_matches('"'));
    let (method, path) = (field("method")?.to_owned(), field("path")?);
    let (status, ms) = (field("status")?.parse().ok()?, field("took_ms")?.parse().ok()?);
    Some(answered(method, path, status, ms))
}

/// Addresses of these kinds are no links of customers.
const HARMLESS: [&str; 4] = ["http", "https", "ws", "wss"];

/// Nobody logs a link or a uuid. Should one get in all the same, wherever it stands, it is not shown.
fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let (mut rest, mut in_word) = (text, false);
    while let Some(first) = rest.chars().next() {
        let secret = if in_word { None } else { link(rest) }.or_else(|| uuid(rest));
        let (taken, left) = rest.split_at(secret.unwrap_or(first.len_utf8()));
        shown.push_str(if secret.is_some() { "…" } else { taken });
        (rest, in_word) = (left, secret.is_none() && of_scheme(first));
    }
    shown
}

/// The length of the uuid that a text begins with, its dashes included.
fn uuid(text: &str) -> Option<usize> {
    const LENGTH: usize = 36;
    text.get(..LENGTH).is_some_and(|t| uuid::Uuid::try_parse(t).is_ok()).then_some(LENGTH)
}

/// The length of the link that a text begins with: up to a blank or what text is put between.
fn link(text: &str) -> Option<usize> {
    let after = text.trim_start_matches(of_scheme);
    let scheme = text.strip_suffix(after)?;
    let harmless = HARMLESS.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    let ends = |c: char| c.is_whitespace() || "\"'`<>()".contains(c);
    let length = after.find(ends).unwrap_or(after.len());
    (after.starts_with("://") && !scheme.is_empty() && !harmless).then_some(scheme.len() + length)
}

fn of_scheme(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+-.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const AT: &str = "2027-01-01T08:00:00.000000Z";
    const AT_MS: u64 = 1_798_790_400_000;

    fn said(text: &str) -> Vec<(u64, EntryBody)> {
        entries("x", text, 5, 7).into_iter().map(|entry| (entry.at, entry.body)).collect()
    }

    fn line(level: &str, text: &str) -> EntryBody {
        EntryBody::Logged { level: level.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn lines_have_the_time_of_the_sandbox_and_go_on_below() {
        let text = format!("{AT}  INFO applying:\nfra-1: + x\n\n{AT}  WARN b c=1\n");
        assert_eq!(
            said(&text),
            [
                (AT_MS + 5, line("info", "applying:\nfra-1: + x")),
                (AT_MS + 5, line("warn", "b c=1")),
            ]
        );
        assert_eq!(said("thread panicked\n"), [(7, line("", "thread panicked"))]);
    }

    #[test]
    fn a_gateways_line_about_a_request_is_a_request() {
        let text = format!(
            "{AT} DEBUG request method=GET path=\"/v1/clients\" status=200 code=\"ok\" took_ms=12\n"
        );
        let (method, path) = ("GET".to_owned(), "/v1/clients".to_owned());
        assert_eq!(said(&text)[0].1, EntryBody::Request { method, path, status: 200, ms: 12 });
        let other = format!("{AT}  WARN request to the panel failed\n");
        assert_eq!(said(&other)[0].1, line("warn", "request to the panel failed"));
    }

    #[test]
    fn a_link_or_a_uuid_that_got_in_is_not_shown_wherever_it_stands() {
        let uuid = "2f1c7a04-0d0c-4b7e-9a5e-0d9f3a0c1b2d";
        for (said, shown) in [
            (format!("a vless://{uuid}@h:1?x=y#l b"), "a … b"),
            (format!("uuid={uuid} id={uuid}, ({uuid}) x{uuid}y {uuid}"), "uuid=… id=…, (…) x…y …"),
            ("link=\"hysteria2://pw@h:1\" é ss://cHc=".to_owned(), "link=\"…\" é …"),
            ("(TROJAN://pw@h) 'tuic://a:b@h'".to_owned(), "(…) '…'"),
            (
                "at https://h:1/x and http://[::1]:2".to_owned(),
                "at https://h:1/x and http://[::1]:2",
            ),
            (format!("https://h/{uuid}/x :// é…"), "https://h/…/x :// é…"),
        ] {
            assert_eq!(without_secrets(&said), shown);
        }
        let text = format!("{AT}  INFO a uuid={uuid}\n goes on {uuid}\n");
        assert_eq!(said(&text)[0].1, line("info", "a uuid=…\n goes on …"));
    }

    #[test]
    fn a_request_whose_path_has_a_secret_is_shown_without_it() {
        let uuid = "2f1c7a04-0d0c-4b7e-9a5e-0d9f3a0c1b2d";
        let text =
            format!("{AT} DEBUG request method=GET path=\"/v1/x/{uuid}\" status=200 took_ms=1\n");
        let (method, path) = ("GET".to_owned(), "/v1/x/…".to_owned());
        assert_eq!(said(&text)[0].1, EntryBody::Request { method, path, status: 200, ms: 1 });
        let call = CallLog {
            number: 1,
            at_ms: 7,
            method: "POST".to_owned(),
            path: format!("/panel/{uuid}"),
            status: 200,
            took: Duration::ZERO,
        };
        let (method, path) = ("POST".to_owned(), "/panel/…".to_owned());
        let shown = EntryBody::Request { method, path, status: 200, ms: 0 };
        assert_eq!(asked_panel("fra-1", call).body, shown);
    }

    #[test]
    fn a_file_is_read_as_it_grows_by_whole_lines_and_again_when_it_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let clock = SharedClock::starting_at(folder.path().join("clock"), 5_000_000).unwrap();
        let path = folder.path().join("log");
        let mut tail = Tail::new("x", path.clone());
        assert!(tail.take(&clock).is_empty());
        let mut file = File::create(&path).unwrap();
        write!(file, "{AT}  INFO one\n{AT}  INFO tw").unwrap();
        assert_eq!(tail.take(&clock).len(), 1);
        writeln!(file, "o").unwrap();
        let [two] = &tail.take(&clock)[..] else { panic!("one") };
        assert_eq!(two.body, line("info", "two"));
        std::fs::write(&path, format!("{AT}  INFO x\n")).unwrap();
        assert_eq!(tail.take(&clock).len(), 1);
        assert!(tail.take(&clock).is_empty());
    }

    #[test]
    fn what_came_after_a_number_is_told_once_and_the_oldest_go() {
        let log = Log::default();
        let entry = |at| Entry { at, of: "x".to_owned(), body: line("info", "y") };
        log.add(vec![entry(2), entry(1)]);
        let told: Vec<u64> =
            log.after(0).iter().map(|(n, v)| v["at"].as_u64().unwrap() + n).collect();
        assert_eq!(told, [2, 4]);
        assert!(log.after(2).is_empty());
        log.add((0..KEPT as u64).map(entry).collect());
        assert_eq!((log.after(0).len(), log.after(0)[0].0), (KEPT, 3));
    }
}
