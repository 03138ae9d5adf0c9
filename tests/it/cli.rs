//! The program as people and scripts meet it: what it prints, and how it ends.

use nebulalinks_protocol::{KeySet, MasterKey};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::time::Duration;

/// The longest that a test waits for something that must happen.
const DEADLINE: Duration = Duration::from_secs(20);

fn nebulalinks(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nebulalinks"));
    command.env_clear().args(words);
    command
}

fn shipped() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("desired").to_str().unwrap().to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Answers one request on a socket as the running shop does.
fn shop(folder: &Path, body: &str) -> String {
    shop_of(folder, &[(200, body)])
}

/// Answers requests with these statuses and bodies, and from then on with the last.
fn shop_of(folder: &Path, answers: &[(u16, &str)]) -> String {
    let socket = folder.join("control.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let answers: Vec<String> = answers
        .iter()
        .map(|(status, body)| {
            format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: \
                 {}\r\nnebulalinks-now-ms: 1764403200000\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
        })
        .collect();
    std::thread::spawn(move || {
        for n in 0.. {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let _ = stream.write_all(answers[n.min(answers.len() - 1)].as_bytes());
        }
    });
    socket.to_str().unwrap().to_owned()
}

/// What a command comes to, which must end by itself.
fn ended(child: Child) -> Output {
    let (send, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || send.send(child.wait_with_output()));
    ended.recv_timeout(DEADLINE).expect("it ends by itself").unwrap()
}

/// Runs it with nobody behind the pipe, as `| head` is once it has seen enough.
fn unread(mut command: Command) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer).stderr(std::process::Stdio::piped());
    ended(command.spawn().unwrap())
}

#[test]
fn a_command_whose_reader_has_gone_ends_quietly_and_with_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let socket = shop(folder.path(), "[{\"server\": \"fra-1\"}]");
    let broken = folder.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    for (words, code) in [
        (vec!["get", "servers", "--socket", socket.as_str()], 0),
        (vec!["get", "servers", "--watch", "--socket", socket.as_str()], 0),
        (vec!["check", shipped().as_str()], 0),
        (vec!["check", "--format", "json", shipped().as_str()], 0),
        (vec!["check", broken.to_str().unwrap()], 1),
        (vec!["keygen"], 0),
    ] {
        let ended = unread(nebulalinks(&words));
        assert_eq!(ended.status.code(), Some(code), "{words:?}: {}", text(&ended.stderr));
        assert_eq!(text(&ended.stderr), "", "{words:?}");
    }
}

#[test]
fn what_the_shop_answers_is_a_table_for_people_and_whole_for_tools() {
    let answer = r#"[{"server": "fra-1", "bound": 7, "conditions": [{"kind": "Ready"}]}]"#;
    let said = |form: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let socket = shop(folder.path(), answer);
        let words = [&["get", "servers", "--socket", socket.as_str()], form].concat();
        text(&nebulalinks(&words).output().unwrap().stdout)
    };
    let table = said(&[]);
    let rows: Vec<&str> = table.lines().collect();
    assert!(
        rows.len() == 2 && rows[0].starts_with("SERVER") && rows[1].starts_with("fra-1   Ready"),
        "{table}"
    );
    assert!(said(&["-o", "wide"]).contains("ORPHANS"));
    let whole: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&said(&["-o", "json"])).unwrap(), whole);
    assert_eq!(serde_yaml::from_str::<Value>(&said(&["-o", "yaml"])).unwrap(), whole);
}

#[test]
fn a_watch_tells_what_changed_and_when_and_ends_with_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let one =
        r#"[{"server": "fra-1", "bound": 1, "conditions": [{"kind": "Ready", "for_ms": 1}]}]"#;
    let same = one.replace("\"for_ms\": 1", "\"for_ms\": 9");
    let two = one.replace("\"bound\": 1", "\"bound\": 2");
    let answers = [(200, one), (200, same.as_str()), (200, two.as_str())];
    let socket = shop_of(folder.path(), &answers);
    let mut command = nebulalinks(&["get", "servers", "-w", "--socket", socket.as_str()]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut watch = command.spawn().unwrap();
    let mut said = BufReader::new(watch.stdout.take().unwrap());
    let mut lines = String::new();
    while lines.lines().count() < 6 {
        assert!(said.read_line(&mut lines).unwrap() > 0, "it ended after {lines}");
    }
    // A change of the length of time alone is none, so that the second answer is not shown.
    assert_eq!(lines.matches("# 2025-11-29T08:00:00Z\nSERVER").count(), 2, "{lines}");
    assert!(lines.contains("\u{1b}").eq(&false) && lines.trim_end().contains("fra-1"), "{lines}");
    let bound: Vec<&str> = lines.lines().filter(|line| line.starts_with("fra-1")).collect();
    assert!(bound.len() == 2 && bound[0] != bound[1], "{lines}");
    drop(said);
    let ended = ended(watch);
    assert_eq!((ended.status.code(), text(&ended.stderr).as_str()), (Some(0), ""));
}

