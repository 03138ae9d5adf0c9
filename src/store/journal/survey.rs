//! Reading a whole journal: what it holds, what it lacks, and where it ends.

use super::Files;
use super::base::read_base;
use super::body::chain;
use super::entry::{Found, Head, Sort, find, read};
use crate::model::{Lineage, Revision};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Revisions whose edits cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Gap {
    /// The first.
    pub(in crate::store) first: Revision,
    /// The last.
    pub(in crate::store) last: Revision,
    /// The trees that they touched, as far as heads could be read.
    pub(in crate::store) kinds: BTreeSet<String>,
}

/// What a journal holds.
#[derive(Debug)]
pub(in crate::store) struct Survey {
    /// The base that it begins with.
    pub(in crate::store) base: Option<PathBuf>,
    /// The revision after which it begins: 0, or the base's.
    pub(in crate::store) begins_after: Revision,
    /// Where it ends.
    pub(in crate::store) end: Head,
    /// What it lacks, in order, up to the end.
    pub(in crate::store) gaps: Vec<Gap>,
    /// What may have stood after the end: torn by a crash, or damaged since.
    pub(in crate::store) torn: Option<Gap>,
    /// What is wrong with its files; without gaps nothing is lost by it.
    pub(in crate::store) faults: Vec<String>,
    /// The lineage at each revision that it has.
    pub(in crate::store) lineages: Vec<(Revision, Lineage)>,
    /// What it says of the revision that was asked for, if it has that.
    pub(in crate::store) at: Option<Head>,
    /// The last segment, and how many of its bytes are whole.
    pub(in crate::store) tail: Option<(PathBuf, u64)>,
    /// The segments from the beginning on, and the revision after which each begins.
    segments: Vec<(Revision, PathBuf)>,
}

impl Survey {
    /// The lineage at a revision of this journal.
    pub(in crate::store) fn lineage(&self, revision: Revision) -> Option<Lineage> {
        let at = self.lineages.binary_search_by_key(&revision, |(of, _)| *of).ok()?;
        self.lineages.get(at).map(|(_, lineage)| *lineage)
    }
}

/// Reads the journal in a folder; `None` when there is none.
pub(in crate::store) fn survey(folder: &Path) -> io::Result<Option<Survey>> {
    survey_at(folder, None)
}

/// The same, keeping what it says of one revision.
pub(in crate::store) fn survey_at(
    folder: &Path,
    asked: Option<Revision>,
) -> io::Result<Option<Survey>> {
    let mut files = Files::of(folder)?;
    if files.is_empty() {
        return Ok(None);
    }
    let mut faults = Vec::new();
    let mut base = None;
    while let Some((revision, path)) = files.bases.pop() {
        match read_base::<io::Error>(&path, |_, _, _| Ok(()))? {
            Some(head) if head.revision == revision => {
                base = Some((path, head));
                break;
            }
            _ => faults.push(format!("{} is damaged", name(&path))),
        }
    }
    if let Some((_, head)) = &base {
        files.needless(head.revision);
    }
    let start = base.as_ref().map_or_else(|| Head::before_all(0), |(_, head)| head.clone());
    let mut walk = Walk::from(start, faults, asked);
    let last = files.segments.len();
    let mut tail = None;
    for (n, (begins, path)) in (1..).zip(&files.segments) {
        let bytes = fs::read(path)?;
        let whole = walk.segment(&bytes, *begins, &name(path), n == last);
        tail = Some((path.clone(), u64::try_from(whole).unwrap_or(u64::MAX)));
    }
    // A last segment without one whole entry is no place to go on.
    let tail = tail.filter(|(_, whole)| *whole > 0);
    Ok(Some(Survey {
        begins_after: base.as_ref().map_or(0, |(_, head)| head.revision),
        base: base.map(|(path, _)| path),
        end: walk.at,
        gaps: walk.gaps,
        torn: walk.torn,
        faults: walk.faults,
        lineages: walk.lineages,
        at: walk.asked.1,
        tail,
        segments: files.segments,
    }))
}

/// Gives each whole edit after a revision, in order: its head and body.
pub(in crate::store) fn replay<E: From<io::Error>>(
    survey: &Survey,
    after: Revision,
    mut each: impl FnMut(&Head, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut done = after.max(survey.begins_after);
    let nexts = survey.segments.iter().skip(1).map(|(begins, _)| Some(*begins)).chain([None]);
    for ((_, path), next_begins) in survey.segments.iter().zip(nexts) {
        if next_begins.is_some_and(|begins| begins <= done) {
            continue;
        }
        let bytes = fs::read(path)?;
        let mut at = 0;
        while let Some(found) = next(&bytes, &mut at) {
            if let Found::Whole(Sort::Edits, head, body, _) = found
                && head.revision > done
                && head.revision <= survey.end.revision
            {
                each(&head, body)?;
                done = head.revision;
            }
        }
    }
    Ok(())
}

/// The entry at a place or the next that can be read, moving the place behind it.
fn next<'a>(bytes: &'a [u8], at: &mut usize) -> Option<Found<'a>> {
    let from = find(bytes, *at)?;
    let found = read(bytes, from);
    *at = match &found {
        Found::Whole(_, _, _, next) | Found::BadBody(_, next) => *next,
        Found::CutBody(_) | Found::Nothing => bytes.len(),
    };
    Some(found)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn listed(kinds: &str) -> BTreeSet<String> {
    kinds.split(',').filter(|kind| !kind.is_empty()).map(str::to_owned).collect()
}

