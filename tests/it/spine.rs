//! The spine, all parts of it in one process and nothing replaced but the two outside systems:
//! an order placed in (emulated) Discord becomes a client on a (model) panel, and a link.

use nebulalinks::cli::{self, run};
use nebulalinks::config::{
    Chat, ControlSocket, GatewayTls, GitPull, Keys, Places, Public, RunConfig, Scheduled, Shown,
    StoreSettings,
};
use nebulalinks::store::{OpenOptions, SledStore};
use nebulalinks_gateway::{Config, Env, KeySource, PanelTarget, serve};
use nebulalinks_model_discord::{Emulator, EmulatorConfig};
use nebulalinks_model_panel::{ModelPanel, PanelConfig};
use nebulalinks_protocol::KeySet;
use nebulalinks_protocol::{MasterKey, key_file};
use nebulalinks_testkit::ports::free_ports;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const DEADLINE: Duration = Duration::from_secs(20);

fn png() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/receipts/receipt.png"))
        .unwrap()
}

#[allow(clippy::disallowed_methods)]
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// The shipped files, with the gateways at free ports.
fn desired(to: &Path, gateways: [u16; 2]) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("desired");
    for name in ["plans.yaml", "payments.yaml", "shop.yaml", "servers.yaml"] {
        let text = std::fs::read_to_string(from.join(name)).unwrap();
        let text = text
            .replace("127.0.0.1:18443", &format!("127.0.0.1:{}", gateways[0]))
            .replace("127.0.0.1:18444", &format!("127.0.0.1:{}", gateways[1]));
        std::fs::write(to.join(name), text).unwrap();
    }
}

/// What an operator reads on the same host.
async fn said(state: &Path, command: &str) -> Value {
    let mut asked = tokio::process::Command::new(env!("CARGO_BIN_EXE_nebulalinks"));
    asked.args(command.split(' ')).args(["-o", "json", "--state"]).arg(state);
    let answer = asked.output().await.unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).unwrap()
}

/// The commands for operators, of the running shop with its one account.
async fn look_around(state: &Path) {
    let accounts = said(state, "get accounts --server fra-1 --condition Stalled").await;
    assert_eq!(accounts["accounts"].as_array().unwrap().len(), 0);
    let accounts = said(state, "get accounts").await;
    let account = &accounts["accounts"][0];
    // Their buyer is a customer, known as Discord knows them.
    let there = account["identity"].as_str().unwrap();
    let customer = said(state, &format!("describe customer {there}")).await;
    assert_eq!(
        (&customer["id"], &customer["has"][0]["id"]),
        (&account["customer"], &account["id"])
    );
    let theirs = said(state, &format!("audit --subject {there}")).await;
    assert!(theirs["lines"].as_array().unwrap().iter().any(|line| line["verb"] == "place"));
    assert_eq!(account["standing"], "Active", "{accounts:#}");
    let id = account["id"].as_str().unwrap();
    let due = said(state, "get due").await;
    assert_eq!((&due[0]["what"], &due[0]["id"]), (&"account-ends".into(), &account["id"]));
    let passes = said(state, "get passes").await;
    let sent = |pass: &Value| pass["let_through"]["first"].to_string().contains("create: ends in ");
    assert!(passes.as_array().unwrap().iter().any(sent), "{passes:#}");
    let orders = said(state, "get orders --status approved").await;
    assert_eq!(orders["orders"][0]["account"], account["id"], "{orders:#}");
    let order = orders["orders"][0]["id"].as_str().unwrap();
    // Of one account alone the first characters of its id are enough, and its order means it, too.
    for typed in [&id[..8], order] {
        let one = said(state, &format!("describe account {typed}")).await;
        assert_eq!((&one["id"], &one["terms"][0]["seq"]), (&account["id"], &0.into()), "{one:#}");
    }
    let why = said(state, &format!("explain {id}")).await;
    assert_eq!(why["standing"], "Active", "{why:#}");
    let lines = said(state, &format!("audit --subject account:{id} --since 1h")).await;
    let verbs: Vec<&str> = lines["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["verb"].as_str().unwrap())
        .collect();
    assert!(verbs.contains(&"create"), "{lines:#}");
    let lines = said(state, &format!("audit --subject order:{order}")).await;
    assert!(lines["lines"].to_string().contains("approve"), "{lines:#}");
    let events = said(state, "get events").await;
    let kinds = events["events"].to_string();
    assert!(kinds.contains("\"pass\"") && kinds.contains("approve"), "{events:#}");
    let customers = said(state, "get customers").await;
    assert_eq!(customers["customers"].as_array().unwrap().len(), 1, "{customers:#}");
    let servers = said(state, "get servers --sort accounts").await;
    assert_eq!((&servers[0]["bound"], &servers[1]["bound"]), (&0.into(), &1.into()), "{servers:#}");
    let plan = said(state, "describe plan basic-30").await;
    assert_eq!((&plan["id"], &plan["terms_sold"]), (&"basic-30".into(), &1.into()), "{plan:#}");
    assert_eq!(said(state, "describe server fra-1").await["server"], "fra-1");
}

/// The files with the server of the only account drained.
fn edited(folder: &Path, ports: [u16; 2]) -> std::path::PathBuf {
    let edited = folder.join("edited");
    std::fs::create_dir(&edited).unwrap();
    desired(&edited, ports);
    let servers = edited.join("servers.yaml");
    let text = std::fs::read_to_string(&servers).unwrap();
    let (before, after) = text.split_once("- id: ams-1").unwrap();
    let after = after.replacen("lifecycle: active", "lifecycle: draining", 1);
    std::fs::write(&servers, format!("{before}- id: ams-1{after}")).unwrap();
    edited
}

/// What the shipped program comes to.
async fn command(words: &[&str]) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_nebulalinks");
    tokio::process::Command::new(program).args(words).output().await.unwrap()
}

