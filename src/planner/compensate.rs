//! Nobody pays for our outage: a run that could not be served gets the lost time back.

use crate::model::{
    AccountId, Bytes, DurationMs, Edits, Entitlement, Key, MINUTE_MS, Quota, RunKind, Snapshot,
    SourceTerm, Standing, Term, TermSource, UnixMs,
};

/// A delay of this much is an outage; less is the ordinary way of things.
pub const COMPENSATE_AFTER: DurationMs = DurationMs(10 * MINUTE_MS);

/// The delay that an unserved run has suffered and not yet been given back, if it is owed: it is
/// over ten minutes, or the run would have ended before it was ever served.
#[must_use]
pub(super) fn owed(entitlement: &Entitlement, now: UnixMs) -> Option<DurationMs> {
    if entitlement.served || entitlement.standing(now) != Standing::Active {
        return None;
    }
    let delay = now.since(entitlement.start) - entitlement.compensated;
    (delay > COMPENSATE_AFTER || now >= entitlement.ends_at).then_some(delay)
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
    let source = TermSource::Compensation {
        account: id,
        run: entitlement.run,
        n: entitlement.compensations,
    };
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
        revision: revision.to_owned(),
        at: now,
    };
    let mut edits = Edits::new();
    edits.insert(SourceTerm { source, account: id, term: term.seq });
    edits.insert(term);
    edits.expect(Key::Account(id), snapshot.version(&Key::Account(id)));
    account.terms += 1;
    edits.put(account);
    Some(edits)
}
