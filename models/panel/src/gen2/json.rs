//! How generation 2 shows what it has: parts of an inbound are texts that hold JSON.

use crate::state::{Db, Inbound, first_half};
use crate::version::PanelVersion;
use crate::wire::{SettingsClient, StatsRow, extend};
use serde_json::{Map, Value, json};

impl Inbound {
    /// The inbound with these traffic rows.
    pub(super) fn to_texts(&self, version: PanelVersion, stats: Value) -> Value {
        let mut settings = self.settings.clone();
        if self.has_clients {
            let clients = self.clients.iter().map(|c| Value::Object(c.raw.clone())).collect();
            settings.insert("clients".to_owned(), Value::Array(clients));
        }
        let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
        let settings = text(&Value::Object(settings));
        let settings = if self.broken { first_half(&settings) } else { settings };
        let mut map = Map::new();
        extend(
            &mut map,
            json!({
                "id": self.id, "up": 0, "down": 0, "total": self.total, "remark": self.remark,
                "enable": self.enable, "expiryTime": self.expiry_time, "clientStats": stats,
                "listen": self.listen, "port": self.port, "protocol": self.protocol,
                "settings": settings, "streamSettings": text(&self.stream),
                "tag": format!("inbound-{}", self.port), "sniffing": text(&self.sniffing),
            }),
        );
        let more = match version.is_early() {
            true => json!({"allocate": ""}),
            false => json!({"allTime": 0, "trafficReset": "never", "lastTrafficResetTime": 0}),
        };
        extend(&mut map, more);
        Value::Object(map)
    }
}

impl Db {
    /// The rows that name this inbound, orphans included. The newer panel looks up whose they are.
    pub(super) fn rows_on(&self, inbound: &Inbound) -> Value {
        let mut rows: Vec<&StatsRow> =
            self.rows.values().filter(|row| row.inbound_id == inbound.id).collect();
        rows.sort_by_key(|row| row.id);
        let owner = |row: &StatsRow| {
            let email = row.email.to_lowercase();
            inbound.clients.iter().rev().find(|client| client.email.to_lowercase() == email)
        };
        rows.into_iter().map(|row| self.row_with(row, owner(row))).collect()
    }

    /// One row, with what it lacks of its client.
    pub(super) fn row_with(&self, row: &StatsRow, who: Option<&SettingsClient>) -> Value {
        let mut map = Map::new();
        extend(
            &mut map,
            json!({
                "id": row.id, "inboundId": row.inbound_id, "enable": row.enable,
                "email": row.email, "up": row.up, "down": row.down, "expiryTime": row.expiry_time,
                "total": row.total, "reset": row.reset,
            }),
        );
        if !self.version.is_early() {
            extend(
                &mut map,
                json!({
                    "uuid": who.map_or("", |client| client.id.as_str()),
                    "subId": who.map_or("", |client| client.sub_id.as_str()),
                    "allTime": row.all_time, "lastOnline": row.last_online,
                }),
            );
        }
        Value::Object(map)
    }
}
