//! The account's ledger against the panel's counter. What is counted never falls and is never
//! counted twice, whatever happens to the counter.

use crate::model::{
    AccountId, Bytes, DurationMs, Incarnation, MINUTE_MS, ObservedClient, ServerId, UnixMs,
    UsageLedger,
};

/// How often a ledger is written while traffic flows; the panel's counter is the truth in between.
pub const CHECKPOINT_EVERY: DurationMs = DurationMs(15 * MINUTE_MS);

/// A burst this long is always plausible: counters come in polls and from before we looked.
const SLACK: DurationMs = DurationMs(10 * MINUTE_MS);

/// What a counter comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The ledger as it would be written now.
    pub ledger: UsageLedger,
    /// It must be written before anything is decided on it: the count starts anew somewhere.
    pub must_write: bool,
    /// The counter jumped faster than the line carries, and one more list must confirm it.
    pub implausible: bool,
}

/// What is known of a binding when its counter is read.
pub struct Books<'a> {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub server: &'a ServerId,
    /// Its ledgers on that server, all incarnations.
    pub ledgers: &'a [&'a UsageLedger],
    /// Since when it is bound.
    pub bound_at: UnixMs,
    /// A counter that was implausible at the last list.
    pub suspected: Option<Bytes>,
    /// What the server's line carries, in bits per second.
    pub line_bits_per_second: u64,
}

/// Takes a counter in. Larger: the difference is added. Smaller under the same incarnation: a new
/// baseline, nothing added. A panel that holds the same row under another identity goes on from
/// where that row was counted last, there and back again.
#[must_use]
pub fn count(books: &Books<'_>, seen: &ObservedClient, now: UnixMs) -> Counted {
    let known = books.ledgers.iter().find(|l| l.incarnation == seen.incarnation);
    let last = last_counted(books, &seen.incarnation);
    let mut before = known.map_or_else(|| open(books, &seen.incarnation), |l| (*l).clone());
    let mut fresh = known.is_none();
    if let Some(last) = last.filter(|l| l.incarnation != seen.incarnation) {
        before.baseline = last.baseline;
        before.at = last.at;
        fresh = true;
    }
    let mut ledger = UsageLedger { baseline: seen.counter, at: now, ..before.clone() };
    if seen.counter < before.baseline {
        return Counted { ledger, must_write: true, implausible: false };
    }
    let more = seen.counter - before.baseline;
    if !plausible(more, now.since(before.at), books.line_bits_per_second) {
        let confirmed = books.suspected.is_some_and(|s| seen.counter >= s);
        if !confirmed {
            return Counted { ledger: before, must_write: false, implausible: true };
        }
        ledger.disputed = before.disputed + more;
        return Counted { ledger, must_write: true, implausible: false };
    }
    ledger.total = before.total + more;
    Counted { ledger, must_write: fresh, implausible: false }
}

/// Where a row was counted last, under whatever identity its panel had then.
fn last_counted<'a>(books: &Books<'a>, incarnation: &Incarnation) -> Option<&'a UsageLedger> {
    let Incarnation { panel: _, row, created_at } = incarnation;
    let same_row = books
        .ledgers
        .iter()
        .filter(|l| l.incarnation.row == *row && l.incarnation.created_at == *created_at);
    same_row.copied().max_by_key(|l| (l.at, l.incarnation == *incarnation))
}

fn open(books: &Books<'_>, incarnation: &Incarnation) -> UsageLedger {
    UsageLedger {
        account: books.account,
        server: books.server.clone(),
        incarnation: incarnation.clone(),
        baseline: Bytes(0),
        total: Bytes(0),
        disputed: Bytes(0),
        at: books.bound_at,
    }
}

fn plausible(more: Bytes, within: DurationMs, line_bits_per_second: u64) -> bool {
    let ms = u128::from((within + SLACK).0);
    u128::from(more.0) * 8 * 1000 <= u128::from(line_bits_per_second) * ms
}
