//! `doctor`: ten set-ups that are broken for real, each named, each with what mends it.

use async_trait::async_trait;
use nebulalinks::cli::{Env, Finding, Weight, examine};
use nebulalinks::config::{
    Chat, ControlSocket, GatewayTls, GitPull, Keys, Places, Public, RunConfig, Scheduled, Shown,
    StoreSettings,
};
use nebulalinks::model::{DurationMs, Moment, UnixMs};
use nebulalinks::ports::Clock;
use nebulalinks::store::{OpenOptions, SledStore};
use nebulalinks_gateway::edge::TlsFiles;
use nebulalinks_gateway::{Config, Edge, Env as GatewayEnv, Gateway, KeySource, PanelTarget};
use nebulalinks_model_discord::{Emulator, EmulatorConfig};
use nebulalinks_model_panel::{ModelPanel, PanelConfig, PanelVersion};
use nebulalinks_protocol::callers::Nets;
use nebulalinks_protocol::{KeySet, MasterKey, key_file};
use nebulalinks_testkit::ports::free_ports;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use secrecy::{ExposeSecret as _, SecretString};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

/// Our clock, so much ahead.
struct Ahead(u64);

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> UnixMs {
        UnixMs(nebulalinks_gateway::Clock::now_ms(&nebulalinks_gateway::SystemClock) + self.0)
    }
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: DurationMs(self.now().0) }
    }
    async fn sleep_until(&self, _: UnixMs) {}
    fn crash_point(&self, _: &'static str) {}
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A set-up in which nothing is wrong, of one server.
struct Whole {
    folder: tempfile::TempDir,
    config: RunConfig,
    env: Env,
    emulator: Emulator,
    gateway: Option<tokio::task::JoinHandle<()>>,
}

impl Whole {
    async fn new(
        version: PanelVersion,
        tls: Option<TlsFiles>,
        ca: Option<std::path::PathBuf>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(|| {
            i64::try_from(nebulalinks_gateway::Clock::now_ms(&nebulalinks_gateway::SystemClock))
                .unwrap()
        });
        let panel = PanelConfig { version, ..PanelConfig::new("fra-1", "panel-token", clock) };
        let panel = ModelPanel::new(panel);
        let served = panel.serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let target = format!("http://{}/", served.addr());
        let pair = MasterKey::new([7; 32]).derive("fra-1");
        let keys = folder.path().join("keys");
        std::fs::create_dir(&keys).unwrap();
        let file = keys.join("fra-1");
        std::fs::write(&file, key_file(&pair).expose_secret()).unwrap();
        mode(&file, 0o400);
        let own = Config {
            server: "fra-1".to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            tls: tls.clone(),
            plain_http_behind_proxy: false,
            edge: Edge::default(),
            metrics_listen: None,
            panel: PanelTarget::with_token(
                target.parse().unwrap(),
                SecretString::from("panel-token"),
            ),
            keys: KeySource::Inline(KeySet::one(pair)),
            state: folder.path().join("gateway"),
            window_s: 30,
        };
        std::fs::create_dir(&own.state).unwrap();
        let gateway = Gateway::open(&own, GatewayEnv::default()).unwrap();
        let listener = TcpListener::bind(own.listen).unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = tokio::spawn(async move {
            let _served = served;
            let _ = gateway.run(listener, None, std::future::pending()).await;
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let desired = folder.path().join("desired");
        std::fs::create_dir(&desired).unwrap();
        files(&desired, &format!("{scheme}://{address}"));
        let emulator =
            Emulator::start(EmulatorConfig::new("token", EmulatorConfig::system_clock()))
                .await
                .unwrap();
        let state = folder.path().join("state");
        SledStore::init(&OpenOptions::at(&state)).unwrap();
        let [metrics] = free_ports();
        let config = RunConfig {
            backups: Scheduled::default(),
            places: Places { desired, state },
            control: ControlSocket { socket: None },
            git: GitPull::default(),
            keys: Keys { keys_dir: Some(keys), master_key_file: None, master_key: None },
            gateway_tls: GatewayTls { gateway_ca: ca, ..GatewayTls::default() },
            chat: Chat {
                discord_token_file: None,
                discord_token: Some(SecretString::from("token")),
                discord_api: Some(emulator.base_url().parse().unwrap()),
            },
            shown: Shown { listen: ([127, 0, 0, 1], metrics).into() },
            public: Public { public_listen: None, public_proxies: Nets::default() },
            store: StoreSettings { store_cache_mib: 16 },
            take_over: false,
        };
        let mut env = Env::real();
        env.free_bytes = Arc::new(|_| Ok(64 << 30));
        Self { folder, config, env, emulator, gateway: Some(gateway) }
    }

    /// What is to be mended.
    async fn sick(&self) -> Vec<Finding> {
        let all = examine(&self.config, &self.env).await;
        for sick in all.iter().filter(|f| f.weight != Weight::Ok) {
            assert!(sick.mend.as_ref().is_some_and(|mend| !mend.is_empty()), "{sick:?}");
        }
        all.into_iter().filter(|finding| finding.weight != Weight::Ok).collect()
    }

    /// It is this alone, and what mends it names this.
    async fn is(&self, what: &str, mend: &str) {
        let sick = self.sick().await;
        assert!(!sick.is_empty(), "{what} was not seen");
        for one in &sick {
            assert!(one.what.starts_with(what), "{what}: {sick:#?}");
            assert!(one.mend.as_ref().unwrap().contains(mend), "{mend}: {one:?}");
        }
    }
}

/// The shipped files with the one server at an address.
fn files(to: &Path, gateway: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("desired");
    for name in ["plans.yaml", "payments.yaml", "shop.yaml", "servers.yaml"] {
        let text = std::fs::read_to_string(from.join(name)).unwrap();
        let text = text.replace("http://127.0.0.1:18443", gateway);
        std::fs::write(to.join(name), text).unwrap();
    }
    // The second server is not ours to look at.
    let servers = to.join("servers.yaml");
    let text = std::fs::read_to_string(&servers).unwrap();
    let second = text.find("  - id: ams-1").expect("the shipped file has a second server");
    std::fs::write(&servers, &text[..second]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_wrong_nothing_is_said_to_be() {
    let whole = Whole::new(PanelVersion::Head, None, None).await;
    assert_eq!(whole.sick().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_on_this_host_is_named_with_its_command() {
    let mut whole = Whole::new(PanelVersion::Head, None, None).await;
    let (state, free) = (whole.config.places.state.clone(), Arc::clone(&whole.env.free_bytes));
    // Modes.
    mode(&state, 0o755);
    whole.is("state folder", "chmod 0700").await;
    mode(&state, 0o700);
    let key = whole.config.keys.keys_dir.clone().unwrap().join("fra-1");
    mode(&key, 0o444);
    whole.is("keys of fra-1", "0400").await;
    mode(&key, 0o400);
    // The disk.
    whole.env.free_bytes = Arc::new(|_| Ok(100 << 20));
    whole.is("disk", "free some").await;
    whole.env.free_bytes = free;
    // The port.
    let taken = TcpListener::bind(whole.config.shown.listen).unwrap();
    whole.is("port", "ss -ltnp").await;
    drop(taken);
    // The clock: ours is wrong for everybody, and the gateway refuses what is signed by it.
    whole.env.clock = Arc::new(Ahead(3_600_000));
    whole.is("clock", "set-ntp true").await;
    whole.env.clock = Arc::new(Ahead(0));
    // Keys: none, and others than the gateway's.
    let text = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    whole.is("keys of fra-1", "nebulalinks keygen").await;
    let other = MasterKey::new([8; 32]).derive("fra-1");
    std::fs::write(&key, key_file(&other).expose_secret()).unwrap();
    mode(&key, 0o400);
    whole.is("keys of fra-1", "gateway's key file").await;
    std::fs::remove_file(&key).unwrap();
    std::fs::write(&key, text).unwrap();
    mode(&key, 0o400);
    assert_eq!(whole.sick().await, []);
    // The gateway.
    let ([listen], at) = (free_ports(), whole.config.places.desired.clone());
    files(&at, &format!("http://127.0.0.1:{listen}"));
    whole.is("gateway of fra-1", "systemctl status nebulalinks-gateway").await;
    whole.gateway.take().unwrap().abort();
    drop(whole.folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_discord_refuses_is_named_with_what_to_do() {
    let mut whole = Whole::new(PanelVersion::Head, None, None).await;
    let shop =
        nebulalinks::watch::check(&whole.config.places.desired, &Default::default()).unwrap().shop;
    whole.emulator.deny_writing(shop.channels.review, true);
    whole.is("discord permissions", "Send Messages").await;
    whole.emulator.deny_writing(shop.channels.review, false);
    whole.emulator.hide_channel(shop.channels.store, true);
    whole.is("discord permissions", "View Channel").await;
    whole.emulator.hide_channel(shop.channels.store, false);
    // Discord makes one of the bot's intents a privileged one, as it did with others.
    whole.emulator.make_privileged(1 << 9);
    whole.is("discord intents", "Privileged Gateway Intents").await;
    whole.emulator.make_privileged(0);
    whole.config.chat.discord_token = Some(SecretString::from("another"));
    whole.is("discord token", "Reset Token").await;
    whole.config.chat.discord_token = None;
    whole.is("discord token", "--discord-token-file").await;
    let file = whole.folder.path().join("token");
    whole.config.chat.discord_token_file = Some(file.clone());
    whole.is("discord token", "make the file").await;
    std::fs::write(&file, "token").unwrap();
    mode(&file, 0o644);
    whole.is("discord token", "chmod 0400").await;
    mode(&file, 0o400);
    assert_eq!(whole.sick().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_near_its_end_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let now = nebulalinks_gateway::Clock::now_ms(&nebulalinks_gateway::SystemClock) / 1000;
    let tomorrow = i64::try_from(now + 86_400).unwrap();
    params.not_after = (std::time::UNIX_EPOCH
        + std::time::Duration::from_secs(u64::try_from(tomorrow).unwrap()))
    .into();
    let put = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        mode(&path, 0o600);
        path
    };
    let cert = put("cert.pem", params.signed_by(&key, &authority).unwrap().pem());
    let files = TlsFiles { cert, key: put("key.pem", key.serialize_pem()), client_ca: None };
    let ca = put("ca.pem", authority.pem());
    let whole = Whole::new(PanelVersion::Head, Some(files), Some(ca)).await;
    whole.is("certificate of fra-1", "certbot renew").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_of_a_version_that_loses_writes_is_named() {
    let whole = Whole::new(PanelVersion::V3_3_0, None, None).await;
    whole.is("panel of fra-1", "v3.5.0").await;
}
