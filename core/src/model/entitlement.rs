//! What an account may have, folded from its facts: the one place where terms are added up.
//!
//! It lives with the records because the shop (may this plan renew that account?), the planner
//! (what must the panel say?) and the texts (what is left?) must all add up alike.

use super::{
    Account, AccountId, AccountRecords, Bytes, DurationMs, Quota, Run, RunKind, Selector, Snapshot,
    Term, UnixMs,
};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// An account's last run, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// Which run.
    pub run: u32,
    /// When it began.
    pub start: UnixMs,
    /// E(a): when it ends. It never falls except by a reversal.
    pub ends_at: UnixMs,
    /// All that its terms grant.
    pub granted: Quota,
    /// What was used in this run and counts against its allowance.
    pub used: Bytes,
    /// What was used beyond its allowance while it was depleted or ended: shown, never billed.
    pub over: Bytes,
    /// What staff forgave of this run: no longer in `used`.
    pub forgiven: Bytes,
    /// Its terms grant more than the panel was last read back to give: what is used until then
    /// beyond what it gives is [`Entitlement::over`].
    pub opening: bool,
    /// What is left.
    pub left: Quota,
    /// Devices at once; 0 is without limit.
    pub devices: u32,
    /// Which servers may serve it.
    pub selector: Arc<Selector>,
    /// Whether it was ever served: an unserved run does not end, it is compensated.
    pub served: bool,
    /// When its enable was first read back.
    pub served_at: Option<UnixMs>,
    /// What its compensations added so far.
    pub compensated: DurationMs,
    /// How many compensations it had.
    pub compensations: u32,
    /// Days of codes that wait: nothing but a trial stands, and they count again once it is paid for.
    pub waiting: DurationMs,
    /// Whether one of its terms still stands, and its client was not given back.
    pub standing: bool,
    /// Switched off by staff.
    pub suspended: bool,
}

/// Why an account is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The account may be used.
    Active,
    /// Off: switched off by staff.
    Suspended,
    /// Off: nothing is left.
    Depleted,
    /// Off: the end is reached, or every term was reversed.
    Expired,
}

impl Entitlement {
    /// The account's last run by the stored ledgers; `None` when it never had a term.
    #[must_use]
    pub fn of(snapshot: &Snapshot, account: AccountId) -> Option<Self> {
        Self::by_records(snapshot.records_of(account)?)
    }

    /// The same of an account that was found already.
    #[must_use]
    pub fn by_records(records: &AccountRecords) -> Option<Self> {
        Self::with_used(records, records.used())
    }

    /// The account's last run when its ledgers came to `used_in_all`.
    #[must_use]
    pub fn with_used(records: &AccountRecords, used_in_all: Bytes) -> Option<Self> {
        let run = records.runs().next_back()?;
        let reversed: BTreeSet<u32> = records.reversals().map(|r| r.term).collect();
        let terms = records.terms().filter(|t| t.run == run.seq);
        let forgiven = records.forgiven(run.seq);
        Some(fold(
            records.account()?,
            run,
            terms,
            &reversed,
            &Counted {
                served_at: records.served_at(run.seq),
                opened: records.opened(run.seq),
                over: records.overrun(run.seq),
                forgiven,
                used: used_in_all - run.used_before - forgiven,
            },
        ))
    }

    /// The same, with this much used beyond the allowance: what was fixed before the enable that is
    /// now seen to have arrived.
    #[must_use]
    pub fn with_over(mut self, over: Bytes) -> Self {
        let all = self.used + self.over;
        self.over = over;
        self.used = all - over;
        self.left = left_of(self.granted, self.used);
        self
    }

    /// Where the account stands at `now`. An unserved run does not end.
    #[must_use]
    pub fn standing(&self, now: UnixMs) -> Standing {
        if !self.standing || (self.served && now >= self.ends_at) {
            Standing::Expired
        } else if self.suspended {
            Standing::Suspended
        } else if self.left.is_empty() {
            Standing::Depleted
        } else {
            Standing::Active
        }
    }

