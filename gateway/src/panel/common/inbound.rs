//! One inbound, with its clients, as a panel lists it.

use nebulalinks_protocol::{HasRemark, UnreadableInbound};
use serde_json::{Map, Value};

use super::client_object::ClientObject;
use super::json::{field, take};

/// An inbound with its clients.
#[derive(Clone)]
pub(in crate::panel) struct InboundState {
    pub(in crate::panel) id: i64,
    pub(in crate::panel) remark: String,
    pub(in crate::panel) protocol: String,
    pub(in crate::panel) port: u16,
    pub(in crate::panel) listen: String,
    /// Which address the panel's own links name; empty where it has no such choice (gen-2).
    pub(in crate::panel) share_strategy: String,
    pub(in crate::panel) share_address: String,
    /// The inbound that hands connections on to this one, where the panel says so.
    pub(in crate::panel) fallback_of: Option<i64>,
    pub(in crate::panel) enable: bool,
    /// It lives on another panel.
    pub(in crate::panel) on_node: bool,
    /// The panel forbids a flow here; `None` where it has no such switch (up to v3.6.0).
    pub(in crate::panel) disable_flow: Option<bool>,
    /// Clients here carry [`super::client_object::VISION`].
    flow: bool,
    /// Without its clients.
    pub(in crate::panel) settings: Value,
    pub(in crate::panel) stream: Value,
    pub(in crate::panel) clients: Vec<ClientObject>,
}

/// What is wrong with an inbound in a list.
pub(super) enum Flaw {
    /// It cannot be named, so the list is none.
    List(&'static str),
    /// It can be named, and not be read.
    Inbound(UnreadableInbound),
}

impl HasRemark for InboundState {
    fn id(&self) -> i64 {
        self.id
    }
    fn remark(&self) -> &str {
        &self.remark
    }
}

impl InboundState {
    pub(super) fn parse(mut item: Value) -> Result<Self, Flaw> {
        let id = field(&item, "id").as_i64().ok_or(Flaw::List("an inbound has no number"))?;
        let parts = Parts::of(&mut item);
        let text = |name: &str| field(&item, name).as_str().unwrap_or_default().to_owned();
        let Parts { settings, stream, clients } = parts.map_err(|why| {
            let (remark, why) = (text("remark"), why.to_owned());
            Flaw::Inbound(UnreadableInbound { id, remark, why })
        })?;
        let (protocol, disable_flow) = (text("protocol"), field(&item, "disableFlow").as_bool());
        Ok(Self {
            id,
            remark: text("remark"),
            flow: takes_flow(&protocol, disable_flow, &stream),
            protocol,
            listen: text("listen").trim().to_owned(),
            share_strategy: text("shareAddrStrategy"),
            share_address: text("shareAddr").trim().to_owned(),
            fallback_of: field(field(&item, "fallbackParent"), "masterId").as_i64(),
            port: field(&item, "port").as_u64().and_then(|p| u16::try_from(p).ok()).unwrap_or(0),
            enable: field(&item, "enable").as_bool().unwrap_or(false),
            on_node: !field(&item, "nodeId").is_null(),
            disable_flow,
            settings,
            stream,
            clients,
        })
    }

    /// Everything but its clients.
    pub(in crate::panel) fn without_clients(&self) -> Self {
        Self {
            id: self.id,
            remark: self.remark.clone(),
            protocol: self.protocol.clone(),
            port: self.port,
            listen: self.listen.clone(),
            share_strategy: self.share_strategy.clone(),
            share_address: self.share_address.clone(),
            fallback_of: self.fallback_of,
            enable: self.enable,
            on_node: self.on_node,
            disable_flow: self.disable_flow,
            flow: self.flow,
            settings: self.settings.clone(),
            stream: self.stream.clone(),
            clients: Vec::new(),
        }
    }

    /// The `method` that each client of a gen-2 Shadowsocks inbound must have: its own with the
    /// old ciphers, or Xray does not start; none with those of 2022.
    pub(in crate::panel) fn client_method(&self) -> Option<&str> {
        let method = field(&self.settings, "method").as_str().unwrap_or_default();
        (self.protocol == "shadowsocks" && !method.starts_with("2022-")).then_some(method)
    }

    /// Whether a client here may have this `method`, by the rules of gen-2.
    pub(super) fn has_cipher(&self, method: &str) -> bool {
        self.protocol != "shadowsocks" || self.client_method().unwrap_or_default() == method
    }

    /// Whether clients here carry [`super::client_object::VISION`].
    pub(in crate::panel) const fn takes_flow(&self) -> bool {
        self.flow
    }
}

fn takes_flow(protocol: &str, disable_flow: Option<bool>, stream: &Value) -> bool {
    protocol == "vless"
        && disable_flow != Some(true)
        && matches!(field(stream, "network").as_str(), Some("tcp" | "raw"))
        && matches!(field(stream, "security").as_str(), Some("tls" | "reality"))
}

/// What an inbound's texts hold.
struct Parts {
    settings: Value,
    stream: Value,
    clients: Vec<ClientObject>,
}

impl Parts {
    fn of(item: &mut Value) -> Result<Self, &'static str> {
        let mut settings = nested(
            take(item, "settings"),
            ["its settings are not JSON", "its settings are not an object"],
        )?;
        let stream = nested(
            take(item, "streamSettings"),
            ["its stream settings are not JSON", "its stream settings are not an object"],
        )?;
        let clients = match settings.as_object_mut().and_then(|s| s.remove("clients")) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(clients)) => clients
                .into_iter()
                .map(|c| match c {
                    Value::Object(c) => Ok(c),
                    _ => Err("one of its clients is not an object"),
                })
                .collect::<Result<_, _>>()?,
            Some(_) => return Err("its clients are not a list"),
        };
        Ok(Self { settings, stream, clients })
    }
}

/// An object, given as such or as text; nothing given is an empty one.
fn nested(
    value: Value,
    [not_json, not_an_object]: [&'static str; 2],
) -> Result<Value, &'static str> {
    let value = match value {
        Value::String(text) if text.trim().is_empty() => Value::Null,
        Value::String(text) => serde_json::from_str(&text).map_err(|_| not_json)?,
        value => value,
    };
    match value {
        Value::Null => Ok(Value::Object(Map::new())),
        Value::Object(_) => Ok(value),
        _ => Err(not_an_object),
    }
}
