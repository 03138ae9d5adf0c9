//! A headless Chromium. WebDriver is a little JSON over HTTP, of which the tests need these few calls;
//! the crates for it bring a hundred others, and a licence that we would have to except.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long a page may take to show what is waited for.
const WITHIN: Duration = Duration::from_secs(20);

/// An open browser; dropping it ends it.
pub(crate) struct Browser {
    http: reqwest::Client,
    session: String,
    /// Where each step is kept as a picture, and how many there are.
    pictures: Option<PathBuf>,
    taken: AtomicUsize,
    _driver: Child,
}

/// Whether there is a browser. Where `CI` is set there must be one.
pub(crate) fn is_there() -> bool {
    let there = ["chromium", "chromedriver"].into_iter().all(|program| {
        let mut asks = std::process::Command::new(program);
        asks.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        asks.status().is_ok_and(|status| status.success())
    });
    #[allow(clippy::disallowed_methods, reason = "a test's own switch")]
    let must = std::env::var("CI").is_ok();
    assert!(
        there || !must,
        "chromium or chromedriver is missing: apt-get install chromium chromium-driver"
    );
    if !there {
        println!("skipped: apt-get install chromium chromium-driver to try the page in a browser");
    }
    there
}

impl Browser {
    /// A window of this size.
    pub(crate) async fn open(width: u32, height: u32) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("chromedriver says its port");
            if let Some(port) = line.split("successfully on port ").nth(1) {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let http = reqwest::Client::new();
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en-US"];
        let arguments: Vec<String> = arguments
            .map(str::to_owned)
            .into_iter()
            .chain([format!("--window-size={width},{height}")])
            .collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": arguments },
        } } });
        let root = format!("http://127.0.0.1:{port}/session");
        let began = http.post(&root).json(&wanted).send().await.unwrap();
        let began: Value = began.json().await.unwrap();
        let id = began["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{began:#}"));
        #[allow(clippy::disallowed_methods, reason = "a test's own switch")]
        let pictures = std::env::var_os("PAGE_PICTURES").map(|folder| {
            let test = std::thread::current().name().unwrap_or("page").replace("::", ".");
            let folder = Path::new(&folder).join(test);
            std::fs::create_dir_all(&folder).unwrap();
            folder
        });
        let taken = AtomicUsize::new(0);
        Self { session: format!("{root}/{id}"), http, pictures, taken, _driver: driver }
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        let asked = self.http.post(format!("{}/{path}", self.session)).json(&body).send().await;
        let answer = asked.map_err(|error| error.to_string())?;
        let went = answer.status().is_success();
        let value: Value = answer.json().await.map_err(|error| error.to_string())?;
        if went { Ok(value["value"].clone()) } else { Err(value["value"]["message"].to_string()) }
    }

    /// Opens an address.
    pub(crate) async fn go(&self, address: &str) {
        self.post("url", json!({ "url": address })).await.unwrap();
    }

    /// What a function of the page's own language answers.
    pub(crate) async fn ask(&self, script: &str, given: &[Value]) -> Value {
        let body = json!({ "script": script, "args": given });
        self.post("execute/sync", body).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// Waits until a condition of the page holds.
    pub(crate) async fn until(&self, what: &str, condition: &str, given: &[Value]) {
        let deadline = tokio::time::Instant::now() + WITHIN;
        while self.ask(&format!("return Boolean({condition})"), given).await != json!(true) {
            if tokio::time::Instant::now() > deadline {
                let text = "const said = document.querySelector('#toasts')?.dataset.last; \
                     return `it said last: ${said}; it shows:\\n${document.body.innerText}`";
                let shown = self.ask(text, &[]).await;
                panic!("waited in vain for {what}; {}", shown.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// The element that an expression finds, as soon as there is one that can be used.
    async fn element(&self, what: &str, found: &str, given: &[Value]) -> String {
        self.until(what, &format!("(({found}) ?? {{ disabled: true }}).disabled !== true"), given)
            .await;
        let element = self.ask(&format!("return {found}"), given).await;
        let id = element.as_object().and_then(|map| map.values().next()?.as_str());
        id.unwrap_or_else(|| panic!("{what} is no element: {element}")).to_owned()
    }

    /// Clicks as a mouse does. What is redrawn at that moment is looked for again.
    pub(crate) async fn click(&self, what: &str, found: &str, given: &[Value]) {
        let deadline = tokio::time::Instant::now() + WITHIN;
        loop {
            let element = self.element(what, found, given).await;
            match self.post(&format!("element/{element}/click"), json!({})).await {
                Ok(_) => return,
                Err(why) if tokio::time::Instant::now() > deadline => panic!("{what}: {why}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(40)).await,
            }
        }
    }

    /// Types into an element; a path into a field for files.
    pub(crate) async fn fill(&self, what: &str, found: &str, given: &[Value], text: &str) {
        let element = self.element(what, found, given).await;
        let typed = self.post(&format!("element/{element}/value"), json!({ "text": text })).await;
        typed.unwrap_or_else(|why| panic!("{what}: {why}"));
    }

    /// Names a file in the field for files that has the focus: nobody can type into the machine's dialog.
    pub(crate) async fn choose_file(&self, file: &Path) {
        self.fill("a field for a file", "document.activeElement", &[], &file.to_string_lossy())
            .await;
    }

    /// Keys go to whatever has the focus.
    pub(crate) async fn keys(&self, text: &str) {
        let strokes = text.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let strokes: Vec<Value> = strokes.collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("actions", json!({ "actions": [keyboard] })).await.unwrap();
    }

    /// Keeps the window as it is now as a picture, where `PAGE_PICTURES` names a folder.
    pub(crate) async fn picture(&self) {
        let Some(folder) = &self.pictures else { return };
        let asked = self.http.get(format!("{}/screenshot", self.session)).send().await.unwrap();
        let answer: Value = asked.json().await.unwrap();
        let picture = STANDARD.decode(answer["value"].as_str().unwrap()).unwrap();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        std::fs::write(folder.join(format!("{number:02}.png")), picture).unwrap();
    }

    /// What the browser complained about.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let lines = self.post("se/log", json!({ "type": "browser" })).await.unwrap();
        let lines = lines.as_array().cloned().unwrap_or_default();
        lines.iter().map(|line| format!("{} {}", line["level"], line["message"])).collect()
    }

    /// Ends the window; without it the browser would outlive the test.
    pub(crate) async fn close(self) {
        let _ = self.http.delete(&self.session).send().await;
    }
}
