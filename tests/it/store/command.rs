//! `init`, `run` without a store, and `backup`, as a person types them.

use std::path::Path;
use std::process::{Command, Output};

fn nebulalinks(args: &[&str], state: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nebulalinks"));
    command.args(args).arg("--state").arg(state).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_start_without_a_store_ends_with_one_sentence_and_2_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let output = nebulalinks(&["run"], &state);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let text = said(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("run `nebulalinks init`"), "{text}");
    assert!(!state.exists());
}

#[test]
fn init_makes_a_store_once_and_a_backup_of_it_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (state, copy) = (folder.path().join("state"), folder.path().join("copy"));
    assert!(nebulalinks(&["init"], &state).status.success());
    let again = nebulalinks(&["init"], &state);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("there is a store"), "{}", said(&again));
    let backup = nebulalinks(&["backup", "--verify", copy.to_str().unwrap()], &state);
    assert!(backup.status.success(), "{}", said(&backup));
    let text = String::from_utf8_lossy(&backup.stdout).into_owned();
    assert!(text.contains("revision 0") && text.contains("opened, read and compared"), "{text}");
    let again = nebulalinks(&["backup", "--verify", copy.to_str().unwrap()], &state);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("a folder of its own"), "{}", said(&again));
    // A verified copy is a state folder: to whoever starts on it nothing is missing there.
    let other =
        nebulalinks(&["backup", "--verify", folder.path().join("b").to_str().unwrap()], &copy);
    assert!(other.status.success(), "{}", said(&other));
}
