//! `nebulalinks reconcile`: look now, and on demand wait until the panels agree with the records.

use super::ask;
use super::at::At;
use super::env::SystemClock;
use super::out;
use super::output::Output;
use super::show::query;
use super::{tables, words};
use crate::ports::Clock as _;
use clap::Args;
use std::process::ExitCode;
use std::time::Duration;

/// The exit code when the panels did not agree in time.
const DISAGREES: u8 = 2;
/// A panel that does not agree yet is listed again after this.
const PAUSE: Duration = Duration::from_secs(2);

/// What to look at now.
#[derive(Debug, Args)]
pub struct ReconcileCommand {
    /// A server, or an account by the first characters of its id or by an order [default: everything]
    #[arg(value_name = "SERVER|ACCOUNT")]
    of: Option<String>,
    /// Wait until the panels agree with the records, and say why not if they do not in time: exits
    /// 0 when they agree, 2 when not, 1 when it cannot be asked
    #[arg(long)]
    wait: bool,
    /// With --wait: give up after this long, such as 30s or 10m
    #[arg(long, value_name = "LENGTH", value_parser = words::length, default_value = "2m", requires = "wait")]
    timeout: u64,
    #[command(flatten)]
    output: Output,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl ReconcileCommand {
    pub(super) fn run(&self) -> Result<ExitCode, String> {
        let wait = self.wait.then(|| "true".to_owned());
        let path = query("/v1/reconcile", &[("of", self.of.clone()), ("wait", wait)]);
        let now = || SystemClock.moment().monotonic.0;
        let began = now();
        loop {
            let told = ask::post_for(&self.at.socket(), &path)?;
            let agrees = told.answer.get("agrees").and_then(serde_json::Value::as_bool);
            let left = self.timeout.saturating_sub(now().saturating_sub(began));
            let left = Duration::from_millis(left);
            if agrees != Some(false) || left.is_zero() {
                out::print(&self.output.text(&told.answer, told.now_ms, tables::agreement)?)?;
                let code = if agrees == Some(false) { DISAGREES } else { 0 };
                return Ok(ExitCode::from(code));
            }
            std::thread::sleep(PAUSE.min(left));
        }
    }
}
