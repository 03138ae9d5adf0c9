//! What is asked of a client, in a gen-2 panel's own terms.

use nebulalinks_protocol::{Desired, ErrorCode};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::panel::adapter::Edit;
use crate::panel::common::client_object::{ClientObject, VISION, flag, int, text};
use crate::panel::common::inbound::InboundState;
use crate::panel::common::limits::{are_exhausted, expiry, total};
use crate::panel::common::located_client::LocatedClient;
use crate::panel::common::state::PanelState;
use crate::panel::common::target::{Secret, Target, password};
use crate::panel::converge;

/// The field by which calls name a client; it differs by protocol.
pub(super) fn key_field(protocol: &str) -> &'static str {
    match protocol {
        "trojan" => "password",
        "shadowsocks" => "email",
        "hysteria" | "hysteria2" => "auth",
        _ => "id",
    }
}

/// By what calls name this client.
pub(super) fn key<'a>(inbound: &InboundState, client: &'a ClientObject) -> &'a str {
    text(client, key_field(&inbound.protocol))
}

/// The whole of what is wanted.
#[derive(Clone)]
pub(in crate::panel) struct Wanted {
    pub(super) email: String,
    /// The one inbound it is to be on.
    pub(super) inbound: i64,
    pub(super) enable: bool,
    pub(super) total: i64,
    pub(super) expiry: i64,
    /// What is ours of the object, each with the name of its field.
    ours: Vec<(&'static str, Value)>,
    /// The client as it was before it was taken away to be made again; empty for a new one.
    kept: ClientObject,
    /// Fields that must not be there.
    never: &'static [&'static str],
    /// The shop's: made again where that mends it. Of another only the switch, the end and the cap
    /// are known.
    pub(super) is_ours: bool,
}

impl converge::Wanted for Wanted {
    /// Takes the one inbound, and derives the secret.
    fn new(desired: &Desired, on: Vec<Target>, state: &PanelState) -> Result<Self, Failure> {
        if on.len() > 1 {
            return Err(Failure::new(
                ErrorCode::NoInbound,
                "a panel of generation 2 (v2.x) takes a client on one inbound only: name one \
                 (for the shop, `inbounds:` in servers.yaml), or install 3x-ui v3.5.0 or later \
                 there",
            ));
        }
        let none = || Failure::new(ErrorCode::NoInbound, "no inbound was named");
        let target = on.into_iter().next().ok_or_else(none)?;
        let inbound = state.inbound(target.id).ok_or_else(none)?;
        let (total, expiry) = (total(desired.cap), expiry(desired.end));
        let mut ours = vec![
            ("email", json!(desired.email)),
            ("id", json!(desired.uuid.to_string())),
            ("subId", json!(desired.sub_id)),
            ("enable", json!(desired.enable)),
            ("totalGB", json!(total)),
            ("expiryTime", json!(expiry)),
            ("limitIp", json!(desired.ip_limit)),
            ("comment", json!(desired.comment)),
            ("reset", json!(0)),
            // A gen-2 panel passes on what it is given, and a flow on a wrong transport breaks it.
            ("flow", json!(if target.flow { VISION } else { "" })),
        ];
        if let Some(password) = password(target.secret, &desired.secret)? {
            ours.push(("password", json!(password)));
        }
        if target.secret == Secret::Auth {
            ours.push(("auth", json!(desired.secret)));
        }
        let method = inbound.client_method();
        if let Some(method) = method {
            ours.push(("method", json!(method)));
        }
        let never: &[_] =
            if inbound.protocol == "shadowsocks" && method.is_none() { &["method"] } else { &[] };
        Ok(Self {
            email: desired.email.clone(),
            inbound: target.id,
            enable: desired.enable,
            total,
            expiry,
            ours,
            kept: ClientObject::new(),
            never,
            is_ours: true,
        })
    }

