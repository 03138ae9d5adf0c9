//! A diff for people at a terminal.

use super::types::{Became, CatalogDiff, Change, Field, Files, Weight};
use std::fmt;

impl fmt::Display for Files {
    /// `a1b2c3 (commit 0123456 "Raise prices" by Nadia)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.revision)?;
        let Some(commit) = &self.commit else { return Ok(()) };
        write!(f, " (commit {}", commit.short())?;
        if let Some(subject) = &commit.subject {
            write!(f, " \"{subject}\"")?;
        }
        if let Some(author) = &commit.author {
            write!(f, " by {author}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for CatalogDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} → {}", self.from, self.to)?;
        if self.is_empty() {
            return writeln!(f, "nothing changes{}", self.only_comments());
        }
        if self.accounts == 0 {
            writeln!(f, "no accounts were looked at: whom it meets is not known")?;
        }
        writeln!(f)?;
        for effect in &self.effects {
            let mark = if effect.weight == Weight::Warning { "!" } else { " " };
            writeln!(f, "{mark} {}", effect.text)?;
        }
        for change in &self.changes {
            writeln!(f)?;
            of_change(f, change)?;
        }
        Ok(())
    }
}

impl CatalogDiff {
    /// Why files of another revision change nothing.
    pub(super) fn only_comments(&self) -> &'static str {
        if self.from.revision == self.to.revision {
            ""
        } else {
            ": only comments, order or the way it is written differ"
        }
    }
}

fn of_change(f: &mut fmt::Formatter<'_>, change: &Change) -> fmt::Result {
    let Change { file, line, kind, id, became, fields } = change;
    let mark = match became {
        Became::Added => '+',
        Became::Removed => '-',
        Became::Changed => '~',
    };
    writeln!(f, "{mark} {kind} {id} ({})", place(file, *line))?;
    // Of an entry that comes or goes its line says enough.
    if *became != Became::Changed {
        return Ok(());
    }
    for field in fields {
        let Field { name, line, was, is, note } = field;
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "(nothing)".to_owned());
        writeln!(f, "    {}: {name}: {} → {}", place(file, *line), said(was), said(is))?;
        if let Some(note) = note {
            writeln!(f, "        {note}")?;
        }
    }
    Ok(())
}

fn place(file: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}
