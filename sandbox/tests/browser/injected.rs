//! What people write is text, wherever the page shows it: it makes no element, runs nothing, leads nowhere.

use crate::browser::{Browser, is_there};
use crate::hands::ENTER;
use crate::sandbox::{Sandbox, receipt};
use crate::tour::{ends_clean, opened};
use serde_json::{Value, json};

const IMAGE: &str = "<img src=x onerror=alert(1)>";
const LINK: &str = "[free](javascript:alert(2))";

impl Browser {
    /// Nothing on the page is of the attacker's making. What the page's policy stopped is a complaint.
    async fn is_unharmed(&self, at: &str) {
        let made = "return [...document.querySelectorAll('*')].filter((e) => \
             e.matches('script:not([src]), iframe, object, embed, style:not([src]), img[src=\"x\"]') || \
             [...e.attributes].some(({ name, value }) => name.startsWith('on') || \
             /^\\s*(javascript|data:text|vbscript):/i.test(value))).map((e) => e.outerHTML)";
        assert_eq!(self.ask(made, &[]).await, json!([]), "{at}");
    }

    async fn writes(&self, text: &str) {
        let line = "document.querySelector('#say')";
        self.fill("the line", line, &[], &format!("{text}{ENTER}")).await;
    }
}

/// A picture of a payment whose name is an attack.
fn odd_receipt(folder: &std::path::Path) -> std::path::PathBuf {
    let to = folder.join("\"><img src=x onerror=alert(3)>.png");
    std::fs::copy(receipt("receipt.png"), &to).unwrap();
    to
}

#[tokio::test]
async fn what_people_write_makes_no_element_and_runs_nothing() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;
    let attack = format!("{IMAGE} {LINK}");
    browser.writes(&format!("{attack} <https://x.example/\"onclick=alert(4)>")).await;
    browser.sees(IMAGE).await;
    browser.sees("[free](javascript").await;
    browser.is_unharmed("a message").await;

    // A plan's name is in the store, in a list, in a thread, on a card and in a direct message.
    let name = format!("{{en: '{attack}', ar: الأساسية, ru: Базовый}}");
    sandbox.edits("plans.yaml", "{en: Basic, ar: الأساسية, ru: Базовый}", &name);
    browser.sees(&format!("{attack} · 100.00 EGP")).await;
    browser.is_unharmed("the store").await;
    browser.press("Buy").await;
    browser.sees("Which plan?").await;
    browser.pick(IMAGE).await;
    browser.sees("How would you like to pay?").await;
    browser.is_unharmed("the list of plans").await;
    browser.pick("Vodafone").await;
    browser.sees("Your order stands").await;
    browser.visit_new_thread().await;
    browser.sees("Send 100.00 EGP").await;
    let folder = tempfile::tempdir().unwrap();
    browser.pay(&odd_receipt(folder.path())).await;
    browser.sees("We have your proof").await;
    browser.is_unharmed("the order's thread").await;
    browser.declines(&attack).await;
    browser.is_unharmed("the review").await;
    browser.be("alice").await;
    browser.visit("NL-").await;
    browser.sees("Declined").await;
    browser.is_unharmed("the reason of a decline").await;

    for tab in ["panels", "accounts", "passes", "files", "log", "clock"] {
        browser.click(tab, "document.getElementById(`tab-${arguments[0]}`)", &[json!(tab)]).await;
        browser.is_unharmed(tab).await;
    }
    // An open dialog of alert() would have failed every command above.
    ends_clean(browser, sandbox).await;
}

#[tokio::test]
async fn sixty_messages_do_not_take_the_shop_off_the_page() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;
    for n in 0..65 {
        let said =
            json!({ "act": "guild.say", "as": "bob", "channel": STORE, "text": format!("m {n}") });
        assert_eq!(sandbox.acts(&said).await.0, 200);
    }
    browser.sees("m 64").await;
    let shop = "document.querySelector('.messages').innerText.includes('Pick a plan, pay')";
    browser.until("only the newest", &format!("!{shop}"), &[]).await;
    browser.ask("document.querySelector('.messages').scrollTop = 0", &[]).await;
    browser.picture().await;
    browser.press("Older messages").await;
    browser.until("the shop again", shop, &[]).await;
    // The button is gone, and what somebody was reading is where it was.
    let held = "document.querySelector('.messages').contains(document.activeElement)";
    browser.until("the focus among the messages", held, &[]).await;
    let seen = "[...document.querySelectorAll('.message')].find((e) => e.innerText.includes('m 5')) \
         .getBoundingClientRect().top < innerHeight";
    browser.until("what was read before", seen, &[]).await;
    browser.picture().await;
    browser.press("Buy").await;
    browser.sees("Which plan?").await;
    ends_clean(browser, sandbox).await;
}

/// The store's channel in the shipped `shop.yaml`.
const STORE: &str = "100000000000000011";

#[tokio::test]
async fn what_is_refused_is_refused_in_whole_sentences() {
    let sandbox = Sandbox::start().await;
    let refused = async |act: Value| {
        let (status, said) = sandbox.acts(&act).await;
        assert_eq!(status, 422, "{act}: {said}");
        said["message"].as_str().unwrap().to_owned()
    };
    let large = "#".repeat((2 << 20) + 1);
    let save = json!({ "act": "file.save", "file": "plans.yaml", "text": large });
    assert_eq!(refused(save).await, "that is more than 2 MiB");
    let wait = refused(json!({ "act": "clock.wait", "ms": -1 })).await;
    assert!(wait.starts_with("what is asked for does not fit the act: invalid value"), "{wait}");
    let press = json!({ "act": "guild.press", "as": "eve", "message": "7", "custom_id": "v1.x" });
    assert_eq!(refused(press).await, "eve sees no component v1.x in message 7");
    let review = "100000000000000013";
    let say = json!({ "act": "guild.say", "as": "eve", "channel": review, "text": "hi" });
    assert_eq!(refused(say).await, format!("eve sees no channel {review}"));
    let long = json!({
        "act": "guild.say", "as": "bob", "channel": STORE, "text": "x".repeat(2_001),
    });
    assert!(refused(long).await.ends_with("Must be 2000 or fewer in length."));
    let name = "x".repeat(256);
    let stranger = json!({ "act": "panel.stranger", "panel": "fra-1", "email": name });
    assert!(refused(stranger).await.starts_with("a name has at most 255 characters"));
    let delete = json!({ "act": "file.delete", "file": "plans.yaml" });
    assert_eq!(sandbox.acts(&delete).await.0, 200);
    assert_eq!(refused(delete).await, "plans.yaml is gone already");
    sandbox.stop().await;
}
