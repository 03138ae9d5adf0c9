//! The account's ledger against the panel's counter. What is counted never falls and is never
//! counted twice, whatever happens to the counter.

use super::line::Growth;
use crate::model::{
    AccountId, AccountRecords, Bytes, DurationMs, Incarnation, MINUTE_MS, ObservedClient, ServerId,
    UnixMs, UsageLedger,
};

/// How often a ledger is written while traffic flows; the panel's counter is the truth in between.
pub const LEDGER_EVERY: DurationMs = DurationMs(15 * MINUTE_MS);

/// What a counter comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    /// The ledger as it would be written now.
    pub(super) ledger: UsageLedger,
    /// It must be written before anything is decided on it: the count starts anew somewhere.
    pub(super) must_write: bool,
    /// The counter jumped faster than the line carries, and one more list must confirm it.
    pub(super) implausible: bool,
}

/// What is known of a binding when its counter is read.
pub(super) struct Books<'a> {
    pub(super) account: AccountId,
    pub(super) server: &'a ServerId,
    /// The account's records.
    pub(super) records: &'a AccountRecords,
    /// Since when it is bound.
    pub(super) bound_at: UnixMs,
    /// A counter that was implausible at the last list.
    pub(super) suspected: Option<Bytes>,
    /// The counter at the last list, and when that was.
    pub(super) last: Option<(Bytes, UnixMs)>,
    /// By the last list that was written down: a ledger that was not moved since then, or was moved
    /// before, stood where the counter did, and a row that has none was not there.
    pub(super) moved_since: Option<UnixMs>,
}

impl<'a> Books<'a> {
    /// Its ledgers on that server, all incarnations.
    fn ledgers(&self) -> impl Iterator<Item = &'a UsageLedger> {
        let server = self.server;
        self.records.ledgers().filter(move |ledger| ledger.server == *server)
    }

    /// Its ledger of this row under this identity of the panel.
    pub(super) fn ledger(&self, incarnation: &Incarnation) -> Option<&'a UsageLedger> {
        self.ledgers().find(|ledger| ledger.incarnation == *incarnation)
    }
}

/// A counter beside its ledger, before it is known whether the line explains its growth.
pub(super) struct Tally {
    /// The ledger as it was, with what this list confirms of an earlier jump.
    ledger: UsageLedger,
    /// The count starts anew somewhere.
    anew: bool,
    /// Something of an earlier jump was confirmed.
    confirmed: bool,
    counter: Bytes,
    /// What it grew by since it was read last, or since its ledger was moved.
    pub(super) growth: Growth,
}

/// Takes a counter in. Larger: the difference is to be added. Smaller under the same incarnation: a
/// new baseline, nothing added. A panel that holds the same row under another identity goes on from
/// where that row was counted last, there and back again. Of a jump that was in doubt and is still
/// there, the bytes are disputed.
pub(super) fn tally(books: &Books<'_>, seen: &ObservedClient) -> Tally {
    let known = books.ledger(&seen.incarnation);
    let last = last_counted(books, &seen.incarnation);
    let mut ledger = known.map_or_else(|| open(books, &seen.incarnation), Clone::clone);
    let mut anew = known.is_none();
    if let Some(last) = last.filter(|l| l.incarnation != seen.incarnation) {
        ledger.baseline = last.baseline;
        ledger.at = last.at;
        anew = true;
    }
    if seen.counter < ledger.baseline {
        ledger.baseline = seen.counter;
        anew = true;
    }
    let still_there = |s: &Bytes| ledger.baseline < *s && *s <= seen.counter;
    let confirmed = books.suspected.filter(still_there);
    if let Some(suspected) = confirmed {
        ledger.disputed = ledger.disputed + (suspected - ledger.baseline);
        ledger.baseline = suspected;
    }
    let read = books.last.filter(|(counter, _)| *counter <= seen.counter);
    // A row without a ledger was not there then: it gets one at its first list.
    let since = books.moved_since.map_or(ledger.at, |at| at.max(ledger.at));
    let stood = || (ledger.baseline, since);
    let (from, since) = read.unwrap_or_else(stood);
    let from = from.max(ledger.baseline);
    let growth = Growth { account: books.account, by: seen.counter - from, since };
    Tally { ledger, anew, confirmed: confirmed.is_some(), counter: seen.counter, growth }
}

impl Tally {
    /// What it comes to. In doubt what was read before this list is counted, and its growth waits.
    pub(super) fn count(self, doubted: bool, now: UnixMs) -> Counted {
        let Self { mut ledger, anew, confirmed, counter, growth } = self;
        let upto = if doubted { counter - growth.by } else { counter };
        let more = upto - ledger.baseline;
        ledger.total = ledger.total + more;
        ledger.baseline = upto;
        ledger.at = if doubted { growth.since } else { now };
        let must_write = confirmed || if doubted { more > Bytes(0) } else { anew };
        Counted { ledger, must_write, implausible: doubted }
    }
}

/// Where a row was counted last, under whatever identity its panel had then.
fn last_counted<'a>(books: &Books<'a>, incarnation: &Incarnation) -> Option<&'a UsageLedger> {
    let Incarnation { panel: _, row, created_at } = incarnation;
    let same_row = books
        .ledgers()
        .filter(|l| l.incarnation.row == *row && l.incarnation.created_at == *created_at);
    same_row.max_by_key(|l| (l.at, l.incarnation == *incarnation))
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
