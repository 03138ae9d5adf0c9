//! Share links, built from stored facts alone: the credentials, the catalog's host and what the
//! server's inbounds were last seen to be. No panel is asked. What is read of an inbound stands in
//! [`nebulalinks_protocol::facts`].
//!
//! Panels pick `sni`, `sid` and `spx` at random for each link; we take the first usable and none,
//! so that our links are stable strings.

mod endpoint;
mod fingerprint;
mod hysteria2;
mod params;
mod reach;
mod shadowsocks;
mod transport;
mod trojan;
mod vless;
mod vmess;
mod xhttp;

use crate::catalog::{Catalog, Server};
use crate::model::{
    AccountId, Binding, Credentials, InboundFacts, Outage, ServerFacts, Snapshot, named_inbounds,
};
use crate::view::format::copyable;
pub use endpoint::{Access, Endpoint, Security, Tls, Transport};
pub(crate) use fingerprint::address;
pub use fingerprint::{delivery_fingerprint, is_delivered, is_of_address, misses_a_loss};
use reach::Way;
use std::fmt;

/// One way in. Its text opens the door: it never goes into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct ShareLink {
    /// What a VPN app shows.
    pub label: String,
    /// The link.
    pub url: String,
}

impl fmt::Debug for ShareLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShareLink({}, redacted)", self.label)
    }
}

/// Where an account's links point to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    server: &'a Server,
    facts: &'a ServerFacts,
    credentials: &'a Credentials,
}

/// The server that answers for the account now: the serving one once the client was read back
/// from it with the account's credentials of today, else the one it is leaving.
pub(crate) fn source<'a>(
    snapshot: &'a Snapshot,
    catalog: &'a Catalog,
    account: AccountId,
) -> Option<Source<'a>> {
    let from = |binding: &'a Binding| Source::at(snapshot, catalog, binding);
    let serving = snapshot.serving(account).and_then(from);
    let leaving = snapshot.leaving(account).and_then(from);
    let (first, second) =
        if snapshot.link_leads_to_old(account) { (leaving, serving) } else { (serving, leaving) };
    // It has ended: the link is the same again after a renewal while the tombstone stands.
    first.or(second).or_else(|| snapshot.home(account).and_then(from))
}

/// Every server that answers for the account now, the one of its link first: while it moves both do,
/// as long as nothing makes the other useless.
fn sources<'a>(
    snapshot: &'a Snapshot,
    catalog: &'a Catalog,
    account: AccountId,
) -> Vec<Source<'a>> {
    let Some(first) = source(snapshot, catalog, account) else { return Vec::new() };
    let both = [snapshot.serving(account), snapshot.leaving(account)].into_iter().flatten();
    let is_on = |binding: &&Binding| {
        let status = snapshot.binding_status(account, &binding.server);
        let applied = status.filter(|s| s.missing_since.is_none());
        applied.and_then(|s| s.applied.as_ref()).is_some_and(|a| a.enable)
            && snapshot.is_usable(&binding.server)
            && !catalog.is_lost(&binding.server)
    };
    let others = both.filter(|binding| binding.server != first.server.id).filter(is_on);
    let others = others.filter_map(|binding| Source::at(snapshot, catalog, binding));
    [first].into_iter().chain(others).collect()
}

impl<'a> Source<'a> {
    /// A server that was read back to hold the client with the credentials of today.
    fn at(snapshot: &'a Snapshot, catalog: &'a Catalog, binding: &'a Binding) -> Option<Self> {
        let credentials = &snapshot.account(binding.account)?.credentials;
        let status = snapshot.binding_status(binding.account, &binding.server)?;
        status.applied.as_ref().filter(|a| a.credentials == credentials.version)?;
        Some(Source {
            server: catalog.served(&binding.server)?,
            facts: snapshot.server_facts(&binding.server)?,
            credentials,
        })
    }
}

impl Source<'_> {
    /// The inbounds that the catalog names and that are on.
    fn inbounds(&self) -> impl Iterator<Item = &InboundFacts> {
        let named = named_inbounds(&self.server.inbounds, &self.facts.inbounds);
        named.into_iter().filter(|inbound| inbound.enable)
    }
}

