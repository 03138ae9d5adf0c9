//! `nebulalinks doctor`: what is wrong with a set-up, each with the command that mends it. It changes
//! nothing, and takes the flags of `run`, so that it looks at what that would use.

mod chat;
mod finding;
mod host;
mod servers;

pub use finding::{Finding, Weight};

use super::env::Env;
use super::out;
use super::output::Output;
use super::secrets;
use super::tables;
use crate::catalog::{Catalog, Options};
use crate::config::RunConfig;
use crate::watch;
use clap::Args;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Exits 0 when all is well, 2 when something is to be mended, and 1 when it cannot look.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    config: RunConfig,
    #[command(flatten)]
    output: Output,
}

/// The exit code when something is to be mended.
const SICK: u8 = 2;

impl Doctor {
    pub(super) fn run(&self) -> Result<ExitCode, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let looking = super::progress::Progress::of("looking");
        let env = Env::real();
        let findings = runtime.block_on(examine(&self.config, &env));
        drop(looking);
        let worst = findings.iter().map(|finding| finding.weight).max();
        let answer = json!({ "findings": findings });
        let now = env.clock.now().0;
        out::print(
            &self.output.text(&answer, now, |answer: &Value, view| tables::doctor(answer, view))?,
        )?;
        let well = worst.is_none_or(|worst| worst == Weight::Ok);
        Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(SICK) })
    }
}

/// Looks at everything.
pub async fn examine(config: &RunConfig, env: &Env) -> Vec<Finding> {
    let (running, mut findings) = host::running(config).await;
    findings.extend(host::folders(config, env, running));
    findings.extend(host::ports(config, running));
    let catalog = files(config, &mut findings);
    let chat = secrets::chat_config(&config.chat, config.places.proofs());
    match chat {
        Ok(chat) => {
            findings.extend(chat::clock(chat.as_ref(), env).await);
            findings.extend(chat::examine(chat.as_ref(), catalog.as_ref(), running).await);
        }
        Err(error) => findings.push(host::unusable("discord token", &error)),
    }
    if let Some(catalog) = &catalog {
        findings.extend(servers::examine(config, env, catalog).await);
    }
    findings
}

/// The files; without valid ones there is no server and no channel to look at.
fn files(config: &RunConfig, findings: &mut Vec<Finding>) -> Option<Catalog> {
    let folder = &config.places.desired;
    match watch::check(folder, &Options::default()) {
        Ok(catalog) => {
            let found = format!("{}: revision {}", folder.display(), catalog.revision);
            findings.push(Finding::ok("files", found));
            Some(catalog)
        }
        Err(problems) => {
            let found = format!("the files in {} have problems", folder.display());
            let mend = format!("nebulalinks check {}", folder.display());
            findings.push(Finding::failed("files", found, mend));
            drop(problems);
            watch::last_good(&config.places.state)
        }
    }
}
