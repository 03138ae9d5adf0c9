//! Whether the server has what the shop needs.

use super::{Draft, Pages};
use crate::view::{Accent, Message, Setup};

/// So many problems are said; the others come when these are mended.
const MOST: usize = 6;

impl Pages<'_> {
    /// What was found of the server: a line for each channel, then what is not as it should be and what mends it.
    #[must_use]
    pub fn setup(&self, setup: &Setup) -> Message {
        let t = &self.texts;
        let Setup::Looked(places, problems) = setup else {
            let draft = Draft::new(Accent::Waiting).text(t.setup_title());
            return draft.text(t.setup_unknown()).done();
        };
        let line = |(place, id): &(_, u64)| {
            let is_well = problems.iter().all(|problem| problem.place() != Some(*place));
            let how = if is_well { t.setup_well() } else { t.setup_ill() };
            t.setup_channel(place.key(), format!("<#{id}>"), how)
        };
        let lines: Vec<String> = places.iter().map(line).collect();
        let accent = if problems.is_empty() { Accent::Good } else { Accent::Bad };
        let mut draft = Draft::new(accent).text(t.setup_title());
        if !lines.is_empty() {
            draft = draft.text(lines.join("\n"));
        }
        if problems.is_empty() {
            return draft.text(t.setup_all_well()).done();
        }
        let said = problems.iter().take(MOST).map(|problem| {
            let (what, mend) = problem.said(t);
            t.setup_problem(what, mend)
        });
        let more = problems.len().checked_sub(MOST).filter(|more| *more > 0);
        let said: Vec<String> = said.chain(more.map(|more| t.pending_more(more))).collect();
        draft.rule().text(said.join("\n")).done()
    }
}
