//! The handle scenarios and tests hold: look into the panel, act in it by hand, break it.

use super::config::{InboundSeed, PanelConfig};
use super::faults::Faults;
use super::journal::{Actor, ClientSnapshot, JournalEntry, PanelEvent, events_between, renamed};
use super::sessions::{Limiter, Sessions};
use super::state::{ApiToken, Db, Inbound};
use super::version::PanelVersion;
use super::xray::Xray;
use axum::http::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// Everything in the panel's database at one moment.
#[derive(Clone)]
pub struct Backup(Db);

/// One model panel; clones are handles of the same panel.
#[derive(Clone)]
pub struct ModelPanel {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: PanelConfig,
    pub(crate) faults: Faults,
    pub(crate) live: Mutex<Live>,
    installed: Mutex<PanelVersion>,
    events: broadcast::Sender<PanelEvent>,
}

/// What the one lock of the panel holds: every call is served one after the other.
pub(crate) struct Live {
    pub(crate) db: Db,
    pub(crate) sessions: Sessions,
    pub(crate) limiter: Limiter,
    pub(crate) xray: Xray,
    pub(crate) own_rule: bool,
    pub(crate) polled_at: Option<i64>,
    /// From where each client was connected, with the second of Unix time.
    pub(crate) addresses: BTreeMap<String, Vec<(IpAddr, i64)>>,
    pub(crate) flag_seen_at: Option<i64>,
    pub(crate) tried_at: Option<i64>,
    journal: Vec<JournalEntry>,
    calls: u64,
    /// `METHOD /path` of each call, without its query.
    ways: BTreeSet<String>,
    recent: VecDeque<CallLog>,
}

/// So many calls are kept.
const RECENT: usize = 2_000;

/// A call of the API, as a log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLog {
    /// The first is 1.
    pub number: u64,
    /// When it was answered, on the panel's clock.
    pub at_ms: i64,
    /// Such as `POST`.
    pub method: String,
    /// The path without its query; a client's secret in it is cut out.
    pub path: String,
    /// What was answered; the connection may have been cut all the same.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
}

/// One inbound as the panel's pages list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundView {
    /// Its number.
    pub id: i64,
    /// The remark by which the shop names it.
    pub remark: String,
    /// `vless` and the like.
    pub protocol: String,
    /// Its port.
    pub port: u16,
    /// Whether it is on.
    pub enable: bool,
    /// Whether the text of its settings is no JSON.
    pub broken: bool,
}

/// After these generation 2 names a client by its secret: a uuid or, as of Trojan, any text.
const NAMED_BY_SECRET: [&str; 3] = ["updateClient", "delClient", "getClientTrafficsById"];

