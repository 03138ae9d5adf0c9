//! What changed, when and by whom: read by tests, transcripts and monitors.

use super::state::{Db, Inbound};
use super::version::Generation;
use super::wire::SettingsClient;
use std::collections::{BTreeMap, BTreeSet};

/// Up to here clients are looked up one by one.
const FEW: usize = 8;

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A call of the panel's API.
    Api,
    /// The panel's own rule.
    Panel,
    /// A person in the panel's pages, or in its database.
    Hand,
}

/// One client as an outsider who sees all three stores would describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSnapshot {
    /// The email, by which the panel tells clients apart.
    pub email: String,
    /// Credential of VLESS and VMess.
    pub uuid: String,
    /// The key in its subscription address.
    pub sub_id: String,
    /// Flow in effect.
    pub flow: String,
    /// In how many places of inbound settings it stands: more than `inbounds` is a duplicate.
    pub entries: usize,
    /// On in every inbound it is on.
    pub enabled_in_settings: bool,
    /// On in the record.
    pub enabled_in_record: bool,
    /// On in the traffic row; nothing when the row is missing.
    pub enabled_in_stats: Option<bool>,
    /// Cap in the settings, bytes; 0 is unlimited.
    pub total: i64,
    /// End in the settings, Unix ms; 0 is never.
    pub expiry_ms: i64,
    /// Addresses at once; 0 is unlimited.
    pub limit_ip: i64,
    /// Where it is attached.
    pub inbounds: Vec<i64>,
    /// Uploaded so far, bytes.
    pub up: i64,
    /// Downloaded so far, bytes.
    pub down: i64,
    /// What operators wrote beside it.
    pub comment: String,
    /// When it was made, Unix ms, as its oldest entry in the settings says; 0 without. A record may be
    /// older: it outlives the entries.
    pub created_at: i64,
    /// Number of the traffic row; another number is another incarnation.
    pub row_id: Option<i64>,
}

impl ClientSnapshot {
    /// Whether it can connect: on in the settings and in the row.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.entries > 0 && self.enabled_in_settings && self.enabled_in_stats.unwrap_or(true)
    }

    /// Names of the fields in which two states of one client differ.
    fn differences(&self, other: &Self) -> Vec<&'static str> {
        let fields = [
            ("email", self.email != other.email),
            ("uuid", self.uuid != other.uuid),
            ("sub_id", self.sub_id != other.sub_id),
            ("flow", self.flow != other.flow),
            ("entries", self.entries != other.entries),
            ("enabled_in_settings", self.enabled_in_settings != other.enabled_in_settings),
            ("enabled_in_record", self.enabled_in_record != other.enabled_in_record),
            ("enabled_in_stats", self.enabled_in_stats != other.enabled_in_stats),
            ("total", self.total != other.total),
            ("expiry", self.expiry_ms != other.expiry_ms),
            ("limit_ip", self.limit_ip != other.limit_ip),
            ("inbounds", self.inbounds != other.inbounds),
            ("traffic", (self.up, self.down) != (other.up, other.down)),
            ("comment", self.comment != other.comment),
            ("row", self.row_id != other.row_id),
        ];
        fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

/// A change of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PanelEvent {
    /// It is there now.
    Created {
        /// The email of the client.
        email: String,
    },
    /// Fields changed, other than on and off.
    Updated {
        /// The email of the client.
        email: String,
        /// The fields that changed, as the snapshot names them.
        fields: Vec<&'static str>,
    },
    /// It can connect again.
    Enabled {
        /// The email of the client.
        email: String,
    },
    /// It can connect no more.
    Disabled {
        /// The email of the client.
        email: String,
        /// By the panel's own rule.
        by_panel: bool,
    },
    /// It is gone.
    Deleted {
        /// The email of the client.
        email: String,
    },
}

impl PanelEvent {
    /// Whose change this is.
    #[must_use]
    pub fn email(&self) -> &str {
        match self {
            Self::Created { email }
            | Self::Updated { email, .. }
            | Self::Enabled { email }
            | Self::Disabled { email, .. }
            | Self::Deleted { email } => email,
        }
    }
}

/// A change with its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// On the panel's clock, Unix ms.
    pub at_ms: i64,
    /// Who made it.
    pub actor: Actor,
    /// What became of the client.
    pub event: PanelEvent,
}

/// The client that one change gave another name: the old one and the new one.
pub(crate) fn renamed<'a>(
    before: &'a BTreeMap<String, ClientSnapshot>,
    after: &'a BTreeMap<String, ClientSnapshot>,
) -> Option<(&'a String, &'a String)> {
    let mut gone = before.iter().filter(|(email, _)| !after.contains_key(*email));
    let mut came = after.iter().filter(|(email, _)| !before.contains_key(*email));
    let ((old, was), (new, is)) = (gone.next()?, came.next()?);
    let same = !was.uuid.is_empty() && was.uuid == is.uuid && was.row_id == is.row_id;
    same.then_some((old, new))
}