/// The account's links, the best first; none while its server is not ready.
#[must_use]
pub fn links(snapshot: &Snapshot, catalog: &Catalog, account: AccountId) -> Vec<ShareLink> {
    let Some(source) = source(snapshot, catalog, account) else { return Vec::new() };
    // In the customer's language, whoever asks: a link is a stable string.
    let label = source.labels(catalog, language_of(snapshot, catalog, account));
    source.links(source.credentials, label)
}

/// The same links as data, for apps that read no links; while the account moves those of both servers.
#[must_use]
pub(crate) fn endpoints(
    snapshot: &Snapshot,
    catalog: &Catalog,
    account: AccountId,
) -> Vec<Endpoint> {
    let language = language_of(snapshot, catalog, account);
    let all = sources(snapshot, catalog, account);
    let all = all.iter().map(|source| {
        source.each_way(source.credentials, source.labels(catalog, language), Endpoint::of)
    });
    all.flatten().collect()
}

fn language_of<'a>(snapshot: &Snapshot, catalog: &'a Catalog, account: AccountId) -> &'a str {
    catalog.language_for(catalog.language_read(snapshot.owner_reads(account)))
}

impl Source<'_> {
    /// What links are called: the server, and what tells its ways apart.
    fn labels(
        &self,
        catalog: &Catalog,
        language: &str,
    ) -> impl Fn(&InboundFacts, Option<&str>) -> String + use<> {
        let name = copyable(self.server.name.get(language, catalog.default_language()));
        let several = self.inbounds().nth(1).is_some();
        move |inbound, way| {
            let mut label = name.clone();
            for more in [several.then_some(inbound.remark.as_str()), way].into_iter().flatten() {
                label.push(' ');
                label.push_str(more);
            }
            label
        }
    }

    /// A link for each way to each inbound.
    fn links(
        &self,
        credentials: &Credentials,
        label: impl Fn(&InboundFacts, Option<&str>) -> String,
    ) -> Vec<ShareLink> {
        self.each_way(credentials, label, |way, credentials, flow, label| {
            let url = share_link(way, credentials, flow, &label)?;
            Some(ShareLink { label, url })
        })
    }

    /// What is made of each way to each inbound. A label is made of the inbound and of the way's name,
    /// where it has several.
    fn each_way<T>(
        &self,
        credentials: &Credentials,
        label: impl Fn(&InboundFacts, Option<&str>) -> String,
        make: impl Fn(&Way<'_>, &Credentials, bool, String) -> Option<T>,
    ) -> Vec<T> {
        let flow = self.inbounds().any(vless::takes_flow);
        let mut made = Vec::new();
        for inbound in self.inbounds() {
            let ways = checked(inbound, &self.server.host).unwrap_or_default();
            let several = ways.len() > 1;
            for way in &ways {
                let label = label(inbound, way.name().filter(|_| several));
                made.extend(make(way, credentials, flow, label));
            }
        }
        made
    }
}

/// Why no link of this inbound works, if none does, on a server of this host name.
#[must_use]
pub fn link_fault(inbound: &InboundFacts, server_host: &str) -> Option<Outage> {
    checked(inbound, server_host).err()
}

/// The ways to an inbound for which a link can be written.
fn checked<'a>(inbound: &'a InboundFacts, server_host: &'a str) -> Result<Vec<Way<'a>>, Outage> {
    let ways = reach::ways(inbound, server_host)?;
    if ways.iter().all(|way| share_link(way, &nobody(), false, "").is_none()) {
        return Err(Outage::Unsupported);
    }
    if ways.iter().all(|way| !transport::is_complete(&way.stream)) {
        return Err(Outage::Incomplete);
    }
    Ok(ways)
}

/// Credentials that open nothing, of the form of real ones.
fn nobody() -> Credentials {
    let secret = "A".repeat(43);
    Credentials { uuid: uuid::Uuid::nil(), sub_id: String::new(), secret, version: 0 }
}

/// The link of one way; `None` for a protocol or cipher this version cannot write.
fn share_link(way: &Way<'_>, credentials: &Credentials, flow: bool, label: &str) -> Option<String> {
    match way.inbound.protocol.as_str() {
        "vless" => Some(vless::link(way, credentials, flow, label)),
        "vmess" => Some(vmess::link(way, credentials, label)),
        "trojan" => Some(trojan::link(way, credentials, label)),
        "shadowsocks" => shadowsocks::link(way, credentials, label),
        "hysteria" | "hysteria2" => hysteria2::link(way, credentials, label),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
