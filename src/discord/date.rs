//! What time it is at Discord, by the `Date` of an answer over HTTPS: the one witness of our clock
//! that stands outside of the servers. serenity keeps headers to itself, so this asks by itself, for
//! something that needs no token.

use super::config::Config;
use super::errors::BotError;
use super::http;
use crate::model::{DurationMs, UnixMs, Witness};
use crate::ports::{Clock, Timekeeper};
use reqwest::{Client, header};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is asked while its answers confirm our clock.
const CALM: DurationMs = DurationMs::from_secs(30);
/// How often otherwise.
const ANXIOUS: DurationMs = DurationMs::from_secs(5);
/// Never more often than this.
const LEAST: Duration = Duration::from_secs(1);

/// Asks Discord for the time.
pub(super) struct DateAsker {
    client: Client,
    url: url::Url,
    clock: Arc<dyn Clock>,
    time: Arc<dyn Timekeeper>,
}

impl DateAsker {
    pub(super) fn new(
        config: &Config,
        clock: Arc<dyn Clock>,
        time: Arc<dyn Timekeeper>,
    ) -> Result<Self, BotError> {
        let (client, url) = http::for_the_date(config)?;
        Ok(Self { client, url, clock, time })
    }

    /// Asks again and again until `shutdown`.
    pub(super) async fn run(&self, shutdown: CancellationToken) {
        let mut changes = self.time.changes();
        loop {
            let asked = tokio::select! {
                asked = self.ask() => asked,
                () = shutdown.cancelled() => return,
            };
            if let Err(why) = asked {
                tracing::debug!(why, "Discord did not tell the time");
            }
            changes.mark_unchanged();
            let calm = self.time.reading().verdict.is_vouched();
            let wait = if calm { CALM } else { ANXIOUS };
            tokio::select! {
                () = shutdown.cancelled() => return,
                // By both clocks: the wall clock may be set either way meanwhile.
                () = tokio::time::sleep(wait.to_std()) => {}
                () = self.clock.sleep_until(self.clock.now() + wait) => {}
                Ok(()) = changes.changed() => tokio::time::sleep(LEAST).await,
            }
        }
    }

    async fn ask(&self) -> Result<(), &'static str> {
        let asked = self.clock.moment().monotonic;
        let answer = self.client.get(self.url.clone()).send().await.map_err(|_| "no answer")?;
        let date = answer.headers().get(header::DATE).and_then(|date| read(date.to_str().ok()?));
        self.time.heard(Witness::Discord, date.ok_or("no Date in the answer")?, asked);
        Ok(())
    }
}

pub(super) fn read(date: &str) -> Option<UnixMs> {
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    u64::try_from(date.timestamp().as_millisecond()).ok().map(UnixMs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read_to_the_second() {
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(UnixMs(784_111_777_000)));
        for bad in ["", "now", "Sun, 06 Nov 1994 08:49:37", "784111777"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
