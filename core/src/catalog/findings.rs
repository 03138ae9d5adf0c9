//! The findings while they are gathered.

use super::files::DesiredFile;
use super::place::Place;
use super::problem::{Beside, Problem, Problems, Severity, Spot};

/// More findings than this in one file help nobody; the rest is counted.
const MAX_PER_FILE: usize = 100;
/// Source lines are kept up to this many characters behind the place.
const SHOWN: usize = 120;
/// A line whose place is further to the right than this is not shown: nobody wrote it by hand.
const FARTHEST: usize = 1_000;

/// What was found in texts that live as long as `'t`.
#[derive(Debug, Default)]
pub(super) struct Findings<'t> {
    texts: Vec<(DesiredFile, &'t str)>,
    found: Vec<(DesiredFile, Problem)>,
    warnings: Vec<(DesiredFile, Problem)>,
}

impl<'t> Findings<'t> {
    /// Makes a file's text known, for source lines.
    pub(super) fn text(&mut self, file: DesiredFile, text: &'t str) {
        self.texts.push((file, text));
    }
    /// One finding at a place.
    pub(super) fn add(
        &mut self,
        file: DesiredFile,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.is_full(file) {
            return;
        }
        let problem = self.problem(file, at, message.into(), help.into());
        self.push(file, at, problem);
    }
    /// One finding at a place that has to do with another one of the file, which `label` explains.
    pub(super) fn add_beside(
        &mut self,
        file: DesiredFile,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
        (other, label): (Place, &str),
    ) {
        if self.is_full(file) {
            return;
        }
        let mut problem = self.problem(file, at, message.into(), help.into());
        problem.beside = Some(Beside { at: self.spot(file, other), label: label.to_owned() });
        self.push(file, at, problem);
    }
    fn push(&mut self, file: DesiredFile, at: Place, problem: Problem) {
        match self.count(file) {
            // Two rules may meet at one place; that is one thing to mend.
            0..MAX_PER_FILE if self.found.iter().any(|(f, p)| *f == file && *p == problem) => {}
            0..MAX_PER_FILE => self.found.push((file, problem)),
            MAX_PER_FILE => {
                let message = format!("more than {MAX_PER_FILE} problems: the rest is not listed");
                let last = self.problem(file, at, message, "fix these first".into());
                self.found.push((file, last));
            }
            _ => {}
        }
    }
    /// One finding for which the files are not refused.
    pub(super) fn warn(
        &mut self,
        file: DesiredFile,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut problem = self.problem(file, at, message.into(), help.into());
        problem.severity = Severity::Warning;
        self.warnings.push((file, problem));
    }
    /// The warnings, in the order of files and lines; they are taken out.
    pub(super) fn take_warnings(&mut self) -> Option<Problems> {
        in_order(std::mem::take(&mut self.warnings))
    }
    /// A finding about a whole file.
    pub(super) fn whole(&mut self, file: DesiredFile, message: &str, help: &str) {
        self.found.push((file, Problem::whole_file(file, message.into(), help.into())));
    }
    /// How many there are about a file so far.
    pub(super) fn count(&self, file: DesiredFile) -> usize {
        self.found.iter().filter(|(f, _)| *f == file).count()
    }
    /// All of them, in the order of files and lines.
    pub(super) fn finish(self) -> Option<Problems> {
        in_order(self.found)
    }

    /// Whether no finding about a file is listed any more: to look for its place would be for nothing.
    fn is_full(&self, file: DesiredFile) -> bool {
        self.count(file) > MAX_PER_FILE
    }

    fn problem(&self, file: DesiredFile, at: Place, message: String, help: String) -> Problem {
        Problem { at: self.spot(file, at), ..Problem::whole_file(file, message, help) }
    }

    fn spot(&self, file: DesiredFile, at: Place) -> Spot {
        let text = self.texts.iter().find(|(f, _)| *f == file).map(|(_, text)| *text);
        let line = text.and_then(|text| text.lines().nth(at.line.saturating_sub(1)));
        let near = line.filter(|_| at.column <= FARTHEST);
        Spot {
            line: at.line,
            column: at.column,
            end_column: at.column + at.length,
            source: near.map(|line| line.chars().take(at.column + SHOWN).collect()),
        }
    }
}

fn in_order(mut found: Vec<(DesiredFile, Problem)>) -> Option<Problems> {
    found.sort_by(|(a, p), (b, q)| (a, p.at.line, p.at.column).cmp(&(b, q.at.line, q.at.column)));
    Problems::new(found.into_iter().map(|(_, problem)| problem).collect())
}
