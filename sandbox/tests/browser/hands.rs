//! What somebody does at the page, with a mouse or with the keyboard alone.

use crate::browser::Browser;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// The last button of this kind with this text that can be pressed.
const BUTTON: &str = "[...document.querySelectorAll(arguments[0])].filter((b) => !b.disabled \
     && b.checkVisibility() && b.textContent.trim().startsWith(arguments[1])).at(-1)";
const TAB: &str = "\u{E004}";
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const DOWN: &str = "\u{E015}";
pub(crate) const RIGHT: &str = "\u{E014}";

impl Browser {
    /// Becomes somebody.
    pub(crate) async fn be(&self, name: &str) {
        self.click(name, BUTTON, &[json!("#people [role=radio]"), json!(name)]).await;
        let condition = "document.querySelector('.me b')?.textContent === arguments[0]";
        self.until(&format!("being {name}"), condition, &[json!(name)]).await;
    }

    /// Opens a channel, thread or direct message whose name begins so; the newest comes first.
    pub(crate) async fn visit(&self, name: &str) {
        let found = "[...document.querySelectorAll('.place')].find((e) => \
             e.querySelector('.name').textContent.startsWith(arguments[0]))";
        self.click(name, found, &[json!(name)]).await;
    }

    /// Opens the thread in which there is something new, once there is one.
    pub(crate) async fn visit_new_thread(&self) {
        let found = "document.querySelector('.place.thread.unread')";
        self.click("a thread with news", found, &[]).await;
    }

    /// Presses a button of a message.
    pub(crate) async fn press(&self, label: &str) {
        let found = "[...document.querySelectorAll('.messages button.press')].filter((b) => \
             !b.disabled && b.textContent.trim() === arguments[0]).at(-1)";
        self.click(label, found, &[json!(label)]).await;
    }

    /// Presses a button again where the bot was not there: everybody does.
    pub(crate) async fn press_until_answered(&self, label: &str, answer: &str) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        let shows = "return document.querySelector('.messages').innerText.includes(arguments[0])";
        while tokio::time::Instant::now() < deadline {
            self.press(label).await;
            let said = "['This interaction failed', arguments[0]].some((text) => \
                 document.querySelector('.messages').innerText.includes(text))";
            self.until(answer, said, &[json!(answer)]).await;
            if self.ask(shows, &[json!(answer)]).await == json!(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        panic!("nobody answers {label}");
    }

    /// Opens the newest list and takes the option that begins so.
    pub(crate) async fn pick(&self, option: &str) {
        self.click("a list", BUTTON, &[json!(".messages button.select"), json!("")]).await;
        let found = "[...document.querySelectorAll('.messages [role=option]')].find((o) => \
             o.textContent.startsWith(arguments[0]))";
        self.click(option, found, &[json!(option)]).await;
    }

    /// Waits for a text in the open channel.
    pub(crate) async fn sees(&self, text: &str) {
        let shown = "document.querySelector('.messages').innerText.includes(arguments[0])";
        self.until(text, shown, &[json!(text)]).await;
        self.picture().await;
    }

    /// The admin declines the newest payment.
    pub(crate) async fn declines(&self, reason: &str) {
        self.be("omar").await;
        self.visit("review").await;
        self.press("Decline").await;
        let field = "document.querySelector('dialog textarea, dialog input')";
        self.fill("the reason", field, &[], reason).await;
        self.click("Submit", "document.querySelector('dialog [type=submit]')", &[]).await;
        self.sees("Declined: order").await;
    }

    /// Enters `/pay` with a picture.
    pub(crate) async fn pay(&self, file: &Path) {
        self.fill("the line", "document.querySelector('#say')", &[], "/pay\u{E007}").await;
        let field = "document.querySelector('.options input[type=file]')";
        self.fill("the file", field, &[], &file.to_string_lossy()).await;
        self.click("Send", "document.querySelector('.entering [type=submit]')", &[]).await;
    }

    /// Moves the focus on until it is on what begins so; with the keyboard there is no other way.
    pub(crate) async fn tab_to(&self, text: &str) {
        for _ in 0..120 {
            let at = "const a = document.activeElement; \
                 const said = a.getAttribute('aria-label') ?? (a.id ? `#${a.id}` : a.textContent); \
                 return said.trim().startsWith(arguments[0])";
            if self.ask(at, &[json!(text)]).await == json!(true) {
                return;
            }
            self.keys(TAB).await;
        }
        panic!("no number of Tabs leads to {text}");
    }
}
