//! What a gateway remembers of the stores that wrote through it, and what follows from a claim.
//!
//! Of each store id it keeps *tips*: where a history of that store stood when it was last heard of.
//! There is one, unless a store came back from the past: then the history that it lacks stays
//! beside its own, until it is shown (the newer store is back) or given up by an operator. A
//! history shows a tip by the hash at the tip's revision; the same process needs not show again.

use std::collections::BTreeMap;

use nebulalinks_protocol::{ClaimRequest, ErrorCode, HistoryPoint, Lineage};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Another store, or another history of the same one, may claim after this much silence, in ms.
pub const SILENCE_MS: u64 = 120_000;
/// How many store ids are kept; beyond them the one that held the claim the longest ago goes.
pub const MOST_STORES: usize = 32;
/// How many histories of one store are kept apart.
const MOST_TIPS: usize = 8;

/// A claim that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What writes must carry.
    pub fence: u64,
    /// The highest revision seen of this store before this claim.
    pub highest_revision: u64,
    /// What was seen of this store and not shown to be in its history.
    pub unshown: Vec<HistoryPoint>,
}

/// The store and the process that write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) store_id: String,
    pub(super) process: String,
    /// What its writes carry.
    pub(super) fence: u64,
}

/// Where a history of a store stood when it was last heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tip {
    pub(super) revision: u64,
    /// The hash there; `None` where the process gave a number only.
    pub(super) lineage: Option<Lineage>,
    /// The process that reported it.
    pub(super) process: String,
}

impl Tip {
    const fn point(&self) -> HistoryPoint {
        HistoryPoint { revision: self.revision, lineage: self.lineage }
    }

    /// Whether a claim's history goes on from here.
    fn is_in(&self, claim: &ClaimRequest) -> bool {
        let (Some(seen), Some(told)) = (self.lineage, claim.lineage) else {
            // Told by number once; its hash is kept from now on.
            let by_number = claim.revision >= self.revision || claim.process == self.process;
            return self.lineage.is_none() && by_number;
        };
        if claim.revision == self.revision {
            return seen == told;
        }
        claim.process == self.process
            || (claim.revision > self.revision && claim.shows.contains(&self.point()))
    }
}

/// What is kept of one store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) tips: Vec<Tip>,
    /// When a process of it became the holder last, in ms since 1970.
    pub(super) held_ms: u64,
}

/// All that a gateway remembers: who writes, and what it knows of which store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    pub(super) holder: Option<Holder>,
    pub(super) stores: BTreeMap<String, Known>,
}

impl Memory {
    /// Whether a fence is the current claim's.
    #[must_use]
    pub fn holds(&self, fence: u64) -> bool {
        self.holder.as_ref().is_some_and(|h| h.fence == fence)
    }

    /// The highest revision seen of a store.
    #[must_use]
    pub fn highest(&self, store_id: &str) -> u64 {
        let tips = self.stores.get(store_id).into_iter().flat_map(|known| &known.tips);
        tips.map(|tip| tip.revision).max().unwrap_or(0)
    }

    /// What follows from a claim: what is to be remembered, and what is granted.
    ///
    /// # Errors
    /// [`ErrorCode::Claimed`]; [`ErrorCode::Invalid`] for a claim without a hash of a store that
    /// told its hash before.
    pub fn claim(
        &self,
        claim: &ClaimRequest,
        now_ms: u64,
        silent: bool,
    ) -> Result<(Self, Grant), Failure> {
        let known = self.stores.get(&claim.store_id).cloned().unwrap_or_default();
        if claim.lineage.is_none() && known.tips.iter().any(|tip| tip.lineage.is_some()) {
            return Err(by_number_only());
        }
        let standing = known.tips.iter().filter(|tip| !claim.gives_up.contains(&tip.point()));
        let (shown, lacking): (Vec<&Tip>, Vec<&Tip>) = standing.partition(|tip| tip.is_in(claim));
        let unshown: Vec<HistoryPoint> = lacking.iter().map(|tip| tip.point()).collect();
        let same = self.holder.as_ref().filter(|h| {
            (h.store_id.as_str(), h.process.as_str()) == (&*claim.store_id, &*claim.process)
        });
        let free = silent || claim.take_over || same.is_some();
        if let Some(why) = (!free).then(|| self.why_not(claim, &unshown)).flatten() {
            let holder = self.holder.as_ref().map_or("", |h| h.store_id.as_str());
            let highest_revision = Some(self.highest(holder));
            let failure = Failure::new(ErrorCode::Claimed, why);
            return Err(Failure { highest_revision, unshown, ..failure });
        }
        // What was shown is one history with this claim's: its newest point stands for all.
        let mut own = Tip {
            revision: claim.revision,
            lineage: claim.lineage,
            process: claim.process.clone(),
        };
        if let Some(newest) = shown.into_iter().max_by_key(|tip| tip.revision)
            && newest.revision > own.revision
        {
            own = Tip { process: claim.process.clone(), ..newest.clone() };
        }
        let mut tips: Vec<Tip> = lacking.into_iter().cloned().collect();
        if tips.len() < MOST_TIPS {
            tips.push(own);
        }
        let next_fence = self.holder.as_ref().map_or(1, |h| h.fence.saturating_add(1)).max(now_ms);
        let fence = same.map_or(next_fence, |h| h.fence);
        let held_ms = if same.is_some() { known.held_ms } else { now_ms };
        let mut next = self.clone();
        next.stores.insert(claim.store_id.clone(), Known { tips, held_ms });
        let (store_id, process) = (claim.store_id.clone(), claim.process.clone());
        next.holder = Some(Holder { store_id, process, fence });
        next.forget_the_oldest();
        let highest_revision = self.highest(&claim.store_id);
        Ok((next, Grant { fence, highest_revision, unshown }))
    }

