//! Which servers stand on one host: they have one clock, so they are one witness.

use crate::catalog::Catalog;
use crate::model::ServerId;
use std::collections::BTreeMap;

/// The name that stands for the controller's own host.
pub(super) const OWN: &str = "";

/// The host of each server, by a name that servers of one host share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(BTreeMap<ServerId, String>);

impl Hosts {
    /// By the names in servers.yaml: two servers are on one host when a gateway's address or a
    /// link's host name of one is that of the other; a loopback address is the controller's own.
    /// Names that mean one machine and differ are not seen through.
    #[must_use]
    pub fn of(catalog: &Catalog) -> Self {
        // Each name points at another of the same host, or at itself.
        let mut leads: BTreeMap<String, String> = BTreeMap::new();
        for server in catalog.servers.values() {
            let gateway = root(&leads, &host_of(&server.gateway));
            let links = root(&leads, &normal(&server.host));
            let (first, second) =
                if gateway <= links { (gateway, links) } else { (links, gateway) };
            leads.insert(second, first.clone());
            leads.insert(first.clone(), first);
        }
        let name = |server: &crate::catalog::Server| root(&leads, &host_of(&server.gateway));
        Self(catalog.servers.values().map(|s| (s.id.clone(), name(s))).collect())
    }

    /// A server's host; one that is in no file is on a host of its own.
    pub(super) fn name<'a>(&'a self, server: &'a ServerId) -> &'a str {
        self.0.get(server).map_or(server.as_str(), String::as_str)
    }
}

fn root(leads: &BTreeMap<String, String>, name: &str) -> String {
    let mut name = name;
    while let Some(next) = leads.get(name).filter(|next| *next != name) {
        name = next;
    }
    name.to_owned()
}

/// The host in an address such as `https://[2001:db8::1]:8443`.
fn host_of(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[').and_then(|six| six.split_once(']')) {
        Some((six, _)) => six,
        None => authority.split(':').next().unwrap_or_default(),
    };
    normal(host)
}

fn normal(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let loopback = host == "localhost" || host == "::1" || host.starts_with("127.");
    if loopback { OWN.to_owned() } else { host }
}
