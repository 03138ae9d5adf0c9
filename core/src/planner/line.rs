//! What a server's line can have carried bounds what its counters may say, each and all together.

use crate::model::{AccountId, Bytes, DurationMs, MINUTE_MS, UnixMs};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A burst this long is always plausible: counters come in polls, a panel that stood still tells at
/// once what flowed meanwhile, and some of it is from before we looked.
pub(super) const BURST: DurationMs = DurationMs(10 * MINUTE_MS);

/// What a counter grew by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Growth {
    pub(super) account: AccountId,
    pub(super) by: Bytes,
    /// Since when.
    pub(super) since: UnixMs,
}

/// A server's line, up to now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) bits_per_second: u64,
    pub(super) now: UnixMs,
}

impl Line {
    fn carries(&self, bytes: u128, since: UnixMs, slack: DurationMs) -> bool {
        let ms = u128::from((self.now.since(since) + slack).0);
        bytes * 8 * 1000 <= u128::from(self.bits_per_second) * ms
    }

    /// Whose growth the line cannot have carried: alone, or together with the others'.
    pub(super) fn doubtful(&self, growths: &[Growth]) -> BTreeSet<AccountId> {
        let fits = |g: &&Growth| self.carries(u128::from(g.by.0), g.since, BURST);
        let (fitting, alone): (Vec<&Growth>, Vec<&Growth>) = growths.iter().partition(fits);
        let mut doubtful = self.together(fitting, BURST);
        doubtful.extend(alone.iter().map(|g| g.account));
        doubtful
    }

    /// The most accounts whose counters grew since one moment by more, in all, than the line carried
    /// from then on. Nobody can say which of them is wrong, so it is all of them.
    pub(super) fn together(
        &self,
        mut growths: Vec<&Growth>,
        slack: DurationMs,
    ) -> BTreeSet<AccountId> {
        growths.retain(|g| g.by > Bytes(0));
        growths.sort_by_key(|g| Reverse(g.since));
        let (mut sum, mut count, mut beyond) = (0_u128, 0, 0);
        for some in growths.chunk_by(|a, b| a.since == b.since) {
            sum += some.iter().map(|g| u128::from(g.by.0)).sum::<u128>();
            count += some.len();
            if some.first().is_some_and(|g| !self.carries(sum, g.since, slack)) {
                beyond = count;
            }
        }
        growths.iter().take(beyond).map(|g| g.account).collect()
    }
}
