//! Logs: lines for people on a terminal, JSON for machines. What never goes in: tokens, keys,
//! uuids, links, and what customers wrote.

use clap::{Args, ValueEnum};
use std::io::IsTerminal as _;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for people on a terminal.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// How much is logged, and in which form.
#[derive(Debug, Clone, Args)]
pub struct Logs {
    /// What to log, such as `info` or `nebulalinks::controller=debug` [default: info for run, else warn]
    #[arg(long, env = "NEBULALINKS_LOG", value_name = "FILTER", global = true)]
    pub log: Option<String>,
    /// How lines look
    #[arg(long, env = "NEBULALINKS_LOG_FORMAT", default_value = "text", global = true)]
    pub log_format: Format,
}

impl Logs {
    /// Starts logging to standard error, so much where nobody said how much. A second call changes nothing.
    pub fn start(&self, unasked: &str) {
        let coloured = std::io::stderr().is_terminal();
        let _ = self.subscriber(std::io::stderr, coloured, unasked).try_init();
    }

    /// Escapes are for a terminal that takes them; a file has the text alone.
    fn subscriber<W>(
        &self,
        writer: W,
        coloured: bool,
        unasked: &str,
    ) -> impl Subscriber + Send + Sync + use<W>
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let wanted = EnvFilter::builder().parse_lossy(self.log.as_deref().unwrap_or(unasked));
        let lines = fmt::layer().with_writer(writer);
        let lines = if coloured { lines } else { lines.with_ansi(false) };
        let lines: Box<dyn Layer<Registry> + Send + Sync> = match self.log_format {
            Format::Text => Box::new(lines.with_target(false)),
            Format::Json => Box::new(lines.json()),
        };
        Registry::default().with(lines.with_filter(wanted.and(filter_fn(harmless))))
    }
}

/// What a crate logs below a level is never written, whatever the filter asks for: serenity's spans
/// carry interaction tokens and bodies of requests there.
const HELD_TO: (&str, Level) = ("serenity", Level::WARN);

fn harmless(line: &Metadata<'_>) -> bool {
    let (target, level) = HELD_TO;
    !line.target().starts_with(target) || *line.level() <= level
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_log_that_goes_to_a_file_has_no_escapes() {
        for log_format in [Format::Text, Format::Json] {
            let lines = Lines::default();
            let logs = Logs { log: None, log_format };
            let to = lines.clone();
            tracing::subscriber::with_default(
                logs.subscriber(move || to.clone(), false, "info"),
                || {
                    tracing::warn!(server.id = "fra-1", "said");
                },
            );
            let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert!(said.contains("said") && !said.contains('\u{1b}'), "{said:?}");
        }
    }

    #[test]
    fn no_filter_makes_serenity_say_what_it_must_not() {
        for log in ["trace", "serenity=trace", "info,serenity::http=debug", "[{token}]=trace"] {
            for log_format in [Format::Text, Format::Json] {
                let lines = Lines::default();
                let logs = Logs { log: Some(log.to_owned()), log_format };
                let to = lines.clone();
                tracing::subscriber::with_default(
                    logs.subscriber(move || to.clone(), false, "info"),
                    || {
                        let span =
                            tracing::info_span!(target: "serenity::http", "call", token = "T0K");
                        let _in = span.enter();
                        tracing::debug!(target: "serenity::http", "body T0K");
                        tracing::warn!(target: "nebulalinks", "ours");
                    },
                );
                let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
                assert!(!said.contains("T0K"), "{log}: {said}");
                assert!(said.contains("ours") || log.starts_with(['s', '[']), "{log}: {said}");
            }
        }
    }
}
