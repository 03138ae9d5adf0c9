//! The Xray process beside the panel: what it runs with, which configuration it refuses to start
//! with, and how often it was started anew.

use super::state::{Db, Inbound};
use super::version::Generation;
use super::wire::SettingsClient;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// State of the Xray process beside the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XrayState {
    /// As it should be.
    Running,
    /// Somebody switched it off.
    Stopped,
    /// Could not start.
    Failed,
}

/// What the configuration of one start says of the customers: inbound, then each client.
type Users = Vec<(i64, Vec<SettingsClient>)>;

/// The process as the panel knows it.
pub(crate) struct Xray {
    state: XrayState,
    error: String,
    /// A test holds it in this state; the panel's own jobs leave it alone.
    held: bool,
    /// A call could not be applied to the running process: start anew at the next occasion.
    flagged: bool,
    restarts: u64,
    /// When the process that runs was started, ms by the clock of uptimes.
    started_at: i64,
    /// It crashes each time it has run so long, ms, and is started again at once.
    crashes_after: Option<i64>,
    started_with: Users,
    /// The panel's connection to Xray, one for all calls: each opens it and closes it again, also
    /// for the others.
    connected: bool,
    /// A test breaks the next one.
    breaks: bool,
    /// Whose connections stay open: taking a client off the running process ends none.
    kept_open: BTreeSet<String>,
}

impl Xray {
    /// A process that has long run with what this database says.
    pub(crate) fn running(db: &Db, now: i64) -> Self {
        Self {
            state: XrayState::Running,
            error: String::new(),
            held: false,
            flagged: false,
            restarts: 0,
            started_at: now - 86_400_000,
            crashes_after: None,
            started_with: users(db),
            connected: false,
            breaks: false,
            kept_open: BTreeSet::new(),
        }
    }

    pub(crate) fn state(&self) -> XrayState {
        self.state
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state == XrayState::Running
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.restarts
    }

    /// A customer's connection stays open as long as the process runs.
    pub(crate) fn keep_open(&mut self, email: &str) {
        self.kept_open.insert(email.to_owned());
    }

    pub(crate) fn is_kept_open(&self, email: &str) -> bool {
        self.kept_open.contains(email)
    }

    /// Puts it into this state; it stays there unless that is running.
    pub(crate) fn hold(&mut self, state: XrayState, now: i64) {
        if self.state != state || self.crashes_after.take().is_some() {
            self.started_at = now;
        }
        self.state = state;
        if state != XrayState::Running {
            self.kept_open.clear();
        }
        self.held = state != XrayState::Running;
        self.error = match state {
            XrayState::Failed => "Failed to start: main: failed to create server".to_owned(),
            XrayState::Running | XrayState::Stopped => String::new(),
        };
    }

    /// Lets it crash each time it has run so long; its panel starts it again at once, so that who
    /// looks always finds it running.
    pub(crate) fn crash_after(&mut self, ms: i64, now: i64) {
        (self.crashes_after, self.started_at) = (Some(ms.max(1)), now);
    }

    /// For how long the process has run, in s, as the panel's status says: 0 of one that does not.
    pub(crate) fn up_s(&self, now: i64) -> i64 {
        let up = (now - self.started_at).max(0);
        let up = self.crashes_after.map_or(up, |after| up % after);
        if self.is_running() { up / 1_000 } else { 0 }
    }

    /// Stops it and starts it with what the database says now, which can fail.
    pub(crate) fn start_anew(&mut self, db: &Db, now: i64) {
        if self.held {
            return;
        }
        if self.is_running() {
            self.restarts += 1;
        }
        self.flagged = false;
        self.kept_open.clear();
        self.started_at = now;
        self.started_with = users(db);
        match refusal(db) {
            None => (self.state, self.error) = (XrayState::Running, String::new()),
            Some(error) => (self.state, self.error) = (XrayState::Failed, error),
        }
    }

    /// Whether it is down because it could not start, and nobody holds it there.
    pub(crate) fn wants_another_try(&self) -> bool {
        self.state == XrayState::Failed && !self.held
    }

    /// Marks that the running process does not have what the database says.
    pub(crate) fn flag(&mut self) {
        self.flagged = true;
    }

    /// Takes the mark away. Says whether a start with what the database says now is due.
    pub(crate) fn take_flag(&mut self, db: &Db) -> bool {
        std::mem::take(&mut self.flagged) && self.started_with != users(db)
    }

    pub(crate) fn connect(&mut self) {
        self.connected = !std::mem::take(&mut self.breaks);
    }

    /// The next connection is lost before it is used.
    pub(crate) fn break_connection(&mut self) {
        self.breaks = true;
    }

    pub(crate) fn disconnect(&mut self) {
        self.connected = false;
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connected
    }

    /// Adds a client to the running process. The panel does not say when that fails.
    pub(crate) fn add(&mut self, inbound: &Inbound, client: &SettingsClient) {
        if !self.is_running() || !inbound.enable || hot_refusal(inbound, client) {
            self.flag();
        }
    }

