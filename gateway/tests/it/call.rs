//! The shipped program as a script uses it, against a gateway.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nebulalinks_gateway::{Clock as _, SystemClock};
use nebulalinks_protocol::{Key, KeyPair, KeySet, Role};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::{EMAIL, TestClock, World, private, script_keys, start, told};

/// A gateway at the time of the machine, for the program has no other.
struct Real {
    world: World,
    gateway: SocketAddr,
    folder: tempfile::TempDir,
}

impl Real {
    async fn new() -> Self {
        let world = World::new().await;
        let folder = tempfile::tempdir().unwrap();
        let mut config = told(world.target(), &world.keys, folder.path());
        config.window_s = 300;
        let now = SystemClock.now_ms();
        // Started a minute ago, so that nothing is signed in the second of its start.
        let clock = TestClock(Arc::new(AtomicU64::new(now - 60_000)));
        let (gateway, _) = start(&config, &clock, &world.points);
        clock.0.store(now, Ordering::SeqCst);
        Self { world, gateway, folder }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        private(&path, text);
        path
    }

    fn keys(&self) -> PathBuf {
        let text = KeySet::of(Role::Scripts, script_keys()).text();
        self.file("script-keys", text.expose_secret())
    }

    async fn call(&self, keys: &Path, words: &[&str], body: Option<&Value>) -> Output {
        let url = format!("http://{}", self.gateway);
        call(&[words, &["--url", &url, "--keys-file", keys.to_str().unwrap()]].concat(), body).await
    }
}

/// Runs it; the gateway serves meanwhile. A body goes to standard input.
async fn call(words: &[&str], body: Option<&Value>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nebulalinks-gateway"));
    command.env_clear().arg("call").args(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let body = body.map(Value::to_string).unwrap_or_default();
    let run = move || {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that refuses its words does not read.
        let _ = std::io::Write::write_all(&mut stdin, body.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn printed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// What it says why it failed; nothing that failed so prints anything else.
fn refused(output: &Output) -> String {
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn no_key_in(output: &Output) {
    let text = KeySet::of(Role::Scripts, script_keys()).text();
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8(said).unwrap();
    for line in text.expose_secret().lines().filter_map(|l| l.split_once('=')) {
        assert!(!said.contains(line.1), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_makes_reads_and_deletes_a_client_with_the_shipped_program() {
    let real = Real::new().await;
    let keys = real.keys();
    let create = json!({"email": "bob", "inbounds": [1], "days": 30, "cap_gib": 50});
    let file = real.file("body.json", &create.to_string());
    let words = ["POST", "/api/vpn/create", "--body", file.to_str().unwrap()];
    let made = real.call(&keys, &words, None).await;
    assert_eq!(printed(&made)["outcome"], "applied");
    assert!(made.status.success() && made.stderr.is_empty(), "{made:?}");

    let seen = real.call(&keys, &["get", "/api/vpn/stats/bob"], None).await;
    assert_eq!(printed(&seen)["client"]["email"], "bob");
    let words = ["POST", "/api/vpn/delete", "--body", "-"];
    let gone = real.call(&keys, &words, Some(&json!({"email": "bob"}))).await;
    assert_eq!(printed(&gone)["outcome"], "applied");
    assert_eq!(real.world.panel.client("bob"), None);
    for output in [made, seen, gone] {
        no_key_in(&output);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_refusal_is_printed_and_said_and_exits_1() {
    let real = Real::new().await;
    let words = ["POST", "/api/vpn/delete", "--body", "-"];
    let output = real.call(&real.keys(), &words, Some(&json!({"email": EMAIL}))).await;
    assert_eq!((output.status.code(), &printed(&output)["code"]), (Some(1), &json!("conflict")));
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(said.contains("conflict: ") && said.contains("nebulalinks describe account"), "{said}");
    // A name that must be encoded arrives as it is meant.
    let odd = real.call(&real.keys(), &["GET", "/api/vpn/stats/a%23b"], None).await;
    assert_eq!(printed(&odd)["code"], "not_found");
    no_key_in(&output);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gateway_did_not_sign_is_not_printed() {
    let real = Real::new().await;
    let pair = |request: Key, response: Key| {
        let text = KeySet::of(Role::Scripts, KeyPair { request, response }).text();
        real.file("other-keys", text.expose_secret())
    };
    let good = script_keys();
    let keys = pair(good.request.clone(), Key::new([3; 32]));
    let said = refused(&real.call(&keys, &["GET", "/api/health"], None).await);
    assert!(said.contains("200") && said.contains("not believed"), "{said}");
    let keys = pair(Key::new([3; 32]), good.response);
    let said = refused(&real.call(&keys, &["GET", "/api/health"], None).await);
    assert!(said.contains("401") && said.contains("does not know this key"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_said_with_what_to_do() {
    let real = Real::new().await;
    let keys = real.keys();
    let health = ["GET", "/api/health"];
    let missing = real.folder.path().join("missing");
    assert!(refused(&real.call(&missing, &health, None).await).contains("missing"));
    let controllers = real.file("c", KeySet::one(real.world.keys.clone()).text().expose_secret());
    let said = refused(&real.call(&controllers, &health, None).await);
    assert!(said.contains("script-request="), "{said}");
    let role = ["GET", "/v1/health", "--role", "controller"];
    assert!(real.call(&controllers, &role, None).await.status.success());
    let said = refused(&real.call(&keys, &["GET", "api/health"], None).await);
    assert!(said.contains("begins with /"), "{said}");
    let said = refused(&real.call(&keys, &["GET", "/api/vpn/stats/a#b"], None).await);
    assert!(said.contains("%23"), "{said}");
    let words = ["POST", "/api/vpn/delete", "--body", missing.to_str().unwrap()];
    assert!(refused(&real.call(&keys, &words, None).await).contains("missing"));

    let path = keys.to_str().unwrap();
    let clear = ["GET", "/api/health", "--url", "http://203.0.113.7", "--keys-file", path];
    let said = refused(&call(&clear, None).await);
    assert!(said.contains("https://"), "{said}");
    let user =
        ["GET", "/api/health", "--url", "https://me:hunter2@gw.example", "--keys-file", path];
    let said = refused(&call(&user, None).await);
    assert!(said.contains("a user or a password") && !said.contains("hunter2"), "{said}");
    // Nobody listens there.
    let nobody = ["GET", "/api/health", "--url", "http://127.0.0.1:9", "--keys-file", path];
    let said = refused(&call(&nobody, None).await);
    assert!(said.contains("nothing was asked") && said.contains("--url"), "{said}");
    let said = refused(&call(&["GET", "/api/health", "--url", "http://127.0.0.1:9"], None).await);
    assert!(said.contains("--keys-file") && said.contains("keygen --scripts"), "{said}");
}
