//! What the page is for, done in it from the first click to the last.

use crate::browser::{Browser, is_there};
use crate::hands::{DOWN, ENTER, RIGHT};
use crate::sandbox::{Sandbox, receipt};
use serde_json::json;

/// Nothing that a browser has to complain about.
pub(crate) async fn ends_clean(browser: Browser, sandbox: Sandbox) {
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    browser.close().await;
    sandbox.stop().await;
}

pub(crate) async fn opened() -> (Browser, Sandbox) {
    let (sandbox, browser) = tokio::join!(Sandbox::start(), Browser::open(1280, 800));
    browser.go(&sandbox.address).await;
    browser.sees("VPN access").await;
    (browser, sandbox)
}

pub(crate) async fn order(browser: &Browser, who: &str, picture: &str) {
    browser.be(who).await;
    browser.visit("store").await;
    browser.press("Buy").await;
    browser.sees("Which plan?").await;
    browser.pick("Basic").await;
    browser.sees("How would you like to pay?").await;
    browser.pick("Vodafone").await;
    pays(browser, picture).await;
}

async fn pays(browser: &Browser, picture: &str) {
    browser.sees("Your order stands").await;
    browser.visit_new_thread().await;
    browser.sees("Send 100.00 EGP").await;
    browser.pay(&receipt(picture)).await;
    browser.sees("We have your proof").await;
}

pub(crate) async fn approved(browser: &Browser) {
    browser.be("omar").await;
    browser.visit("review").await;
    browser.press("Approve").await;
    browser.press("Confirm").await;
    browser.sees("Approved: order").await;
}

#[tokio::test]
async fn an_order_a_renewal_and_a_decline_go_through_the_page() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;

    order(&browser, "alice", "receipt.png").await;
    approved(&browser).await;
    browser.be("alice").await;
    browser.visit("NebulaLinks").await;
    browser.sees("vless://").await;
    let hers = "document.querySelector('#part-panels .owner b')?.innerText === 'alice'";
    browser.until("her client under her name", hers, &[]).await;

    browser.visit("store").await;
    browser.press("My account").await;
    browser.sees("State · Active").await;
    browser.press("Renew").await;
    browser.sees("Each plan is added").await;
    browser.pick("Basic").await;
    browser.sees("After paying").await;
    browser.pick("Vodafone").await;
    pays(&browser, "receipt-2.png").await;
    approved(&browser).await;
    browser.be("alice").await;
    browser.visit("NebulaLinks").await;
    browser.sees("Basic is renewed").await;

    order(&browser, "bob", "receipt-3.png").await;
    browser.declines("10 EGP are missing").await;
    browser.be("bob").await;
    browser.visit("NL-").await;
    browser.sees("10 EGP are missing").await;

    ends_clean(browser, sandbox).await;
}

#[tokio::test]
async fn whoever_types_a_command_is_offered_what_may_be_meant_and_the_keyboard_takes_it() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;
    order(&browser, "alice", "receipt.png").await;
    approved(&browser).await;

    browser.visit("store").await;
    let line = "document.querySelector('#say')";
    browser.fill("the line", line, &[], "/admin account show\u{E007}").await;
    let field = "document.querySelector('.options [name=account]')";
    let shows = "document.querySelector('#offers')?.innerText.includes(arguments[0])";
    browser.fill("the account", field, &[], "nobody").await;
    browser.until("nothing fits", shows, &[json!("No options match")]).await;
    // Escape closes the list and keeps the command.
    browser.keys("\u{E00C}").await;
    browser.until("it is closed", "!document.querySelector('#offers')", &[]).await;
    browser.keys(&"\u{E003}".repeat("nobody".len())).await;
    browser.keys("al").await;
    browser.until("alice's account", shows, &[json!("alice · Basic")]).await;
    browser.picture().await;
    browser.keys(DOWN).await;
    browser.keys(ENTER).await;
    let taken = "document.querySelector('.options [name=account]').value.startsWith('alice · ')";
    browser.until("it is taken", taken, &[]).await;
    browser.keys(ENTER).await;
    browser.sees("Credentials · version 1").await;

    // A customer is offered nothing of staff's.
    browser.be("alice").await;
    browser.fill("the line", line, &[], "/admin account show\u{E007}").await;
    browser.fill("the account", field, &[], "al").await;
    browser.until("nothing is theirs", shows, &[json!("No options match")]).await;

    ends_clean(browser, sandbox).await;
}

