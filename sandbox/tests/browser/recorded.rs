//! What is clicked becomes a scenario, and a scenario is shown.

use crate::browser::{Browser, is_there};
use crate::sandbox::Sandbox;
use crate::tour::{approved, ends_clean, order};
use serde_json::json;
use std::process::Stdio;
use tokio::process::Command;

#[tokio::test]
async fn what_was_clicked_is_a_scenario_that_passes() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clicked.scn");
    let (sandbox, browser) = tokio::join!(Sandbox::recording(&file), Browser::open(1280, 800));
    browser.go(&sandbox.address).await;
    browser.sees("VPN access").await;
    order(&browser, "alice", "receipt.png").await;
    approved(&browser).await;
    browser.be("alice").await;
    browser.visit("NebulaLinks").await;
    browser.sees("vless://").await;
    let use_one = "[...document.querySelectorAll('#part-panels button')].find((b) => \
         b.textContent.trim() === 'Use 1 GiB')";
    browser.click("Use 1 GiB", use_one, &[]).await;
    browser.press("Show my link").await;
    browser.sees("Only you can see this").await;
    ends_clean(browser, sandbox).await;

    let written = std::fs::read_to_string(&file).unwrap();
    for line in [
        "alice presses \"Buy\" on the store panel\n",
        "alice picks \"basic-30\"\n",
        "alice uploads receipt.png\n",
        "omar presses \"Approve\"\n",
        "alice uses 1GiB on ams-1\n",
        "alice presses \"Show my link\" in the direct message\n",
    ] {
        assert!(written.contains(line), "no line {line}in\n{written}");
    }
    let played = Command::new(env!("CARGO_BIN_EXE_nebulalinks-sandbox"))
        .arg("play")
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{said}\nof\n{written}");
}

const SHOWN: &str = "\
# Alice wants to buy.
alice presses Buy on the store panel
    alice sees: Which plan? …

# She takes the first plan.
alice picks basic-30
    alice sees, now: How would you like to pay? …
";

#[tokio::test]
async fn a_scenario_is_shown_step_by_step_at_somebodys_pace() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shown.scn");
    std::fs::write(&file, SHOWN).unwrap();
    let (sandbox, browser) = tokio::join!(Sandbox::watching(&file), Browser::open(1280, 800));
    browser.go(&sandbox.address).await;
    let says = "document.querySelector('#story').innerText.includes(arguments[0])";
    let press = "document.querySelector(`#story [aria-label='${arguments[0]}']`)";
    browser.until("the caption", says, &[json!("Alice wants to buy.")]).await;
    browser.click("Pause", press, &[json!("Pause")]).await;
    browser.until("it is held", says, &[json!("paused 1/2")]).await;
    browser.click("Next step", press, &[json!("Next step")]).await;
    browser.sees("Which plan?").await;
    browser.click("Skip", press, &[json!("Skip to the end")]).await;
    browser.until("its end", says, &[json!("The story is over")]).await;
    browser.sees("How would you like to pay?").await;
    ends_clean(browser, sandbox).await;
}
