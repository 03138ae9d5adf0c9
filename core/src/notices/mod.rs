//! What an account's customer is told of it, and when: by the records, the files and the time alone.
//!
//! Each notice has a stretch of time in which it may go out. What comes late is not sent late: the next
//! one says more, and nobody wants last week's.

pub mod broadcast;
mod quiet;

use crate::catalog::Catalog;
use crate::model::{
    AccountId, AccountRecords, Bytes, ConditionKind, Customer, DAY_MS, DurationMs, Entitlement,
    Notice, NoticeKind, NoticeState, NoticeTopic, Order, OrderState, Quota, Snapshot, Standing,
    Term, TermSource, UnixMs,
};
use quiet::Quiet;

/// How long after its end an account that was not renewed is spoken of once more.
const LAPSED_AFTER: DurationMs = DurationMs(DAY_MS);
/// How long after it was first served somebody who has not connected is asked whether it works.
const NOT_CONNECTED_AFTER: DurationMs = DurationMs(DAY_MS);
/// How long advice that could not go out in time is still worth a message.
const STILL_NEWS: DurationMs = DurationMs(DAY_MS);

/// A notice, and what it is of: see [`Notice::run`].
pub type Told = (u32, NoticeKind);

/// A notice and the stretch in which it may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Planned {
    of: u32,
    kind: NoticeKind,
    from: UnixMs,
    until: UnixMs,
}

/// What is to be told now, and has not come to an end.
#[must_use]
pub fn due(snapshot: &Snapshot, catalog: &Catalog, id: AccountId, now: UnixMs) -> Vec<Told> {
    let Some(account) = Of::read(snapshot, catalog, id, now) else { return Vec::new() };
    let planned = account.planned().into_iter();
    planned.filter(|p| p.from <= now && now < p.until).map(|p| (p.of, p.kind)).collect()
}

/// When the next one falls due, should nothing change until then.
#[must_use]
pub fn next(snapshot: &Snapshot, catalog: &Catalog, id: AccountId, now: UnixMs) -> Option<UnixMs> {
    let planned = Of::read(snapshot, catalog, id, now)?.planned().into_iter();
    planned.map(|p| p.from).filter(|from| *from > now).min()
}

/// Advice of before the last two terms, which is of no use any more.
#[must_use]
pub fn outlived(snapshot: &Snapshot, id: AccountId) -> Vec<Told> {
    let Some(records) = snapshot.records_of(id) else { return Vec::new() };
    let Some(entitlement) = Entitlement::by_records(records) else { return Vec::new() };
    let Some(last) = last_term(records, entitlement.run) else { return Vec::new() };
    let by_term = |n: &&Notice| matches!(n.kind, NoticeKind::Reminder(_) | NoticeKind::Traffic(_));
    // Those of the term before stay: the last one may be taken back.
    let old = records.notices().filter(by_term).filter(|n| n.run.saturating_add(1) < last.seq);
    old.map(|n| (n.run, n.kind)).collect()
}

/// The last term of a run that stands and says what was sold or given.
fn last_term(records: &AccountRecords, run: u32) -> Option<&Term> {
    standing_terms(records, run).next()
}

/// Those of a run that stand and say what was sold or given, the newest first.
fn standing_terms(records: &AccountRecords, run: u32) -> impl Iterator<Item = &Term> {
    lengthening_terms(records, run).filter(|term| term.sets_service())
}

/// The same with what only lengthens it, but for what makes good for an outage.
fn lengthening_terms(records: &AccountRecords, run: u32) -> impl Iterator<Item = &Term> {
    records.standing_terms_of(run).rev().filter(|term| !term.is_compensation())
}

/// One account, as its notices look at it.
struct Of<'a> {
    records: &'a AccountRecords,
    catalog: &'a Catalog,
    entitlement: Entitlement,
    /// `None` where every term was taken back.
    last: Option<&'a Term>,
    quiet: Quiet<'a>,
    /// Whose it is: they choose what they hear of.
    customer: Option<&'a Customer>,
    /// A proof of a renewal waits for staff.
    is_paid: bool,
    now: UnixMs,
}

impl<'a> Of<'a> {
    fn read(
        snapshot: &'a Snapshot,
        catalog: &'a Catalog,
        id: AccountId,
        now: UnixMs,
    ) -> Option<Self> {
        // Of one that was given back there is nothing to tell.
        let records = snapshot.records_of(id)?;
        let account = records.account().filter(|account| account.released().is_none())?;
        let customer = snapshot.customer(account.customer);
        let entitlement = Entitlement::by_records(records)?;
        let last = last_term(records, entitlement.run);
        let quiet = Quiet::of(catalog);
        let in_review = |order: &Order| order.state(now) == OrderState::AwaitingReview;
        let is_paid = snapshot.open_renewals(id).any(in_review);
        Some(Self { records, catalog, entitlement, last, quiet, customer, is_paid, now })
    }

