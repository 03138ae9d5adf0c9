//! An operator at the command line: the shipped commands, in a process of their own.

use super::plain::whole_line;
use super::player::Player;
use crate::trouble::Trouble;
use nebulalinks::model::AccountId;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// A command that asks the running shop has ended by then.
const AT_MOST: Duration = Duration::from_secs(30);

/// Stands for the id of somebody's newest account.
const ACCOUNT: &str = "account:";
/// Stands for the id of somebody's newest order.
const ORDER: &str = "order:";

/// Stands for what a server's panel calls itself.
const PANEL: &str = "panel:";
/// Stands for somebody's Discord id in a file that an operator writes.
const CUSTOMER: &str = "customer:";

/// Stands for a folder of the scenario's own, outside of the state folder.
const FOLDER: &str = "folder:";
/// Stands for the newest file in such a folder.
const NEWEST: &str = "newest:";

/// What `/v1/accounts` answers.
#[derive(Deserialize)]
struct Page {
    accounts: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: AccountId,
}

impl Player<'_> {
    /// Runs `nebulalinks` with these words; what it prints, a line each.
    pub(super) async fn operate(&self, words: &[String]) -> Result<Vec<String>, Trouble> {
        let mut args = Vec::new();
        for word in words {
            args.push(if let Some(who) = word.strip_prefix(ACCOUNT) {
                self.newest_account(who).await?
            } else if let Some(who) = word.strip_prefix(ORDER) {
                self.newest_order(who)?
            } else if let Some(server) = word.strip_prefix(PANEL) {
                self.panel_identity(server).await?
            } else if let Some(name) = word.strip_prefix(FOLDER) {
                self.folder(name).display().to_string()
            } else if let Some(name) = word.strip_prefix(NEWEST) {
                newest(&self.folder(name))?
            } else {
                word.clone()
            });
        }
        let cannot = |error: std::io::Error| Trouble::while_doing("run a command")(error);
        let program = std::env::current_exe().map_err(cannot)?;
        let done = Command::new(program)
            .arg("nebulalinks")
            .args(args)
            .env("NEBULALINKS_STATE", &self.system.settings.state)
            .env("NO_COLOR", "1")
            .current_dir(self.beside_desired())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let late = |_| Trouble("the command does not end".to_owned());
        let done = tokio::time::timeout(AT_MOST, done).await.map_err(late)?.map_err(cannot)?;
        let said = [done.stdout, done.stderr].concat();
        let nobody = |_| None;
        let own = self.system.settings.state.parent().unwrap_or(Path::new("/"));
        let lines = String::from_utf8_lossy(&said).replace(&own.display().to_string(), "…");
        let lines = lines.lines().filter(|line| !line.trim().is_empty());
        let read = lines.map(|line| format!("operator reads: {}", whole_line(line, &nobody)));
        let code = done.status.code().filter(|code| *code != 0);
        Ok(read.chain(code.map(|code| format!("operator reads: exit {code}"))).collect())
    }

    /// Writes a file into the folder of the scenario's own; `customer:alice` in it stands for her id, and
    /// `account:alice` for that of her newest account.
    pub(super) async fn operator_writes(&self, file: &str, text: &str) -> Result<(), Trouble> {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((at, mark)) = first_of(rest, [CUSTOMER, ACCOUNT]) {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let after = after.strip_prefix(mark).unwrap_or_default();
            let end = after.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(after.len());
            let (who, next) = after.split_at_checked(end).unwrap_or((after, ""));
            whole.push_str(before);
            whole.push_str(&match mark {
                ACCOUNT => self.newest_account(who).await?,
                _ => self.actor(who).id().to_string(),
            });
            rest = next;
        }
        whole.push_str(rest);
        std::fs::write(self.folder(file), whole).map_err(Trouble::while_doing("write a file"))
    }

    /// Where `desired` and `draft` are folders.
    fn beside_desired(&self) -> &Path {
        let desired = self.desired.as_ref().and_then(|desired| desired.folder.parent());
        desired.unwrap_or_else(|| Path::new("."))
    }

    /// Beside the state folder.
    fn folder(&self, name: &str) -> PathBuf {
        self.system.settings.state.with_file_name(name)
    }

    async fn panel_identity(&self, server: &str) -> Result<String, Trouble> {
        let page = self.system.control_page(&format!("/v1/servers/{server}")).await;
        let identity = page.as_ref().and_then(|page| page.pointer("/panel/identity")?.as_str());
        identity.map(str::to_owned).ok_or_else(|| Trouble(format!("{server} was never listed")))
    }

    async fn newest_account(&self, who: &str) -> Result<String, Trouble> {
        let customer = self.actor(who).id();
        let asked = format!("/v1/accounts?limit=1000&customer={customer}");
        let page = self.system.control_page(&asked).await.unwrap_or_default();
        let page: Page = serde_json::from_value(page)
            .map_err(Trouble::while_doing("read the list of accounts"))?;
        let newest = page.accounts.into_iter().map(|account| account.id).max();
        newest.map(|id| id.to_string()).ok_or_else(|| Trouble(format!("{who} has no account")))
    }
}

/// Which of the marks stands first in a text, and where.
fn first_of<'m, const N: usize>(text: &str, marks: [&'m str; N]) -> Option<(usize, &'m str)> {
    marks.into_iter().filter_map(|mark| Some((text.find(mark)?, mark))).min()
}

/// The file of a folder whose name sorts last.
fn newest(folder: &Path) -> Result<String, Trouble> {
    let entries = std::fs::read_dir(folder).map_err(Trouble::while_doing("list a folder"))?;
    let last = entries.flatten().map(|entry| entry.path()).max();
    let nothing = || Trouble(format!("{} is empty", folder.display()));
    last.map(|path| path.display().to_string()).ok_or_else(nothing)
}
