//! Problems with their lines, as a compiler shows them; drawn by the crate that rustc's own are drawn with.

use super::problem::{Beside, Problem, Problems, Severity, Spot};
use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};
use std::fmt;

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// A file, a log or a test.
    Plain,
    /// A terminal.
    Coloured,
}

/// Each problem, with an empty line between them and a line break at the end.
pub(super) fn render(problems: &Problems, looks: Looks) -> String {
    let renderer = match looks {
        Looks::Plain => Renderer::plain(),
        Looks::Coloured => Renderer::styled(),
    };
    let drawn: Vec<String> = problems.iter().map(|p| renderer.render(&[group(p)]) + "\n").collect();
    drawn.join("\n")
}

impl fmt::Display for Problems {
    /// Each finding with its source line, what is meant of it, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render(self, Looks::Plain))
    }
}

fn group(problem: &Problem) -> Group<'_> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let (file, title) = (problem.file.as_str(), level.primary_title(problem.message.as_str()));
    let mut group =
        show(Group::with_title(title), file, &problem.at, AnnotationKind::Primary, None);
    if let Some(Beside { at, label }) = &problem.beside {
        group = show(group, file, at, AnnotationKind::Context, Some(label));
    }
    match problem.help.as_str() {
        "" => group,
        help => group.element(Level::HELP.message(normalize_untrusted_str(help))),
    }
}

/// Adds a place: with its line, where there is one to show.
fn show<'p>(
    group: Group<'p>,
    file: &'p str,
    at: &'p Spot,
    kind: AnnotationKind,
    label: Option<&'p String>,
) -> Group<'p> {
    let Some(source) = at.source.as_deref() else {
        return group.element(Origin::path(file).line(at.line).char_column(at.column));
    };
    let byte = |column: usize| {
        source.char_indices().nth(column.saturating_sub(1)).map_or(source.len(), |(at, _)| at)
    };
    let marked = kind.span(byte(at.column)..byte(at.end_column)).label(label);
    group.element(Snippet::source(source).line_start(at.line).path(file).annotation(marked))
}
