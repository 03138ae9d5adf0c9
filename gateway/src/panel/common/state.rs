//! `inbounds/list` as the state of a panel: settings and counters side by side.

use std::collections::BTreeMap;

use nebulalinks_protocol::{Client, ErrorCode, HasRemark, Inbound, UnreadableInbound, Xray};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::facts;
use super::json::{Read, field, take};
use super::rows::Counter;
use super::told::{Copy, Told};
use crate::failure::Failure;

/// A client object as it stands in an inbound's settings: the panel's *write* shape.
pub(in crate::panel) type ClientObject = Map<String, Value>;

/// The flow of VLESS over TCP with TLS or REALITY.
pub(in crate::panel) const VISION: &str = "xtls-rprx-vision";

/// One inbound.
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
    /// Without its clients.
    pub(in crate::panel) settings: Value,
    pub(in crate::panel) stream: Value,
    pub(in crate::panel) clients: Vec<ClientObject>,
}

/// A row of the table of counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::panel) struct Stats {
    pub(in crate::panel) row: i64,
    pub(in crate::panel) enable: bool,
    pub(in crate::panel) total: i64,
    pub(in crate::panel) expiry: i64,
    pub(in crate::panel) reset: i64,
    pub(in crate::panel) used: u64,
    /// The inbound it counts for: in gen-3 the first of several.
    pub(in crate::panel) inbound: Option<i64>,
}

/// One client, wherever it is.
#[derive(Clone, PartialEq)]
pub(in crate::panel) struct Found {
    /// Its objects, each with its inbound; never empty.
    pub(in crate::panel) copies: Vec<(i64, ClientObject)>,
    pub(in crate::panel) stats: Option<Stats>,
}

/// Everything.
#[derive(Clone)]
pub(in crate::panel) struct PanelState {
    pub(in crate::panel) inbounds: Vec<InboundState>,
    /// Those whose text cannot be read.
    pub(in crate::panel) unreadable: Vec<UnreadableInbound>,
    stats: BTreeMap<String, Stats>,
    /// By the rules of gen-2: a client is on one inbound, and what is off in the settings is off.
    gen2: bool,
}

