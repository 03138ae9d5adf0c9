//! Where something stands in a file.

use saphyr_parser::{Marker, Span};

/// A place in a file; line and column from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    /// How many characters of the line are meant; 0 where it is the place alone.
    pub(super) length: usize,
}

impl Place {
    /// The first place of a file.
    pub(super) const START: Self = Self::at(1, 1);

    /// A place alone.
    pub(super) const fn at(line: usize, column: usize) -> Self {
        Self { line, column, length: 0 }
    }

    /// So many characters from a place on.
    pub(super) const fn long(self, length: usize) -> Self {
        Self { length, ..self }
    }
}

impl From<Marker> for Place {
    fn from(marker: Marker) -> Self {
        Self::at(marker.line().max(1), marker.col() + 1)
    }
}

impl From<Span> for Place {
    /// What goes over several lines is marked where it begins.
    fn from(span: Span) -> Self {
        let one_line = span.start.line() == span.end.line();
        let length = if one_line { span.end.col().saturating_sub(span.start.col()) } else { 0 };
        Self::from(span.start).long(length)
    }
}
