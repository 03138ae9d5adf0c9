//! The lines of a check.

use std::fmt;

/// How one thing that was checked stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It works.
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
}

/// What the check found about one thing, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub verdict: Verdict,
    /// What it is. Without secrets.
    pub found: String,
    /// What to do; empty when there is nothing to do.
    pub advice: String,
}

impl Finding {
    pub(super) fn ok(found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, found: found.into(), advice: String::new() }
    }

    pub(super) fn warning(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, found: found.into(), advice: advice.into() }
    }

    pub(super) fn failed(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, found: found.into(), advice: advice.into() }
    }
}

/// All findings, in the order of the check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    steps: Vec<(&'static str, Finding)>,
}

impl Report {
    /// A report of a configuration that cannot even be read.
    #[must_use]
    pub fn unreadable(error: &impl fmt::Display) -> Self {
        let step = Finding::failed(error.to_string(), "mend the command line or the variables");
        Self { steps: vec![("configuration", step)] }
    }

    pub(super) fn add(&mut self, name: &'static str, step: Finding) {
        self.steps.push((name, step));
    }

    /// The worst verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.steps.iter().map(|(_, step)| step.verdict).max().unwrap_or(Verdict::Ok)
    }

    /// The finding of this name.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&Finding> {
        self.steps.iter().find(|(n, _)| *n == name).map(|(_, step)| step)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, step) in &self.steps {
            let verdict = match step.verdict {
                Verdict::Ok => "ok",
                Verdict::Warning => "warning",
                Verdict::Failed => "FAILED",
            };
            writeln!(f, "{verdict:<8} {name:<14} {}", step.found)?;
            if !step.advice.is_empty() {
                writeln!(f, "{:<23} → {}", "", step.advice)?;
            }
        }
        let count = |v: Verdict| self.steps.iter().filter(|(_, s)| s.verdict == v).count();
        match (count(Verdict::Failed), count(Verdict::Warning)) {
            (0, 0) => writeln!(f, "\nAll of it works."),
            (0, n) => writeln!(f, "\nIt works; {n} to look at."),
            (n, _) => writeln!(f, "\nIt does not work yet: {n} failed."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_each_step_and_the_worst_at_its_end() {
        let mut report = Report::default();
        report.add("keys", Finding::ok("one pair"));
        assert_eq!(report.to_string(), "ok       keys           one pair\n\nAll of it works.\n");
        report.add("clock", Finding::warning("odd", "set it"));
        report.add("panel", Finding::failed("no connection", "start it"));
        assert_eq!(report.verdict(), Verdict::Failed);
        let expected = "ok       keys           one pair\n\
                        warning  clock          odd\n                        → set it\n\
                        FAILED   panel          no connection\n                        → start it\n\
                        \nIt does not work yet: 1 failed.\n";
        assert_eq!(report.to_string(), expected);
    }
}
