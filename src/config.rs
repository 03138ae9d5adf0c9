//! One small struct per concern, read from flags and the environment.

use clap::Args;
use nebulalinks_protocol::callers::Nets;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where things lie.
#[derive(Debug, Clone, Args)]
pub struct Places {
    /// Folder with plans.yaml, servers.yaml, payments.yaml, shop.yaml and, where there are codes, promos.yaml; never written to
    #[arg(long, env = "NEBULALINKS_DESIRED", default_value = "desired", value_name = "DIR")]
    pub desired: PathBuf,
    /// Folder for the store, proofs of payment and the control socket
    #[arg(long, env = "NEBULALINKS_STATE", default_value = "state", value_name = "DIR")]
    pub state: PathBuf,
}

impl Places {
    /// Where proofs of payment lie.
    #[must_use]
    pub fn proofs(&self) -> PathBuf {
        self.state.join("proofs")
    }
}

/// The socket of `/v1/*`.
#[derive(Debug, Clone, Args)]
pub struct ControlSocket {
    /// Socket that only this user can open, for `nebulalinks describe account` and the like
    /// [default: control.sock in the state folder]
    #[arg(long, env = "NEBULALINKS_SOCKET", value_name = "PATH")]
    pub socket: Option<PathBuf>,
}

impl ControlSocket {
    /// Where it is: as given, else in the state folder.
    #[must_use]
    pub fn path(&self, state: &Path) -> PathBuf {
        self.socket.clone().unwrap_or_else(|| state.join("control.sock"))
    }
}

/// The keys that sign for the gateways.
#[derive(Debug, Clone, Args)]
pub struct Keys {
    /// Folder with one key file per gateway, named as `keys:` in servers.yaml
    #[arg(long, env = "NEBULALINKS_KEYS_DIR", value_name = "DIR")]
    pub keys_dir: Option<PathBuf>,
    /// File with the master key from which every gateway's keys are derived
    #[arg(long, env = "NEBULALINKS_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// The master key itself; prefer the file
    #[arg(long, env = "NEBULALINKS_MASTER_KEY", hide_env_values = true, hide = true)]
    pub master_key: Option<SecretString>,
}

/// TLS to the gateways, where the public authorities are not enough.
#[derive(Debug, Clone, Default, Args)]
pub struct GatewayTls {
    /// File with authorities, PEM, whose certificates for gateways are believed besides those of
    /// the public ones
    #[arg(long, env = "NEBULALINKS_GATEWAY_CA", value_name = "FILE")]
    pub gateway_ca: Option<PathBuf>,
    /// The certificate to show to gateways that ask for one (their `--tls-client-ca`), PEM
    #[arg(long, env = "NEBULALINKS_CLIENT_CERT", value_name = "FILE", requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, env = "NEBULALINKS_CLIENT_KEY", value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
}

/// How the repository of `desired/` is followed.
#[derive(Debug, Clone, Default, Args)]
pub struct GitPull {
    /// Follow the repository around the files: fetch so often, such as 30s, and move forward to the upstream of
    /// its branch
    #[arg(long, env = "NEBULALINKS_GIT_PULL", value_name = "LENGTH", value_parser = pull_every)]
    pub git_pull: Option<Duration>,
    /// The deploy key for ssh; git's own configuration where there is none
    #[arg(long, env = "NEBULALINKS_GIT_KEY", value_name = "FILE", requires = "git_pull")]
    pub git_key: Option<PathBuf>,
    /// File with the hosts that ssh believes, such as `ssh-keyscan` writes it
    #[arg(long, env = "NEBULALINKS_GIT_KNOWN_HOSTS", value_name = "FILE", requires = "git_pull")]
    pub git_known_hosts: Option<PathBuf>,
    /// Take only commits whose signature git believes (`git verify-commit`)
    #[arg(long, env = "NEBULALINKS_GIT_VERIFY", requires = "git_pull")]
    pub git_verify: bool,
}

/// From a few seconds to a day: less would only ask, more would follow nothing.
fn pull_every(text: &str) -> Result<Duration, String> {
    let length = crate::catalog::typed_length(text)?.to_std();
    let fits = (Duration::from_secs(5)..=Duration::from_secs(86_400)).contains(&length);
    fits.then_some(length).ok_or_else(|| "from 5s to 24h".to_owned())
}

