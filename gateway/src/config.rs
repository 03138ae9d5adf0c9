//! A gateway's options, and which of them contradict each other.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use nebulalinks_protocol::KeySet;
use secrecy::SecretString;
use url::{Host, Url};

use crate::edge::{Edge, TlsFiles};

/// Where the keys are.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In a key file, read again when it changes.
    File(PathBuf),
    /// In the configuration itself.
    Inline(KeySet),
}

/// The panel beside us. Which of the credentials is used, its generation decides.
#[derive(Clone)]
pub struct PanelTarget {
    /// Its address with the base path, such as `http://127.0.0.1:2053/secret/`.
    pub url: Url,
    /// The API token of a gen-3 panel (scope `admin` where the panel has scopes).
    pub token: Option<SecretString>,
    /// The user of a gen-2 panel, which has no tokens.
    pub login: Option<PanelLogin>,
    /// Whether inbounds that live on other panels (nodes) may be written.
    pub allow_nodes: bool,
    /// Whose certificate is believed, where the panel's address is https.
    pub tls: PanelTls,
}

/// How an https panel is known.
#[derive(Debug, Clone, Default)]
pub struct PanelTls {
    /// Further authorities beside the public ones, PEM.
    pub authorities: Option<Vec<u8>>,
    /// The name in its certificate, where that is not the host of its address.
    pub name: Option<String>,
}

impl std::fmt::Debug for PanelTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An address can hold a password, and its base path keeps scanners out.
        f.debug_struct("PanelTarget").field("url", &self.shown()).finish_non_exhaustive()
    }
}

/// A panel's user.
#[derive(Clone)]
pub struct PanelLogin {
    /// The panel user's name.
    pub user: SecretString,
    /// The panel user's password.
    pub password: SecretString,
}

impl std::fmt::Debug for PanelLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PanelLogin(redacted)")
    }
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Config {
    /// The server's id in `servers.yaml`; for logs.
    pub server: String,
    /// Where to listen: on loopback, or anywhere with TLS.
    pub listen: SocketAddr,
    /// The certificate; without one the gateway speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Speak plain HTTP also where that is not loopback: a proxy on another host ends TLS, and
    /// nobody else is on the network between the two.
    pub plain_http_behind_proxy: bool,
    /// From where requests are taken, and how often.
    pub edge: Edge,
    /// Where `/metrics` listens; nowhere when `None`.
    pub metrics_listen: Option<SocketAddr>,
    /// The panel beside the gateway.
    pub panel: PanelTarget,
    /// Where the keys of its callers are.
    pub keys: KeySource,
    /// The folder of the claim file.
    pub state: PathBuf,
    /// How far a request's time may be from ours, in seconds: 1 to 300.
    pub window_s: u64,
}

/// Why a configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Bodies hold customers' credentials.
    #[error(
        "{0} is not a loopback address, and without a certificate this is plain HTTP, while bodies \
         hold customers' credentials. Give it --tls-cert and --tls-key, or listen on 127.0.0.1 \
         behind a proxy that ends TLS. If that proxy is on another host and nobody else is on the \
         network between, say --plain-http-behind-proxy"
    )]
    PlainOffLoopback(SocketAddr),
    /// It cannot know who it is.
    #[error(
        "nobody can tell by which name this gateway is called: it listens on {0} without a \
         certificate. Say what `gateway:` in servers.yaml has: --name gw-fra1.example.net:8443"
    )]
    Nameless(SocketAddr),
    /// The credentials would travel in clear.
    #[error(
        "the panel's address {0} is plain HTTP and not loopback: its credentials would travel in \
         clear. Run the gateway on the panel's host, or use https://"
    )]
    PanelPlain(String),
    /// The name to expect in the panel's certificate is none.
    #[error(
        "--panel-name `{0}` is not a name that a certificate is for, such as panel.example.net"
    )]
    PanelName(String),
    /// Authorities without a certificate.
    #[error(
        "--panel-ca: no certificate in it can be used. It must be PEM, -----BEGIN CERTIFICATE-----"
    )]
    PanelCa,
    /// TLS options without TLS.
    #[error("--panel-ca and --panel-name are for a panel at https://, and {0} is not one")]
    PanelTlsInClear(String),
    /// Not an address of a panel.
    #[error("{0} is not a panel's address: http:// or https://, a host, and the base path")]
    PanelUrl(String),
    /// A user name or password in the address, which is shown in many places.
    #[error(
        "the panel's address {0} was given with a user name or password in it: take them out, and \
         give them with --panel-user and --panel-password-file"
    )]
    PanelUserinfo(String),
    /// The window is out of range.
    #[error("the time window is {0} s; it must be 1 to 300 s")]
    Window(u64),
}

impl Config {
    /// Checks what can be checked without touching anything.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn check(&self) -> Result<(), ConfigError> {
        let private = self.listen.ip().to_canonical().is_loopback();
        if self.tls.is_none() && !private && !self.plain_http_behind_proxy {
            return Err(ConfigError::PlainOffLoopback(self.listen));
        }
        if self.tls.is_none() && self.listen.ip().is_unspecified() && self.edge.own.is_empty() {
            return Err(ConfigError::Nameless(self.listen));
        }
        if !(1..=300).contains(&self.window_s) {
            return Err(ConfigError::Window(self.window_s));
        }
        self.panel.check()
    }
}