    /// All that may still go out.
    fn planned(&self) -> Vec<Planned> {
        let mut planned = Vec::new();
        match self.entitlement.standing(self.now) {
            Standing::Active => {
                self.reminders(&mut planned);
                planned.extend(self.traffic());
                planned.extend(self.not_connected());
                planned.extend(self.resumed());
            }
            Standing::Suspended => planned.extend(self.suspended()),
            Standing::Depleted => planned.extend(self.depleted()),
            Standing::Expired => planned.extend(self.ended().into_iter().flatten()),
        }
        planned.extend(self.renewed());
        planned.extend(self.rewarded());
        // What could have gone out before the quiet hours, and did not, waits for their end.
        let quiet_until = self.quiet.after(self.now);
        for advice in planned.iter_mut().filter(|p| p.kind.is_advice() && p.from <= self.now) {
            advice.from = advice.from.max(quiet_until);
        }
        planned.retain(|p| p.from < p.until && !(self.is_paid && p.kind.asks_to_pay()));
        planned.retain(|p| self.is_wanted(p.kind));
        planned
    }

    /// Whether its customer wants to hear of it. What no choice is about always goes out.
    fn is_wanted(&self, kind: NoticeKind) -> bool {
        let topic = NoticeTopic::of(kind);
        topic.is_none_or(|topic| self.customer.is_none_or(|customer| customer.hears(topic)))
    }

    /// It goes out as soon as it is true.
    const fn at_once(of: u32, kind: NoticeKind) -> Planned {
        Planned { of, kind, from: UnixMs(0), until: UnixMs(u64::MAX) }
    }

    fn claimed(&self, of: u32, kind: NoticeKind) -> Option<&Notice> {
        self.records.notice(of, kind)
    }

    fn is_over(&self, of: u32, kind: NoticeKind) -> bool {
        self.claimed(of, kind).is_some_and(|n| n.state != NoticeState::Sending)
    }

    fn unless_over(&self, planned: Planned) -> Option<Planned> {
        (!self.is_over(planned.of, planned.kind)).then_some(planned)
    }

    /// Before the end: of those whose time has come the nearest alone.
    fn reminders(&self, planned: &mut Vec<Planned>) {
        let Entitlement { ends_at, served: true, .. } = self.entitlement else { return };
        // Days that were given put the end off: of the new one they are told again.
        let newest = lengthening_terms(self.records, self.entitlement.run).next();
        let Some(last) = newest else { return };
        let mut until = ends_at;
        // The shortest first: each ends the time of the one before it.
        for before in self.catalog.shop.reminders.iter().rev().filter(|before| before.0 > 0) {
            let at = ends_at - *before;
            let from = self.quiet.before(at, ends_at);
            // Who has just bought it has read when it ends.
            if at.min(from) <= last.at {
                break;
            }
            let kind = NoticeKind::reminder(*before);
            let spoken_of = self.records.notices().any(|n| {
                let is_one = matches!(n.kind, NoticeKind::Reminder(_)) && n.run == last.seq;
                is_one && n.at >= from && (n.kind != kind || n.state != NoticeState::Sending)
            });
            if from < until && !spoken_of {
                planned.push(Planned { of: last.seq, kind, from, until });
            }
            until = until.min(from);
        }
    }

    /// Of the shares that are used up the largest. Shares of the largest term: who renews early has used up
    /// most of what all his terms came to, and has a whole one left.
    fn traffic(&self) -> Option<Planned> {
        let Quota::Bytes(Bytes(left)) = self.entitlement.left else { return None };
        let of = self.last?.seq;
        let terms = standing_terms(self.records, self.entitlement.run);
        let whole = terms.filter_map(|term| match term.quota {
            Quota::Bytes(Bytes(bytes)) => Some(bytes),
            Quota::Unlimited => None,
        });
        let whole = whole.max()?;
        let reached = |percent: &&u8| {
            let unused = u128::from(100_u8.saturating_sub(**percent));
            **percent < 100 && u128::from(left) * 100 <= u128::from(whole) * unused
        };
        let percent = *self.catalog.shop.notices.traffic.iter().rev().find(reached)?;
        let told = |n: &Notice| match n.kind {
            NoticeKind::Traffic(earlier) => {
                n.run == of
                    && earlier >= percent
                    && (earlier != percent || n.state != NoticeState::Sending)
            }
            _ => false,
        };
        if self.records.notices().any(told) {
            return None;
        }
        let from = self.quiet.after(self.now);
        let kind = NoticeKind::Traffic(percent);
        Some(Planned { of, kind, from, until: UnixMs(u64::MAX) })
    }

