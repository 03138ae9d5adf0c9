//! What happened, line by line, each with the time since the start. One seed gives one trace.

use super::time::Time;
use std::sync::{Arc, Mutex};

/// Notes what happens, where somebody wants to read it.
pub struct Trace {
    time: Arc<Time>,
    lines: Option<Mutex<Vec<String>>>,
}

impl Trace {
    /// Without `kept` nothing is noted, and a line that nobody reads is not even drawn up.
    pub(super) fn new(time: Arc<Time>, kept: bool) -> Self {
        Self { time, lines: kept.then(Mutex::default) }
    }

    /// Notes a line.
    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.lines {
            let line = format!("{:>9} ms  {}", self.time.passed().0, line());
            lines.lock().unwrap().push(line);
        }
    }

    /// Whether lines are kept.
    pub(super) const fn is_kept(&self) -> bool {
        self.lines.is_some()
    }

    /// Everything so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.as_ref().map(|lines| lines.lock().unwrap().clone()).unwrap_or_default()
    }
}