impl PanelTarget {
    /// A panel that is spoken to with an API token.
    #[must_use]
    pub fn with_token(url: Url, token: impl Into<SecretString>) -> Self {
        let token = Some(token.into());
        Self { url, token, login: None, allow_nodes: false, tls: PanelTls::default() }
    }

    /// A panel that is spoken to as one of its users.
    #[must_use]
    pub fn with_login(
        url: Url,
        user: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Self {
        let login = PanelLogin { user: user.into(), password: password.into() };
        let login = Some(login);
        Self { url, token: None, login, allow_nodes: false, tls: PanelTls::default() }
    }

    /// Scheme, host and port: without what an address may hold of secrets.
    fn shown(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }

    /// Checks that the credentials would not travel in clear.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn check(&self) -> Result<(), ConfigError> {
        let shown = || self.shown();
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Err(ConfigError::PanelUserinfo(shown()));
        }
        if !self.url.has_host() || !matches!(self.url.scheme(), "http" | "https") {
            return Err(ConfigError::PanelUrl(shown()));
        }
        // A name that leads to this machine alone is as good as its address. It is looked up again
        // for each connection.
        if is_in_clear(&self.url) && !leads_here_alone(&self.url) {
            return Err(ConfigError::PanelPlain(shown()));
        }
        self.check_tls()
    }

    fn check_tls(&self) -> Result<(), ConfigError> {
        let PanelTls { authorities, name } = &self.tls;
        if self.url.scheme() != "https" && (authorities.is_some() || name.is_some()) {
            return Err(ConfigError::PanelTlsInClear(self.shown()));
        }
        if let Some(name) = name
            && !matches!(Host::parse(name), Ok(Host::Domain(parsed)) if parsed == *name)
        {
            return Err(ConfigError::PanelName(name.clone()));
        }
        let usable = |pem: &Vec<u8>| {
            reqwest::Certificate::from_pem_bundle(pem).is_ok_and(|found| !found.is_empty())
        };
        if authorities.as_ref().is_some_and(|pem| !usable(pem)) {
            return Err(ConfigError::PanelCa);
        }
        Ok(())
    }

    /// The base path's address, ending in `/`.
    #[must_use]
    pub fn base(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        format!("{}/", url.as_str().trim_end_matches('/'))
    }
}

/// Whether what is sent there can be read on the way: plain HTTP, and not to this machine.
#[must_use]
pub fn is_in_clear(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && !loopback
}

/// Whether a host's name is known here and leads to loopback addresses alone.
fn leads_here_alone(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return false };
    let Ok(found) = (name, 0).to_socket_addrs() else { return false };
    let mut found = found.peekable();
    found.peek().is_some() && found.all(|at| at.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_the_panels_address_are_refused_and_shown_nowhere() {
        for url in [
            "http://admin:hunter2@127.0.0.1:2053/t/",
            "https://admin:hunter2@panel.example.net/",
            "http://admin:hunter2@203.0.113.7/",
            "https://:hunter2@panel.example.net/",
            "https://hunter2@panel.example.net/",
            "ftp://admin:hunter2@panel.example.net/",
        ] {
            let target = PanelTarget::with_token(url.parse().unwrap(), "token");
            let refused = target.check().unwrap_err();
            for shown in [refused.to_string(), format!("{refused:?}"), format!("{target:?}")] {
                assert!(!shown.contains("hunter2"), "{shown}");
            }
        }
        let good = PanelTarget::with_token("https://panel.example.net/t/".parse().unwrap(), "t");
        assert_eq!(good.check(), Ok(()));
    }

    #[test]
    fn plain_http_goes_to_a_name_only_where_that_is_this_machine() {
        let at = |url: &str| PanelTarget::with_token(url.parse().unwrap(), "t").check();
        assert_eq!(at("http://localhost:2053/t/"), Ok(()));
        // Every machine knows its own name for loopback; nobody has one that ends in `.invalid`.
        let localdomain = "http://localhost.localdomain:2053/t/";
        if ("localhost.localdomain", 0).to_socket_addrs().is_ok() {
            assert_eq!(at(localdomain), Ok(()));
        }
        for far in ["http://panel.invalid/", "http://203.0.113.7/", "http://[2001:db8::1]/"] {
            assert!(matches!(at(far), Err(ConfigError::PanelPlain(_))), "{far}");
        }
    }

    #[test]
    fn what_is_said_of_the_panels_certificate_can_be_used_or_is_refused() {
        let with = |url: &str, authorities: Option<&[u8]>, name: Option<&str>| {
            let mut target = PanelTarget::with_token(url.parse().unwrap(), "t");
            target.tls.authorities = authorities.map(<[u8]>::to_vec);
            target.tls.name = name.map(str::to_owned);
            target.check()
        };
        let https = "https://203.0.113.7:2053/";
        assert_eq!(with(https, None, Some("panel.example.net")), Ok(()));
        for bad in ["203.0.113.7", "a b", "panel.example.net/x", "", "PANEL.example"] {
            let refused = with(https, None, Some(bad));
            assert_eq!(refused, Err(ConfigError::PanelName(bad.to_owned())));
        }
        assert_eq!(with(https, Some(b"no pem"), None), Err(ConfigError::PanelCa));
        let clear = with("http://127.0.0.1/", None, Some("panel.example.net"));
        assert!(matches!(clear, Err(ConfigError::PanelTlsInClear(_))));
    }
}
