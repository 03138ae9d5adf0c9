//! The panel's database: settings of inbounds, client records and traffic rows, which are three
//! stores of the same facts and can disagree.

use super::config::{InboundSeed, PanelConfig};
use super::generate::Generator;
use super::version::PanelVersion;
use super::wire::{Record, SettingsClient, StatsRow, extend};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Why the panel refused: the inner text of the answer, in English always.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

impl Refusal {
    /// An error of the panel's own kind, which ends in a newline.
    pub(crate) fn own(text: impl std::fmt::Display) -> Self {
        Self(format!("{text}\n"))
    }

    /// An error of a library below, passed on as it is.
    pub(crate) fn raw(text: impl std::fmt::Display) -> Self {
        Self(text.to_string())
    }

    /// The database's answer for anything absent.
    pub(crate) fn not_found() -> Self {
        Self::raw("record not found")
    }
}

/// Protocols whose inbounds have clients; the others have accounts, peers or nothing.
const CLIENT_PROTOCOLS: [&str; 6] =
    ["vless", "vmess", "trojan", "shadowsocks", "hysteria", "hysteria2"];

/// One inbound with the clients of its settings.
#[derive(Clone)]
pub(crate) struct Inbound {
    pub(crate) id: i64,
    pub(crate) remark: String,
    pub(crate) enable: bool,
    pub(crate) listen: String,
    /// Generation 3: by which strategy its links name an address, and which for `custom`.
    pub(crate) share: (String, String),
    pub(crate) port: u16,
    pub(crate) protocol: String,
    pub(crate) total: i64,
    pub(crate) expiry_time: i64,
    /// Settings without the clients.
    pub(crate) settings: Map<String, Value>,
    pub(crate) clients: Vec<SettingsClient>,
    /// Generation 2: whether the settings have an array of clients at all.
    pub(crate) has_clients: bool,
    /// The text of its settings is no JSON.
    pub(crate) broken: bool,
    /// The panel this inbound really lives on, for one that was pushed to a node.
    pub(crate) node_id: Option<i64>,
    pub(crate) stream: Value,
    pub(crate) sniffing: Value,
}

impl Inbound {
    fn stream_text(&self, name: &str) -> &str {
        self.stream.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether a VLESS flow works here.
    pub(crate) fn carries_flow(&self) -> bool {
        self.protocol == "vless"
            && self.stream_text("network") == "tcp"
            && matches!(self.stream_text("security"), "tls" | "reality")
    }

    /// The Shadowsocks cipher, or nothing.
    pub(crate) fn cipher(&self) -> &str {
        if self.protocol != "shadowsocks" {
            return "";
        }
        self.settings.get("method").and_then(Value::as_str).unwrap_or_default()
    }

    /// `tcp`, `udp` or both, as in the tag and in port conflicts.
    pub(crate) fn transport(&self) -> &'static str {
        let both = self.settings.get("network").and_then(Value::as_str) == Some("tcp,udp");
        match (self.protocol.as_str(), self.stream_text("network")) {
            ("shadowsocks", _) if both => "tcpudp",
            ("hysteria" | "hysteria2" | "wireguard", _) | (_, "kcp") => "udp",
            _ => "tcp",
        }
    }

    /// Everything but the clients, cheap to copy.
    pub(crate) fn shape(&self) -> Self {
        Self {
            id: self.id,
            remark: self.remark.clone(),
            enable: self.enable,
            listen: self.listen.clone(),
            share: self.share.clone(),
            port: self.port,
            protocol: self.protocol.clone(),
            total: self.total,
            expiry_time: self.expiry_time,
            settings: self.settings.clone(),
            clients: Vec::new(),
            has_clients: self.has_clients,
            broken: self.broken,
            node_id: self.node_id,
            stream: self.stream.clone(),
            sniffing: Value::Null,
        }
    }

    pub(crate) fn position(&self, email: &str) -> Option<usize> {
        self.clients.iter().position(|c| same_email(&c.email, email))
    }

