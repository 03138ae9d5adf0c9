//! `servers.yaml` → servers.

use super::characters::For;
use super::daily::{DAILY_HELP, daily};
use super::draft::{Entry, Section, ShopFacts};
use super::reader::Reader;
use super::texts::NAME;
use super::tree::Node;
use super::types::{CutOpenSessions, Drift, Mode, Server, ServerLifecycle};
use super::units;
use super::words::show;
use crate::model::{DurationMs, MINUTE_MS, ServerId};
use std::collections::BTreeMap;
use std::net::IpAddr;
use url::{Host, Url};

/// The keys of one server.
pub(super) const KEYS: &[&str] = &[
    "id",
    "name",
    "host",
    "gateway",
    "keys",
    "inbounds",
    "labels",
    "capacity",
    "weight",
    "line",
    "lifecycle",
    "mode",
    "drift",
    "confirm",
    "cut_open_sessions",
];
/// The keys of `cut_open_sessions`.
pub(super) const CUT_KEYS: &[&str] = &["after", "between"];
/// The words of `lifecycle`.
pub(super) const LIFECYCLES: &[(&str, ServerLifecycle)] = &[
    ("active", ServerLifecycle::Active),
    ("cordoned", ServerLifecycle::Cordoned),
    ("draining", ServerLifecycle::Draining),
    ("lost", ServerLifecycle::Lost),
    ("retired", ServerLifecycle::Retired),
];
/// The words of `mode`.
pub(super) const MODES: &[(&str, Mode)] = &[("manage", Mode::Manage), ("observe", Mode::Observe)];
/// The words of `drift`.
pub(super) const DRIFTS: &[(&str, Drift)] = &[("repair", Drift::Repair), ("report", Drift::Report)];
const DEFAULT_LINE: u64 = 10_000_000_000;
/// The most accounts of one server.
pub(super) const MOST_ACCOUNTS: u32 = 1_000_000;
/// The most weight of one server.
pub(super) const MOST_WEIGHT: u32 = 1000;

pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Node, facts: &ShopFacts) -> Section<Server> {
    let before = reader.findings.count(reader.file);
    let mut section = Section::default();
    if let Some(top) = reader.fields(root, "servers.yaml", &["servers"])
        && let Some(list) = reader.need(&top, "servers")
        && let Some(list) = reader.list(list, "servers")
    {
        for node in list {
            reader.note_id(node, &mut section.ids);
            if let Some(value) = server(reader, node, facts) {
                section.entries.push(Entry::new(value, node));
            }
        }
    }
    section.complete = reader.findings.count(reader.file) == before;
    section
}

fn server(reader: &mut Reader<'_, '_>, node: &Node, facts: &ShopFacts) -> Option<Server> {
    let fields = reader.fields(node, "server", KEYS)?;
    let id: Option<ServerId> = reader.need(&fields, "id").and_then(|n| reader.id(n, "id"));
    let name = reader.need(&fields, "name");
    let name = name.and_then(|n| reader.localised(n, "name", NAME, facts));
    let host = reader.need(&fields, "host").and_then(|n| host(reader, n));
    let gateway = reader.need(&fields, "gateway").and_then(|n| gateway(reader, n));
    let keys = match fields.get("keys") {
        Some(n) => reader.id::<ServerId>(n, "keys").map(|id| id.to_string()),
        None => id.as_ref().map(ServerId::to_string),
    };
    let inbounds = reader.need(&fields, "inbounds").and_then(|n| inbounds(reader, n));
    let labels = match fields.get("labels") {
        Some(n) => reader.labels(n, "labels"),
        None => Some(BTreeMap::new()),
    };
    let capacity = reader.need(&fields, "capacity");
    let capacity = capacity.and_then(|n| reader.whole(n, "capacity", 0..=MOST_ACCOUNTS));
    let weight = match fields.get("weight") {
        Some(n) => reader.whole(n, "weight", 1..=MOST_WEIGHT),
        None => Some(1),
    };
    let line = match fields.get("line") {
        Some(n) => reader.quantity(n, "line", units::SPEED_HELP, units::speed),
        None => Some(DEFAULT_LINE),
    };
    let lifecycle = match fields.get("lifecycle") {
        Some(n) => reader.choice(n, "lifecycle", LIFECYCLES),
        None => Some(ServerLifecycle::Active),
    };
    let mode = match fields.get("mode") {
        Some(n) => reader.choice(n, "mode", MODES),
        None => Some(Mode::Manage),
    };
    let drift = match fields.get("drift") {
        Some(n) => reader.choice(n, "drift", DRIFTS),
        None => Some(Drift::Repair),
    };
    let confirm = match fields.get("confirm") {
        Some(n) => confirm(reader, n).map(Some),
        None => Some(None),
    };
    let cut_open_sessions = match fields.get("cut_open_sessions") {
        Some(n) => cut_open_sessions(reader, n).map(Some),
        None => Some(None),
    };
    Some(Server {
        id: id?,
        name: name?,
        host: host?,
        gateway: gateway?,
        keys: keys?,
        inbounds: inbounds?,
        labels: labels?,
        capacity: capacity?,
        weight: weight?,
        line_bits_per_second: line?,
        lifecycle: lifecycle?,
        mode: mode?,
        drift: drift?,
        confirm: confirm?,
        cut_open_sessions: cut_open_sessions?,
    })
}