    /// A day after its first run was served, where not a byte was used.
    fn not_connected(&self) -> Option<Planned> {
        let Entitlement { run, served_at: Some(served_at), .. } = self.entitlement else {
            return None;
        };
        let is_first = self.records.runs().next().is_some_and(|first| first.seq == run);
        let is_bought = self.records.account().is_some_and(|a| a.adopted().is_none());
        let has_link = self.records.delivery().is_some_and(|d| d.state.arrived());
        let nothing = self.records.used() == Bytes(0);
        if !(is_first && is_bought && has_link && nothing && self.is_ready()) {
            return None;
        }
        let from = self.quiet.after(served_at + NOT_CONNECTED_AFTER);
        let kind = NoticeKind::NotConnected;
        self.unless_over(Planned { of: run, kind, from, until: from + STILL_NEWS })
    }

    fn is_ready(&self) -> bool {
        let conditions = self.records.status().map(|s| s.conditions.as_slice()).unwrap_or_default();
        conditions.iter().any(|c| c.kind == ConditionKind::Ready)
    }

    fn depleted(&self) -> Option<Planned> {
        // Where all that was bought was taken back, nothing was used: the order says what happened.
        if self.entitlement.granted.is_empty() || !self.catalog.shop.notices.traffic.contains(&100)
        {
            return None;
        }
        let last = self.last?;
        // Records of before name the run.
        let before = self.claimed(self.entitlement.run, NoticeKind::Depleted);
        if before.is_some_and(|n| n.run != last.seq && n.at > last.at) {
            return None;
        }
        self.unless_over(Self::at_once(last.seq, NoticeKind::Depleted))
    }

    /// The end, and a day after it.
    fn ended(&self) -> [Option<Planned>; 2] {
        let Entitlement { run, ends_at, served: true, .. } = self.entitlement else {
            return [None, None];
        };
        let end = self.unless_over(Self::at_once(run, NoticeKind::Expired));
        let from = self.quiet.after(ends_at + LAPSED_AFTER);
        let lapsed = Planned { of: run, kind: NoticeKind::Lapsed, from, until: from + STILL_NEWS };
        // Renewing would not switch it on while staff have it off.
        let may_be_renewed = !self.entitlement.suspended && self.last.is_some();
        [end, self.unless_over(lapsed).filter(|_| may_be_renewed)]
    }

    /// A renewal that has come to the panel.
    fn renewed(&self) -> Option<Planned> {
        let is_order = |t: &&Term| matches!(t.source, TermSource::Order(_));
        let term = self.records.terms().rev().find(is_order)?;
        let first = self.records.terms().next()?.seq;
        let is_one = term.seq > 0 && term.seq != first && term.run == self.entitlement.run;
        (is_one && self.is_ready())
            .then(|| Self::at_once(term.seq, NoticeKind::Renewed))
            .and_then(|planned| self.unless_over(planned))
    }

    /// Days that an invited friend brought and that stand, the newest that was not told of.
    fn rewarded(&self) -> Option<Planned> {
        let terms = lengthening_terms(self.records, self.entitlement.run);
        let mut rewards = terms.filter(|term| matches!(term.source, TermSource::Referral(_)));
        rewards.find_map(|term| {
            let told = Self::at_once(term.seq, NoticeKind::Rewarded);
            self.unless_over(Planned { until: term.at + STILL_NEWS, ..told })
        })
    }

    /// Told while it is news: not of what was long so when this version came.
    fn suspended(&self) -> Option<Planned> {
        let since = self.records.account()?.suspension.as_ref()?.since;
        let until = since + STILL_NEWS;
        self.unless_over(Planned { until, ..Self::at_once(second(since), NoticeKind::Suspended) })
    }

    /// Who was told of a suspension is told of its end.
    fn resumed(&self) -> Option<Planned> {
        let told = |n: &&Notice| n.kind == NoticeKind::Suspended && n.state == NoticeState::Sent;
        let suspended = self.records.notices().filter(told).max_by_key(|n| n.run)?;
        // What was bought since has brought it back, or will: that is told by itself.
        if second(self.last?.at) > suspended.run {
            return None;
        }
        self.unless_over(Self::at_once(suspended.run, NoticeKind::Resumed))
    }
}

/// The second in which a moment lies, which tells one suspension of an account from its others.
fn second(at: UnixMs) -> u32 {
    u32::try_from(at.0 / 1_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
