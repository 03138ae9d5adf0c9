//! Nobody pays for our outage: a run that could not be served gets the lost time back.

use crate::model::{
    AccountId, Bytes, DurationMs, Edits, Entitlement, Key, MINUTE_MS, MadeGood, Quota, RunKind,
    Snapshot, SourceTerm, Standing, Term, TermSource, UnixMs,
};

/// A delay of this much is an outage; less is the ordinary way of things.
pub const COMPENSATE_AFTER: DurationMs = DurationMs(10 * MINUTE_MS);

/// The delay that a run has suffered and not yet been given back, if it is owed: over ten minutes,
/// or so long that the run would have ended before it was ever served. It is owed once before the
/// first enable is sent, none more while that is refused, and once for the rest when it was read
/// back: at most twice a run. Only a run that would end while its enable is refused is given the
/// time again: an end that has passed can never be enabled. What was suspended before it was ever
/// served is owed nothing while it is, and all of it once it is resumed.
#[must_use]
pub(super) fn owed(entitlement: &Entitlement, now: UnixMs) -> Option<DurationMs> {
    let until = match (entitlement.served_at, entitlement.compensations) {
        (None, given) if entitlement.standing(now) == Standing::Active => {
            if given > 0 && now < entitlement.ends_at {
                return None;
            }
            now
        }
        (Some(served_at), 1..) if entitlement.standing => served_at,
        _ => return None,
    };
    let delay = until.since(entitlement.start) - entitlement.compensated;
    let ended = until >= entitlement.ends_at && delay > DurationMs(0);
    (delay > COMPENSATE_AFTER || ended).then_some(delay)
}

/// The compensation of an account's run, as a term to commit before its first enable. `None` when
/// nothing is owed. The caller makes sure that its server answers: the delay goes on until then.
#[must_use]
pub fn compensate(
    snapshot: &Snapshot,
    id: AccountId,
    revision: &str,
    now: UnixMs,
) -> Option<Edits> {
    let entitlement = Entitlement::of(snapshot, id)?;
    let length = owed(&entitlement, now)?;
    let mut account = snapshot.account(id)?.clone();
    let (run, n) = (entitlement.run, entitlement.compensations);
    let source = TermSource::Compensation(Box::new(MadeGood { account: id, run, n }));
    let term = Term {
        account: id,
        seq: account.terms,
        run: entitlement.run,
        source: source.clone(),
        length,
        quota: match entitlement.kind() {
            RunKind::Capped => Quota::Bytes(Bytes(0)),
            RunKind::Unlimited => Quota::Unlimited,
        },
        devices: entitlement.devices,
        selector: entitlement.selector,
        price: None,
        revision: revision.into(),
        at: now,
    };
    let mut edits = Edits::new();
    edits.insert(SourceTerm { source, account: id, term: term.seq, asked: None });
    edits.insert(term);
    edits.expect(Key::Account(id), snapshot.version(&Key::Account(id)));
    account.terms += 1;
    edits.put(account);
    Some(edits)
}
