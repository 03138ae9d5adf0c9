//! All records of one account, found once: whoever asks for several of them asks here.

use super::rows::{Rows, Slot, value};
use super::{
    Account, AccountStatus, Binding, BindingStatus, Bytes, Delivery, Disposition, Forgiveness,
    Notice, NoticeKind, Overrun, Quota, Reversal, Run, Served, ServerId, Term, TermSource, UnixMs,
    UsageLedger,
};
use triomphe::Arc;

/// The records of one account: those of every pass first, then what is read seldom.
#[derive(Debug, Clone, Default)]
pub struct AccountRecords {
    pub(super) account: Slot<Account>,
    pub(super) runs: Rows<Run>,
    pub(super) terms: Rows<Term>,
    pub(super) served: Rows<Served>,
    pub(super) bindings: Rows<Binding>,
    pub(super) statuses: Rows<BindingStatus>,
    pub(super) ledgers: Rows<UsageLedger>,
    pub(super) status: Slot<AccountStatus>,
    pub(super) delivery: Slot<Delivery>,
    pub(super) notices: Rows<Notice>,
    pub(super) seldom: Option<Arc<Seldom>>,
}

/// What most accounts never have.
#[derive(Debug, Clone, Default)]
pub(super) struct Seldom {
    pub(super) reversals: Rows<Reversal>,
    pub(super) overruns: Rows<Overrun>,
    pub(super) forgivenesses: Rows<Forgiveness>,
}