/// How far the reading is.
struct Walk {
    at: Head,
    /// Where it began: what is before is no business of this walk.
    start: Revision,
    gaps: Vec<Gap>,
    torn: Option<Gap>,
    faults: Vec<String>,
    lineages: Vec<(Revision, Lineage)>,
    /// A revision, and its head once it was passed.
    asked: (Option<Revision>, Option<Head>),
}

impl Walk {
    fn from(at: Head, faults: Vec<String>, asked: Option<Revision>) -> Self {
        let start = at.revision;
        let lineages = if start == 0 { Vec::new() } else { vec![(start, at.lineage)] };
        let asked = (asked, (asked == Some(start)).then(|| at.clone()));
        Self { at, start, gaps: Vec::new(), torn: None, faults, lineages, asked }
    }

    /// Reads a segment, and answers with how many bytes from its start are whole.
    fn segment(&mut self, bytes: &[u8], begins: Revision, name: &str, last: bool) -> usize {
        let (mut at, mut whole) = (0, 0);
        let mut checked = false;
        // Heads whose bodies cannot be read, since the last whole entry.
        let mut bad: Vec<Head> = Vec::new();
        loop {
            let before = at;
            let Some(found) = next(bytes, &mut at) else { break };
            if find(bytes, before) != Some(before) {
                self.fault(format!("{name} is damaged at byte {before}"));
            }
            match found {
                Found::Whole(sort, head, body, next) => {
                    for head in bad.drain(..) {
                        self.fault(format!("{name} is damaged at revision {}", head.revision));
                        self.lost(head);
                    }
                    match sort {
                        Sort::Edits => self.edits(head, body),
                        _ if head.revision == begins && whole == 0 => {
                            checked = true;
                            self.begins_at(head);
                        }
                        _ => self.fault(format!("{name} holds what does not belong there")),
                    }
                    whole = next;
                }
                Found::BadBody(head, _) | Found::CutBody(head) => bad.push(head),
                Found::Nothing => break,
            }
        }
        if !checked {
            self.fault(format!("{name} does not begin as it was written"));
            if begins > self.at.revision {
                self.gap(begins, BTreeSet::new());
                self.at.revision = begins;
            }
        }
        if whole == bytes.len() {
            return whole;
        }
        if last {
            let first = self.at.revision.saturating_add(1);
            let kinds = bad.iter().flat_map(|head| listed(&head.kinds)).collect();
            let last = bad.iter().map(|head| head.revision).max().unwrap_or(first).max(first);
            self.torn = Some(Gap { first, last, kinds });
        } else {
            self.fault(format!("{name} is damaged at its end"));
            for head in bad {
                self.lost(head);
            }
        }
        whole
    }

    fn fault(&mut self, what: String) {
        if !self.faults.contains(&what) {
            self.faults.push(what);
        }
    }

    /// Everything after where we are up to this revision is missing.
    fn gap(&mut self, last: Revision, kinds: BTreeSet<String>) {
        let first = self.at.revision.saturating_add(1);
        match self.gaps.last_mut() {
            Some(gap) if gap.last.saturating_add(1) == first => {
                gap.last = last;
                gap.kinds.extend(kinds);
            }
            _ => self.gaps.push(Gap { first, last, kinds }),
        }
    }

    /// An edit of which only the head can be read.
    fn lost(&mut self, head: Head) {
        if head.revision > self.at.revision {
            self.gap(head.revision, listed(&head.kinds));
            self.stand(head);
        }
    }

    fn edits(&mut self, head: Head, body: &[u8]) {
        if head.revision <= self.at.revision {
            if head.revision > self.start {
                self.fault(format!("revision {} stands there twice", head.revision));
            }
            return;
        }
        if head.revision > self.at.revision.saturating_add(1) {
            self.gap(head.revision.saturating_sub(1), BTreeSet::new());
        } else if chain(self.at.lineage, head.revision, body) != head.lineage {
            self.fault(format!("revision {} does not follow from the one before", head.revision));
        }
        self.stand(head);
    }

    fn begins_at(&mut self, head: Head) {
        if head.revision > self.at.revision {
            self.gap(head.revision, BTreeSet::new());
            self.stand(head);
        } else if self.at.revision == 0 && head.revision == 0 {
            self.at = head;
        } else if head.revision == self.at.revision && head.lineage != self.at.lineage {
            self.fault(format!("another history begins at revision {}", head.revision));
        }
    }

    fn stand(&mut self, head: Head) {
        self.lineages.push((head.revision, head.lineage));
        if self.asked.0 == Some(head.revision) {
            self.asked.1 = Some(head.clone());
        }
        self.at = head;
    }
}