#[tokio::test]
async fn the_keyboard_alone_is_enough_for_an_order() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;
    browser.tab_to("Buy").await;
    browser.keys(ENTER).await;
    browser.sees("Which plan?").await;
    browser.tab_to("Pick a plan").await;
    browser.keys(ENTER).await;
    browser.keys(ENTER).await;
    browser.sees("How would you like to pay?").await;
    browser.tab_to("Pick").await;
    browser.keys(ENTER).await;
    browser.keys(ENTER).await;
    browser.sees("Your order stands").await;
    browser.tab_to("NL-").await;
    browser.keys(ENTER).await;
    browser.tab_to("#say").await;
    browser.keys(&format!("/pay{ENTER}")).await;
    browser.choose_file(&receipt("receipt.png")).await;
    browser.tab_to("Send").await;
    browser.keys(ENTER).await;
    browser.sees("We have your proof").await;
    // From alice over bob and olga to omar.
    browser.tab_to("alice").await;
    browser.keys(&[RIGHT; 3].concat()).await;
    browser.tab_to("review").await;
    browser.keys(ENTER).await;
    browser.tab_to("Approve").await;
    browser.keys(ENTER).await;
    browser.tab_to("Confirm").await;
    browser.keys(ENTER).await;
    browser.sees("Approved: order").await;
    browser.tab_to("omar").await;
    browser.keys(&[DOWN; 3].concat()).await;
    browser.tab_to("NebulaLinks").await;
    browser.keys(ENTER).await;
    browser.sees("vless://").await;
    ends_clean(browser, sandbox).await;
}

const AREA: &str = "document.querySelector('.editor:not([hidden]) textarea')";

/// Somebody types: the text of the field becomes another, as after keys.
async fn typed(browser: &Browser, from: &str, to: &str) {
    let edit = "const area = document.querySelector('.editor:not([hidden]) textarea'); \
         if (!area.value.includes(arguments[0])) return false; \
         area.focus(); area.value = area.value.replace(arguments[0], arguments[1]); \
         area.dispatchEvent(new Event('input', { bubbles: true })); return true";
    assert_eq!(browser.ask(edit, &[json!(from), json!(to)]).await, json!(true), "{from}");
}

async fn beside_says(browser: &Browser, text: &str) {
    let shown = "document.querySelector('#beside').innerText.includes(arguments[0])";
    browser.until(text, shown, &[json!(text)]).await;
}

#[tokio::test]
async fn a_broken_plan_is_mended_in_the_editor_and_a_panel_that_was_down_catches_up() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;
    browser.click("Files", "document.querySelector('#tab-files')", &[]).await;
    browser.until("the editor", &format!("{AREA}?.value.includes('basic-30')"), &[]).await;
    typed(&browser, "duration: 30d", "duration: 30x").await;
    beside_says(&browser, "30x").await;
    browser.click("Save", SAVE, &[]).await;
    beside_says(&browser, "the last good files stay in force").await;
    typed(&browser, "duration: 30x", "duration: 31d").await;
    browser.click("Save", SAVE, &[]).await;
    beside_says(&browser, "Valid and in force").await;
    browser.sees("31 days").await;

    browser.click("Panels", "document.querySelector('#tab-panels')", &[]).await;
    // Neither serves her: the first that is back does.
    browser.click("Down", PANEL, &[json!("Down")]).await;
    browser.until("one panel less", &format!("({PANELS}).length === 1"), &[json!("Down")]).await;
    browser.click("Down", PANEL, &[json!("Down")]).await;
    order(&browser, "alice", "receipt.png").await;
    approved(&browser).await;
    browser.click("Make it well", PANEL, &[json!("Make it well")]).await;
    browser.be("alice").await;
    browser.visit("NebulaLinks").await;
    browser.sees("vless://").await;
    beside_says(&browser, "1 client, 1 on").await;

    browser.click("Operations", "document.querySelector('#tab-clock')", &[]).await;
    let kill = "document.querySelector('[aria-label=\"kill -9 controller\"]')";
    browser.click("kill -9 of the controller", kill, &[]).await;
    beside_says(&browser, "1 restart").await;
    browser.visit("store").await;
    browser.press_until_answered("My account", "State · Active").await;
    ends_clean(browser, sandbox).await;
}

const SAVE: &str = "[...document.querySelectorAll('.editor:not([hidden]) button')].find((b) => \
     b.textContent.trim() === 'Save')";
const PANELS: &str = "[...document.querySelectorAll('#part-panels .card button')].filter((b) => \
     b.textContent.trim() === arguments[0])";
const PANEL: &str = "[...document.querySelectorAll('#part-panels .card button')].find((b) => \
     b.textContent.trim() === arguments[0])";
