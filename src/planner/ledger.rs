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
/// baseline, nothing added. Another panel that holds the same row goes on from the old baseline.
#[must_use]
pub fn count(books: &Books<'_>, seen: &ObservedClient, now: UnixMs) -> Counted {
    let known = books.ledgers.iter().find(|l| l.incarnation == seen.incarnation);
    let (before, fresh) = match known {
        Some(ledger) => ((*ledger).clone(), false),
        None => (open(books, &seen.incarnation), true),
    };
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

fn open(books: &Books<'_>, incarnation: &Incarnation) -> UsageLedger {
    // The same row of a panel under another identity: the panel was restored elsewhere.
    let moved = books.ledgers.iter().find(|l| {
        l.incarnation.row == incarnation.row && l.incarnation.created_at == incarnation.created_at
    });
    UsageLedger {
        account: books.account,
        server: books.server.clone(),
        incarnation: incarnation.clone(),
        baseline: moved.map_or(Bytes(0), |l| l.baseline),
        total: Bytes(0),
        disputed: Bytes(0),
        at: moved.map_or(books.bound_at, |l| l.at),
    }
}

fn plausible(more: Bytes, within: DurationMs, line_bits_per_second: u64) -> bool {
    let ms = u128::from((within + SLACK).0);
    u128::from(more.0) * 8 * 1000 <= u128::from(line_bits_per_second) * ms
}