#[test]
fn what_cannot_be_shown_is_said_in_one_line_and_the_code_is_1() {
    let folder = tempfile::tempdir().unwrap();
    let refused =
        r#"{"error": "there is no account `01zz`: `nebulalinks get accounts` lists them"}"#;
    let socket = shop_of(folder.path(), &[(404, refused)]);
    let nowhere = folder.path().join("nowhere.sock");
    let nowhere = nowhere.to_str().unwrap();
    for (words, why) in [
        (vec!["describe", "account", "01zz", "--socket", &socket], "there is no account `01zz`"),
        (vec!["explain", "01zz", "--socket", &socket], "there is no account `01zz`"),
        (vec!["get", "servers", "--socket", nowhere], "is `nebulalinks run` running"),
        (vec!["audit", "--socket", nowhere], "is `nebulalinks run` running"),
        (vec!["get", "accounts", "--condition", "Staled"], "did you mean `Stalled`?"),
        (vec!["get", "orders", "--status", "aproved"], "did you mean `approved`?"),
    ] {
        let ended = nebulalinks(&words).output().unwrap();
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{words:?}: {said}");
        assert!(said.lines().count() == 1 && said.contains(why), "{words:?}: {said}");
        assert_eq!(text(&ended.stdout), "", "{words:?}");
    }
    // A column that is not there is said before anything is shown.
    let folder = tempfile::tempdir().unwrap();
    let socket = shop(folder.path(), "[]");
    let words = ["get", "servers", "--sort", "acounts", "--socket", &socket];
    let ended = nebulalinks(&words).output().unwrap();
    assert!(text(&ended.stderr).contains("did you mean `accounts`?"), "{}", text(&ended.stderr));
    assert_eq!((ended.status.code(), text(&ended.stdout).as_str()), (Some(1), ""));
}

#[test]
fn a_list_is_asked_for_page_by_page_until_it_has_what_was_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let page = |ids: &str, next: &str| format!(r#"{{"accounts": [{ids}], "next": {next}}}"#);
    let (first, last) = (page(r#"{"id": "a"}"#, "\"b\""), page(r#"{"id": "c"}"#, "null"));
    // The shop looked at as many as it does for one answer, and none of them was wanted.
    let none = page("", "\"b\"");
    let answers = [(200, first.as_str()), (200, none.as_str()), (200, last.as_str())];
    let socket = shop_of(folder.path(), &answers);
    let words = ["get", "accounts", "--family", "basic", "-o", "json", "--socket", &socket];
    let said = nebulalinks(&words).output().unwrap();
    let answer: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(answer, serde_json::json!({ "accounts": [{"id": "a"}, {"id": "c"}], "next": null }));
}

#[test]
fn man_has_a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let ended = nebulalinks(&["man", pages.to_str().unwrap()]).output().unwrap();
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    for (page, says) in [
        ("nebulalinks.1", "explain"),
        ("nebulalinks-get-accounts.1", "condition"),
        ("nebulalinks-describe-order.1", "four"),
        ("nebulalinks-audit.1", "subject"),
    ] {
        let text = std::fs::read_to_string(pages.join(page)).unwrap();
        assert!(text.contains(".TH") && text.contains(says), "{page}");
    }
    let taken = folder.path().join("file");
    std::fs::write(&taken, "").unwrap();
    let ended = nebulalinks(&["man", taken.to_str().unwrap()]).output().unwrap();
    assert_eq!((ended.status.code(), text(&ended.stderr).lines().count()), (Some(1), 1));
}

#[test]
fn colours_and_escapes_stay_out_of_what_is_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().to_str().unwrap();
    for words in [vec!["check", broken], vec!["check", "--format", "sarif", broken]] {
        let said = text(&nebulalinks(&words).output().unwrap().stdout);
        assert!(said.contains("plans.yaml") && !said.contains('\u{1b}'), "{said}");
    }
}

#[test]
fn shells_get_what_they_complete_from() {
    for shell in ["bash", "zsh", "fish"] {
        let ended = nebulalinks(&["completions", shell]).output().unwrap();
        assert!(
            ended.status.success() && text(&ended.stdout).contains("resolve-amnesia")
                // The words of a filter are completed, too.
                && text(&ended.stdout).contains("Reconciling"),
            "{shell}"
        );
    }
}

#[test]
fn what_cannot_be_written_for_another_reason_is_a_failure() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = nebulalinks(&["check", &shipped()]);
    let ended = command.stdout(full).stderr(std::process::Stdio::piped()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stderr).contains("standard output"), "{}", text(&ended.stderr));
}

#[test]
fn check_as_json_is_a_list_when_all_is_well_and_when_it_is_not() {
    let list = |output: &Output| -> Vec<Value> { serde_json::from_slice(&output.stdout).unwrap() };
    let well = nebulalinks(&["check", "--format", "json", &shipped()]).output().unwrap();
    assert!(well.status.success());
    assert!(list(&well).iter().all(|p| p["severity"] == "warning"), "{}", text(&well.stdout));
    let folder = tempfile::tempdir().unwrap();
    let words = ["check", "--format", "json", folder.path().to_str().unwrap()];
    let ill = nebulalinks(&words).output().unwrap();
    assert_eq!(ill.status.code(), Some(1));
    assert_eq!(list(&ill).iter().filter(|p| p["severity"] == "error").count(), 4);
}

