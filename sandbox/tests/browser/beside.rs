//! What stands beside the guild, used as an operator does.

use crate::browser::{Browser, is_there};
use crate::tour::{ends_clean, opened};
use serde_json::json;

impl Browser {
    /// Opens a part beside the guild.
    async fn shows(&self, part: &str) {
        self.click(part, "document.getElementById(`tab-${arguments[0]}`)", &[json!(part)]).await;
    }

    /// Waits for a text within what a selector finds.
    async fn reads(&self, at: &str, text: &str) {
        let condition = "[...document.querySelectorAll(arguments[0])].some((e) => \
             e.checkVisibility() && e.innerText.includes(arguments[1]))";
        self.until(&format!("\"{text}\" in {at}"), condition, &[json!(at), json!(text)]).await;
    }

    /// Presses what is called so, within what a selector finds.
    async fn presses(&self, at: &str, label: &str) {
        let found = "[...document.querySelectorAll(arguments[0])].flatMap((e) => \
             [...e.querySelectorAll('button')]).find((b) => !b.disabled && b.checkVisibility() && \
             (b.ariaLabel ?? b.textContent.trim()) === arguments[1])";
        self.click(label, found, &[json!(at), json!(label)]).await;
    }

    /// Types over a text in the editor of a file.
    async fn types_over(&self, file: &str, old: &str, new: &str) {
        let given = [json!(file), json!(old)];
        let editor = "document.querySelector(`textarea[aria-label=\"${arguments[0]}\"]`)";
        let has = format!("{editor}?.value.includes(arguments[1])");
        self.until(&format!("{old} in {file}"), &has, &given).await;
        let select = format!(
            "const e = {editor}; const at = e.value.indexOf(arguments[1]); e.focus(); \
             e.setSelectionRange(at, at + arguments[1].length);"
        );
        self.ask(&select, &given).await;
        self.keys(new).await;
    }
}

const PLANS: &str = ".editor[aria-label=\"plans.yaml\"]";

#[tokio::test]
async fn a_broken_file_changes_nothing_and_is_mended_in_the_editor() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;
    browser.shows("files").await;
    browser.reads(".notice", "Valid and in force").await;

    browser.types_over("plans.yaml", "100.00 EGP", "100.00 EGB").await;
    browser.reads(&format!("{PLANS} .problems"), "EGB").await;
    let marked = "document.querySelector('.backdrop .error u')?.textContent.includes('EGB')";
    browser.until("the mark at the line", marked, &[]).await;
    browser.presses(PLANS, "Save").await;
    browser.reads(".notice", "the last good files stay in force").await;
    browser.sees("100.00 EGP").await;

    browser.types_over("plans.yaml", "100.00 EGB", "120.00 EGP").await;
    browser.presses(PLANS, "Save").await;
    browser.reads(".notice", "Valid and in force").await;
    browser.sees("120.00 EGP").await;

    browser.presses(PLANS, "Put back").await;
    browser.sees("100.00 EGP").await;
    ends_clean(browser, sandbox).await;
}

const FRA: &str = "[aria-label=\"Panel fra-1\"]";

#[tokio::test]
async fn what_is_down_is_shown_and_comes_back() {
    if !is_there() {
        return;
    }
    let (browser, sandbox) = opened().await;
    browser.shows("panels").await;
    browser.presses(FRA, "Add a stranger").await;
    browser.presses("dialog", "Add").await;
    browser.reads(FRA, "bobs-phone").await;
    browser.presses(FRA, "Use 1 GiB").await;
    browser.reads(FRA, "1 GiB no cap").await;
    browser.presses(FRA, "Down").await;
    browser.reads(&format!("{FRA} .tag"), "down").await;
    // The loop looks again within a minute.
    browser.shows("clock").await;
    browser.presses(".part.clock", "+1 min").await;
    browser.shows("passes").await;
    browser.reads(".part.passes", "Unreachable").await;
    browser.shows("panels").await;
    browser.presses(FRA, "Make it well").await;
    browser.shows("clock").await;
    browser.presses(".part.clock", "+1 min").await;
    browser.shows("passes").await;
    let well = "!document.querySelector('.part.passes').innerText.includes('Unreachable')";
    browser.until("both servers to be ready again", well, &[]).await;

    browser.shows("clock").await;
    browser.presses(".part.clock", "kill -9 controller").await;
    browser.reads(".processes", "1 restart").await;
    browser.until("the controller to be up", "!document.querySelector('.dot.dead')", &[]).await;
    browser.presses(".part.clock", "+1 h").await;
    browser.reads(".part.clock", "1 h 2 min ahead of this machine").await;

    browser.shows("log").await;
    browser
        .fill("the filter", "document.querySelector('.part.log [type=search]')", &[], "/v1/claim")
        .await;
    browser.reads(".logline", "/v1/claim").await;
    let only = "[...document.querySelectorAll('.logline')].every((e) => \
         e.innerText.includes('/v1/claim'))";
    browser.until("only what fits the filter", only, &[]).await;
    ends_clean(browser, sandbox).await;
}
