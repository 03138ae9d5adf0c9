//! What is done at the page is written down so that it passes, whatever else is tried meanwhile.

use crate::page::Page;
use crate::systems::sandbox;
use serde_json::{Value, json};
use std::path::Path;

fn stranger(email: &str) -> Value {
    json!({ "act": "panel.stranger", "panel": "ams-1", "email": email })
}

/// The file, once its page is closed and its scenario has passed.
async fn passes(page: Page, file: &Path) -> String {
    page.stop().await;
    let written = std::fs::read_to_string(file).unwrap();
    let path = file.to_string_lossy().into_owned();
    let played = tokio::task::spawn_blocking(move || sandbox(&["play", &path])).await.unwrap();
    played.unwrap_or_else(|printed| panic!("{printed}\nof\n{written}"));
    written
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_act_leaves_a_recording_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("refused.scn");
    let page = Page::recording(&file).await;
    page.press("alice", "Buy").await;
    assert!(page.act(stranger("a b")).await.is_err());
    page.pick("alice", "basic-30").await;
    assert!(page.act(json!({ "act": "clock.wait", "ms": u64::MAX })).await.is_err());
    let written = passes(page, &file).await;
    assert_eq!(written.matches("\n    alice sees").count(), 2, "{written}");
    assert!(!written.contains("foreign") && !written.contains("wait"), "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_of_two_tabs_are_written_down_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("both.scn");
    let page = Page::recording(&file).await;
    page.act(json!({ "act": "process.stop", "name": "controller" })).await.unwrap();
    // While alice waits for an answer, which takes 3 s, another tab does what is refused and what is done.
    let other = async {
        let waits = |guild: &Value| (guild["clicks"] != json!([])).then_some(());
        page.sees("alice", "guild", waits).await;
        page.act(stranger("a b")).await.unwrap_err();
        page.act(stranger("bobs-phone")).await.unwrap();
    };
    tokio::join!(page.press("alice", "Buy"), other);
    page.act(json!({ "act": "process.start", "name": "controller" })).await.unwrap();
    let written = passes(page, &file).await;
    let both = "\nalice presses \"Buy\" on the store panel\n    alice sees: This interaction failed\n\
                foreign client \"bobs-phone\" is made on ams-1\n";
    assert!(written.contains(both), "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_goes_to_its_end_although_its_tab_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let page = Page::recording(&folder.path().join("gone.scn")).await;
    let month = 86_400_000_i64 * 30;
    let moves = tokio::spawn(page.asks(&json!({ "act": "clock.wait", "ms": month })).send());
    let moving = |clock: &Value| clock["moving"].as_bool().filter(|moves| *moves);
    page.sees("alice", "clock", moving).await;
    moves.abort();
    let there = |clock: &Value| {
        let moved = clock["moving"] == false && clock["ahead_ms"].as_i64()? > 0;
        moved.then(|| clock["ahead_ms"].as_i64()).flatten()
    };
    let first = page.sees("alice", "clock", there).await;
    page.act(json!({ "act": "clock.wait", "ms": 1_000 })).await.unwrap();
    let ahead = page.sees("alice", "clock", there).await;
    assert!((1_000..60_000).contains(&(ahead - first)), "it was moving on: {first}, {ahead}");
    page.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_a_recording_lies_beside_it_and_only_if_it_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paid.scn");
    let page = Page::recording(&file).await;
    page.press("alice", "Buy").await;
    page.pick("alice", "basic-30").await;
    page.pick("alice", "vodafone-cash").await;
    let thread = |guild: &Value| {
        let mut channels = guild["channels"].as_array()?.iter();
        channels.find(|channel| channel["kind"] == "thread")?["id"].as_str().map(str::to_owned)
    };
    let thread = page.sees("alice", "guild", thread).await;
    let picture = std::fs::read(crate::scenarios::receipt("receipt.png")).unwrap();
    let pay = async |channel: &str, name: &str| {
        let sent = page.http.post(format!("{}api/upload?name={name}", page.address));
        let origin = page.address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let sent = sent.header("origin", origin).body(picture.clone()).send().await.unwrap();
        let upload = sent.json::<Value>().await.unwrap()["upload"].clone();
        let act = json!({ "act": "guild.slash", "as": "alice", "channel": channel,
                          "command": "/pay", "options": {}, "file": upload });
        page.act(act).await
    };
    pay("1", "wrong.png").await.unwrap_err();
    pay(&thread, "mine.png").await.unwrap();
    let written = passes(page, &file).await;
    assert!(written.contains("\nalice uploads mine.png\n    alice"), "{written}");
    let kept = std::fs::read_dir(folder.path().join("receipts")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, ["mine.png"]);
}

#[test]
fn a_recording_is_refused_at_once_where_it_cannot_be_written_or_would_replace_something() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there.scn");
    std::fs::write(&there, "look\n").unwrap();
    let nowhere = folder.path().join("no/where.scn");
    for (path, why) in [
        (there.as_path(), "there is something in it already"),
        (folder.path(), "is a folder"),
        (nowhere.as_path(), "cannot be made"),
    ] {
        let path = path.to_string_lossy().into_owned();
        let printed = sandbox(&["play", "--record", &path, "--page", "127.0.0.1:0"]).unwrap_err();
        assert!(printed.contains(why) && printed.contains(&path), "{printed}");
    }
    assert_eq!(std::fs::read_to_string(there).unwrap(), "look\n");
}
