//! What an open finds wrong, and how it is weighed: mended, or lost and named.

use super::super::journal::{Gap, Mark};
use super::open::Stand;
use super::{OpenError, files};
use crate::model::{Lineage, Lost, Revision};
use std::path::{Path, PathBuf};

/// What is found on the way.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) lost: Vec<Lost>,
    pub(super) kept: Vec<String>,
    /// What is wrong with the journal's files. It begins anew then.
    pub(super) faults: Vec<String>,
    pub(super) replayed: u64,
    pub(super) rebuilt: bool,
    pub(super) backup: Option<PathBuf>,
    /// The trees of what was acknowledged and is torn at the journal's end.
    pub(super) torn: Option<Gap>,
}

impl Findings {
    pub(super) fn lose(&mut self, what: &str, gap: &Gap) {
        self.lost.push(Lost {
            what: what.to_owned(),
            first: Some(gap.first),
            last: Some(gap.last),
            kinds: gap.kinds.iter().cloned().collect(),
            passing: false,
        });
    }

    pub(super) fn lose_after(&mut self, what: String, revision: Revision) {
        let first = Some(revision.saturating_add(1));
        self.lost.push(Lost { what, first, last: None, kinds: Vec::new(), passing: false });
    }
}

/// Whether what stands behind the last whole entry may have been answered.
pub(super) fn was_acknowledged(torn: &Gap, mark: Option<&Mark>, stood: Revision) -> bool {
    mark.is_some_and(|mark| mark.clean || mark.revision >= torn.first) || stood >= torn.first
}

/// Whether what stands behind the last whole entry was being written when the process ended, or
/// was acknowledged and is damaged.
pub(super) fn judge_torn(torn: Gap, mark: Option<&Mark>, stood: Revision, found: &mut Findings) {
    let Gap { first, last, kinds } = &torn;
    if was_acknowledged(&torn, mark, stood) {
        found.faults.push(format!("it is damaged from revision {first} on"));
        // What sled has is not lost; what it lacks is compared with the mark.
        found.torn = Some(torn);
    } else {
        tracing::warn!(
            first,
            last,
            ?kinds,
            "removed what was being written to the journal when the process ended: nobody was \
             answered for it"
        );
    }
}

/// The mark says what must be there at least.
pub(super) fn compare_with_mark(
    mark: Option<&Mark>,
    stand: Stand,
    lineages: &[(Revision, Lineage)],
    found: &mut Findings,
) {
    let Some(mark) = mark else {
        tracing::warn!("the store has no mark of how far it had come; a new one is made");
        if !found.faults.is_empty() && found.lost.is_empty() {
            found.lose_after(
                "the journal is damaged, and the mark of how far it had come is gone".to_owned(),
                stand.revision,
            );
        }
        return;
    };
    if mark.revision > stand.revision {
        let first = stand.revision.saturating_add(1);
        let named = found.lost.iter().any(|lost| lost.first <= Some(first) && lost.last.is_none());
        if !named {
            let torn = found.torn.take().filter(|torn| torn.last >= first);
            let kinds = torn.map(|torn| torn.kinds).unwrap_or_default();
            let gap = Gap { first, last: mark.revision, kinds };
            found.lose("the store had acknowledged more than is there", &gap);
        }
        return;
    }
    let there = if mark.revision == stand.revision {
        Some(stand.lineage)
    } else {
        let at = lineages.binary_search_by_key(&mark.revision, |(of, _)| *of).ok();
        at.and_then(|at| lineages.get(at)).map(|(_, lineage)| *lineage)
    };
    if there.is_some_and(|lineage| lineage != mark.lineage) {
        found.lose_after(
            format!("the store is of another history than its mark at revision {}", mark.revision),
            0,
        );
    }
}

/// Where something of the state folder is kept that is moved aside.
pub(super) fn aside(folder: &Path, name: &str, found: &mut Findings) -> Result<PathBuf, OpenError> {
    let kept = match found.kept.first() {
        Some(kept) => {
            let kept = folder.join(kept);
            files::make_folder(&kept)?;
            kept
        }
        None => {
            let kept = files::unused(folder.join("damaged"));
            files::make_folder(&kept)?;
            found.kept.push(kept.file_name().unwrap_or_default().to_string_lossy().into_owned());
            kept
        }
    };
    // A start that was cut short may have moved one there, too.
    Ok(files::unused(kept.join(name)))
}
