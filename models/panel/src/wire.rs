//! The three shapes one client has in the panel, and how each looks as JSON.

use super::version::PanelVersion;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A client as it stands in an inbound's settings, which is also the shape writes take.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SettingsClient {
    /// UUID of VLESS and VMess.
    pub id: String,
    /// Password of Trojan and Shadowsocks.
    pub password: String,
    /// Password of Hysteria.
    pub auth: String,
    /// The cipher of VMess.
    pub security: String,
    /// Empty or `xtls-rprx-vision`.
    pub flow: String,
    /// The email, by which the panel tells clients apart.
    pub email: String,
    /// Addresses at once; 0 is unlimited.
    pub limit_ip: i64,
    /// Cap in bytes, whatever the panel calls it; 0 is unlimited.
    pub total_gb: i64,
    /// End, Unix ms; 0 is never, a negative value is a duration from the first traffic.
    pub expiry_time: i64,
    /// Whether it may connect.
    pub enable: bool,
    /// A Telegram id.
    pub tg_id: i64,
    /// Subscription key, and the identity of a repeated create.
    pub sub_id: String,
    /// What operators wrote beside it.
    pub comment: String,
    /// The name of its group.
    pub group: String,
    /// Auto-renewal, days; 0 is off.
    pub reset: i64,
    /// When it was made, Unix ms.
    pub created_at: i64,
    /// When it was last written, Unix ms.
    pub updated_at: i64,
    /// Made by `bulkCreate`, which leaves the head's newest fields out.
    pub(crate) from_bulk: bool,
    /// Generation 2: the object as it was written, wrong types and unknown members included. What
    /// stands above is what the panel makes of it.
    pub(crate) raw: Map<String, Value>,
}

impl SettingsClient {
    pub(crate) fn to_json(&self, version: PanelVersion) -> Value {
        let mut map = Map::new();
        let optional = [
            ("id", &self.id),
            ("password", &self.password),
            ("auth", &self.auth),
            ("flow", &self.flow),
            ("group", &self.group),
        ];
        for (name, text) in optional.into_iter().filter(|(_, text)| !text.is_empty()) {
            map.insert(name.to_owned(), json!(text));
        }
        let always = json!({
            "security": self.security, "email": self.email, "limitIp": self.limit_ip,
            "totalGB": self.total_gb, "expiryTime": self.expiry_time, "enable": self.enable,
            "tgId": self.tg_id, "subId": self.sub_id, "comment": self.comment,
            "reset": self.reset, "created_at": self.created_at, "updated_at": self.updated_at,
        });
        extend(&mut map, always);
        if version == PanelVersion::Head {
            extend(&mut map, json!({"resetDay": 0, "resetMax": 0}));
            if !self.from_bulk {
                extend(&mut map, json!({"trafficReset": "never", "trafficResetDay": 1}));
            }
        }
        Value::Object(map)
    }
}

/// A row of the `clients` table, the read shape of `clients/get` and `clients/list`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: i64,
    /// The last settings written for it; with several inbounds the flow here cannot be trusted.
    pub(crate) client: SettingsClient,
    pub(crate) limit_hwid: i64,
    pub(crate) inbounds: BTreeSet<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Record {
    /// The read shape, with this flow.
    pub(crate) fn to_json(&self, version: PanelVersion, flow: &str) -> Map<String, Value> {
        let c = &self.client;
        let mut map = Map::new();
        extend(
            &mut map,
            json!({
                "id": self.id, "email": c.email, "subId": c.sub_id, "uuid": c.id,
                "password": c.password, "auth": c.auth, "flow": flow, "security": c.security,
                "privateKey": "", "publicKey": "", "allowedIPs": "", "preSharedKey": "",
                "keepAlive": 0, "limitIp": c.limit_ip, "totalGB": c.total_gb,
                "expiryTime": c.expiry_time, "enable": c.enable, "tgId": c.tg_id,
                "group": c.group, "comment": c.comment, "reset": c.reset,
                "createdAt": self.created_at, "updatedAt": self.updated_at, "reverse": null,
            }),
        );
        if version == PanelVersion::Head {
            extend(
                &mut map,
                json!({"secret": "", "adTag": "", "limitHwid": self.limit_hwid, "resetDay": 0,
                       "resetMax": 0, "trafficReset": "never", "trafficResetDay": 1}),
            );
        }
        map
    }

    /// An item of a page: no uuid, no password, no flow.
    pub(crate) fn to_page_item(&self, version: PanelVersion) -> Map<String, Value> {
        let c = &self.client;
        let mut map = Map::new();
        extend(
            &mut map,
            json!({
                "email": c.email, "subId": c.sub_id, "enable": c.enable, "totalGB": c.total_gb,
                "expiryTime": c.expiry_time, "limitIp": c.limit_ip, "reset": c.reset,
                "inboundIds": self.inbounds, "createdAt": self.created_at,
                "updatedAt": self.updated_at,
            }),
        );
        for (name, text) in [("comment", &c.comment), ("group", &c.group)] {
            if !text.is_empty() {
                map.insert(name.to_owned(), json!(text));
            }
        }
        if version == PanelVersion::Head {
            extend(&mut map, json!({"limitHwid": self.limit_hwid, "resetDay": 0, "resetMax": 0}));
        }
        map
    }
}

/// A row of `client_traffics`: one per email, shared by all its inbounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsRow {
    /// Row number: a row made anew has another one.
    pub id: i64,
    /// The inbound that last (head) or first (v3.4.2) wrote it.
    pub inbound_id: i64,
    /// The flag that counts in effect.
    pub enable: bool,
    /// The email, by which the panel tells clients apart.
    pub email: String,
    /// Uploaded so far, bytes.
    pub up: i64,
    /// Downloaded so far, bytes.
    pub down: i64,
    /// End, as in the settings.
    pub expiry_time: i64,
    /// Cap, bytes.
    pub total: i64,
    /// Auto-renewal, days.
    pub reset: i64,
    /// Last traffic, Unix ms; 0 is never.
    pub last_online: i64,
    /// v2.9.4: bytes both ways ever counted, resets aside.
    pub all_time: i64,
}

impl StatsRow {
    /// The JSON of one row; lists of clients leave `who` out.
    pub(crate) fn to_json(&self, version: PanelVersion, who: Option<&Record>) -> Value {
        let mut map = Map::new();
        extend(
            &mut map,
            json!({
                "id": self.id, "inboundId": self.inbound_id, "enable": self.enable,
                "email": self.email, "uuid": who.map_or("", |r| r.client.id.as_str()),
                "subId": who.map_or("", |r| r.client.sub_id.as_str()), "up": self.up,
                "down": self.down, "expiryTime": self.expiry_time, "total": self.total,
                "reset": self.reset, "lastOnline": self.last_online,
            }),
        );
        if version == PanelVersion::Head {
            extend(
                &mut map,
                json!({"resetDay": 0, "resetMax": 0, "resetCount": 0, "lastSubFetch": 0}),
            );
        }
        Value::Object(map)
    }
}

/// Adds the members of `object` to `map`.
pub(crate) fn extend(map: &mut Map<String, Value>, object: Value) {
    if let Value::Object(members) = object {
        map.extend(members);
    }
}