/// The events that lead from one state of a client to another.
pub(crate) fn events_between(
    email: &str,
    before: Option<&ClientSnapshot>,
    after: Option<&ClientSnapshot>,
    actor: Actor,
) -> Vec<PanelEvent> {
    let email = email.to_owned();
    match (before, after) {
        (None, None) => Vec::new(),
        (None, Some(_)) => vec![PanelEvent::Created { email }],
        (Some(_), None) => vec![PanelEvent::Deleted { email }],
        (Some(before), Some(after)) => {
            let mut events = Vec::new();
            let flags = ["enabled_in_settings", "enabled_in_record", "enabled_in_stats"];
            let switched = before.is_on() != after.is_on();
            let mut fields = before.differences(after);
            if switched {
                fields.retain(|field| !flags.contains(field));
            }
            if !fields.is_empty() {
                events.push(PanelEvent::Updated { email: email.clone(), fields });
            }
            match (switched, after.is_on()) {
                (false, _) => {}
                (true, true) => events.push(PanelEvent::Enabled { email }),
                (true, false) => {
                    events.push(PanelEvent::Disabled { email, by_panel: actor == Actor::Panel })
                }
            }
            events
        }
    }
}

impl Db {
    /// One client by its exact email, from whichever store knows it.
    pub(crate) fn snapshot(&self, email: &str) -> Option<ClientSnapshot> {
        let clients = self.inbounds.values().flat_map(|inbound| &inbound.clients);
        self.describe(email, &clients.filter(|c| c.email == email).collect::<Vec<_>>())
    }

    /// Every client, in one pass over the inbounds.
    pub(crate) fn snapshots(&self) -> BTreeMap<String, ClientSnapshot> {
        let mut entries: BTreeMap<&str, Vec<&SettingsClient>> = BTreeMap::new();
        for client in self.inbounds.values().flat_map(|inbound| &inbound.clients) {
            entries.entry(&client.email).or_default().push(client);
        }
        for email in self.records.keys() {
            entries.entry(email).or_default();
        }
        entries
            .into_iter()
            .filter_map(|(email, entries)| {
                Some((email.to_owned(), self.describe(email, &entries)?))
            })
            .collect()
    }

    /// Those of these clients that are there.
    pub(crate) fn states_of(&self, emails: &BTreeSet<&String>) -> BTreeMap<String, ClientSnapshot> {
        if emails.len() > FEW {
            let mut all = self.snapshots();
            all.retain(|email, _| emails.contains(email));
            return all;
        }
        emails.iter().filter_map(|email| Some(((*email).clone(), self.snapshot(email)?))).collect()
    }

    fn describe(&self, email: &str, entries: &[&SettingsClient]) -> Option<ClientSnapshot> {
        let record = self.records.get(email);
        let row = self.rows.get(email);
        let client = entries.first().copied().or(record.map(|record| &record.client))?;
        let flow = entries.iter().map(|client| &client.flow).find(|flow| !flow.is_empty());
        let made_at = entries.iter().map(|client| client.created_at).filter(|ms| *ms > 0);
        Some(ClientSnapshot {
            email: email.to_owned(),
            uuid: client.id.clone(),
            sub_id: client.sub_id.clone(),
            flow: flow.cloned().unwrap_or_default(),
            entries: entries.len(),
            enabled_in_settings: entries.iter().all(|client| client.enable),
            // Without records the settings are all there is.
            enabled_in_record: match self.version.generation() {
                Generation::Two => entries.iter().all(|client| client.enable),
                Generation::Three => record.is_some_and(|record| record.client.enable),
            },
            enabled_in_stats: row.map(|row| row.enable),
            total: client.total_gb,
            expiry_ms: client.expiry_time,
            limit_ip: client.limit_ip,
            inbounds: match record {
                Some(record) => record.inbounds.iter().copied().collect(),
                None => self.stands_on(email),
            },
            up: row.map_or(0, |row| row.up),
            down: row.map_or(0, |row| row.down),
            comment: client.comment.clone(),
            created_at: made_at.min().unwrap_or(0),
            row_id: row.map(|row| row.id),
        })
    }

    /// Where a client stands that has no record, in generation 2.
    fn stands_on(&self, email: &str) -> Vec<i64> {
        if self.version.generation() == Generation::Three {
            return Vec::new();
        }
        let on = |inbound: &&Inbound| inbound.clients.iter().any(|client| client.email == email);
        self.inbounds.values().filter(on).map(|inbound| inbound.id).collect()
    }
}
