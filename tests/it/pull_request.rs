//! What a pull request's comment says, by the shipped script on a real repository and a forge that answers as
//! GitHub's and GitLab's API do.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

const TOKEN: &str = "a-token-that-nobody-reads";

/// The comments of a pull request, and what was asked: method and path.
#[derive(Default)]
struct Said {
    comments: Vec<Value>,
    asked: Vec<String>,
    /// Answers every write with this status.
    refuses: Option<u16>,
}

/// A forge with one pull request of number 7.
struct Forge {
    api: String,
    said: Arc<Mutex<Said>>,
}

impl Forge {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = format!("http://{}", listener.local_addr().unwrap());
        let said = Arc::<Mutex<Said>>::default();
        let known = Arc::clone(&said);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &mut known.lock().unwrap());
            }
        });
        Self { api, said }
    }

    /// Somebody else comments.
    fn comment(&self, who: &str, body: &str) {
        let mut said = self.said.lock().unwrap();
        let id = said.comments.len() + 100;
        said.comments.push(comment(id, who, body));
    }

    fn bodies(&self) -> Vec<String> {
        let said = self.said.lock().unwrap();
        said.comments.iter().map(|c| c["body"].as_str().unwrap().to_owned()).collect()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.said.lock().unwrap().asked)
    }
}

fn comment(id: usize, who: &str, body: &str) -> Value {
    json!({ "id": id, "body": body, "user": { "login": who }, "author": { "username": who } })
}

fn answer(stream: TcpStream, said: &mut Said) {
    let mut reader = BufReader::new(&stream);
    let (mut first, mut length, mut known) = (String::new(), 0, false);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.parse().unwrap();
        }
        known |= line.ends_with(TOKEN);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let words: Vec<&str> = first.split(' ').collect();
    said.asked.push(format!("{} {}", words[0], words[1]));
    let (status, answer) =
        if known { act(words[0], words[1], &body, said) } else { (401, json!("who?")) };
    let answer = answer.to_string();
    let length = answer.len();
    let _ = write!(
        &stream,
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
    );
}

fn act(method: &str, path: &str, body: &[u8], said: &mut Said) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let lists = ["/repos/shop/vpn/issues/7/comments", "/projects/55/merge_requests/7/notes"];
    let text =
        || serde_json::from_slice::<Value>(body).unwrap()["body"].as_str().unwrap().to_owned();
    if let (true, Some(status)) = (method != "GET", said.refuses) {
        return (status, json!({ "message": "Resource not accessible by integration" }));
    }
    match method {
        "GET" if path == "/user" => (200, json!({ "username": "bot" })),
        "GET" if lists.contains(&path) => {
            let page: usize = query.split("page=").last().unwrap().parse().unwrap();
            let comments = said.comments.chunks(100).nth(page - 1).unwrap_or_default();
            (200, json!(comments))
        }
        "POST" if lists.contains(&path) => {
            let who = if path == lists[0] { "github-actions[bot]" } else { "bot" };
            let id = said.comments.len() + 100;
            said.comments.push(comment(id, who, &text()));
            (201, json!({}))
        }
        "PATCH" | "PUT" => {
            let id: usize = path.rsplit('/').next().unwrap().parse().unwrap();
            let one = said.comments.iter_mut().find(|c| c["id"] == id).unwrap();
            one["body"] = text().into();
            (200, json!({}))
        }
        _ => (404, json!(path)),
    }
}