impl PanelState {
    /// Reads the list: all of it but the inbounds that cannot be read and can be named, or nothing.
    pub(in crate::panel) fn parse(list: Value) -> Result<Self, &'static str> {
        let Value::Array(items) = list else { return Err("it is not a list") };
        let (mut inbounds, mut unreadable) = (Vec::new(), Vec::new());
        let mut stats = BTreeMap::new();
        for mut item in items {
            if !item.is_object() {
                return Err("an inbound is not an object");
            }
            let rows = take(&mut item, "clientStats");
            for row in rows.as_array().into_iter().flatten() {
                let Read(counter) =
                    Read::<Counter>::deserialize(row).map_err(|_| "a counter is not an object")?;
                let (email, counter) = counter.checked()?;
                stats.insert(email, counter);
            }
            if !rows.is_array() && !rows.is_null() {
                return Err("the counters are not a list");
            }
            match InboundState::parse(item) {
                Ok(inbound) => inbounds.push(inbound),
                Err(Flaw::Inbound(inbound)) => unreadable.push(inbound),
                Err(Flaw::List(why)) => return Err(why),
            }
        }
        Ok(Self { inbounds, unreadable, stats, gen2: false })
    }

    /// The same, for an adapter: with `allow_nodes`, inbounds of other panels are like its own.
    ///
    /// # Errors
    /// [`ErrorCode::PanelProtocol`]; half a list is no list.
    pub(in crate::panel) fn read(list: Value, allow_nodes: bool) -> Result<Self, Failure> {
        let mut state = Self::parse(list).map_err(|why| {
            let detail = format!("the panel's list cannot be read: {why}");
            Failure::new(ErrorCode::PanelProtocol, detail)
        })?;
        for inbound in &mut state.inbounds {
            inbound.on_node &= !allow_nodes;
        }
        Ok(state)
    }

    /// The same, for a panel of gen-2.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub(in crate::panel) fn read_gen2(list: Value) -> Result<Self, Failure> {
        Ok(Self::read(list, false)?.of_generation(true))
    }

    /// The same, by the rules of this generation.
    pub(super) fn of_generation(self, gen2: bool) -> Self {
        Self { gen2, ..self }
    }

    /// A client's counters, also where the client is gone.
    pub(in crate::panel) fn stats(&self, email: &str) -> Option<&Stats> {
        self.stats.get(email)
    }

    /// One inbound.
    pub(in crate::panel) fn inbound(&self, id: i64) -> Option<&InboundState> {
        self.inbounds.iter().find(|i| i.id == id)
    }

    /// One client.
    pub(in crate::panel) fn find(&self, email: &str) -> Option<Found> {
        let copies: Vec<_> = self
            .inbounds
            .iter()
            .flat_map(|i| i.clients.iter().map(move |c| (i.id, c)))
            .filter(|(_, c)| c.get("email").and_then(Value::as_str) == Some(email))
            .map(|(id, c)| (id, c.clone()))
            .collect();
        let stats = self.stats.get(email).cloned();
        (!copies.is_empty()).then_some(Found { copies, stats })
    }

    /// One client as it goes over the wire.
    pub(in crate::panel) fn client(&self, identity: &str, found: &Found) -> Option<Client> {
        let copies: Vec<_> = found.copies.iter().map(|(id, c)| (*id, Copy::of(c))).collect();
        self.told(identity).one(&copies)
    }

    /// All that can be read, as it goes over the wire.
    pub(super) fn all(&self, identity: &str) -> (Vec<Inbound>, Vec<Client>) {
        let of =
            |i: &InboundState| i.clients.iter().map(|c| (i.id, Copy::of(c))).collect::<Vec<_>>();
        let copies = self.inbounds.iter().flat_map(of).collect();
        (facts::all(&self.inbounds), self.told(identity).all(copies))
    }

    fn told<'a>(&'a self, identity: &'a str) -> Told<'a> {
        Told { inbounds: &self.inbounds, stats: &self.stats, identity, gen2: self.gen2 }
    }

    /// Holds that a client which is not found is not there: it could be on an inbound that cannot
    /// be read.
    ///
    /// # Errors
    /// [`ErrorCode::PanelRefused`], with the inbound's name.
    pub(in crate::panel) fn proves_absence(&self) -> Result<(), Failure> {
        absence_is_proven(&self.unreadable, ErrorCode::PanelRefused)
    }
}

/// The same, of a list.
///
/// # Errors
/// With this code.
pub(in crate::panel) fn absence_is_proven(
    unreadable: &[UnreadableInbound],
    code: ErrorCode,
) -> Result<(), Failure> {
    let Some(first) = unreadable.first() else { return Ok(()) };
    let more = match unreadable.len() {
        1 => String::new(),
        all => format!(" (and {} more)", all - 1),
    };
    let detail = format!(
        "the inbound `{}` (number {}){more} cannot be read, because {}, so who is on the panel is \
         not known: open that inbound in the panel and save it",
        first.remark.escape_debug(),
        first.id,
        first.why
    );
    Err(Failure::new(code, detail))
}

/// What is wrong with an inbound in a list.
pub(super) enum Flaw {
    /// It cannot be named, so the list is none.
    List(&'static str),
    /// It can be named, and not be read.
    Inbound(UnreadableInbound),
}

impl Found {
    /// An inbound that holds the client twice (panels before v3.5.0).
    pub(in crate::panel) fn duplicated_on(&self) -> Option<i64> {
        let mut seen = std::collections::BTreeSet::new();
        self.copies.iter().map(|(id, _)| *id).find(|id| !seen.insert(*id))
    }

    /// Holds that its end and its cap can be changed and nothing else: it has one row of counters,
    /// and they are whole numbers, the same on each of its inbounds.
    pub(in crate::panel) fn is_whole(&self) -> Result<(), Failure> {
        let limits = |c: &ClientObject| ["totalGB", "expiryTime"].map(|name| int(c, name));
        let mut all = self.copies.iter().map(|(_, c)| limits(c));
        let first = all.next().unwrap_or_default();
        let refuse = |detail: &str| Err(Failure::new(ErrorCode::PanelRefused, detail));
        if first.contains(&i64::MIN) || all.any(|other| other != first) {
            return refuse(
                "the client's end or cap is no whole number, or differs from inbound to inbound: \
                 save it once in the panel's own pages",
            );
        }
        if self.stats.is_none() || self.duplicated_on().is_some() {
            return refuse(
                "the client has no row of counters, or is on an inbound twice: make it anew in \
                 the panel's own pages",
            );
        }
        Ok(())
    }