    pub(crate) fn to_json(&self, version: PanelVersion, stats: Value, guid: Option<&str>) -> Value {
        let mut settings = self.settings.clone();
        let clients = self.clients.iter().map(|c| c.to_json(version)).collect();
        settings.insert("clients".to_owned(), Value::Array(clients));
        let settings = Value::Object(settings);
        // What is no JSON is shown as the text that it is.
        let settings =
            if self.broken { Value::String(first_half(&settings.to_string())) } else { settings };
        let mut map = Map::new();
        extend(
            &mut map,
            json!({
                "id": self.id, "up": 0, "down": 0, "total": self.total, "remark": self.remark,
                "subSortIndex": 1, "enable": self.enable, "expiryTime": self.expiry_time,
                "trafficReset": "never", "lastTrafficResetTime": 0, "clientStats": stats,
                "listen": self.listen, "port": self.port, "protocol": self.protocol,
                "tag": format!("in-{}-{}", self.port, self.transport()),
                "shareAddrStrategy": self.share.0, "shareAddr": self.share.1, "settings": settings,
                "streamSettings": self.stream, "sniffing": self.sniffing,
            }),
        );
        if version == PanelVersion::Head {
            extend(&mut map, json!({"trafficResetDay": 1, "disableFlow": false}));
        }
        if let Some(node) = self.node_id {
            map.insert("nodeId".to_owned(), json!(node));
        }
        if let Some(guid) = guid {
            map.insert("originNodeGuid".to_owned(), json!(guid));
        }
        Value::Object(map)
    }
}

/// What is left of a text that was cut.
pub(crate) fn first_half(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

/// An API token.
#[derive(Clone)]
pub(crate) struct ApiToken {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) enabled: bool,
    pub(crate) created_at_s: i64,
    pub(crate) scope: String,
    pub(crate) expires_at: i64,
}

/// Everything a backup of the panel holds.
#[derive(Clone)]
pub(crate) struct Db {
    pub(crate) version: PanelVersion,
    pub(crate) guid: String,
    pub(crate) inbounds: BTreeMap<i64, Inbound>,
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) rows: BTreeMap<String, StatsRow>,
    pub(crate) tokens: Vec<ApiToken>,
    pub(crate) generate: Generator,
    last_inbound: i64,
    last_record: i64,
    last_row: i64,
}

impl Db {
    pub(crate) fn new(config: &PanelConfig) -> Self {
        let mut db = Self {
            version: config.version,
            guid: config.guid.clone(),
            inbounds: BTreeMap::new(),
            records: BTreeMap::new(),
            rows: BTreeMap::new(),
            tokens: Vec::new(),
            generate: Generator::new(config.seed),
            last_inbound: 0,
            last_record: 0,
            last_row: 0,
        };
        for seed in &config.inbounds {
            db.add_seed(seed);
        }
        db
    }

    /// Adds an inbound without any check.
    pub(crate) fn add_seed(&mut self, seed: &InboundSeed) -> i64 {
        let mut settings = seed.settings.as_object().cloned().unwrap_or_default();
        let has_clients =
            settings.remove("clients").is_some() || CLIENT_PROTOCOLS.contains(&&*seed.protocol);
        self.add_inbound(Inbound {
            id: 0,
            remark: seed.remark.clone(),
            enable: true,
            listen: String::new(),
            share: ("node".to_owned(), String::new()),
            port: seed.port,
            protocol: seed.protocol.clone(),
            total: 0,
            expiry_time: 0,
            settings,
            clients: Vec::new(),
            has_clients,
            broken: false,
            node_id: seed.node_id,
            stream: seed.stream.clone(),
            sniffing: json!({"enabled": true, "destOverride": ["http", "tls", "quic", "fakedns"],
                             "metadataOnly": false, "routeOnly": false}),
        })
    }

    pub(crate) fn add_inbound(&mut self, mut inbound: Inbound) -> i64 {
        self.last_inbound += 1;
        inbound.id = self.last_inbound;
        self.inbounds.insert(inbound.id, inbound);
        self.last_inbound
    }

    /// Copies one client of an inbound's settings into its record, or all of them where the
    /// version knows no better. The last write wins: the flow of an inbound without flow wipes
    /// that of another.
    pub(crate) fn sync_record(&mut self, inbound_id: i64, email: &str, now: i64) {
        if !self.version.syncs_only_the_changed() {
            self.sync_records(inbound_id, now);
            return;
        }
        let Some(inbound) = self.inbounds.get(&inbound_id) else { return };
        if let Some(client) = inbound.clients.iter().find(|c| c.email == email).cloned() {
            self.merge_record(inbound_id, client, now);
        }
    }