#[test]
fn check_looks_at_keys_when_it_is_told_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = shipped();
    let words = ["check", "--keys-dir", folder.path().to_str().unwrap(), shipped.as_str()];
    let run = || {
        let output = nebulalinks(&words).output().unwrap();
        (output.status.code(), text(&output.stdout))
    };
    let put = |name: &str, seed: u8, mode: u32| {
        let path = folder.path().join(name);
        let _ = std::fs::remove_file(&path);
        let keys = KeySet::one(MasterKey::new([seed; 32]).derive("x")).text();
        std::fs::write(&path, keys.expose_secret()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let command = format!("`nebulalinks keygen --out {}/ams-1`", folder.path().display());
    put("fra-1", 1, 0o400);
    let (code, said) = run();
    assert!(
        code == Some(1) && said.contains(&command) && said.contains("servers.yaml:23:11"),
        "{said}"
    );
    put("ams-1", 2, 0o644);
    let (code, said) = run();
    let command = format!("`chmod 0400 {}/ams-1`", folder.path().display());
    assert!(code == Some(1) && said.contains(&command), "{said}");
    put("ams-1", 1, 0o400);
    let (code, said) = run();
    assert!(code == Some(1) && said.contains("the same keys as those of server `fra-1`"), "{said}");
    put("ams-1", 2, 0o400);
    assert_eq!(run().0, Some(0), "{}", run().1);
    // Without a folder the files are judged alone, as in their repository's own CI.
    assert!(nebulalinks(&["check", &shipped]).output().unwrap().status.success());
}

#[test]
fn a_state_folder_that_others_can_enter_starts_nothing_and_says_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    std::fs::create_dir(&state).unwrap();
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["run", "--state", state.to_str().unwrap(), "--desired", &shipped()];
    let ended = nebulalinks(&words).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = text(&ended.stderr);
    assert!(said.contains(&format!("`chmod 0700 {}`", state.display())), "{said}");
    assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0, "nothing was made in it");
}

#[test]
fn what_is_logged_into_a_file_has_no_escapes() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    assert!(nebulalinks(&["init", "--state", state]).output().unwrap().status.success());
    let nowhere = folder.path().to_str().unwrap();
    let ended = nebulalinks(&["run", "--state", state, "--desired", nowhere]).output().unwrap();
    let said = text(&ended.stderr);
    assert!(said.contains("INFO the store is open") && !said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn an_export_becomes_a_store_where_none_is_and_of_another_shop_only_when_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (state, new, lines) = (path("state"), path("new"), path("lines"));
    let run = |words: &[&str]| {
        let ended = nebulalinks(words).output().unwrap();
        (ended.status.code(), text(&ended.stdout) + &text(&ended.stderr))
    };
    assert_eq!(run(&["init", "--state", &state]).0, Some(0));
    let export = ["export", "--with-secrets", "--state", &state, &lines];
    let (code, said) = run(&export);
    assert!(code == Some(0) && said.contains("treat it like a password file"), "{said}");
    assert_eq!(std::fs::metadata(&lines).unwrap().permissions().mode() & 0o777, 0o600);
    let (code, said) = run(&export);
    assert!(code == Some(1) && said.contains("exists"), "nothing is written over: {said}");
    let of_another = std::fs::read_to_string(&lines).unwrap().replace("null", "\"other\"");
    std::fs::write(&lines, crate::sealed::sealed(&of_another)).unwrap();
    let shipped = shipped();
    let import = ["import", "--state", &new, "--desired", &shipped, &lines];
    let (code, said) = run(&import);
    let why = "is of shop other, and the files in";
    assert!(code == Some(1) && said.contains(why) && said.contains("--another-shop"), "{said}");
    assert!(!Path::new(&new).exists());
    let (code, said) = run(&[&import[..], &["--another-shop"]].concat());
    assert!(code == Some(0) && said.contains("nebulalinks resolve-amnesia"), "{said}");
    let (code, said) = run(&["fsck", "--state", &new]);
    assert!(code == Some(0) && said.contains("Nothing is wrong.\n"), "{said}");
    let (code, said) = run(&["compact", "--state", &new]);
    assert!(code == Some(0) && said.contains("journal: "), "{said}");
    let proofs = Path::new(&new).join("proofs");
    std::fs::create_dir(&proofs).unwrap();
    std::fs::write(proofs.join("0a.png"), "another picture").unwrap();
    let ended = nebulalinks(&["fsck", "--state", &new, "-o", "json"]).output().unwrap();
    let said: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert_eq!(said["faults"][0]["what"], "the proof 0a.png is not what was uploaded");
    let (code, said) = run(&["fsck", "--state", &path("nowhere")]);
    assert!(code == Some(1) && said.contains("there is no journal in"), "{said}");
}
