//! What a person at a terminal reads while a command takes longer than a second.

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::time::Duration;

/// Whoever waits for less needs no word.
const PATIENCE: Duration = Duration::from_secs(1);
const TURN: Duration = Duration::from_millis(100);

/// Says on standard error what is done and for how long, from the first second on and on a terminal
/// only; gone when it is dropped.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// This is begun.
    pub(super) fn of(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{late}") {
            bar.set_style(style.with_key(
                "late",
                move |state: &ProgressState, to: &mut dyn Write| {
                    // A terminal that takes nothing is no trouble of the command.
                    let _ = to.write_str(&line(what, state.elapsed()));
                },
            ));
        }
        bar.enable_steady_tick(TURN);
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn line(what: &str, elapsed: Duration) -> String {
    if elapsed < PATIENCE {
        return String::new();
    }
    format!("{what} … {} s", elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_passes_in_silence() {
        assert_eq!(line("copying", Duration::from_millis(999)), "");
        assert_eq!(line("copying", Duration::from_millis(2_100)), "copying … 2 s");
    }
}
