//! A model panel, a gateway in front of it, and a caller that can send every malformed request.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use nebulalinks_gateway::{Clock, Config, Edge, Env, Gateway, Hook, KeySource, PanelTarget};
use nebulalinks_model_panel::{
    Generation, InboundSeed, ModelPanel, PanelConfig, PanelServer, PanelVersion,
};
use nebulalinks_protocol::{
    Cap, ClaimRequest, ClaimResponse, ClientList, DeleteRequest, Desired, End, Expect, KeyPair,
    KeySet, MasterKey, Problem, PutRequest, RequestParts, RestartAnswer, RestartRequest, Role,
    Stamp, WriteAnswer, sign_request, verify_response,
};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

mod points;
mod raw;

pub(crate) use points::Points;
pub(crate) use raw::{Answer, Raw};

pub(crate) const START_MS: u64 = 1_795_255_200_000;
pub(crate) const EMAIL: &str = "nl-main-01jz8q5v9m3kaaaaaaaaaaaaaa";
pub(crate) const DAY_MS: u64 = 86_400_000;

#[derive(Clone)]
pub(crate) struct TestClock(pub(crate) Arc<AtomicU64>);

impl Clock for TestClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Writes a file with a secret as it must be: for its owner alone.
pub(crate) fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Where a gateway listens, and where its metrics do.
pub(crate) type Addresses = (SocketAddr, SocketAddr);

/// Who asks a gateway, whatever panel stands behind it.
pub(crate) struct Caller {
    pub(crate) clock: TestClock,
    pub(crate) keys: KeyPair,
    pub(crate) gateway: SocketAddr,
    pub(crate) metrics: SocketAddr,
    nonces: AtomicUsize,
    /// A start anew of Xray was asked for: nothing else brings one about.
    pub(crate) asked_to_restart: AtomicBool,
}

pub(crate) struct World {
    pub(crate) panel: ModelPanel,
    pub(crate) panel_server: Option<PanelServer>,
    pub(crate) state: tempfile::TempDir,
    pub(crate) points: Arc<Points>,
    panel_addr: SocketAddr,
    caller: Caller,
}

/// Makes each law a test for each version, in a module that is named after the version.
macro_rules! hold_for_all {
    ($($law:ident)*) => {
        hold_for_all!(@version v2_6_5 V2_6_5 $($law)*);
        hold_for_all!(@version v2_9_4 V2_9_4 $($law)*);
        hold_for_all!(@version v3_4_2 V3_4_2 $($law)*);
        hold_for_all!(@version head Head $($law)*);
    };
    (@version $module:ident $version:ident $($law:ident)*) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $law() {
                    super::$law(nebulalinks_model_panel::PanelVersion::$version).await;
                }
            )*
        }
    };
}

impl std::ops::Deref for World {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// Whatever a test was about: no call was made that no gateway may make.
impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let ways = self.panel.ways_called();
            let restarted = ways.iter().any(|way| way.ends_with("restartXrayService"));
            assert!(!restarted || self.caller.asked_to_restart.load(Ordering::Relaxed), "unasked");
            assert_eq!(crate::calls::strange(&ways), Vec::<&String>::new());
        }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::of(PanelVersion::Head).await
    }

    pub(crate) async fn of(version: PanelVersion) -> Self {
        Self::with(version, |_| {}).await
    }

    /// A world whose gateway gets more options than it needs.
    pub(crate) async fn with(version: PanelVersion, change: impl FnOnce(&mut Config)) -> Self {
        let clock = TestClock(Arc::new(AtomicU64::new(START_MS)));
        let time = clock.clone();
        let config = PanelConfig::new(
            "guid-1",
            "panel-token",
            Arc::new(move || i64::try_from(time.now_ms()).unwrap()),
        )
        .with_version(version)
        .with_base_path("/t/")
        .with_inbound(InboundSeed::vless_ws("ws", 444))
        .with_inbound(InboundSeed::trojan_reality("trojan", 445))
        .with_inbound(InboundSeed::shadowsocks(
            "ss",
            446,
            "2022-blake3-aes-128-gcm",
            "AAECAwQFBgcICQoLDA0ODw==",
        ));
        let panel = ModelPanel::new(config);
        let server = panel.serve(([127, 0, 0, 1], 0).into()).await.unwrap();
        let keys = MasterKey::new([9; 32]).derive("fra-1");
        let state = tempfile::tempdir().unwrap();
        let points = Arc::new(Points::default());
        let panel_addr = server.addr();
        let target = model_target(version, panel_addr, "panel-token");
        let mut told = told(target, &keys, state.path());
        change(&mut told);
        let gateway = start(&told, &clock, &points);
        let caller = Caller::new(clock, keys, gateway);
        Self { panel, panel_server: Some(server), state, points, panel_addr, caller }
    }

    pub(crate) fn is_gen2(&self) -> bool {
        self.panel.version().generation() == Generation::Two
    }

    /// [`put`] on as many inbounds as the panel's generation takes.
    pub(crate) fn wish(&self, fence: u64, expect: Expect) -> PutRequest {
        let mut request = put(fence, expect);
        if self.is_gen2() {
            request.inbounds.truncate(1);
        }
        request
    }

    /// What the calls that create, and that delete, have in their paths.
    pub(crate) fn paths(&self) -> (&'static str, &'static str) {
        if self.is_gen2() { ("addClient", "delClient") } else { ("clients/add", "clients/del") }
    }

    pub(crate) fn target(&self) -> PanelTarget {
        model_target(self.panel.version(), self.panel_addr, "panel-token")
    }

    /// A script of the operator, with its own keys.
    pub(crate) fn scripts(&self) -> Caller {
        Caller::new(self.clock.clone(), script_keys(), (self.gateway, self.metrics))
    }

    /// The panel, spoken to as its user.
    pub(crate) fn target_with_password(&self, password: &str) -> PanelTarget {
        PanelTarget::with_login(self.target().url, ADMIN, password)
    }

    pub(crate) async fn restart_gateway(&mut self, token: &str) {
        let target = model_target(self.panel.version(), self.panel_addr, token);
        (self.caller.gateway, self.caller.metrics) =
            start_gateway(target, &self.keys, self.state.path(), &self.clock, &self.points).await;
    }
}