fn without_secrets(path: &str) -> String {
    let mut before = "";
    let part = |part| {
        let secret = NAMED_BY_SECRET.contains(&std::mem::replace(&mut before, part))
            || uuid::Uuid::try_parse(part).is_ok();
        if secret { "…" } else { part }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

impl ModelPanel {
    /// A panel as configured, not served yet.
    #[must_use]
    pub fn new(config: PanelConfig) -> Self {
        let mut db = Db::new(&config);
        db.tokens.push(ApiToken {
            id: 0,
            name: "preset".to_owned(),
            token: config.token.clone(),
            enabled: true,
            created_at_s: 0,
            scope: "admin".to_owned(),
            expires_at: 0,
        });
        let live = Live {
            xray: Xray::running(&db, (config.uptime_clock)()),
            db,
            sessions: Sessions::default(),
            limiter: Limiter::default(),
            own_rule: config.own_rule,
            polled_at: None,
            addresses: BTreeMap::new(),
            flag_seen_at: None,
            tried_at: None,
            journal: Vec::new(),
            calls: 0,
            ways: BTreeSet::new(),
            recent: VecDeque::new(),
        };
        Self {
            inner: Arc::new(Inner {
                installed: Mutex::new(config.version),
                config,
                faults: Faults::default(),
                live: Mutex::new(live),
                events: broadcast::channel(4096).0,
            }),
        }
    }

    /// The faults of this panel.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// The panel's clock, Unix ms.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.inner.config.clock)()
    }

    /// The clock that Xray's uptime is counted by, ms.
    pub(crate) fn uptime_ms(&self) -> i64 {
        (self.inner.config.uptime_clock)()
    }

    /// Which version it is.
    #[must_use]
    pub fn version(&self) -> PanelVersion {
        *self.inner.installed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Installs another version over the database, as an update or a step back does; what serves the
    /// panel must be started anew. Says whether that is modelled: between the two generations the
    /// database is another one.
    pub fn install(&self, version: PanelVersion) -> bool {
        let fits = version.generation() == self.version().generation();
        if fits {
            *self.inner.installed.lock().unwrap_or_else(PoisonError::into_inner) = version;
            self.live().db.version = version;
        }
        fits
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        self.inner.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change to these clients, and tells the journal and the listeners what came of it.
    pub(crate) fn commit<T>(
        &self,
        actor: Actor,
        emails: &[String],
        change: impl FnOnce(&mut Db, i64) -> T,
    ) -> T {
        self.commit_live(actor, emails, |live, now| change(&mut live.db, now))
    }

    /// The same for a change that Xray feels, too.
    pub(crate) fn commit_live<T>(
        &self,
        actor: Actor,
        emails: &[String],
        change: impl FnOnce(&mut Live, i64) -> T,
    ) -> T {
        let now = self.now_ms();
        let mut live = self.live();
        let emails: BTreeSet<&String> = emails.iter().collect();
        let before = live.db.states_of(&emails);
        let outcome = change(&mut live, now);
        let after = live.db.states_of(&emails);
        let renamed = renamed(&before, &after);
        for email in emails {
            let (before, after) = (before.get(email), after.get(email));
            let events = match renamed {
                Some((old, _)) if old == email => Vec::new(),
                Some((_, new)) if new == email => {
                    vec![PanelEvent::Updated { email: email.clone(), fields: vec!["email"] }]
                }
                _ => events_between(email, before, after, actor),
            };
            for event in events {
                live.journal.push(JournalEntry { at_ms: now, actor, event: event.clone() });
                // Nobody listening is fine.
                let _ = self.inner.events.send(event);
            }
        }
        outcome
    }

    // Looking.

    /// Every client, by email.
    #[must_use]
    pub fn clients(&self) -> Vec<ClientSnapshot> {
        self.live().db.snapshots().into_values().collect()
    }

    /// One client by its exact email.
    #[must_use]
    pub fn client(&self, email: &str) -> Option<ClientSnapshot> {
        self.live().db.snapshot(email)
    }

    /// Every change so far, oldest first.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.live().journal.clone()
    }

    /// The changes after the first so many, oldest first.
    #[must_use]
    pub fn journal_since(&self, changes: usize) -> Vec<JournalEntry> {
        self.live().journal.get(changes..).unwrap_or_default().to_vec()
    }

    /// How many changes there were so far.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.live().journal.len()
    }

    /// How many changes came through the API: equal before and after is "wrote nothing".
    #[must_use]
    pub fn api_writes(&self) -> usize {
        self.live().journal.iter().filter(|entry| entry.actor == Actor::Api).count()
    }

    /// How often this email was created: above one is a second client.
    #[must_use]
    pub fn times_created(&self, email: &str) -> usize {
        let created = PanelEvent::Created { email: email.to_owned() };
        self.live().journal.iter().filter(|entry| entry.event == created).count()
    }

    /// The last calls after the first so many, oldest first; the eldest of many are forgotten.
    #[must_use]
    pub fn calls_after(&self, number: u64) -> Vec<CallLog> {
        self.live().recent.iter().filter(|call| call.number > number).cloned().collect()
    }

    /// Calls of the API so far, reads and refused ones included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.live().calls
    }

    /// What was called so far, each once: `METHOD /path`, without the query.
    #[must_use]
    pub fn ways_called(&self) -> BTreeSet<String> {
        self.live().ways.clone()
    }

    /// Forgets the calls whose path holds this, for a test that makes one by hand.
    pub fn forget_ways(&self, part: &str) {
        self.live().ways.retain(|way| !way.contains(part));
    }

    pub(crate) fn count_call(&self, method: &Method, path: &str) {
        let mut live = self.live();
        live.calls += 1;
        live.ways.insert(format!("{method} {path}"));
    }

    pub(crate) fn log_call(&self, method: &Method, path: &str, status: u16, took: Duration) {
        let at_ms = self.now_ms();
        let mut live = self.live();
        let number = live.recent.back().map_or(1, |last| last.number + 1);
        let (method, path) = (method.to_string(), without_secrets(path));
        if live.recent.len() >= RECENT {
            live.recent.pop_front();
        }
        live.recent.push_back(CallLog { number, at_ms, method, path, status, took });
    }

    /// Changes from now on; a slow receiver loses the oldest of 4096.
    #[must_use]
    pub fn on_change(&self) -> broadcast::Receiver<PanelEvent> {
        self.inner.events.subscribe()
    }

    /// Whether both are handles of one panel.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// When each client last had traffic, Unix ms; those who never had any are left out.
    #[must_use]
    pub fn last_online(&self) -> BTreeMap<String, i64> {
        let live = self.live();
        let rows = live.db.rows.values().filter(|row| row.last_online > 0);
        rows.map(|row| (row.email.clone(), row.last_online)).collect()
    }

    // The world around.

    /// A client is connected from there: the panel keeps it, to count devices.
    pub fn connect_from(&self, email: &str, address: IpAddr) {
        let now_s = self.now_ms() / 1_000;
        let mut live = self.live();
        let known = live.addresses.entry(email.to_owned()).or_default();
        known.retain(|(other, _)| *other != address);
        known.push((address, now_s));
    }

    /// A customer's traffic, bytes. Says whether it flowed: not for who is off, unless by a session
    /// that is kept open, nor without Xray.
    pub fn add_traffic(&self, email: &str, up: i64, down: i64) -> bool {
        let now = self.now_ms();
        let mut live = self.live();
        let open = live.xray.is_kept_open(email);
        live.xray.is_running() && live.db.count(now, email, up, down, open)
    }

    /// A customer keeps a connection open: it outlives a cut-off, until Xray ends.
    pub fn keep_open(&self, email: &str) {
        self.live().xray.keep_open(email);
    }

    // Inbounds.

    /// Adds an inbound and gives its number.
    pub fn add_inbound(&self, inbound: &InboundSeed) -> i64 {
        self.live().db.add_seed(inbound)
    }

    /// Switches an inbound on or off. Says whether it is there.
    pub fn set_inbound_enable(&self, id: i64, enable: bool) -> bool {
        self.live().db.inbounds.get_mut(&id).map(|inbound| inbound.enable = enable).is_some()
    }

    /// Has an inbound listen on this address or socket only. Says whether it is there.
    pub fn set_inbound_listen(&self, id: i64, address: &str) -> bool {
        let mut live = self.live();
        live.db.inbounds.get_mut(&id).map(|i| address.clone_into(&mut i.listen)).is_some()
    }

    /// Gives an inbound one more external proxy, with `same`, `tls` or `none`. Says whether the
    /// inbound is there.
    pub fn add_external_proxy(&self, id: i64, force_tls: &str, dest: &str, port: u16) -> bool {
        let proxy = json!({"forceTls": force_tls, "dest": dest, "port": port, "remark": ""});
        let mut live = self.live();
        let Some(inbound) = live.db.inbounds.get_mut(&id) else { return false };
        let mut proxies = inbound.stream.get("externalProxy").cloned().unwrap_or_default();
        match proxies.as_array_mut() {
            Some(all) => all.push(proxy),
            None => proxies = json!([proxy]),
        }
        if let Some(stream) = inbound.stream.as_object_mut() {
            stream.insert("externalProxy".to_owned(), proxies);
        }
        true
    }

    /// Shares an inbound by this strategy and address (generation 3). Says whether it is there.
    pub fn share_inbound(&self, id: i64, strategy: &str, address: &str) -> bool {
        let mut live = self.live();
        let Some(inbound) = live.db.inbounds.get_mut(&id) else { return false };
        inbound.share = (strategy.to_owned(), address.to_owned());
        true
    }

    /// Gives an inbound another remark. Says whether it is there.
    pub fn rename_inbound(&self, id: i64, remark: &str) -> bool {
        let mut live = self.live();
        let inbound = live.db.inbounds.get_mut(&id);
        inbound.map(|inbound| remark.clone_into(&mut inbound.remark)).is_some()
    }

    /// Breaks the text of an inbound's settings in the database, as a bad import does, or mends it.
    /// Only lists show it: the model does not know what the panel makes of a write there. Says whether
    /// the inbound is there.
    pub fn break_inbound(&self, id: i64, broken: bool) -> bool {
        let mut live = self.live();
        live.db.inbounds.get_mut(&id).map(|inbound| inbound.broken = broken).is_some()
    }

    /// Every inbound, by its number.
    #[must_use]
    pub fn inbounds(&self) -> Vec<InboundView> {
        let live = self.live();
        let view = |inbound: &Inbound| InboundView {
            id: inbound.id,
            remark: inbound.remark.clone(),
            protocol: inbound.protocol.clone(),
            port: inbound.port,
            enable: inbound.enable,
            broken: inbound.broken,
        };
        live.db.inbounds.values().map(view).collect()
    }

    /// The id of the inbound of this remark.
    #[must_use]
    pub fn inbound_named(&self, remark: &str) -> Option<i64> {
        let live = self.live();
        live.db.inbounds.values().find(|inbound| inbound.remark == remark).map(|i| i.id)
    }

    // The database as a whole.

    /// A copy of the database.
    #[must_use]
    pub fn backup(&self) -> Backup {
        Backup(self.live().db.clone())
    }

    /// Puts a copy back, and starts Xray with it; everyone must log in again, tokens are those of
    /// the copy.
    pub fn restore(&self, backup: &Backup) {
        let mut emails: Vec<String> = self.live().db.snapshots().into_keys().collect();
        emails.extend(backup.0.snapshots().into_keys());
        let uptime = self.uptime_ms();
        self.commit_live(Actor::Hand, &emails, |live, _| {
            let version = live.db.version;
            live.db.clone_from(&backup.0);
            live.db.version = version;
            live.sessions = Sessions::default();
            live.xray.start_anew(&live.db, uptime);
        });
    }

    /// Empties the database of its clients, as a fresh installation with the old settings does:
    /// inbounds, tokens and the panel's identity stay.
    pub fn wipe(&self) {
        let emails: Vec<String> = self.live().db.snapshots().into_keys().collect();
        let uptime = self.uptime_ms();
        self.commit_live(Actor::Hand, &emails, |live, _| {
            live.db.inbounds.values_mut().for_each(|inbound| inbound.clients.clear());
            live.db.records.clear();
            live.db.rows.clear();
            live.xray.start_anew(&live.db, uptime);
        });
    }

    /// Gives the panel another secret: every cookie is worth nothing from now on.
    pub fn replace_secret(&self) {
        self.live().sessions = Sessions::default();
    }

    /// The panel's identity, as it tells it.
    #[must_use]
    pub fn guid(&self) -> String {
        self.live().db.guid.clone()
    }

    /// Gives the panel another identity.
    pub fn replace_guid(&self, guid: &str) {
        guid.clone_into(&mut self.live().db.guid);
    }

    /// Replaces every API token by this one.
    pub fn replace_token(&self, token: &str) {
        let mut live = self.live();
        live.db.tokens.truncate(1);
        if let Some(first) = live.db.tokens.first_mut() {
            token.clone_into(&mut first.token);
        }
    }
}