/// How to reach Discord.
#[derive(Debug, Clone, Args)]
pub struct Chat {
    /// File with the bot's token
    #[arg(long, env = "NEBULALINKS_DISCORD_TOKEN_FILE", value_name = "FILE")]
    pub discord_token_file: Option<PathBuf>,
    /// The bot's token; prefer the file
    #[arg(long, env = "NEBULALINKS_DISCORD_TOKEN", hide_env_values = true, hide = true)]
    pub discord_token: Option<SecretString>,
    /// Another Discord than the real one, for tests: an address on this machine
    #[arg(long, env = "NEBULALINKS_DISCORD_API", hide = true, value_name = "URL")]
    pub discord_api: Option<url::Url>,
}

/// What is shown to SREs.
#[derive(Debug, Clone, Args)]
pub struct Shown {
    /// Address for /metrics, /healthz and /readyz; numbers only, no customer's data
    #[arg(long, env = "NEBULALINKS_LISTEN", default_value = "127.0.0.1:9464", value_name = "ADDR")]
    pub listen: SocketAddr,
}

/// What customers reach.
#[derive(Debug, Clone, Args)]
pub struct Public {
    /// Address for customers' subscriptions, plain HTTP behind a proxy with TLS; nothing is served to
    /// customers if left out. The address that they read is `subscription` in shop.yaml
    #[arg(long, env = "NEBULALINKS_PUBLIC_LISTEN", value_name = "ADDR")]
    pub public_listen: Option<SocketAddr>,
    /// Networks of proxies whose X-Forwarded-For and Forwarded are believed: customers are told apart by it
    #[arg(
        long,
        env = "NEBULALINKS_PUBLIC_PROXIES",
        default_value = "127.0.0.0/8,::1/128",
        value_name = "NETS"
    )]
    pub public_proxies: Nets,
}

/// The store on disk.
#[derive(Debug, Clone, Args)]
pub struct StoreSettings {
    /// Memory for the store's cache, in MiB; the process takes about 1.5 times that
    #[arg(long, env = "NEBULALINKS_STORE_CACHE_MIB", default_value_t = 64, value_name = "MIB")]
    pub store_cache_mib: u64,
}

/// Backups that the service makes by itself.
#[derive(Debug, Clone, Default, Args)]
pub struct Scheduled {
    /// Make backups by itself into this folder, outside of the state folder; without it none are made
    #[arg(long, env = "NEBULALINKS_BACKUP_DIR", value_name = "DIR")]
    pub backup_dir: Option<PathBuf>,
    /// How often, such as 6h or 1d, at least 1m
    #[arg(
        long,
        env = "NEBULALINKS_BACKUP_EVERY",
        value_name = "LENGTH",
        default_value = "1d",
        requires = "backup_dir"
    )]
    pub backup_every: String,
    /// How many backups are kept; older ones are removed once a new one is good
    #[arg(long, env = "NEBULALINKS_BACKUP_KEEP", value_name = "N", default_value_t = 14, requires = "backup_dir", value_parser = clap::value_parser!(u16).range(1..))]
    pub backup_keep: u16,
    /// Encrypt them for this age recipient (age1…); several with commas
    #[arg(
        long,
        env = "NEBULALINKS_BACKUP_RECIPIENT",
        value_name = "AGE1",
        value_delimiter = ',',
        requires = "backup_dir"
    )]
    pub backup_recipient: Vec<String>,
    /// Encrypt them for the recipients in this file, one a line
    #[arg(
        long,
        env = "NEBULALINKS_BACKUP_RECIPIENTS_FILE",
        value_name = "FILE",
        requires = "backup_dir"
    )]
    pub backup_recipients_file: Option<PathBuf>,
}

/// Every flag of `nebulalinks run`.
#[derive(Debug, Clone, Args)]
pub struct RunConfig {
    /// Where things lie.
    #[command(flatten)]
    pub places: Places,
    /// The socket of `/v1/*`.
    #[command(flatten)]
    pub control: ControlSocket,
    /// How the repository is followed.
    #[command(flatten)]
    pub git: GitPull,
    /// The keys that sign for the gateways.
    #[command(flatten)]
    pub keys: Keys,
    /// TLS to the gateways.
    #[command(flatten)]
    pub gateway_tls: GatewayTls,
    /// How to reach Discord.
    #[command(flatten)]
    pub chat: Chat,
    /// What is shown.
    #[command(flatten)]
    pub shown: Shown,
    /// What customers reach.
    #[command(flatten)]
    pub public: Public,
    /// The store's own settings.
    #[command(flatten)]
    pub store: StoreSettings,
    /// Backups of its own.
    #[command(flatten)]
    pub backups: Scheduled,
    /// Take every gateway over from another store's controller at once, with the first claim to
    /// each. Only when that one is gone for good: two shops on one panel undo each other
    #[arg(long)]
    pub take_over: bool,
}
