//! What is wrong with the files: every finding has a place, a message and a way out.

use super::characters;
use super::files::DesiredFile;
use super::place::Place;
use serde::Serialize;
use std::fmt;

/// More findings than this in one file help nobody; the rest is counted.
const MAX_PER_FILE: usize = 100;
/// Source lines are shown up to this many characters around the place.
const SHOWN: usize = 120;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The files are refused.
    Error,
    /// The files are taken, and something of them has no effect.
    Warning,
}

/// One thing that is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file's name, with the folder where [`Problems::in_folder`] gave one.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Whether the files are refused for it.
    pub severity: Severity,
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
        Self {
            file: file.name().into(),
            line: 1,
            column: 1,
            severity: Severity::Error,
            message,
            help,
            source: None,
            caret: 0,
        }
    }
}

impl Problem {
    /// `file:line:column: message`; a warning says that it is one.
    fn head(&self) -> String {
        let Self { file, line, column, severity, message, .. } = self;
        match severity {
            Severity::Error => format!("{file}:{line}:{column}: {message}"),
            Severity::Warning => format!("{file}:{line}:{column}: warning: {message}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.head())?;
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
            writeln!(f, "{}", problem.head())?;
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
        // Two rules may meet at one place; that is one thing to mend.
        if !self.found.iter().any(|(f, p)| *f == file && *p == problem) {
            self.found.push((file, problem));
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
        let severity = Severity::Error;
        Problem { file, line, column, severity, message, help, source, caret: caret - start }
    }
}

fn in_order(mut found: Vec<(DesiredFile, Problem)>) -> Option<Problems> {
    found.sort_by(|(a, p), (b, q)| (a, p.line, p.column).cmp(&(b, q.line, q.column)));
    Problems::new(found.into_iter().map(|(_, problem)| problem).collect())
}

/// A value as a message may show it: short, on one line, and what cannot be seen by its number.
pub(super) fn show(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut short = String::new();
    for c in text.chars().take(LONGEST) {
        if c == ' ' || characters::is_seen(c) {
            short.push(c);
        } else {
            short.extend(c.escape_unicode());
        }
    }
    if text.chars().count() > LONGEST { format!("`{short}…`") } else { format!("`{short}`") }
}

/// `did you mean …?` for the nearest of the known words, else the list of them.
pub(super) fn suggest<'w>(found: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let short: String = found.chars().take(64).collect::<String>().to_lowercase();
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&short, &word.to_lowercase()), *word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        // People get the first letter right: `50G` means GB, not B.
        .min_by_key(|(distance, word)| {
            let other = !word.to_lowercase().starts_with(short.chars().next().unwrap_or_default());
            (*distance, other, *word)
        });
    match near {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None if known.is_empty() => String::new(),
        None => {
            let mut known = known;
            known.dedup();
            format!("use one of: {}", known.join(", "))
        }
    }
}
