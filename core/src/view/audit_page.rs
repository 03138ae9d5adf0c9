//! A page of the audit, as it is read off the store: the newest line first, a bounded number of lines.

use crate::model::{Audit, Outcome};

/// The lines of one page, and where older ones go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// What was done, the newest first. What was begun is left out: its outcome is a line, too.
    pub lines: Vec<Audit>,
    /// The id of the last line that was passed, where there may be older ones.
    pub older: Option<String>,
    read: usize,
}

impl AuditPage {
    /// Lines on one page.
    pub const LINES: usize = 10;
    /// Lines that are read for one page at the most: what was begun may stand in long rows.
    pub const MOST_READ: usize = 2_000;

    /// A page of the lines before this one, or of the newest; nothing is read yet.
    #[must_use]
    pub fn before(line: Option<String>) -> Self {
        Self { older: line, ..Self::default() }
    }

    /// Takes lines older than those so far, the newest first; `last` where the store has none beyond
    /// them. Whether the page is done: before that those before `older` are to be read.
    pub fn take(&mut self, lines: impl IntoIterator<Item = Audit>, last: bool) -> bool {
        for line in lines {
            let shown = line.outcome != Outcome::Started;
            if shown && self.lines.len() == Self::LINES {
                return true;
            }
            self.read += 1;
            self.older = Some(line.id.clone());
            if shown {
                self.lines.push(line);
            }
        }
        if last {
            self.older = None;
        }
        last || self.read >= Self::MOST_READ
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{audit_line, order_id};

    fn lines(ids: std::ops::Range<u64>, outcome: &Outcome) -> Vec<Audit> {
        let line = |n| Audit { outcome: outcome.clone(), ..audit_line(n) };
        ids.rev().map(line).collect()
    }

    fn id(n: u128) -> Option<String> {
        Some(order_id(n).to_string())
    }

    #[test]
    fn what_was_begun_in_long_rows_hides_nothing_that_is_older() {
        let mut page = AuditPage::default();
        assert!(!page.take(lines(900..1_400, &Outcome::Started), false));
        assert_eq!((page.lines.len(), page.older.clone()), (0, id(900)));
        assert!(page.take(lines(100..105, &Outcome::Done), true));
        assert_eq!((page.lines.len(), page.older), (5, None));
    }

    #[test]
    fn a_page_that_is_full_goes_on_after_its_last_line_where_there_are_older_ones() {
        let mut page = AuditPage::default();
        assert!(page.take(lines(0..11, &Outcome::Done), true));
        assert_eq!((page.lines.len(), page.older.clone()), (10, id(1)));
        let mut page = AuditPage::default();
        assert!(page.take(lines(0..10, &Outcome::Done), true));
        assert_eq!((page.lines.len(), page.older.clone()), (10, None));
    }

    #[test]
    fn a_page_reads_so_many_lines_and_the_next_goes_on_from_the_last_one_read() {
        let mut page = AuditPage::default();
        let most = AuditPage::MOST_READ as u64;
        assert!(!page.take(lines(most / 2..most, &Outcome::Started), false));
        assert!(page.take(lines(0..most / 2, &Outcome::Started), false));
        assert_eq!((page.lines.len(), page.older), (0, id(0)));
    }
}