    /// A client as it is found, with what is changed of it.
    ///
    /// # Errors
    /// [`ErrorCode::PanelRefused`]: it is there twice, or its end or cap is no number.
    fn edited(email: &str, found: &LocatedClient, edit: &Edit) -> Result<Self, Failure> {
        found.is_whole()?;
        let [(inbound, client)] = found.copies.as_slice() else {
            let detail = "the client is there more than once: remove all but one in the panel";
            return Err(Failure::new(ErrorCode::PanelRefused, detail));
        };
        let on = flag(client, "enable") && found.stats.as_ref().is_none_or(|s| s.enable);
        let enable = edit.enable.unwrap_or(on);
        let total = edit.cap.map_or_else(|| int(client, "totalGB"), total);
        let expiry = edit.end.map_or_else(|| int(client, "expiryTime"), expiry);
        let ours =
            [("enable", json!(enable)), ("totalGB", json!(total)), ("expiryTime", json!(expiry))];
        Ok(Self {
            email: email.to_owned(),
            inbound: *inbound,
            enable,
            total,
            expiry,
            ours: ours.into(),
            kept: ClientObject::new(),
            never: &[],
            is_ours: false,
        })
    }

    fn keep_of(&mut self, found: &LocatedClient) {
        if let Some((_, client)) = found.copies.first() {
            self.kept.clone_from(client);
            // It is made anew.
            self.kept.remove("created_at");
        }
    }

    /// The cap is what the old counters left of it.
    fn starts_anew_after(&mut self, used: u64) {
        if self.total > 0 {
            let used = i64::try_from(used).unwrap_or(i64::MAX);
            self.total = self.total.saturating_sub(used).max(1);
            self.ours.push(("totalGB", json!(self.total)));
        }
    }

    fn is_on(&self) -> bool {
        self.enable
    }

    fn is_exhausted(&self, used: u64, now_ms: u64) -> bool {
        are_exhausted(self.total, self.expiry, used, now_ms)
    }

    fn redact(&self, prose: &str) -> String {
        let secret = |name: &str| ["id", "subId", "password", "auth"].contains(&name);
        self.ours
            .iter()
            .filter(|(name, _)| secret(name))
            .filter_map(|(_, value)| value.as_str().filter(|secret| !secret.is_empty()))
            .fold(prose.to_owned(), |prose, value| prose.replace(value, "..."))
    }
}

impl Wanted {
    /// The object to create.
    pub(super) fn new_object(&self) -> ClientObject {
        self.object(self.kept.clone())
    }

    /// Whether a client's object is so.
    pub(super) fn matches(&self, client: &ClientObject) -> bool {
        let says = |name: &str, wanted: &Value| match wanted {
            Value::Bool(wanted) => flag(client, name) == *wanted,
            Value::String(wanted) => text(client, name) == wanted,
            wanted => Some(int(client, name)) == wanted.as_i64(),
        };
        // The last of a name is what counts.
        let last: std::collections::BTreeMap<_, _> =
            self.ours.iter().map(|(n, v)| (n, v)).collect();
        last.into_iter().all(|(name, wanted)| says(name, wanted))
            && !self.never.iter().any(|name| client.contains_key(*name))
            // One that is left out panics a job of the panel.
            && client.contains_key("expiryTime")
    }

    /// The object to send: ours over what is kept of the panel's.
    pub(super) fn object(&self, kept: ClientObject) -> ClientObject {
        let mut object = kept;
        object.remove("updated_at");
        for name in self.never {
            object.remove(*name);
        }
        for (name, value) in &self.ours {
            object.insert((*name).to_owned(), value.clone());
        }
        object.entry("tgId").or_insert_with(|| json!(0));
        object
    }

    /// By what calls will name it.
    pub(super) fn key(&self, inbound: &InboundState) -> &str {
        let field = key_field(&inbound.protocol);
        let value = self.ours.iter().rfind(|(name, _)| *name == field).map(|(_, value)| value);
        value.and_then(Value::as_str).unwrap_or_default()
    }
}
