//! The gateway in a process of its own, so that its memory is nobody else's; and in its place the
//! same work without signatures.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Json;
use nebulalinks_gateway::claim::StateFolder;
use nebulalinks_gateway::edge::Edge;
use nebulalinks_gateway::hooks::no_hook;
use nebulalinks_gateway::{
    KeySource, PanelTarget, Parts, SystemClock, SystemEntropy, VERSION, router,
};
use nebulalinks_protocol::{Health, KeyPair, KeySet, MasterKey, Panel, Xray};
use serde_json::Value;

use super::panel::{Target, now_ms};

/// The keys of both sides.
pub(crate) fn keys() -> KeyPair {
    MasterKey::new([9; 32]).derive("bench")
}

/// A child that listens.
pub(crate) struct Child {
    pub(crate) address: SocketAddr,
    process: std::process::Child,
    _state: tempfile::TempDir,
}

impl Child {
    /// Starts this program once more as `gateway` or `unsigned`, or what else it knows how to be.
    pub(crate) async fn start(kind: &str, target: &Target) -> Self {
        let state = tempfile::tempdir().unwrap();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--child", kind])
            .env("BENCH_PANEL", &target.url)
            .env("BENCH_TOKEN", &target.token)
            .env("BENCH_STATE", state.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().parse().unwrap();
        // What was signed in the second of its start is too early.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        Self { address, process, _state: state }
    }

    /// The processor time it took so far, in ms, to 10 ms: Linux shows hundredths of a second.
    pub(crate) fn cpu_ms(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // Behind the name, which may hold anything: the state is the third field of all.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |field: usize| fields.get(field - 3).unwrap().parse::<u64>().unwrap();
        (ticks(14) + ticks(15)) * 10
    }

    /// The most memory it ever had, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.kib("VmHWM:")
    }

    /// The memory that it has now, in KiB.
    #[allow(dead_code, reason = "the benchmark of the whole uses it")]
    pub(crate) fn resident_kib(&self) -> u64 {
        self.kib("VmRSS:")
    }

    fn kib(&self, what: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It ends when its input does; what it returns says nothing.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Which child this process is to be.
pub(crate) fn kind(arguments: &[String]) -> Option<&str> {
    let at = arguments.iter().position(|a| a == "--child")?;
    arguments.get(at + 1).map(String::as_str)
}

/// Serves until the parent is gone.
pub(crate) async fn serve(kind: &str) {
    let var = |name: &str| std::env::var(name).unwrap();
    let target = Target { url: var("BENCH_PANEL"), token: var("BENCH_TOKEN") };
    let app = match kind {
        "gateway" => gateway(&target, var("BENCH_STATE").into()),
        _ => unsigned(target),
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = tokio::spawn(async move { axum::serve(listener, app).await });
    parent_is_gone().await;
    served.abort();
}

/// Waits until the parent is gone.
pub(crate) async fn parent_is_gone() {
    let gone = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = gone.await;
}

fn gateway(target: &Target, state: std::path::PathBuf) -> Router {
    router(Parts {
        panel: PanelTarget::with_token(target.url.parse().unwrap(), target.token.clone()),
        panel_transport: None,
        keys: KeySource::Inline(KeySet::one(keys())),
        claim: Arc::new(StateFolder::at(state)),
        window_s: 60,
        // Not what is measured here.
        edge: Edge { rate_per_minute: NonZeroU32::new(1_000_000).unwrap(), ..Edge::default() },
        clock: Arc::new(SystemClock),
        hook: no_hook(),
        entropy: Arc::new(SystemEntropy),
        registry: prometheus::Registry::new(),
    })
    .unwrap()
}

/// The same server with the same work for `/v1/health`: one call to the panel, its answer read, the
/// same body given. What is left out is all that a signature asks for.
fn unsigned(target: Target) -> Router {
    let http = reqwest::Client::builder().no_proxy().http1_only().build().unwrap();
    Router::new().fallback(health).with_state((http, target))
}

async fn health(State((http, target)): State<(reqwest::Client, Target)>) -> Json<Health> {
    let url = format!("{}panel/api/server/status", target.url);
    let answer = http.get(url).bearer_auth(&target.token).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let text = |name: &str| answer["obj"][name].as_str().unwrap_or_default().to_owned();
    let panel = Panel {
        identity: text("panelGuid"),
        generation: "gen3".to_owned(),
        version: text("panelVersion"),
        xray: Xray::Running,
        xray_up_s: None,
        notices: Vec::new(),
    };
    let version = VERSION.to_owned();
    Json(Health { clock_ms: now_ms(), version, panel: Some(panel), panel_error: None })
}
