//! The page without a browser: acts are posted, topics are read, as its scripts do.

use crate::systems::Running;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// How long somebody waits for something to be there.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// A sandbox with its page; dropping it ends it.
pub(crate) struct Page {
    /// Its address, with the slash at its end.
    pub(crate) address: String,
    pub(crate) http: reqwest::Client,
    child: Child,
    _running: Running,
}

/// An event of the stream.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) topic: String,
    pub(crate) id: String,
    pub(crate) data: Value,
}

/// The stream of events of one tab.
pub(crate) struct Stream {
    answer: reqwest::Response,
    rest: Vec<u8>,
}

impl Page {
    /// Starts `play` with these arguments, until a line begins so.
    pub(crate) async fn of(args: &[&str], ready: &str) -> Self {
        let running = Running::start();
        let mut child = Command::new(env!("CARGO_BIN_EXE_nebulalinks-sandbox"))
            .arg("play")
            .args(args)
            .args(["--page", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = String::new();
        loop {
            let line = lines.next_line().await.unwrap().expect("the sandbox goes on");
            if let Some(found) = line.strip_prefix("The page: ") {
                found.trim().clone_into(&mut address);
            }
            if line.starts_with(ready) {
                break;
            }
        }
        // Nobody else reads what it says, and a full pipe would hold it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { address, http: reqwest::Client::new(), child, _running: running }
    }

    /// One that writes down what is done.
    pub(crate) async fn recording(file: &std::path::Path) -> Self {
        Self::of(&["--record", &file.to_string_lossy()], "What you do there").await
    }

    /// An act, to be sent.
    pub(crate) fn asks(&self, act: &Value) -> reqwest::RequestBuilder {
        self.posts("api/act").json(act)
    }

    fn posts(&self, to: &str) -> reqwest::RequestBuilder {
        let origin = self.address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        self.http.post(format!("{}{to}", self.address)).header("origin", origin)
    }

    /// Enters `/pay` with a picture.
    pub(crate) async fn pay(&self, who: &str, channel: &str, name: &str) -> Result<Value, String> {
        let picture = std::fs::read(crate::scenarios::receipt("receipt.png")).unwrap();
        let sent = self.posts(&format!("api/upload?name={name}")).body(picture).send().await;
        let upload = sent.unwrap().json::<Value>().await.unwrap()["upload"].clone();
        let act = json!({ "act": "guild.slash", "as": who, "channel": channel,
                          "command": "/pay", "options": {}, "file": upload });
        self.act(act).await
    }

    /// Buys a month, up to the thread in which it is to be paid for.
    pub(crate) async fn order(&self, who: &str) -> String {
        self.press(who, "Buy").await;
        self.pick(who, "basic-30").await;
        self.pick(who, "vodafone-cash").await;
        let thread = |guild: &Value| {
            let mut channels = guild["channels"].as_array()?.iter();
            channels.find(|channel| channel["kind"] == "thread")?["id"].as_str().map(str::to_owned)
        };
        self.sees(who, "guild", thread).await
    }

    /// Does it, and says what it came to, or why it was refused.
    pub(crate) async fn act(&self, act: Value) -> Result<Value, String> {
        let answer = self.asks(&act).send().await.unwrap();
        let done = answer.status().is_success();
        let said: Value = answer.json().await.unwrap();
        if done { Ok(said) } else { Err(said["message"].as_str().unwrap().to_owned()) }
    }

    /// The events that a person's tab gets; `last` is the id that it had last.
    pub(crate) async fn events(&self, who: &str, last: Option<&str>) -> Stream {
        let asked = self.http.get(format!("{}api/events?as={who}", self.address));
        let asked = last.into_iter().fold(asked, |asked, id| asked.header("last-event-id", id));
        Stream { answer: asked.send().await.unwrap(), rest: Vec::new() }
    }

    /// Waits until a topic shows this to a person.
    pub(crate) async fn sees<T>(
        &self,
        who: &str,
        topic: &str,
        find: impl Fn(&Value) -> Option<T>,
    ) -> T {
        let mut events = self.events(who, None).await;
        let deadline = Instant::now() + SEEN_WITHIN;
        loop {
            let event = tokio::time::timeout_at(deadline, events.next()).await;
            let event = event.unwrap_or_else(|_| panic!("{who} waits for {topic} in vain"));
            let event = event.expect("the stream goes on");
            if event.topic == topic
                && let Some(found) = find(&event.data)
            {
                return found;
            }
        }
    }

    /// Presses the newest button of this label.
    pub(crate) async fn press(&self, who: &str, label: &str) {
        let fits = |component: &Value| component["label"] == label;
        self.click(who, fits, json!([])).await;
    }

    /// Picks an option by its value.
    pub(crate) async fn pick(&self, who: &str, value: &str) {
        let fits = |component: &Value| {
            let options = component["options"].as_array();
            options.is_some_and(|all| all.iter().any(|option| option["value"] == value))
        };
        self.click(who, fits, json!([value])).await;
    }

    async fn click(&self, who: &str, fits: impl Fn(&Value) -> bool, values: Value) {
        let find = |guild: &Value| {
            let channels = guild["channels"].as_array()?;
            let messages = channels.iter().flat_map(|c| c["messages"].as_array()).flatten();
            let number = |message: &Value| message["id"].as_str().unwrap().parse::<u64>().unwrap();
            let with = messages.filter_map(|m| Some((number(m), inner(&m["components"], &fits)?)));
            with.max_by_key(|(id, _)| *id)
        };
        let (message, custom_id) = self.sees(who, "guild", find).await;
        let act = json!({ "act": "guild.press", "as": who, "message": message.to_string(),
                          "custom_id": custom_id, "values": values });
        self.act(act).await.unwrap();
    }

    /// Ends it as Ctrl-C does.
    pub(crate) async fn stop(mut self) {
        let pid = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-INT", &pid]).status().await.unwrap();
        let ended = tokio::time::timeout(SEEN_WITHIN, self.child.wait()).await;
        assert!(ended.expect("it ends").unwrap().success());
    }
}

/// The id of the first component that fits, however deep it lies.
fn inner(components: &Value, fits: &dyn Fn(&Value) -> bool) -> Option<String> {
    components.as_array()?.iter().find_map(|component| {
        if fits(component) {
            return component["custom_id"].as_str().map(str::to_owned);
        }
        let accessory = component.get("accessory").map(|one| json!([one]));
        inner(&component["components"], fits).or_else(|| inner(&accessory?, fits))
    })
}

impl Stream {
    /// The next event; nothing when the stream ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let end = self.rest.windows(2).position(|two| two == b"\n\n");
            if let Some(end) = end {
                let text: Vec<u8> = self.rest.drain(..end + 2).collect();
                return Some(event(&String::from_utf8(text).unwrap()));
            }
            let more = self.answer.chunk().await.ok()??;
            self.rest.extend_from_slice(&more);
        }
    }
}

fn event(text: &str) -> Event {
    let field = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim()
    };
    let data = serde_json::from_str(field("data:")).unwrap_or_default();
    Event { topic: field("event:").into(), id: field("id:").into(), data }
}
