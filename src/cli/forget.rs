//! `nebulalinks forget`: a customer is forgotten. First what goes and what stays; then it asks, and does it.

use super::at::At;
use super::restore::asked;
use super::show::below;
use super::{ask, out};
use clap::Args;
use serde_json::{Value, json};

/// Which customer.
#[derive(Debug, Args)]
pub struct ForgetCommand {
    /// The customer: discord:ID, their id as `get customers` shows it, or how that begins
    customer: String,
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

impl ForgetCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let socket = self.at.socket();
        let page = ask::get(&socket, &below("/v1/customers", &self.customer))?.answer;
        // Who was forgotten before is so once more: asked again after an answer was lost, it is said so.
        let before = page.get("forgotten_at_ms").is_some_and(Value::is_number);
        if let Some(why) = page.pointer("/forget/refused").and_then(Value::as_str)
            && !before
        {
            return Err(format!("nothing was changed: {why}"));
        }
        if !self.yes && !before {
            out::print(&what_goes(&page))?;
            if self.dry_run {
                return out::print("\nNothing was changed.\n");
            }
            if !asked("Type yes to forget them for good: ")? {
                return Err("nothing was changed".to_owned());
            }
        }
        let body = json!({ "intent": "forget", "customer": page.get("id") });
        ask::intent(&socket, &body).map_err(|failure| match failure.maybe_done {
            true => format!("{}; ask again: nobody is forgotten twice", failure.why),
            false => failure.why,
        })
    }
}

/// What goes and what stays.
fn what_goes(page: &Value) -> String {
    let count = |what: &str| {
        page.pointer(&format!("/forget/{what}")).and_then(Value::as_u64).unwrap_or_default()
    };
    let id = page.get("id").and_then(Value::as_str).unwrap_or_default();
    let tried = page.pointer("/forget/tried").and_then(Value::as_bool) == Some(true);
    format!(
        "Customer {id} is forgotten for good.\n\
         Goes:  where they are known, their name, language, settings and note; the pictures of their payments;\n       \
         the threads of their orders and questions; who they are in the audit\n\
         Stays: under {id}, accounts: {}, orders: {}, with what was paid and when\n\
         Whoever comes again is a new customer{}. To keep somebody away, put them under `limits: block` in shop.yaml.\n",
        count("accounts"),
        count("orders"),
        if tried { ", and may have a free trial again" } else { "" },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_and_what_stays_is_said_with_how_much_and_that_a_trial_is_to_be_had_again() {
        let mut page =
            json!({ "id": "01kc", "forget": { "accounts": 2, "orders": 3, "tried": false } });
        let said = what_goes(&page);
        assert!(said.contains("under 01kc, accounts: 2, orders: 3"), "{said}");
        assert!(!said.contains("trial"), "{said}");
        page["forget"]["tried"] = json!(true);
        assert!(what_goes(&page).contains("a free trial again"));
    }
}