/// What an edit would do, as JSON.
async fn diff(edited: &Path, words: &[&str]) -> Value {
    let words = [&["diff", edited.to_str().unwrap(), "-o", "json"], words].concat();
    let output = command(&words).await;
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_placed_in_discord_becomes_a_client_and_a_link() {
    let _ = tracing_subscriber::fmt()
        .with_env_filter("info,serenity=warn")
        .with_test_writer()
        .try_init();
    // Left behind by a failure: a store whose files vanish ends the process, and with it what failed.
    let mut folder = tempfile::tempdir().unwrap();
    folder.disable_cleanup(true);
    let master = MasterKey::new([7; 32]);
    let master_text = SecretString::from("07".repeat(32));
    let shutdown = CancellationToken::new();
    let [metrics, ports @ ..] = free_ports::<3>();
    let files = folder.path().join("desired");
    std::fs::create_dir(&files).unwrap();
    desired(&files, ports);

    let mut panels = Vec::new();
    let mut servers = Vec::new();
    for (name, port) in ["fra-1", "ams-1"].into_iter().zip(ports) {
        let panel = ModelPanel::new(PanelConfig::new(name, "panel-token", Arc::new(now_ms)));
        let server = panel.serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let keys = KeySet::parse(key_file(&master.derive(name)).expose_secret()).unwrap();
        let config = Config {
            server: name.to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], port)),
            tls: None,
            plain_http_behind_proxy: false,
            edge: nebulalinks_gateway::Edge::default(),
            metrics_listen: None,
            panel: PanelTarget::with_token(
                format!("http://{}/", server.addr()).parse().unwrap(),
                SecretString::from("panel-token"),
            ),
            keys: KeySource::Inline(keys),
            state: folder.path().join(name),
            window_s: 30,
        };
        let stop = shutdown.clone();
        tokio::spawn(serve(config, Env::default(), async move { stop.cancelled().await }));
        panels.push(panel);
        servers.push(server);
    }
    let emulator = Emulator::start(EmulatorConfig::new("token", EmulatorConfig::system_clock()))
        .await
        .unwrap();
    SledStore::init(&OpenOptions::at(folder.path().join("state"))).unwrap();
    let state = folder.path().join("state");
    let config = RunConfig {
        backups: Scheduled::default(),
        places: Places { desired: files, state: state.clone() },
        control: ControlSocket { socket: None },
        git: GitPull::default(),
        keys: Keys { keys_dir: None, master_key_file: None, master_key: Some(master_text) },
        gateway_tls: GatewayTls::default(),
        chat: Chat {
            discord_token_file: None,
            discord_token: Some(SecretString::from("token")),
            discord_api: Some(emulator.base_url().parse().unwrap()),
        },
        public: Public {
            public_listen: None,
            public_proxies: nebulalinks_protocol::callers::Nets::default(),
        },
        shown: Shown { listen: SocketAddr::from(([127, 0, 0, 1], metrics)) },
        store: StoreSettings { store_cache_mib: 16 },
        take_over: false,
    };
    let shop = tokio::spawn(run(config, cli::Env::real(), shutdown.clone()));
    emulator.wait_for_bot(DEADLINE).await.unwrap();

    let alice = emulator.user("alice");
    let omar = emulator.staff("omar", "admin");
    alice.wait_to_see("store", "Basic", DEADLINE).await.unwrap();
    alice.press("store", "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    let paid = alice.slash("/pay", &[], Some(("receipt.png", png().into()))).await.unwrap();
    println!("{}", paid.text());
    omar.wait_to_see("review", "Proof", DEADLINE).await.unwrap();
    omar.press("review", "Approve").await.unwrap();
    omar.press((), "Confirm").await.unwrap();
    let linked = emulator
        .wait_for("alice's link", DEADLINE, |e| {
            (e.count_dms("alice", "vless://") == 1).then_some(())
        })
        .await;
    println!("{}", emulator.transcript());
    linked.unwrap();
    let clients: usize = panels.iter().map(|p| p.clients().len()).sum();
    assert_eq!(clients, 1);
    look_around(&state).await;
    let edited = edited(folder.path(), ports);
    let online = diff(&edited, &["--state", state.to_str().unwrap()]).await;
    emulator.assert_clean();
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(3), shop).await.unwrap().unwrap().unwrap();
    emulator.stop().await;
    // What it came to in the running service, it comes to in its folder, which stays as it is.
    let offline = diff(&edited, &["--offline", state.to_str().unwrap()]).await;
    assert_eq!(offline, online);
    assert_eq!(online["accounts"], 1, "{online:#}");
    let said: Vec<&str> =
        online["effects"].as_array().unwrap().iter().filter_map(|e| e["code"].as_str()).collect();
    assert!(said.contains(&"move") && said.contains(&"nobody_cut_off"), "{online:#}");
    let history = command(&["history", "-o", "json", "--state", state.to_str().unwrap()]).await;
    let history: Value = serde_json::from_slice(&history.stdout).unwrap();
    assert!(history["revisions"][0]["since_ms"].as_u64().unwrap() > 0, "{history:#}");
    folder.close().unwrap();
}