impl AccountRecords {
    /// The account.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        value(&self.account)
    }

    /// Its runs, first to last.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.runs.iter()
    }

    /// Its terms, first to last.
    pub fn terms(&self) -> impl DoubleEndedIterator<Item = &Term> {
        self.terms.iter()
    }

    /// Its reversals.
    pub fn reversals(&self) -> impl Iterator<Item = &Reversal> {
        self.seldom.iter().flat_map(|seldom| seldom.reversals.iter())
    }

    /// Its terms that were not taken back, first to last.
    pub fn standing_terms(&self) -> impl DoubleEndedIterator<Item = &Term> {
        let reversed = |term: &Term| self.reversals().any(|reversal| reversal.term == term.seq);
        self.terms().filter(move |term| !reversed(term))
    }

    /// Those of one run.
    pub fn standing_terms_of(&self, run: u32) -> impl DoubleEndedIterator<Item = &Term> {
        self.standing_terms().filter(move |term| term.run == run)
    }

    /// Whether nothing of its last run stands but a free trial: days that are given for nothing wait then.
    #[must_use]
    pub fn is_only_tried(&self) -> bool {
        let Some(run) = self.runs().next_back() else { return true };
        let is_trial = |term: &Term| matches!(term.source, TermSource::Trial(_));
        let mut terms = self.standing_terms_of(run.seq);
        self.standing_terms_of(run.seq).any(is_trial) && !terms.any(Term::carries_gifts)
    }

    /// When a run was approved or granted; terms that were taken back do not count.
    #[must_use]
    pub fn approved_at(&self, run: u32) -> Option<UnixMs> {
        self.standing_terms_of(run).find(|term| term.sets_service()).map(|term| term.at)
    }

    /// When a run's enable was first read back.
    #[must_use]
    pub fn served_at(&self, run: u32) -> Option<UnixMs> {
        self.served.find(&run).map(|served| served.value.at)
    }

    /// What of a run was used beyond its allowance, as it is stored.
    #[must_use]
    pub fn overrun(&self, run: u32) -> Bytes {
        let overrun = self.seldom.as_deref().and_then(|seldom| seldom.overruns.find(&run));
        overrun.map_or(Bytes(0), |overrun| overrun.value.over)
    }

    /// What staff forgave it, in any run.
    pub fn forgivenesses(&self) -> impl Iterator<Item = &Forgiveness> {
        self.seldom.iter().flat_map(|seldom| seldom.forgivenesses.iter())
    }

    /// What was forgiven of a run in all.
    #[must_use]
    pub fn forgiven(&self, run: u32) -> Bytes {
        self.forgivenesses().filter(|f| f.run == run).map(|f| f.by).sum()
    }

    /// Its bindings, by server.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter()
    }

    /// Its binding to the server that serves it, or is to: there is one at most.
    #[must_use]
    pub fn serving(&self) -> Option<&Binding> {
        self.bindings().find(|b| b.disposition == Disposition::Serving)
    }

    /// Its binding to the server that it leaves, while it moves.
    #[must_use]
    pub fn leaving(&self) -> Option<&Binding> {
        self.bindings().find(|b| b.disposition == Disposition::Leaving)
    }

    /// Its binding to a server.
    #[must_use]
    pub fn binding(&self, server: &ServerId) -> Option<&Binding> {
        self.bindings.find(&server).map(|record| &record.value)
    }

    /// Its client on a server as last seen.
    #[must_use]
    pub fn binding_status(&self, server: &ServerId) -> Option<&BindingStatus> {
        self.statuses.find(&server).map(|record| &record.value)
    }

    /// Its ledgers.
    pub fn ledgers(&self) -> impl Iterator<Item = &UsageLedger> {
        self.ledgers.iter()
    }

    /// What its ledgers count in all.
    #[must_use]
    pub fn used(&self) -> Bytes {
        self.ledgers().map(|ledger| ledger.total).sum()
    }

    /// Its conditions.
    #[must_use]
    pub fn status(&self) -> Option<&AccountStatus> {
        value(&self.status)
    }

    /// The last link that was sent.
    #[must_use]
    pub fn delivery(&self) -> Option<&Delivery> {
        value(&self.delivery)
    }

    /// A notice.
    #[must_use]
    pub fn notice(&self, run: u32, kind: NoticeKind) -> Option<&Notice> {
        self.notices.find(&(run, kind)).map(|record| &record.value)
    }

    /// All notices, by what they are of.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter()
    }

    /// The largest allowance of a run with which a client of the account was last read back from a
    /// panel; nothing before the run's first time. Where that was forgotten of a run that was served,
    /// all of it: what is not known to be beyond an allowance is billed.
    #[must_use]
    pub fn opened(&self, run: u32) -> Bytes {
        let applied = self.bindings().filter_map(|binding| {
            let status = self.binding_status(&binding.server)?;
            status.applied.as_ref().filter(|applied| applied.run == run)
        });
        let granted = applied.map(|applied| match applied.granted {
            Quota::Bytes(bytes) => bytes,
            Quota::Unlimited => Bytes(u64::MAX),
        });
        let unknown = if self.served_at(run).is_some() { u64::MAX } else { 0 };
        granted.max().unwrap_or(Bytes(unknown))
    }

    pub(super) fn seldom_mut(&mut self) -> &mut Seldom {
        Arc::make_mut(self.seldom.get_or_insert_default())
    }

    /// How many records these are.
    pub(super) fn len(&self) -> usize {
        let Self { account, status, delivery, seldom, .. } = self;
        let slots = [account.is_some(), status.is_some(), delivery.is_some()];
        let slots = slots.into_iter().filter(|there| *there).count();
        let rows = [self.runs.len(), self.terms.len(), self.served.len(), self.bindings.len()];
        let seen = [self.statuses.len(), self.ledgers.len(), self.notices.len()];
        let seldom = seldom.as_deref().map_or(0, |seldom| {
            seldom.reversals.len() + seldom.overruns.len() + seldom.forgivenesses.len()
        });
        slots + rows.into_iter().chain(seen).sum::<usize>() + seldom
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { account, runs, terms, served, bindings, statuses, ledgers, .. } = self;
        let seldom = self.seldom.as_deref().is_none_or(|seldom| {
            let Seldom { reversals, overruns, forgivenesses } = seldom;
            reversals.is_empty() && overruns.is_empty() && forgivenesses.is_empty()
        });
        let kept = [runs.is_empty(), terms.is_empty(), served.is_empty(), bindings.is_empty()];
        let seen = [statuses.is_empty(), ledgers.is_empty(), self.notices.is_empty(), seldom];
        let slots = account.is_none() && self.status.is_none() && self.delivery.is_none();
        slots && kept.into_iter().chain(seen).all(|empty| empty)
    }
}
