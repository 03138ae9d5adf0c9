//! The whole sandbox as a user starts it, on ports of its own, in folders that go with it.

use nebulalinks_testkit::ports::free_ports;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running sandbox; dropping it ends it.
pub(crate) struct Sandbox {
    /// The address that it printed.
    pub(crate) address: String,
    child: Child,
    /// The four files lie here, where it was started for itself.
    folder: tempfile::TempDir,
}

/// Where the pictures of payments are.
pub(crate) fn receipt(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/receipts");
    folder.join(name).canonicalize().unwrap()
}

impl Sandbox {
    /// Starts it without its story, and waits until all is up.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [metrics, public, discord, gateway_a, gateway_b] = free_ports();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../desired");
        for file in ["plans.yaml", "servers.yaml", "payments.yaml", "shop.yaml"] {
            let text = std::fs::read_to_string(shipped.join(file)).unwrap();
            let text = text.replace("127.0.0.1:18443", &format!("127.0.0.1:{gateway_a}"));
            let text = text.replace("127.0.0.1:18444", &format!("127.0.0.1:{gateway_b}"));
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let at = |port: u16| format!("127.0.0.1:{port}");
        let desired = folder.path().to_string_lossy().into_owned();
        let (metrics, public, discord) = (at(metrics), at(public), at(discord));
        let args = ["--fresh", "--quiet", "--desired", &desired, "--panels", "0"];
        let ports = ["--metrics", &metrics, "--public", &public, "--discord", &discord];
        Self::run(&[args.as_slice(), &ports].concat(), "Everything is up", folder).await
    }

    /// Starts one that writes what is done at its page into a file.
    pub(crate) async fn recording(file: &Path) -> Self {
        let file = file.to_string_lossy();
        let args = ["play", "--record", &file];
        Self::run(&args, "What you do there", tempfile::tempdir().unwrap()).await
    }

    /// Starts one that shows a scenario.
    pub(crate) async fn watching(file: &Path) -> Self {
        let file = file.to_string_lossy();
        Self::run(&["play", "--watch", &file], "The page: ", tempfile::tempdir().unwrap()).await
    }

    async fn run(args: &[&str], ready: &str, folder: tempfile::TempDir) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nebulalinks-sandbox"))
            .args(args)
            .args(["--page", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = None;
        loop {
            let line = lines.next_line().await.unwrap().expect("the sandbox goes on");
            if let Some(found) = line.strip_prefix("The page: ") {
                address = Some(found.trim().to_owned());
            }
            if line.starts_with(ready) {
                break;
            }
        }
        // Nobody else reads what it says, and a full pipe would hold it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let address = address.expect("the first line names the page");
        Self { address, child, folder }
    }

    /// An operator's editor replaces a text in one of the four files.
    pub(crate) fn edits(&self, file: &str, old: &str, new: &str) {
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} has no {old}");
        std::fs::write(path, text.replace(old, new)).unwrap();
    }

    /// What the page's own script asks for, and what is answered.
    pub(crate) async fn acts(&self, act: &Value) -> (u16, Value) {
        let origin: Vec<&str> = self.address.split('/').take(3).collect();
        let asked = reqwest::Client::new()
            .post(format!("{}api/act", self.address))
            .header("origin", origin.join("/"))
            .json(act);
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Ends it as Ctrl-C does.
    pub(crate) async fn stop(mut self) {
        let pid = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-INT", &pid]).status().await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(10), self.child.wait()).await;
        assert!(ended.expect("it ends within 10 s").unwrap().success());
    }
}