    /// When it was made, in ms since 1970.
    pub(in crate::panel) fn made_at(&self) -> Option<i64> {
        self.copies.iter().map(|(_, c)| int(c, "created_at")).filter(|ms| *ms > 0).min()
    }

    /// Its uuid where it has a well-formed one.
    pub(in crate::panel) fn uuid(&self) -> Option<uuid::Uuid> {
        let (_, first) = self.copies.first()?;
        uuid::Uuid::parse_str(text(first, "id")).ok()
    }
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
        Ok(Self {
            id,
            remark: text("remark"),
            protocol: text("protocol"),
            listen: text("listen").trim().to_owned(),
            share_strategy: text("shareAddrStrategy"),
            share_address: text("shareAddr").trim().to_owned(),
            fallback_of: field(field(&item, "fallbackParent"), "masterId").as_i64(),
            port: field(&item, "port").as_u64().and_then(|p| u16::try_from(p).ok()).unwrap_or(0),
            enable: field(&item, "enable").as_bool().unwrap_or(false),
            on_node: !field(&item, "nodeId").is_null(),
            disable_flow: field(&item, "disableFlow").as_bool(),
            settings,
            stream,
            clients,
        })
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

    /// Whether clients here carry [`VISION`].
    pub(in crate::panel) fn takes_flow(&self) -> bool {
        self.protocol == "vless"
            && self.disable_flow != Some(true)
            && matches!(field(&self.stream, "network").as_str(), Some("tcp" | "raw"))
            && matches!(field(&self.stream, "security").as_str(), Some("tls" | "reality"))
    }
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

/// Whether Xray runs, by the panel's status.
pub(in crate::panel) fn xray(status: &Value) -> Xray {
    match field(field(status, "xray"), "state").as_str() {
        Some("running") => Xray::Running,
        Some("stop") => Xray::Stopped,
        Some("error") => Xray::Error,
        _ => Xray::Unknown,
    }
}

/// For how long Xray has run by the panel's status, in s. It counts from the start of the process,
/// and what says 0 may be one that does not run at all.
pub(in crate::panel) fn xray_up_s(status: &Value) -> Option<u64> {
    let up = field(field(status, "appStats"), "uptime").as_u64();
    up.filter(|_| xray(status) == Xray::Running)
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

pub(in crate::panel) fn text<'a>(client: &'a ClientObject, field: &str) -> &'a str {
    client.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A number; one of the wrong type differs from all that we write.
pub(in crate::panel) fn int(client: &ClientObject, field: &str) -> i64 {
    client.get(field).map_or(0, |v| v.as_i64().unwrap_or(i64::MIN))
}

pub(in crate::panel) fn flag(client: &ClientObject, field: &str) -> bool {
    client.get(field).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(text: &str) -> PanelState {
        let recording: Value = serde_json::from_str(text).unwrap();
        let exchanges = recording["exchanges"].as_array().unwrap();
        let list = exchanges.iter().find(|e| e["name"] == "all inbounds with clients inside");
        PanelState::parse(list.unwrap()["response"]["json"]["obj"].clone()).unwrap()
    }

    #[test]
    fn a_recorded_list_reads_and_its_double_entry_shows() {
        let old =
            recorded(include_str!("../../../../tests/fixtures/3x-ui/gen3-v3.4.2/clients.json"));
        let head =
            recorded(include_str!("../../../../tests/fixtures/3x-ui/gen3-head/clients.json"));
        for (state, doubled) in [(&old, Some(1)), (&head, None)] {
            let found = state.find("acc-1").unwrap();
            assert_eq!(found.duplicated_on(), doubled);
            let client = state.client("guid", &found).unwrap();
            assert_eq!(client.sub_id, "sub0000000000001");
            assert_eq!(client.consistent, doubled.is_none());
            assert!(state.inbounds[0].takes_flow() && !state.inbounds[1].takes_flow());
        }
    }
}
