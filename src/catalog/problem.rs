//! What is wrong with the files: every finding has a place, a message and a way out.

use super::{DesiredFile, Place};
use serde::Serialize;
use std::fmt;

/// More findings than this in one file help nobody; the rest is counted.
const MAX_PER_FILE: usize = 100;
/// Source lines are shown up to this many characters around the place.
const SHOWN: usize = 120;

/// One thing that is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file's name, with the folder where [`Problems::in_folder`] gave one.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The line as it stands in the file, shortened when very long; nothing for a missing file.
    pub source: Option<String>,
    /// Where the place is in `source`, in characters from 0.
    #[serde(skip)]
    caret: usize,
}

impl Problem {
    /// A finding about a file as a whole: 1:1, without a source line.
    #[must_use]
    pub fn whole_file(file: DesiredFile, message: String, help: String) -> Self {
        Self { file: file.name().into(), line: 1, column: 1, message, help, source: None, caret: 0 }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "; {}", self.help) }
    }
}

/// Everything that is wrong with the files, in the order of files and lines. Never empty as an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The findings; `None` when there is none.
    #[must_use]
    pub fn new(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }
    /// A single finding.
    #[must_use]
    pub fn one(problem: Problem) -> Self {
        Self(vec![problem])
    }
    /// Each finding.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
    /// The same, with the files' names below a folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &str) -> Self {
        let folder = folder.trim_end_matches('/');
        if !folder.is_empty() {
            self.0.iter_mut().for_each(|p| p.file = format!("{folder}/{}", p.file));
        }
        self
    }
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    /// Each finding with its source line and a caret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            writeln!(
                f,
                "{}:{}:{}: {}",
                problem.file, problem.line, problem.column, problem.message
            )?;
            let number = problem.line.to_string();
            let margin = " ".repeat(number.len());
            if let Some(source) = &problem.source {
                writeln!(f, " {number} | {source}")?;
                writeln!(f, " {margin} | {}^", " ".repeat(problem.caret))?;
            }
            if !problem.help.is_empty() {
                writeln!(f, " {margin} = help: {}", problem.help)?;
            }
        }
        Ok(())
    }
}

/// The findings while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Findings<'t> {
    texts: Vec<(DesiredFile, &'t str)>,
    found: Vec<(DesiredFile, Problem)>,
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
        let (message, help) = (message.into(), help.into());
        match self.count(file) {
            0..MAX_PER_FILE => {}
            MAX_PER_FILE => {
                let message = format!("more than {MAX_PER_FILE} problems: the rest is not listed");
                let problem = self.problem(file, at, message, "fix these first".into());
                self.found.push((file, problem));
                return;
            }
            _ => return,
        }
        let problem = self.problem(file, at, message, help);
        self.found.push((file, problem));
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
        let mut found = self.found;
        found.sort_by(|(a, p), (b, q)| (a, p.line, p.column).cmp(&(b, q.line, q.column)));
        Problems::new(found.into_iter().map(|(_, problem)| problem).collect())
    }

    fn problem(&self, file: DesiredFile, at: Place, message: String, help: String) -> Problem {
        let line = self
            .texts
            .iter()
            .find(|(f, _)| *f == file)
            .and_then(|(_, text)| text.lines().nth(at.line.saturating_sub(1)));
        let caret = at.column.saturating_sub(1);
        let start = caret.saturating_sub(SHOWN / 2);
        let source = line.map(|line| {
            let shown = line.chars().skip(start).take(SHOWN);
            shown.map(|c| if c.is_control() { ' ' } else { c }).collect()
        });
        let (line, column) = (at.line, at.column);
        let file = file.name().into();
        Problem { file, line, column, message, help, source, caret: caret - start }
    }
}

/// A value as a message may show it: short, on one line.
pub(super) fn show(text: &str) -> String {
    const LONGEST: usize = 40;
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let short: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().count() > LONGEST { format!("`{short}…`") } else { format!("`{short}`") }
}

/// `did you mean …?` for the nearest of the known words, else the list of them.
pub(super) fn suggest<'w>(found: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let short: String = found.chars().take(64).collect();
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&short, word), *word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min();
    match near {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None if known.is_empty() => String::new(),
        None => format!("use one of: {}", known.join(", ")),
    }
}
