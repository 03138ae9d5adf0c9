//! What a person at a terminal reads while a command takes longer than a second.

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Whoever waits for less needs no word.
const PATIENCE: Duration = Duration::from_secs(1);
const TURN: Duration = Duration::from_millis(100);

/// What is done, and how much of how much.
#[derive(Debug, Clone, Copy)]
struct Step {
    what: &'static str,
    done: u64,
    all: u64,
}

/// Says on standard error what is done and for how long, from the first second on and on a terminal
/// only; gone when it is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    step: Arc<Mutex<Step>>,
}

impl Progress {
    /// This is begun.
    pub(super) fn of(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what);
        let step = Arc::new(Mutex::new(Step { what, done: 0, all: 0 }));
        if let Ok(style) = ProgressStyle::with_template("{late}") {
            let step = Arc::clone(&step);
            bar.set_style(style.with_key(
                "late",
                move |state: &ProgressState, to: &mut dyn Write| {
                    let step = *step.lock().unwrap_or_else(PoisonError::into_inner);
                    // A terminal that takes nothing is no trouble of the command.
                    let _ = to.write_str(&line(step, state.elapsed()));
                },
            ));
        }
        bar.enable_steady_tick(TURN);
        Self { bar, step }
    }

    /// So far is it; with `all` 0 nobody knows how far.
    pub(super) fn at(&self, what: &'static str, done: u64, all: u64) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = Step { what, done, all };
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn line(Step { what, done, all }: Step, elapsed: Duration) -> String {
    if elapsed < PATIENCE {
        return String::new();
    }
    let hundredths = done.min(all).saturating_mul(100).checked_div(all);
    let part = hundredths.map_or_else(String::new, |part| format!(" {part} %,"));
    format!("{what} …{part} {} s", elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_passes_in_silence() {
        let step = Step { what: "copying", done: 0, all: 0 };
        assert_eq!(line(step, Duration::from_millis(999)), "");
        assert_eq!(line(step, Duration::from_millis(2_100)), "copying … 2 s");
        let step = Step { what: "packing", done: 30, all: 40 };
        assert_eq!(line(step, Duration::from_millis(2_100)), "packing … 75 %, 2 s");
    }
}