    /// Whether the end was reached, as the clock says; not because every term was reversed.
    #[must_use]
    pub fn is_over(&self, now: UnixMs) -> bool {
        self.standing && self.standing(now) == Standing::Expired
    }

    /// Whether the next term joins this run, rather than beginning a new one.
    #[must_use]
    pub fn takes_terms(&self, now: UnixMs) -> bool {
        self.standing && (!self.served || now < self.ends_at)
    }

    /// What a further term would make of it: the new end and what is left then.
    #[must_use]
    pub fn after_term(&self, length: DurationMs, quota: Quota, now: UnixMs) -> (UnixMs, Quota) {
        if !self.takes_terms(now) {
            return (now + length, quota);
        }
        (self.ends_at + self.waiting + length, add(self.left, quota))
    }

    /// Whether the run counts traffic.
    #[must_use]
    pub const fn kind(&self) -> RunKind {
        match self.granted {
            Quota::Bytes(_) => RunKind::Capped,
            Quota::Unlimited => RunKind::Unlimited,
        }
    }
}

/// Where a run without a term may be served.
static ANYWHERE: LazyLock<Arc<Selector>> = LazyLock::new(|| Arc::new(Selector::Any));

/// What was seen and counted of a run.
struct Counted {
    served_at: Option<UnixMs>,
    /// The allowance with which it was last read back as on.
    opened: Bytes,
    /// What is stored as beyond the allowance.
    over: Bytes,
    /// What is stored as forgiven.
    forgiven: Bytes,
    /// All that was used since it began, but for what was forgiven.
    used: Bytes,
}

fn fold<'a>(
    account: &Account,
    run: &Run,
    terms: impl Iterator<Item = &'a Term>,
    reversed: &BTreeSet<u32>,
    counted: &Counted,
) -> Entitlement {
    let granted = match run.kind {
        RunKind::Capped => Quota::Bytes(Bytes(0)),
        RunKind::Unlimited => Quota::Unlimited,
    };
    let mut sum = Entitlement {
        run: run.seq,
        start: run.start,
        ends_at: run.start,
        granted,
        used: counted.used,
        over: Bytes(0),
        forgiven: counted.forgiven,
        opening: false,
        left: granted,
        devices: 0,
        selector: Arc::clone(&ANYWHERE),
        served: counted.served_at.is_some(),
        served_at: counted.served_at,
        compensated: DurationMs(0),
        compensations: 0,
        waiting: DurationMs(0),
        standing: false,
        suspended: account.suspension.is_some(),
    };
    // Days of a code stand only by what was sold, granted or adopted: a free trial carries none.
    let mut carried = false;
    for term in terms {
        if term.is_compensation() {
            sum.compensations += 1;
        }
        if reversed.contains(&term.seq) {
            continue;
        }
        if term.is_gift() {
            sum.waiting = sum.waiting + term.length;
            continue;
        }
        sum.ends_at = sum.ends_at + term.length;
        sum.granted = add(sum.granted, term.quota);
        carried |= term.carries_gifts();
        if term.sets_service() {
            sum.standing = true;
            sum.devices = term.devices;
            sum.selector = term.selector.clone();
        } else {
            sum.compensated = sum.compensated + term.length;
        }
    }
    if carried {
        sum.ends_at = sum.ends_at + std::mem::take(&mut sum.waiting);
    }
    if let Quota::Bytes(granted) = sum.granted {
        sum.opening = granted > counted.opened;
        sum.over = counted.over.max(counted.used - granted.min(counted.opened));
        sum.used = counted.used - sum.over;
    }
    // One that was given back is over, whatever was sold.
    sum.standing &= account.released().is_none();
    sum.left = left_of(sum.granted, sum.used);
    sum
}

fn add(a: Quota, b: Quota) -> Quota {
    match (a, b) {
        (Quota::Bytes(a), Quota::Bytes(b)) => Quota::Bytes(a + b),
        _ => Quota::Unlimited,
    }
}

fn left_of(granted: Quota, used: Bytes) -> Quota {
    match granted {
        Quota::Bytes(granted) => Quota::Bytes(granted - used),
        Quota::Unlimited => Quota::Unlimited,
    }
}
