//! Logs: lines for people on a terminal, JSON for machines. What never goes in: tokens, keys,
//! uuids, links, and what customers wrote.

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// How much is said, and how.
#[derive(Debug, Clone, Args)]
pub struct Logs {
    /// What to log, such as `info` or `nebulalinks::controller=debug`
    #[arg(
        long,
        env = "NEBULALINKS_LOG",
        default_value = "info",
        value_name = "FILTER",
        global = true
    )]
    pub log: String,
    /// How lines look
    #[arg(long, env = "NEBULALINKS_LOG_FORMAT", default_value = "text", global = true)]
    pub log_format: Format,
}

impl Logs {
    /// Starts logging to standard error. A second call changes nothing.
    pub fn start(&self) {
        // serenity repeats at `info` what the bot already says itself.
        let filter = EnvFilter::builder().parse_lossy(format!("serenity=warn,{}", self.log));
        let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        let _ = match self.log_format {
            Format::Text => lines.with_target(false).try_init(),
            Format::Json => lines.json().try_init(),
        };
    }
}
