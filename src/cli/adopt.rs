//! `nebulalinks adopt`: which clients of a panel become accounts. First a proposal, as a table and as a
//! file to edit; then what that file would do; and with `--yes` it is done.

mod file;

use super::at::At;
use super::output::Output;
use super::{ask, out, tables};
use crate::model::{MINUTE_MS, PlanId, ServerId};
use clap::Args;
use file::{Customers, Row};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How many clients one request adopts: each is written down before the next.
const AT_ONCE: usize = 100;

/// Which clients, and what becomes of them.
#[derive(Debug, Args)]
pub struct AdoptCommand {
    /// The server's id, as servers.yaml has it
    server: ServerId,
    /// Only clients whose name or comment fits, such as 'vip-*'
    #[arg(long = "match", value_name = "GLOB", conflicts_with = "from")]
    fits: Option<glob::Pattern>,
    /// The plan that they are on from now on
    #[arg(long, value_name = "PLAN", conflicts_with = "from")]
    plan: Option<PlanId>,
    /// Whose each is: a CSV file with the columns client, customer (a Discord id, or the id of a customer that there is) and, if wanted, plan
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    customer_map: Option<PathBuf>,
    /// Write the proposal to a new file, a line each, to be edited
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    out: Option<PathBuf>,
    /// Say what such a file would do; nothing is done
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Do it
    #[arg(long, requires = "from")]
    yes: bool,
    #[command(flatten)]
    output: Output,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl AdoptCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        match &self.from {
            None => self.propose(),
            Some(path) => self.take(path),
        }
    }

    fn propose(&self) -> Result<(), String> {
        let path = format!("/v1/servers/{}/foreign", self.server);
        let told = ask::get(&self.at.socket(), &path)?;
        let all = list(&told.answer, "clients");
        let customers = match &self.customer_map {
            Some(path) => Customers::read(path, &self.server, all)?,
            None => Customers::default(),
        };
        let fits = |client: &&Value| {
            let text = |key: &str| client[key].as_str().unwrap_or_default().to_owned();
            let fits = |glob: &glob::Pattern| {
                glob.matches(&text("client")) || glob.matches(&text("comment"))
            };
            self.fits.as_ref().is_none_or(fits)
        };
        let propose = |client: &Value| {
            Row::proposed(&self.server, client, &customers, self.plan.as_ref(), told.now_ms)
        };
        let notes = customers.unknown.iter().map(|note| format!("{note}\n")).collect::<String>();
        let age_ms = told.now_ms.saturating_sub(number(&told.answer, "listed_at_ms"));
        let old = match age_ms / MINUTE_MS {
            age if age >= 5 => format!("The panel was last listed {age} minutes ago.\n"),
            _ => String::new(),
        };
        let rows: Vec<Row> = all.iter().filter(fits).map(propose).collect();
        let answer = json!(rows);
        out::print(&self.output.text(&answer, told.now_ms, tables::adoptable)?)?;
        if !(notes.is_empty() && old.is_empty()) {
            out::print(&format!("\n{notes}{old}"))?;
        }
        let Some(path) = &self.out else { return Ok(()) };
        file::write(path, &rows)?;
        let (name, server) = (path.display(), &self.server);
        out::print(&format!(
            "\nWritten to {name}: nothing was changed. Edit it, then: nebulalinks adopt {server} \
             --from {name}\n"
        ))
    }

    fn take(&self, path: &Path) -> Result<(), String> {
        let rows = file::read(path, &self.server)?;
        if rows.is_empty() {
            return Err(format!("{}: no line says take: yes; nothing was changed", path.display()));
        }
        // All together: one that cannot be keeps all of them from being asked for.
        let said = self.send(path, &rows, false)?;
        if !self.yes {
            out::print(&said.concat())?;
            return out::print("\nNothing was changed. With --yes this is done.\n");
        }
        let said = self.send(path, &rows, true)?;
        out::print(&said.concat())
    }

    /// Asks for these rows, a part after the other; what is said of each.
    fn send(&self, path: &Path, rows: &[file::Taken], yes: bool) -> Result<Vec<String>, String> {
        let (mut said, mut wrong) = (Vec::new(), Vec::new());
        let mut adopted = 0;
        let at_once = if yes { AT_ONCE } else { rows.len() };
        for some in rows.chunks(at_once) {
            let asked: Vec<&Value> = some.iter().map(|row| &row.asked).collect();
            let body = json!({ "server": self.server, "yes": yes, "rows": asked });
            let answer = ask::send(&self.at.socket(), "/v1/adopt", &body).map_err(|failure| {
                let again = if failure.maybe_done && yes {
                    "; ask again: nobody is adopted twice"
                } else {
                    ""
                };
                format!("{}{again}", failure.why)
            })?;
            adopted += number(&answer, "adopted");
            let answers = list(&answer, "rows");
            for (row, answer) in some.iter().zip(answers) {
                let place = format!("{}:{}", path.display(), row.line);
                let client = tables::printable(&row.client);
                match (answer["says"].as_str(), answer["error"].as_str()) {
                    (Some(says), _) => said.push(format!("{client}: {says}\n")),
                    (_, why) => {
                        let why = why.unwrap_or("no answer");
                        wrong.push(format!("{place}: {client}: {why}"));
                    }
                }
            }
        }
        if wrong.is_empty() {
            return Ok(said);
        }
        if adopted == 0 {
            return Err(format!("{}\nnothing was changed", wrong.join("\n")));
        }
        out::print(&said.concat())?;
        Err(format!("{}\nof the others {adopted} were adopted", wrong.join("\n")))
    }
}

fn number(answer: &Value, key: &str) -> u64 {
    answer.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn list<'a>(answer: &'a Value, key: &str) -> &'a [Value] {
    answer.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