    /// Takes a client off the running process; one that is not there is fine.
    pub(crate) fn remove(&mut self, inbound: &Inbound) {
        if !self.is_running() || !inbound.enable {
            self.flag();
        }
    }

    /// `xray` in the status.
    pub(crate) fn to_json(&self, version: &str) -> Value {
        let state = match self.state {
            XrayState::Running => "running",
            XrayState::Stopped => "stop",
            XrayState::Failed => "error",
        };
        json!({"state": state, "errorMsg": self.error, "version": version})
    }
}

/// Who is in the configuration: on in the settings, and not off in the traffic row.
fn users(db: &Db) -> Users {
    let is_in = |client: &&SettingsClient| {
        let row_is_off = db.rows.get(&client.email).is_some_and(|row| !row.enable);
        !client.is_switched_off() && !row_is_off
    };
    let of = |inbound: &Inbound| inbound.clients.iter().filter(is_in).cloned().collect();
    db.inbounds.values().filter(|i| i.enable).map(|i| (i.id, of(i))).collect()
}

/// Why Xray does not start with what this database says: one bad client is enough.
fn refusal(db: &Db) -> Option<String> {
    let mends = db.version.generation() == Generation::Three;
    users(db).into_iter().find_map(|(id, clients)| {
        let inbound = db.inbounds.get(&id)?;
        let why = clients.iter().find_map(|client| {
            let cipher = if mends { mended_cipher(inbound) } else { client.cipher() };
            client_refusal(inbound, client, cipher)
        })?;
        Some(format!("Failed to start: main: failed to create server > {why}"))
    })
}

/// What a panel of generation 3 writes as each client's cipher before it starts Xray: the
/// inbound's, and none with the ciphers of 2022.
fn mended_cipher(inbound: &Inbound) -> &str {
    if key_length(inbound.cipher()).is_some() { "" } else { inbound.cipher() }
}

/// With `cipher` as what the client's object names for itself.
fn client_refusal(inbound: &Inbound, client: &SettingsClient, cipher: &str) -> Option<String> {
    match inbound.protocol.as_str() {
        "vless" | "vmess" if !is_id(&client.id) => Some(format!("invalid UUID: {}", client.id)),
        "shadowsocks" => match key_length(inbound.cipher()) {
            Some(length) => shadowsocks_2022_refusal(inbound, client, cipher, length),
            None if client.password.is_empty() => {
                Some("Shadowsocks password is not specified.".to_owned())
            }
            None if !LEGACY_CIPHERS.contains(&cipher.to_lowercase().as_str()) => {
                Some(format!("unsupported cipher method: {cipher}"))
            }
            None => None,
        },
        _ => None,
    }
}

/// A key of the wrong length is not all: a client object that names a cipher is as bad.
fn shadowsocks_2022_refusal(
    inbound: &Inbound,
    client: &SettingsClient,
    cipher: &str,
    length: usize,
) -> Option<String> {
    if !inbound.cipher().contains("aes") {
        return Some("only blake3-aes-*-gcm methods are supported".to_owned());
    }
    if !cipher.is_empty() {
        return Some("users must have empty method".to_owned());
    }
    let fits = STANDARD.decode(&client.password).is_ok_and(|key| key.len() == length);
    (!fits).then(|| "create service > bad key".to_owned())
}

/// Whether the running process refuses this client. For Shadowsocks the panel of generation 2
/// names the cipher of the inbound, and knows how to put it for two of them only.
fn hot_refusal(inbound: &Inbound, client: &SettingsClient) -> bool {
    match inbound.protocol.as_str() {
        "shadowsocks" => {
            key_length(inbound.cipher()).is_some() || !inbound.cipher().contains("chacha20")
        }
        _ => client_refusal(inbound, client, client.cipher()).is_some(),
    }
}

/// What Xray takes as an id: a uuid, or up to 30 bytes of anything that it makes one of.
fn is_id(id: &str) -> bool {
    (1..=30).contains(&id.len()) || uuid::Uuid::try_parse(id).is_ok()
}

const LEGACY_CIPHERS: [&str; 10] = [
    "aes-128-gcm",
    "aead_aes_128_gcm",
    "aes-256-gcm",
    "aead_aes_256_gcm",
    "chacha20-poly1305",
    "aead_chacha20_poly1305",
    "chacha20-ietf-poly1305",
    "xchacha20-poly1305",
    "aead_xchacha20_poly1305",
    "xchacha20-ietf-poly1305",
];

/// Bytes of a Shadowsocks 2022 key; nothing for a legacy cipher.
pub(crate) fn key_length(cipher: &str) -> Option<usize> {
    match cipher {
        "2022-blake3-aes-128-gcm" => Some(16),
        cipher if cipher.starts_with("2022-") => Some(32),
        _ => None,
    }
}
