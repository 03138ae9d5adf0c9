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
    page.act(json!({ "act": "clock.wait", "ms": 60_000 })).await.unwrap();
    let ahead = page.sees("alice", "clock", there).await;
    assert!((50_000..70_000).contains(&(ahead - first)), "it was moving on: {first}, {ahead}");
    page.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_a_recording_lies_beside_it_and_only_if_it_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paid.scn");
    let page = Page::recording(&file).await;
    let thread = page.order("alice").await;
    page.pay("alice", "1", "wrong.png").await.unwrap_err();
    page.pay("alice", &thread, "mine.png").await.unwrap();
    let written = passes(page, &file).await;
    assert!(written.contains("\nalice uploads mine.png\n    "), "{written}");
    let kept = std::fs::read_dir(folder.path().join("receipts")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, ["mine.png"]);
}

/// What can be done at the page beside buying.
fn everything(thread: &str, email: &str, servers: &str) -> Vec<Value> {
    let panel = |act: &str, more: Value| merged(json!({ "act": act, "panel": "ams-1" }), more);
    let edit = |ends: u64, cap: u64| json!({ "ends_ms": ends, "cap": cap, "devices": 9, "comment": "a \"b\"" });
    let phone = json!({ "email": "bobs-phone" });
    vec![
        json!({ "act": "guild.say", "as": "alice", "channel": thread, "text": "When \"will\" it be?" }),
        json!({ "act": "guild.locale", "as": "bob", "locale": "ru" }),
        json!({ "act": "guild.dms", "as": "bob", "open": false }),
        json!({ "act": "guild.member", "as": "bob", "joined": false }),
        json!({ "act": "guild.member", "as": "bob", "joined": true }),
        panel("panel.use", json!({ "email": email, "gib": 1 })),
        panel("panel.enable", json!({ "email": email, "on": false })),
        panel("panel.enable", json!({ "email": email, "on": true })),
        panel(
            "panel.edit",
            json!({ "email": email, "edit": edit(4_102_444_800_000, 1_234_567_890) }),
        ),
        panel("panel.stranger", phone.clone()),
        panel("panel.use", json!({ "email": "bobs-phone", "gib": 2 })),
        panel("panel.edit", json!({ "email": "bobs-phone", "edit": edit(0, 0) })),
        panel("panel.enable", json!({ "email": "bobs-phone", "on": false })),
        panel("panel.enable", json!({ "email": "bobs-phone", "on": true })),
        panel("panel.delete", phone),
        panel("panel.delete", json!({ "email": email })),
        panel("panel.inbound", json!({ "remark": "vless-reality", "on": false })),
        panel("panel.inbound", json!({ "remark": "vless-reality", "on": true })),
        panel("panel.befalls", json!({ "what": "backed-up" })),
        panel("panel.befalls", json!({ "what": "slow" })),
        panel("panel.befalls", json!({ "what": "well" })),
        json!({ "act": "file.delete", "file": "plans.yaml" }),
        json!({ "act": "file.save", "file": "plans.yaml", "text": "plans: []\n# \"none\"\n" }),
        json!({ "act": "file.restore", "file": "plans.yaml" }),
        // The ports of this copy are no other's.
        json!({ "act": "file.save", "file": "servers.yaml", "text": format!("# Mine.\n{servers}") }),
        json!({ "act": "process.stop", "name": "gateway-ams-1" }),
        json!({ "act": "process.start", "name": "gateway-ams-1" }),
        json!({ "act": "process.kill", "name": "controller" }),
        json!({ "act": "clock.wait", "ms": 3_600_000 }),
    ]
}

fn merged(mut all: Value, more: Value) -> Value {
    let (Some(into), Value::Object(more)) = (all.as_object_mut(), more) else { panic!("objects") };
    into.extend(more);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_at_the_page_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.scn");
    let page = Page::recording(&file).await;
    let thread = page.order("alice").await;
    page.pay("alice", &thread, "mine.png").await.unwrap();
    page.press("omar", "Approve").await;
    page.press("omar", "Confirm").await;
    let ours = |panels: &Value| {
        let clients = panels.as_array()?.iter().find(|p| p["id"] == "ams-1")?;
        clients["clients"][0]["email"].as_str().map(str::to_owned)
    };
    let email = page.sees("alice", "panels", ours).await;
    let servers = |files: &Value| {
        let servers = files["files"].as_array()?.iter().find(|f| f["name"] == "servers.yaml")?;
        servers["text"].as_str().map(str::to_owned)
    };
    let servers = page.sees("alice", "files", servers).await;
    let asked = everything(&thread, &email, &servers);
    for act in &asked {
        page.act(act.clone()).await.unwrap_or_else(|why| panic!("{act}: {why}"));
    }
    let ends = |clock: &Value| clock["due"][0]["at_ms"].as_u64();
    let ends = page.sees("alice", "clock", ends).await;
    page.act(json!({ "act": "clock.until", "at_ms": ends })).await.unwrap();
    let written = passes(page, &file).await;
    assert!(!written.contains("# Here"), "{written}");
    let last = written.rsplit("\nwait ").next().unwrap();
    assert!(
        last.contains("Basic has ended") && last.contains("(expired), within 10s"),
        "{written}"
    );
    let lines = written.lines().filter(|line| !line.starts_with([' ', '#'])).count();
    // Six steps of buying and the last wait; a slow machine may have let time pass.
    assert!(lines >= asked.len() + 7, "{lines} of {}:\n{written}", asked.len() + 7);
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
