//! A gateway's keys are replaced while the controller asks it: the shipped command, a real
//! gateway, and a person who only copies the file that the guide names.

use std::io::Write as _;
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use nebulalinks::cli::SystemClock;
use nebulalinks::model::{DurationMs, Moment, UnixMs};
use nebulalinks::panel::{HttpPanels, KeyRing, TlsOptions};
use nebulalinks::ports::{Clock, Endpoint, PanelApi as _, PanelCode};
use nebulalinks_gateway::{Config, Edge, Env, Gateway, KeySource, PanelTarget};
use nebulalinks_model_panel::{ModelPanel, PanelConfig, PanelServer};
use nebulalinks_protocol::{KeyPair, KeySet, MasterKey, Role};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

const DEADLINE: Duration = Duration::from_secs(30);

/// The machine's time, stopped, so that signatures outlive a slow test.
struct Stopped(u64);

impl nebulalinks_gateway::Clock for Stopped {
    fn now_ms(&self) -> u64 {
        self.0
    }
}

/// Writes a file of keys as it must be: for its owner alone from its first moment.
fn put(path: &Path, text: &str) {
    let mut open = std::fs::OpenOptions::new();
    let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

struct World {
    folder: tempfile::TempDir,
    to: Endpoint,
    _panel: PanelServer,
}

impl World {
    async fn new() -> Self {
        Self::at_rate(1_000_000).await
    }

    async fn at_rate(per_minute: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["desired", "keys", "state"] {
            std::fs::create_dir(at(name)).unwrap();
        }
        let text = KeySet::one(old()).text();
        put(&at("keys/fra-1"), text.expose_secret());
        std::fs::set_permissions(at("keys/fra-1"), std::fs::Permissions::from_mode(0o400)).unwrap();
        let mut gateways = KeySet::one(old());
        gateways.add(Role::Scripts, MasterKey::new([8; 32]).derive("fra-1")).unwrap();
        put(&at("gateway-keys"), gateways.text().expose_secret());

        // Behind by less than the window: nothing is signed before its start.
        let clock = Arc::new(Stopped(SystemClock.now().0 - 60_000));
        let time = clock.0;
        let panel = PanelConfig::new("guid", "token", Arc::new(move || time.cast_signed()));
        let panel = ModelPanel::new(panel).serve(([127, 0, 0, 1], 0).into()).await.unwrap();
        let config = Config {
            server: "fra-1".to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            tls: None,
            plain_http_behind_proxy: false,
            edge: Edge { rate_per_minute: NonZeroU32::new(per_minute).unwrap(), ..Edge::default() },
            metrics_listen: None,
            panel: PanelTarget::with_token(
                format!("http://{}/", panel.addr()).parse().unwrap(),
                "token",
            ),
            keys: KeySource::File(at("gateway-keys")),
            state: at("state"),
            window_s: 300,
        };
        let env = Env { clock, reload: Duration::from_millis(10), ..Env::default() };
        let gateway = Gateway::open(&config, env).unwrap();
        let listener = TcpListener::bind(config.listen).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(gateway.run(listener, None, std::future::pending()));

        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("desired");
        for name in ["plans.yaml", "payments.yaml", "shop.yaml", "servers.yaml"] {
            let text = std::fs::read_to_string(shipped.join(name)).unwrap();
            let text = text.replace("127.0.0.1:18443", &address);
            std::fs::write(at("desired").join(name), text).unwrap();
        }
        let to = Endpoint {
            server: "fra-1".parse().unwrap(),
            gateway: format!("http://{address}"),
            keys: "fra-1".to_owned(),
            shop: "main".parse().unwrap(),
        };
        Self { folder, to, _panel: panel }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the controller has: the key folder.
    fn panels(&self) -> HttpPanels {
        self.panels_at(Arc::new(SystemClock))
    }

    fn panels_at(&self, clock: Arc<dyn Clock>) -> HttpPanels {
        let ring = KeyRing::new(Box::new(|_| None), Some(self.path("keys")), None);
        HttpPanels::new(ring, clock, &TlsOptions::default()).unwrap()
    }

    async fn takes(&self, pair: KeyPair) -> Result<(), PanelCode> {
        let text = KeySet::one(pair).text();
        let ring = KeyRing::new(Box::new(move |_| Some(text.clone())), None, None);
        let panels = HttpPanels::new(ring, Arc::new(SystemClock), &TlsOptions::default()).unwrap();
        panels.ping(&self.to).await.map_err(|e| e.code)
    }

    async fn rotate(&self) -> Output {
        self.rotate_with(&["--keys-dir", self.path("keys").to_str().unwrap()]).await
    }

    async fn rotate_with(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nebulalinks"));
        command.env_clear().args(["keys", "rotate", "fra-1"]).args(words);
        command.arg("--desired").arg(self.path("desired"));
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// Runs the guide until it says so, as a person does who waits for the gateway.
    async fn rotate_until(&self, words: &str) -> String {
        let said = async {
            loop {
                let said = guided(&self.rotate().await);
                if said.contains(words) {
                    return said;
                }
                assert!(said.contains("waiting"), "{said}");
            }
        };
        tokio::time::timeout(DEADLINE, said).await.unwrap()
    }

    /// What the person does: `cp`, not a rename, so the gateway may read half of it.
    fn copy_to_the_gateway(&self) {
        let text = std::fs::read(self.path("keys/.fra-1.gateway")).unwrap();
        std::fs::write(self.path("gateway-keys"), text).unwrap();
    }

    fn own(&self) -> KeySet {
        KeySet::parse(&std::fs::read_to_string(self.path("keys/fra-1")).unwrap()).unwrap()
    }

    fn staged(&self) -> Option<KeySet> {
        let text = std::fs::read_to_string(self.path("keys/.fra-1.gateway")).ok()?;
        Some(KeySet::parse(&text).unwrap())
    }

    /// Every key that stands in a file, as text.
    fn secrets(&self) -> Vec<String> {
        let files = ["keys/fra-1", "keys/.fra-1.gateway", "gateway-keys"];
        let texts = files.iter().filter_map(|f| std::fs::read_to_string(self.path(f)).ok());
        let texts: String = texts.collect();
        texts.lines().filter_map(|l| Some(l.split_once('=')?.1.to_owned())).collect()
    }
}

fn old() -> KeyPair {
    MasterKey::new([7; 32]).derive("fra-1")
}

fn signs(set: &KeySet) -> KeyPair {
    set.first(Role::Controller).unwrap().clone()
}

fn ids(set: &KeySet) -> Vec<&str> {
    set.pairs().map(|(_, pair)| pair.request.id()).collect()
}

/// What a run that went well says.
fn guided(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a run that could not go on says.
fn stopped(output: &Output) -> String {
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Requests that flow until the test stops them.
#[derive(Default)]
struct Traffic {
    answered: AtomicU64,
    refused: Mutex<Vec<String>>,
    stop: CancellationToken,
}

impl Traffic {
    async fn flow(self: Arc<Self>, panels: HttpPanels, to: Endpoint, lists: bool) {
        // A pace, so that a fast machine does not fill the store of nonces.
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        while !self.stop.is_cancelled() {
            pace.tick().await;
            let done = match lists {
                true => panels.list(&to).await.map(|_| ()),
                false => panels.ping(&to).await,
            };
            match done {
                Ok(()) => drop(self.answered.fetch_add(1, Ordering::SeqCst)),
                Err(error) => self.refused.lock().unwrap().push(error.to_string()),
            }
        }
    }

    /// Until twenty more were answered.
    async fn more(&self) {
        let wanted = self.answered.load(Ordering::SeqCst) + 20;
        let flowed = async {
            while self.answered.load(Ordering::SeqCst) < wanted {
                assert_eq!(*self.refused.lock().unwrap(), [""; 0]);
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, flowed).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_goes_through_all_its_steps_and_no_request_is_refused() {
    let world = World::new().await;
    let traffic = Arc::new(Traffic::default());
    let flows = [true, false].map(|lists| {
        tokio::spawn(Arc::clone(&traffic).flow(world.panels(), world.to.clone(), lists))
    });
    traffic.more().await;

    let mut said = vec![guided(&world.rotate().await)];
    assert!(said[0].contains("Step 1 of 3") && said[0].contains(".fra-1.gateway"), "{}", said[0]);
    let new = signs(&rest(world.staged().unwrap()));
    // Run again it makes no second pair, and nothing in force has changed.
    said.push(guided(&world.rotate().await));
    assert!(said[1].contains("Step 1 of 3, waiting"), "{}", said[1]);
    assert_eq!(ids(&world.staged().unwrap()), [old().request.id(), new.request.id()]);
    assert_eq!(ids(&world.own()), [old().request.id()]);
    traffic.more().await;

    world.copy_to_the_gateway();
    said.push(world.rotate_until("Step 2 of 3, done").await);
    assert_eq!(ids(&world.own()), [new.request.id(), old().request.id()]);
    traffic.more().await;
    said.push(guided(&world.rotate().await));
    assert!(said[3].contains("Step 3 of 3, waiting"), "{}", said[3]);
    assert_eq!(ids(&world.staged().unwrap()), [new.request.id()]);
    let secrets = world.secrets();

    world.copy_to_the_gateway();
    said.push(world.rotate_until("Done").await);
    assert_eq!(ids(&world.own()), [new.request.id()]);
    assert!(world.staged().is_none());
    traffic.more().await;

    traffic.stop.cancel();
    for flow in flows {
        flow.await.unwrap();
    }
    assert_eq!(*traffic.refused.lock().unwrap(), [""; 0]);
    assert_eq!(world.takes(old()).await, Err(PanelCode::Auth), "the old keys are dead");
    let mode = std::fs::metadata(world.path("keys/fra-1")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o400);
    let left: Vec<_> = std::fs::read_dir(world.path("keys")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let said = said.concat();
    for secret in secrets.iter().chain(&world.secrets()) {
        assert!(!said.contains(secret), "{said}");
    }
}

/// The staged pairs without the one in force.
fn rest(mut staged: KeySet) -> KeySet {
    assert!(staged.remove(old().request.id()));
    staged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_master_key_a_rotation_gives_the_server_keys_of_its_own() {
    let world = World::new().await;
    std::fs::remove_file(world.path("keys/fra-1")).unwrap();
    let missing = stopped(&world.rotate().await);
    assert!(missing.contains("--master-key-file"), "{missing}");
    put(&world.path("master"), &"07".repeat(32));
    let (keys, master) = (world.path("keys"), world.path("master"));
    let words =
        ["--keys-dir", keys.to_str().unwrap(), "--master-key-file", master.to_str().unwrap()];
    guided(&world.rotate_with(&words).await);
    let new = signs(&rest(world.staged().unwrap()));
    world.copy_to_the_gateway();
    let switched = async {
        while !world.path("keys/fra-1").exists() {
            guided(&world.rotate_with(&words).await);
        }
    };
    tokio::time::timeout(DEADLINE, switched).await.unwrap();
    world.panels().ping(&world.to).await.unwrap();
    assert_eq!(ids(&world.own()), [new.request.id(), old().request.id()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_a_rotation_from_going_on_is_said_and_nothing_is_changed() {
    let world = World::new().await;
    let before = std::fs::read(world.path("keys/fra-1")).unwrap();
    let stays = || {
        assert_eq!(std::fs::read(world.path("keys/fra-1")).unwrap(), before);
        assert!(world.staged().is_none());
    };
    let said = stopped(&world.rotate_with(&[]).await);
    assert!(said.contains("--keys-dir"), "{said}");
    let servers = world.path("desired/servers.yaml");
    let text = std::fs::read_to_string(&servers).unwrap();
    std::fs::write(&servers, text.replace("keys: fra-1", "keys: fra-9")).unwrap();
    let said = stopped(&world.rotate().await);
    assert!(said.contains("there are: ams-1, fra-9"), "{said}");
    stays();
    // Nobody listens there.
    let away = text.replace(world.to.gateway.as_str(), "http://127.0.0.1:9");
    std::fs::write(&servers, away).unwrap();
    let said = stopped(&world.rotate().await);
    assert!(said.contains("cannot be told") && said.contains("fra-1"), "{said}");
    stays();
    std::fs::write(&servers, "servers: []").unwrap();
    assert!(stopped(&world.rotate().await).contains("nebulalinks check"));
    // Keys that the gateway does not take are not there to be kept working.
    std::fs::write(&servers, text).unwrap();
    let stranger = KeySet::one(MasterKey::new([1; 32]).derive("fra-1"));
    put(&world.path("gateway-keys"), stranger.text().expose_secret());
    let noticed = async { while world.takes(old()).await.is_ok() {} };
    tokio::time::timeout(DEADLINE, noticed).await.unwrap();
    assert!(stopped(&world.rotate().await).contains("mend that first"));
    stays();
}

/// Whoever waits on it finds the keys switched when it goes on.
struct Switching {
    file: PathBuf,
    to: KeySet,
}

#[async_trait]
impl Clock for Switching {
    fn now(&self) -> UnixMs {
        SystemClock.now()
    }
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: DurationMs(self.now().0) }
    }
    async fn sleep_until(&self, _: UnixMs) {
        std::fs::remove_file(&self.file).unwrap();
        put(&self.file, self.to.text().expose_secret());
    }
    fn crash_point(&self, _: &'static str) {}
}

#[tokio::test]
async fn a_request_that_waits_its_turn_while_keys_are_switched_goes_on_with_the_new_ones() {
    let world = World::at_rate(10).await;
    let new = MasterKey::new([2; 32]).derive("fra-1");
    let mut both = KeySet::one(old());
    both.add(Role::Controller, new.clone()).unwrap();
    put(&world.path("gateway-keys"), both.text().expose_secret());
    let noticed = async { while world.takes(new.clone()).await.is_err() {} };
    tokio::time::timeout(DEADLINE, noticed).await.unwrap();
    both.promote(new.request.id());
    let clock = Switching { file: world.path("keys/fra-1"), to: both };
    let panels = world.panels_at(Arc::new(clock));
    // Two minutes' worth of the old key is used up on the way.
    for _ in 0..21 {
        panels.ping(&world.to).await.unwrap();
    }
    assert_eq!(signs(&world.own()).request.id(), new.request.id());
}
