//! The program as people and scripts meet it: what it prints, and how it ends.

use nebulalinks_protocol::{KeySet, MasterKey};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};

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
    let socket = folder.join("control.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: \
         close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let _ = stream.write_all(answer.as_bytes());
    });
    socket.to_str().unwrap().to_owned()
}

/// Runs it with nobody behind the pipe, as `| head` is once it has seen enough.
fn unread(mut command: Command) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer).stderr(std::process::Stdio::piped());
    command.spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_command_whose_reader_has_gone_ends_quietly_and_with_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let socket = shop(folder.path(), "[{\"server\": \"fra-1\"}]");
    let broken = folder.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    for (words, code) in [
        (vec!["servers", "--socket", socket.as_str()], 0),
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
        let words = [&["servers", "--socket", socket.as_str()], form].concat();
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
            ended.status.success() && text(&ended.stdout).contains("resolve-amnesia"),
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
