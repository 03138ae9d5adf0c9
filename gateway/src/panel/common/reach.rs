//! How a panel is reached: whose certificate is believed, by which name, and at which addresses.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder};
use url::Host;

use crate::config::PanelTarget;

/// The base address that is asked, and a client for it.
///
/// With a name for the certificate, that name is asked, and looked up as the host in the panel's
/// address: so it is what the certificate is checked against, and what TLS and HTTP name.
///
/// # Errors
/// The authorities are not PEM.
pub(super) fn client(target: &PanelTarget) -> Result<(String, ClientBuilder), reqwest::Error> {
    let mut client = Client::builder();
    if let Some(pem) = &target.tls.authorities {
        for authority in Certificate::from_pem_bundle(pem)? {
            client = client.add_root_certificate(authority);
        }
    }
    let host = match target.url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(ip)) => ip.to_string(),
        Some(Host::Ipv6(ip)) => ip.to_string(),
        None => String::new(),
    };
    let plain = target.url.scheme() == "http";
    let mut asked = target.clone();
    if let Some(name) = target.tls.name.as_deref().filter(|_| !plain) {
        // A name that cannot stand in an address is refused when the configuration is checked.
        let _ = asked.url.set_host(Some(name));
    }
    let resolver = Lookup { host, loopback_only: plain };
    Ok((asked.base(), client.dns_resolver(Arc::new(resolver))))
}

/// Looks up the panel's host, whatever name is asked.
struct Lookup {
    host: String,
    /// In clear, credentials go to this machine only, also when the name moves later.
    loopback_only: bool,
}

impl Resolve for Lookup {
    fn resolve(&self, _: Name) -> Resolving {
        let (host, loopback_only) = (self.host.clone(), self.loopback_only);
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if loopback_only && !all_loopback(&found) {
                let why = "the panel's name does not lead to this machine only, and plain HTTP \
                           would show its credentials on the way: use https://";
                return Err(io::Error::other(why).into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether all of them are this machine's own; none is not.
fn all_loopback(found: &[SocketAddr]) -> bool {
    !found.is_empty() && found.iter().all(|a| a.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn in_clear_a_name_is_used_only_where_it_leads_to_this_machine_alone() {
        let lookup = |host: &str, loopback_only| Lookup { host: host.to_owned(), loopback_only };
        let name = || "panel.test".parse::<Name>().unwrap();
        assert!(lookup("127.0.0.1", true).resolve(name()).await.is_ok());
        let refused = lookup("203.0.113.7", true).resolve(name()).await.err().unwrap();
        assert!(refused.to_string().contains("https://"), "{refused}");
        assert!(lookup("203.0.113.7", false).resolve(name()).await.is_ok());
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 0);
        assert!(all_loopback(&[at("127.0.0.1"), at("::1"), at("::ffff:127.0.0.2")]));
        assert!(!all_loopback(&[at("127.0.0.1"), at("192.0.2.1")]));
        assert!(!all_loopback(&[]));
    }
}
