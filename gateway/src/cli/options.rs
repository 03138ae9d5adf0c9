//! The options of `run` and `check`.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use nebulalinks_gateway::edge::{self, Edge, Names, Nets, TlsFiles};
use nebulalinks_gateway::{Config, KeySource, StartError};
use nebulalinks_protocol::KeySet;
use secrecy::{ExposeSecret as _, SecretString};

use super::panel::PanelOptions;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The server's id in `servers.yaml`.
    #[arg(long, env = "NEBULALINKS_SERVER")]
    server: String,
    /// Where to listen; without TLS a loopback address.
    #[arg(long, env = "NEBULALINKS_GATEWAY_LISTEN", default_value = "127.0.0.1:8461")]
    listen: SocketAddr,
    /// The certificate and those that lead to its authority, PEM. Read again every 10 s; a pair
    /// that cannot be used leaves the old one in force.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM. Mode 0400.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Ask callers for a certificate of one of these authorities, PEM, and refuse those without.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TLS_CLIENT_CA", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
    /// Speak plain HTTP also on an address that is not loopback, because a proxy on another host
    /// ends TLS and nobody else is on the network between: bodies hold customers' credentials.
    #[arg(long, env = "NEBULALINKS_GATEWAY_PLAIN_HTTP_BEHIND_PROXY", conflicts_with = "tls_cert")]
    plain_http_behind_proxy: bool,
    /// From where requests are taken: addresses and networks such as 203.0.113.7,2001:db8::/32;
    /// the controller's, and those of your scripts. Left out, from everywhere.
    #[arg(long, env = "NEBULALINKS_GATEWAY_ALLOW")]
    allow: Vec<Nets>,
    /// Proxies whose X-Forwarded-For or Forwarded is believed about who asks. They must set it.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TRUSTED_PROXY")]
    trusted_proxy: Vec<Nets>,
    /// The hosts of `gateway:` in servers.yaml that are this gateway, such as
    /// gw-fra1.example.net:8443; a request that was signed for another host is refused. Left out:
    /// the names of the certificate. Behind a proxy, say the proxy's. Where it listens always counts.
    #[arg(long, env = "NEBULALINKS_GATEWAY_NAME")]
    name: Vec<Names>,
    /// Requests per minute and key; a list counts once, and so does a batch. Two minutes of it can
    /// be saved up, and one address may send three times as much.
    #[arg(long, env = "NEBULALINKS_GATEWAY_RATE", default_value_t = edge::DEFAULT_RATE)]
    rate: NonZeroU32,
    /// Where /metrics listens; left out, nowhere.
    #[arg(long, env = "NEBULALINKS_GATEWAY_METRICS")]
    metrics: Option<SocketAddr>,
    #[command(flatten)]
    panel: PanelOptions,
    /// The key file made by `nebulalinks keygen`: a `request=` and a `response=` line, and a second
    /// pair while keys are rotated. Mode 0400. Read again every 10 s.
    #[arg(long, env = "NEBULALINKS_GATEWAY_KEYS_FILE")]
    keys_file: Option<PathBuf>,
    /// The same text, `;` between the lines; from the environment, never as an argument.
    #[arg(long, env = "NEBULALINKS_GATEWAY_KEYS", hide_env_values = true)]
    keys: Option<SecretString>,
    /// The folder of the claim file: who may write. Keep it across restarts.
    #[arg(long, env = "NEBULALINKS_GATEWAY_STATE", default_value = "/var/lib/nebulalinks-gateway")]
    state: PathBuf,
    /// How far a request's time may be from this machine's, in seconds (1 to 300).
    #[arg(long, env = "NEBULALINKS_GATEWAY_WINDOW", default_value_t = 30)]
    window: u64,
}

impl Options {
    pub(super) fn config(self) -> Result<Config, StartError> {
        let keys = match (self.keys_file, self.keys) {
            (Some(path), _) => KeySource::File(path),
            (None, Some(text)) => KeySource::Inline(
                KeySet::parse(text.expose_secret())
                    .map_err(|e| StartError::Other(format!("NEBULALINKS_GATEWAY_KEYS: {e}")))?,
            ),
            (None, None) => {
                return Err(StartError::Other(
                    "the gateway's keys are missing: --keys-file FILE (made by `nebulalinks \
                     keygen`), or NEBULALINKS_GATEWAY_KEYS in the environment"
                        .to_owned(),
                ));
            }
        };
        Ok(Config {
            server: self.server,
            listen: self.listen,
            tls: match (self.tls_cert, self.tls_key) {
                (Some(cert), Some(key)) => {
                    Some(TlsFiles { cert, key, client_ca: self.tls_client_ca })
                }
                _ => None,
            },
            plain_http_behind_proxy: self.plain_http_behind_proxy,
            edge: Edge {
                allow: Nets::join(self.allow),
                trusted_proxies: Nets::join(self.trusted_proxy),
                own: Names::join(self.name),
                rate_per_minute: self.rate,
            },
            metrics_listen: self.metrics,
            panel: self.panel.target()?,
            keys,
            state: self.state,
            window_s: self.window,
        })
    }
}