    /// Why the live holder is not replaced, where it is not.
    fn why_not(&self, claim: &ClaimRequest, unshown: &[HistoryPoint]) -> Option<&'static str> {
        let holder = self.holder.as_ref()?;
        if holder.store_id != claim.store_id {
            return Some(
                "another store holds the claim; it is free after 2 minutes of its silence, or at \
                 once for `nebulalinks run --take-over`",
            );
        }
        // Process ids are ULIDs of the start: one that sorts before the holder's was replaced by a
        // later start of the same store, and must stop. Without this two copies take turns.
        if claim.process < holder.process {
            return Some(
                "a start of the same store that is later by its clock holds the claim; if it still \
                 runs, stop one of the two; if not (its clock was ahead), the claim is free after 2 \
                 minutes of its silence",
            );
        }
        // A restart shows what was seen. An old copy cannot, and drives out nobody who lives.
        (!unshown.is_empty()).then_some(
            "this store's history lacks what was seen of it here: it is older, or a copy; until \
             it shows that, the claim is free after 2 minutes of the holder's silence only, or at \
             once for `nebulalinks run --take-over`",
        )
    }

    /// What is to be remembered before a write of this fence goes to the panel; `None` when it is
    /// remembered already.
    ///
    /// # Errors
    /// [`ErrorCode::Fenced`]; [`ErrorCode::Invalid`] for a write without a hash of a store that
    /// showed its hash before, or with another hash at a revision that it showed.
    pub fn about_to_write(
        &self,
        fence: u64,
        at: Option<HistoryPoint>,
    ) -> Result<Option<Self>, Failure> {
        let holder = self.holder.as_ref().filter(|h| h.fence == fence).ok_or_else(|| {
            let detail = "the fence is not the current claim's: claim again before writing";
            Failure::new(ErrorCode::Fenced, detail)
        })?;
        let tips = self.stores.get(&holder.store_id).map_or(&[][..], |known| &known.tips);
        let Some((revision, lineage)) = at.and_then(|at| Some((at.revision, at.lineage?))) else {
            let known = tips.iter().any(|tip| tip.lineage.is_some());
            return if known { Err(by_number_only()) } else { Ok(None) };
        };
        // Without a tip of its own the history of this store is not kept: there are too many.
        let Some(index) = tips.iter().position(|tip| tip.process == holder.process) else {
            return Ok(None);
        };
        let own = tips.get(index);
        let told = own.is_some_and(|tip| {
            tip.lineage.is_some() && (tip.revision, tip.lineage) == (revision, Some(lineage))
        });
        if told || own.is_some_and(|tip| tip.revision > revision) {
            return Ok(None);
        }
        if own.is_some_and(|tip| tip.revision == revision && tip.lineage.is_some()) {
            let detail = "this process told another hash of the same revision: its store's history \
                          was exchanged while it ran; restart it";
            return Err(Failure::new(ErrorCode::Invalid, detail));
        }
        let mut next = self.clone();
        if let Some(tip) =
            next.stores.get_mut(&holder.store_id).and_then(|known| known.tips.get_mut(index))
        {
            (tip.revision, tip.lineage) = (revision, Some(lineage));
        }
        Ok(Some(next))
    }

    fn forget_the_oldest(&mut self) {
        let holder = self.holder.as_ref().map(|h| h.store_id.clone());
        while self.stores.len() > MOST_STORES {
            let others = self.stores.iter().filter(|(id, _)| Some(*id) != holder.as_ref());
            let Some(oldest) = others.min_by_key(|(_, k)| k.held_ms).map(|(id, _)| id.clone())
            else {
                return;
            };
            self.stores.remove(&oldest);
        }
    }
}

fn by_number_only() -> Failure {
    let detail = "this store told the hash of its history here before, and this claim or write \
                  does not: an older release of the controller runs; start the newer one again";
    Failure::new(ErrorCode::Invalid, detail)
}