const AFTER_HELP: &str = "write how long such a session goes on first, such as 15m; at least 1m";

/// A server is listed each minute: what is shorter says nothing.
fn after_cut_off(text: &str) -> Result<DurationMs, units::BadValue> {
    let length = units::length(text)?;
    if length.0 < MINUTE_MS {
        return Err(("is shorter than 1m".to_owned(), AFTER_HELP.to_owned()));
    }
    Ok(length)
}

fn cut_open_sessions(reader: &mut Reader<'_, '_>, node: &Node) -> Option<CutOpenSessions> {
    let fields = reader.fields(node, "cut_open_sessions", CUT_KEYS)?;
    let after = reader.need(&fields, "after");
    let after = after.and_then(|n| reader.quantity(n, "after", AFTER_HELP, after_cut_off));
    let between = reader.need(&fields, "between");
    let between = between.and_then(|n| reader.quantity(n, "between", DAILY_HELP, daily));
    Some(CutOpenSessions { after: after?, between: between? })
}

/// A fingerprint; one that looks like a number is still a fingerprint.
fn confirm(reader: &mut Reader<'_, '_>, node: &Node) -> Option<String> {
    let text = reader.raw(node, "confirm")?;
    let fits = (4..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !fits {
        let help = "copy the fingerprint that the held changes are shown with";
        reader.add(node.at, format!("{} is not a fingerprint", show(text)), help);
    }
    fits.then(|| text.to_owned())
}

fn inbounds(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Vec<String>> {
    let list = reader.list(node, "inbounds")?;
    let mut names: Vec<String> = Vec::new();
    let mut whole = true;
    for node in list {
        // As it is written: a panel's remark may begin or end with a blank.
        match reader.raw(node, "inbounds") {
            Some(name) if !reader.seen(node.at, "inbounds", name, For::Machines) => whole = false,
            Some(name) if names.iter().any(|n| n == name) => {
                reader.add(
                    node.at,
                    format!("the inbound {} is here twice", show(name)),
                    "keep one",
                );
            }
            Some(name) if !name.trim().is_empty() && name.chars().count() <= 128 => {
                names.push(name.to_owned());
            }
            Some(name) => {
                let help = "write the panel's remark or its numeric id";
                reader.add(node.at, format!("{} is not an inbound", show(name)), help);
                whole = false;
            }
            None => whole = false,
        }
    }
    whole.then_some(names)
}

fn host(reader: &mut Reader<'_, '_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "host")?;
    let valid = text.parse::<IpAddr>().is_ok() || is_host_name(text);
    if !valid {
        let help = match text.contains("://") || text.contains(':') || text.contains('/') {
            true => "write the host name alone, without https:// and without a port",
            false => "write a host name such as fra1.vpn.example.net, or an IP address",
        };
        reader.add(node.at, format!("{} is not a host name", show(text)), help);
    }
    valid.then(|| text.to_owned())
}

fn is_host_name(text: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    // A last label of digits is a mistyped IP address.
    let numeric = text.rsplit('.').next().is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 253 && !numeric && text.split('.').all(label)
}

fn gateway(reader: &mut Reader<'_, '_>, node: &Node) -> Option<String> {
    const HELP: &str =
        "write https://, the host and the port, such as https://gw-fra1.example.net:8443";
    let text = reader.text(node, "gateway")?;
    // An address drops what cannot be seen in it, and would then be another than is written.
    if !reader.seen(node.at, "gateway", text, For::Machines) {
        return None;
    }
    match gateway_address(text) {
        Ok(address) => Some(address),
        Err(why) => {
            reader.add(node.at, format!("`gateway`: {} {why}", show(text)), HELP);
            None
        }
    }
}

fn gateway_address(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an address")?;
    let host = url.host().ok_or("has no host")?;
    let loopback = match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("is plain http, which is for loopback only"),
        _ => return Err("is neither https nor http"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("carries a user name: keys never stand in these files");
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("has something after the host and port");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in [
            "https://gw.example.net:8443",
            "http://127.0.0.1:18443/",
            "http://[::1]:1",
            "http://localhost:9",
        ] {
            assert!(gateway_address(good).is_ok_and(|g| !g.ends_with('/')), "{good}");
        }
        for bad in [
            "http://gw.example.net",
            "http://127.0.0.1.evil.net",
            "ftp://x",
            "gw.example.net:8443",
            "https://a:b@c",
            "https://x/y",
            "https://x?y",
            "",
        ] {
            assert!(gateway_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for good in ["a", "fra1.vpn.example.net", "xn--80ak6aa92e.com"] {
            assert!(is_host_name(good), "{good}");
        }
        for bad in ["", ".", "a..b", "-a.b", "a_b", "1.2.3.400", "https://a", "a:1", "a b", "Ä.de"]
        {
            assert!(!is_host_name(bad), "{bad}");
        }
    }
}
