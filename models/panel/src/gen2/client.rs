//! Client objects as the panel reads them: whatever has the wrong type is zero, without a word.

use crate::version::PanelVersion;
use crate::wire::SettingsClient;
use serde_json::{Map, Value};

/// What the panel makes of a client object; an entry that is no object is an empty client.
pub(crate) fn read(entry: &Value) -> SettingsClient {
    let raw = entry.as_object().cloned().unwrap_or_default();
    let text = |name: &str| raw.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &str| raw.get(name).and_then(Value::as_i64).unwrap_or(0);
    SettingsClient {
        id: text("id"),
        password: text("password"),
        auth: text("auth"),
        security: text("security"),
        flow: text("flow"),
        email: text("email"),
        limit_ip: number("limitIp"),
        total_gb: number("totalGB"),
        expiry_time: number("expiryTime"),
        enable: raw.get("enable").and_then(Value::as_bool).unwrap_or(false),
        tg_id: number("tgId"),
        sub_id: text("subId"),
        comment: text("comment"),
        group: String::new(),
        reset: number("reset"),
        created_at: number("created_at"),
        updated_at: number("updated_at"),
        from_bulk: false,
        raw,
    }
}

impl SettingsClient {
    /// The object as written, with this member set, read anew.
    pub(super) fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.edited(|raw| {
            raw.insert(name.to_owned(), value);
        })
    }

    /// The object as written, edited and read anew.
    pub(crate) fn edited(&self, edit: impl FnOnce(&mut Map<String, Value>)) -> Self {
        let mut raw = self.raw.clone();
        edit(&mut raw);
        read(&Value::Object(raw))
    }

    /// The complete object that a page of the panel would send for this client: what the object
    /// held already, and every field the pages know.
    pub(crate) fn into_page_object(self) -> Self {
        let mut raw = self.raw;
        let mut set = |name: &str, value: Value| raw.insert(name.to_owned(), value);
        for (name, secret) in [("id", self.id), ("password", self.password), ("auth", self.auth)] {
            if !secret.is_empty() {
                set(name, secret.into());
            }
        }
        set("flow", self.flow.into());
        set("email", self.email.into());
        set("limitIp", self.limit_ip.into());
        set("totalGB", self.total_gb.into());
        set("expiryTime", self.expiry_time.into());
        set("enable", self.enable.into());
        set("tgId", self.tg_id.into());
        set("subId", self.sub_id.into());
        set("comment", self.comment.into());
        set("reset", self.reset.into());
        read(&Value::Object(raw))
    }

    /// Whether the object says that it is off. One that does not say counts as on for Xray, and
    /// as off everywhere else.
    pub(crate) fn is_switched_off(&self) -> bool {
        match self.raw.is_empty() {
            true => !self.enable,
            false => self.raw.get("enable") == Some(&Value::Bool(false)),
        }
    }

    /// The cipher the object names for itself.
    pub(crate) fn cipher(&self) -> &str {
        self.raw.get("method").and_then(Value::as_str).unwrap_or_default()
    }

    /// What addresses this client in a path, see [`key_field`].
    pub(super) fn key(&self, field: &str) -> &str {
        match field {
            "password" => &self.password,
            "email" => &self.email,
            "auth" => &self.auth,
            _ => &self.id,
        }
    }
}

/// The field that addresses a client of this protocol; v2.6.5 does not know Hysteria.
pub(super) fn key_field(version: PanelVersion, protocol: &str) -> &'static str {
    match protocol {
        "trojan" => "password",
        "shadowsocks" => "email",
        "hysteria" | "hysteria2" if !version.is_early() => "auth",
        _ => "id",
    }
}