impl Caller {
    pub(crate) fn new(clock: TestClock, keys: KeyPair, (gateway, metrics): Addresses) -> Self {
        let caller = Self {
            clock,
            keys,
            gateway,
            metrics,
            nonces: AtomicUsize::new(0),
            asked_to_restart: AtomicBool::new(false),
        };
        // One second later nothing is "created before the gateway started" any more.
        caller.advance(1_000);
        caller
    }

    pub(crate) fn advance(&self, ms: u64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.now_ms()
    }

    /// A good request, to be spoiled.
    pub(crate) fn request(&self, method: &str, path: &str, body: &[u8]) -> Raw {
        self.signed(method, path, body, &self.keys, self.now() / 1000)
    }

    pub(crate) fn signed(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        keys: &KeyPair,
        created: u64,
    ) -> Raw {
        self.signed_for(30, method, path, body, keys, created)
    }

    /// The same, valid for this long, in seconds.
    pub(crate) fn signed_for(
        &self,
        life: u64,
        method: &str,
        path: &str,
        body: &[u8],
        keys: &KeyPair,
        created: u64,
    ) -> Raw {
        use base64::Engine as _;
        let mut bytes = [0_u8; 16];
        let n = self.nonces.fetch_add(1, Ordering::SeqCst);
        bytes[..8].copy_from_slice(&u64::try_from(n).unwrap().to_be_bytes());
        // Two callers of one gateway must not use a nonce twice.
        bytes[8..].copy_from_slice(&self.keys.request.id().as_bytes()[2..10]);
        let nonce = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let host = self.gateway.to_string();
        let (bare, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let signed = sign_request(
            &keys.request,
            &RequestParts { method, authority: &host, path: bare, query, body },
            &Stamp { created, expires: created + life, nonce: &nonce, keyid: keys.request.id() },
        );
        let header = |name: &str, value: String| (name.to_owned(), value);
        Raw {
            method: method.to_owned(),
            path: path.to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: vec![
                header("Host", host),
                header("Connection", "close".to_owned()),
                header("Content-Type", "application/json".to_owned()),
                header("Content-Length", body.len().to_string()),
                header("Content-Digest", signed.content_digest),
                header("Signature-Input", signed.signature_input),
                header("Signature", signed.signature),
            ],
            body: body.to_vec(),
        }
    }

    pub(crate) async fn send(&self, raw: &Raw) -> Answer {
        let mut stream = TcpStream::connect(self.gateway).await.unwrap();
        stream.write_all(&raw.bytes()).await.unwrap();
        if raw.says_more_than_it_sends() {
            stream.shutdown().await.unwrap();
        }
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::parse(&bytes)
    }

    /// A number that the gateway shows, by its name with labels; 0 when it is not there.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let text = reqwest::get(format!("http://{}/metrics", self.metrics)).await.unwrap();
        let text = text.text().await.unwrap();
        let line = text.lines().find_map(|l| l.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Asks, and checks the answer's signature against the question.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        let body = if method == "GET" { Vec::new() } else { body };
        let raw = self.request(method, path, &body);
        let answer = self.send(&raw).await;
        assert!(self.is_signed(&raw, &answer), "{method} {path}: {answer:?}");
        answer
    }

    pub(crate) fn is_signed(&self, raw: &Raw, answer: &Answer) -> bool {
        let headers: Vec<(&str, &[u8])> =
            answer.headers.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
        let signature = raw.header("Signature").to_owned();
        let text = signature.trim_start_matches("gw=:").trim_end_matches(':');
        let binding = nebulalinks_protocol::RequestBinding {
            method: &raw.method,
            path: raw.path.split('?').next().unwrap(),
            signature: text,
        };
        let key = &self.keys.response;
        verify_response(key, key.id(), answer.status, &headers, &answer.body, &binding).is_ok()
    }

    pub(crate) async fn claim(&self) -> u64 {
        let answer = self.ask("POST", "/v1/claim", &claim("store-1", "p1", 5)).await;
        answer.json::<ClaimResponse>().fence
    }

    pub(crate) async fn put(&self, request: &PutRequest) -> Result<WriteAnswer, Box<Problem>> {
        let path = format!("/v1/clients/{}", request.client.email);
        self.ask("PUT", &path, request).await.result()
    }

    pub(crate) async fn delete(
        &self,
        fence: u64,
        uuid: uuid::Uuid,
    ) -> Result<WriteAnswer, Box<Problem>> {
        let body = DeleteRequest { fence, uuid, store: None };
        self.ask("DELETE", &format!("/v1/clients/{EMAIL}"), &body).await.result()
    }

    pub(crate) async fn restart_xray(&self, fence: u64) -> Result<RestartAnswer, Box<Problem>> {
        let body = RestartRequest { fence, store: None };
        self.asked_to_restart.store(true, Ordering::Relaxed);
        self.ask("POST", "/v1/xray/restart", &body).await.result()
    }

    pub(crate) async fn list(&self) -> Result<ClientList, Box<Problem>> {
        self.ask("GET", "/v1/clients", &()).await.result()
    }
}

/// The model panel's one user.
pub(crate) const ADMIN: &str = "admin";

/// The keys of the operator's scripts.
pub(crate) fn script_keys() -> KeyPair {
    MasterKey::new([9; 32]).derive_for(Role::Scripts, "fra-1")
}

/// The way to a model panel with these credentials: a token, or what stands for one on gen-2.
fn model_target(version: PanelVersion, panel: SocketAddr, token: &str) -> PanelTarget {
    let url = format!("http://{panel}/t/").parse().unwrap();
    match version.generation() {
        Generation::Three => PanelTarget::with_token(url, token),
        Generation::Two if token == "panel-token" => PanelTarget::with_login(url, ADMIN, ADMIN),
        Generation::Two => PanelTarget::with_login(url, ADMIN, token),
    }
}

pub(crate) async fn start_gateway(
    panel: PanelTarget,
    keys: &KeyPair,
    state: &Path,
    clock: &TestClock,
    points: &Arc<Points>,
) -> Addresses {
    start(&told(panel, keys, state), clock, points)
}

/// What a gateway must be told, and no more.
pub(crate) fn told(panel: PanelTarget, keys: &KeyPair, state: &Path) -> Config {
    let mut key_set = KeySet::one(keys.clone());
    key_set.add(Role::Scripts, script_keys()).unwrap();
    Config {
        server: "fra-1".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        plain_http_behind_proxy: false,
        edge: Edge::default(),
        metrics_listen: None,
        panel,
        keys: KeySource::Inline(key_set),
        state: state.to_owned(),
        window_s: 30,
    }
}

/// Starts a gateway as it runs in production; it has read its clock and its files on return.
pub(crate) fn start(config: &Config, clock: &TestClock, points: &Arc<Points>) -> Addresses {
    let points = Arc::clone(points);
    let hook: Hook = Arc::new(move |point| points.pass(point));
    let env = Env { clock: Arc::new(clock.clone()), hook, ..Env::default() };
    let gateway = Gateway::open(config, env).unwrap();
    let bind = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (listener, metrics) = (bind(), bind());
    let addresses = (listener.local_addr().unwrap(), metrics.local_addr().unwrap());
    tokio::spawn(async move {
        gateway.run(listener, Some(metrics), std::future::pending()).await.unwrap();
    });
    addresses
}

pub(crate) fn claim(store: &str, process: &str, revision: u64) -> ClaimRequest {
    ClaimRequest {
        store_id: store.to_owned(),
        process: process.to_owned(),
        revision,
        lineage: None,
        shows: Vec::new(),
        gives_up: Vec::new(),
        take_over: false,
    }
}

pub(crate) fn uuid() -> uuid::Uuid {
    "5783c26d-7a1b-4c3e-9f00-0123456789ab".parse().unwrap()
}

pub(crate) fn desired() -> Desired {
    Desired {
        email: EMAIL.to_owned(),
        uuid: uuid(),
        sub_id: "k3v9q2m8x7c1b5n4".to_owned(),
        secret: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned(),
        enable: true,
        end: End::AtMs((START_MS + 30 * DAY_MS).try_into().unwrap()),
        cap: Cap::Bytes((50 << 30).try_into().unwrap()),
        ip_limit: 2,
        comment: "nl: somebody".to_owned(),
    }
}

pub(crate) fn put(fence: u64, expect: Expect) -> PutRequest {
    PutRequest {
        fence,
        expect,
        client: desired(),
        inbounds: vec!["vless-reality".to_owned(), "2".to_owned()],
        from: None,
        to: None,
        store: None,
    }
}