    /// Copies every client of an inbound's settings into the records, and unlinks the others.
    pub(crate) fn sync_records(&mut self, inbound_id: i64, now: i64) {
        let Some(inbound) = self.inbounds.get(&inbound_id) else { return };
        let here: BTreeSet<&str> = inbound.clients.iter().map(|c| c.email.as_str()).collect();
        for (email, record) in &mut self.records {
            if !here.contains(email.as_str()) {
                record.inbounds.remove(&inbound_id);
            }
        }
        for client in inbound.clients.clone() {
            self.merge_record(inbound_id, client, now);
        }
    }

    fn merge_record(&mut self, inbound_id: i64, mut client: SettingsClient, now: i64) {
        let record = self.records.entry(client.email.clone()).or_insert_with(|| {
            self.last_record += 1;
            Record {
                id: self.last_record,
                client: client.clone(),
                limit_hwid: 0,
                inbounds: [inbound_id].into(),
                created_at: if client.created_at > 0 { client.created_at } else { now },
                updated_at: now,
            }
        });
        client.keep_credentials_of(&record.client);
        if record.client != client {
            record.client = client;
            record.updated_at = now;
        }
        record.inbounds.insert(inbound_id);
    }

    /// The number of the next traffic row; no number is given twice.
    pub(crate) fn next_row(&mut self) -> i64 {
        self.last_row += 1;
        self.last_row
    }

    /// Puts the traffic row of a client on an inbound: a row that is there keeps its usage, and
    /// its number is spent all the same.
    pub(crate) fn upsert_row(&mut self, inbound_id: i64, client: &SettingsClient) {
        let id = self.next_row();
        let refresh = self.version.refreshes_row_on_conflict();
        self.rows
            .entry(client.email.clone())
            .and_modify(|row| {
                if refresh {
                    row.inbound_id = inbound_id;
                    row.take_limits(client);
                }
            })
            .or_insert_with(|| StatsRow {
                id,
                inbound_id,
                enable: client.enable,
                email: client.email.clone(),
                up: 0,
                down: 0,
                expiry_time: client.expiry_time,
                total: client.total_gb,
                reset: client.reset,
                last_online: 0,
                all_time: 0,
            });
    }

    /// The flow that is in effect, whatever the record says.
    pub(crate) fn effective_flow(&self, record: &Record) -> &str {
        record
            .inbounds
            .iter()
            .filter_map(|id| self.inbounds.get(id))
            .filter_map(|inbound| inbound.clients.get(inbound.position(&record.client.email)?))
            .map(|client| client.flow.as_str())
            .find(|flow| !flow.is_empty())
            .unwrap_or_default()
    }

    /// Traffic rows as an inbound shows them: its own first, then shared ones of its clients.
    pub(crate) fn rows_of(&self, inbound: &Inbound) -> Value {
        let mut rows: Vec<&StatsRow> = self
            .rows
            .values()
            .filter(|row| row.inbound_id == inbound.id)
            .chain(
                inbound
                    .clients
                    .iter()
                    .filter_map(|c| self.rows.get(&c.email))
                    .filter(|row| row.inbound_id != inbound.id),
            )
            .collect();
        rows.sort_by_key(|row| (row.inbound_id != inbound.id, row.id));
        rows.dedup_by_key(|row| row.id);
        rows.into_iter().map(|row| self.row_json(row)).collect()
    }

    pub(crate) fn row_json(&self, row: &StatsRow) -> Value {
        row.to_json(self.version, self.records.get(&row.email))
    }
}

impl StatsRow {
    /// Takes over what a client's settings say; the usage stays.
    pub(crate) fn take_limits(&mut self, client: &SettingsClient) {
        self.enable = client.enable;
        self.total = client.total_gb;
        self.expiry_time = client.expiry_time;
        self.reset = client.reset;
    }
}

/// How the panel compares emails inside settings.
pub(crate) fn same_email(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
