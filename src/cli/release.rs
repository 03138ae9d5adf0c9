//! `nebulalinks release`: clients are given back. First what becomes of each; then it asks, and does it.

use super::at::At;
use super::restore::asked;
use super::{ask, out};
use crate::model::ServerId;
use clap::Args;
use serde_json::{Value, json};
use std::io::IsTerminal as _;

/// How many clients one request gives back: each is written down before the next.
const AT_ONCE: usize = 100;

/// Which accounts, and why.
#[derive(Debug, Args)]
pub struct ReleaseCommand {
    /// Accounts: their ids as `get accounts` shows them, how these begin, or one of their orders
    #[arg(required_unless_present = "server", conflicts_with = "server", value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Instead: all accounts that this server serves
    #[arg(long)]
    server: Option<ServerId>,
    /// Why, for the audit, in at most 500 characters
    #[arg(long)]
    reason: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Say what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl ReleaseCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let all =
            json!({ "accounts": self.accounts, "server": self.server, "reason": self.reason });
        let told = Told::of(&ask::send(&self.at.socket(), "/v1/release", &all)?);
        if !told.wrong.is_empty() {
            return Err(format!("{}\nnothing was changed", told.wrong.join("\n")));
        }
        if told.accounts.is_empty() {
            return out::print("This server serves no account.\n");
        }
        if !self.yes {
            out::print(&told.said.concat())?;
            if self.dry_run {
                return out::print("\nNothing was changed.\n");
            }
            if !std::io::stdin().is_terminal() {
                return Err(
                    "nothing was changed: nobody is there to be asked, and --yes was not said"
                        .to_owned(),
                );
            }
            if !asked("Type yes to give them back: ")? {
                return Err("nothing was changed".to_owned());
            }
        }
        self.release(&told.accounts)
    }

    fn release(&self, accounts: &[String]) -> Result<(), String> {
        let mut released = 0;
        for some in accounts.chunks(AT_ONCE) {
            let body = json!({ "accounts": some, "reason": self.reason, "yes": true });
            let answer = ask::send(&self.at.socket(), "/v1/release", &body).map_err(|failure| {
                let again = "; ask again: nothing is given back twice";
                format!("{}{}", failure.why, if failure.maybe_done { again } else { "" })
            })?;
            released += answer.get("released").and_then(Value::as_u64).unwrap_or_default();
            let told = Told::of(&answer);
            if !told.wrong.is_empty() {
                let done = match released {
                    0 => "nothing was changed".to_owned(),
                    some => format!("{some} others were given back"),
                };
                return Err(format!("{}\n{done}", told.wrong.join("\n")));
            }
            out::print(&told.said.concat())?;
        }
        Ok(())
    }
}

/// What is said of each account.
struct Told {
    accounts: Vec<String>,
    said: Vec<String>,
    wrong: Vec<String>,
}

impl Told {
    fn of(answer: &Value) -> Self {
        let (mut accounts, mut said, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for row in answer.get("rows").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| row.get(key).and_then(Value::as_str);
            let account = text("account").unwrap_or_default().to_owned();
            match (text("says"), text("error")) {
                (Some(says), _) => said.push(format!("{account}: {says}\n")),
                (_, why) => wrong.push(format!("{account}: {}", why.unwrap_or("no answer"))),
            }
            accounts.push(account);
        }
        Self { accounts, said, wrong }
    }
}