/// A repository with the shipped files.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let one = Self(tempfile::tempdir().unwrap());
        let desired = one.0.path().join("desired");
        std::fs::create_dir(&desired).unwrap();
        for file in ["plans.yaml", "servers.yaml", "payments.yaml", "shop.yaml"] {
            std::fs::copy(root().join("desired").join(file), desired.join(file)).unwrap();
        }
        one.git(&["init", "--quiet"]);
        one.commit("As shipped");
        one
    }

    fn git(&self, words: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.0.path()).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null");
        for (name, value) in [("NAME", "Nadia"), ("EMAIL", "n@example.com")] {
            git.env(format!("GIT_AUTHOR_{name}"), value)
                .env(format!("GIT_COMMITTER_{name}"), value);
        }
        let out = git.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, subject: &str) -> String {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn edit(&self, file: &str, was: &str, is: &str) {
        let path = self.0.path().join("desired").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(was), "{was}");
        std::fs::write(path, text.replace(was, is)).unwrap();
    }

    /// Runs the script for what lies between a commit and now.
    fn says(&self, forge: &Forge, kind: &str, from: &str) -> Output {
        let repo = if kind == "github" { "shop/vpn" } else { "55" };
        let mut script = Command::new(root().join("deploy/pull-request/diff-comment.sh"));
        script.current_dir(self.0.path());
        for set_in_pipelines in ["GITHUB_STEP_SUMMARY", "AUTHOR", "DIR", "RECORDS"] {
            script.env_remove(set_in_pipelines);
        }
        for (name, value) in [
            ("FORGE", kind),
            ("API", &forge.api),
            ("REPO", repo),
            ("NUMBER", "7"),
            ("TOKEN", TOKEN),
            ("FROM", from),
            ("TO", "HEAD"),
            ("NEBULALINKS", env!("CARGO_BIN_EXE_nebulalinks")),
        ] {
            script.env(name, value);
        }
        script.output().unwrap()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn said(output: &Output) -> String {
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(!said.contains(TOKEN), "{said}");
    said
}

#[test]
fn a_pull_request_has_one_comment_that_each_push_edits() {
    for (kind, edit) in [
        ("github", "PATCH /repos/shop/vpn/issues/comments/"),
        ("gitlab", "PUT /projects/55/merge_requests/7/notes/"),
    ] {
        let (forge, shop) = (Forge::start(), Repository::new());
        let base = shop.git(&["rev-parse", "HEAD"]);
        // Whoever writes what the script looks for gets no comment overwritten, on however many pages.
        for n in 0..130 {
            forge.comment("mallory", &format!("<!-- nebulalinks diff --> {n}"));
        }
        shop.edit("plans.yaml", "100.00 EGP", "120.00 EGP");
        shop.commit("Raise the price");
        let output = shop.says(&forge, kind, &base);
        assert!(output.status.success(), "{}", said(&output));
        let bodies = forge.bodies();
        assert_eq!(bodies.len(), 131);
        let own = &bodies[130];
        assert!(own.starts_with("<!-- nebulalinks diff -->\n### What this edit does"), "{own}");
        assert!(own.contains("| plans.yaml:7 | plan `basic-30` | `prices` | `[100.00 EGP, 2.10 USD]` | `[120.00 EGP, 2.10 USD]` |"), "{own}");
        assert!(said(&output).contains("What this edit does"));
        forge.asked();
        shop.edit("servers.yaml", "capacity: 200", "capacity: 300");
        shop.commit("More room");
        let output = shop.says(&forge, kind, &base);
        assert!(output.status.success(), "{}", said(&output));
        let bodies = forge.bodies();
        assert!(
            bodies.len() == 131 && bodies[130].contains("| `capacity` | `200` | `300` |"),
            "{}",
            bodies[130]
        );
        assert!(bodies[..130].iter().all(|body| body.starts_with("<!-- nebulalinks diff --> ")));
        let asked = forge.asked();
        let write = asked.last().unwrap();
        assert!(write.starts_with(edit), "{asked:?}");
        // All is taken back: so is what was said.
        shop.git(&["checkout", "--quiet", &base, "--", "desired"]);
        shop.commit("As before");
        assert!(shop.says(&forge, kind, &base).status.success());
        assert!(forge.bodies()[130].contains("Nothing changes."), "{}", forge.bodies()[130]);
    }
}

#[test]
fn an_edit_that_changes_nothing_gets_no_comment_and_one_that_is_refused_fails_with_its_problems() {
    let (forge, shop) = (Forge::start(), Repository::new());
    let base = shop.git(&["rev-parse", "HEAD"]);
    shop.edit("plans.yaml", "plans:", "# Ours.\nplans:");
    shop.commit("A comment");
    let output = shop.says(&forge, "github", &base);
    assert!(output.status.success() && forge.bodies().is_empty(), "{}", said(&output));
    shop.edit("plans.yaml", "traffic: unlimited", "traffic: plenty");
    shop.edit("shop.yaml", "id: main", "id: other");
    shop.commit("A slip");
    let output = shop.says(&forge, "github", &base);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let [own] = &forge.bodies()[..] else { panic!() };
    assert!(own.contains("These files are refused") && own.contains("plans.yaml:30:14"), "{own}");
    assert!(own.contains("the shop's id was ´main´ and is now ´other´"), "{own}");
}

#[test]
fn a_token_that_may_only_read_says_it_in_the_log_and_a_forge_that_fails_is_an_error() {
    let (forge, shop) = (Forge::start(), Repository::new());
    let base = shop.git(&["rev-parse", "HEAD"]);
    shop.edit("plans.yaml", "100.00 EGP", "120.00 EGP");
    shop.commit("Raise the price");
    forge.said.lock().unwrap().refuses = Some(403);
    let output = shop.says(&forge, "github", &base);
    assert!(
        output.status.success() && said(&output).contains("may not comment"),
        "{}",
        said(&output)
    );
    forge.said.lock().unwrap().refuses = Some(422);
    let output = shop.says(&forge, "github", &base);
    assert!(
        output.status.code() == Some(1) && said(&output).contains("(422)"),
        "{}",
        said(&output)
    );
    let output = shop.says(&forge, "github", "no-such-revision");
    assert!(
        output.status.code() == Some(1) && said(&output).contains("is no commit"),
        "{}",
        said(&output)
    );
}
