//! Who invited whom, as it follows from the records.

use super::{AccountRecords, Customer, CustomerId, InviteCode, Snapshot, Term, TermSource};

impl Customer {
    /// Who invited them; the first whom they named.
    #[must_use]
    pub fn invited_by(&self) -> Option<CustomerId> {
        self.own.as_ref()?.invited_by
    }
}

impl Snapshot {
    /// The code by which a customer invites; `None` where there is no such customer.
    #[must_use]
    pub fn invite_code(&self, customer: CustomerId) -> Option<InviteCode> {
        self.customer(customer).map(|customer| InviteCode::of(customer.id))
    }

    /// Whose code this is: nobody's who was forgotten.
    #[must_use]
    pub fn inviter(&self, code: InviteCode) -> Option<CustomerId> {
        let known = self.customer(code.customer()).filter(|them| them.forgotten().is_none());
        known.map(|customer| customer.id)
    }

    /// Whether a payment of a friend gives days to who invited them: the first that stands, or one more where what
    /// an earlier one gave was taken back.
    #[must_use]
    pub fn may_reward(&self, inviter: CustomerId, friend: CustomerId) -> bool {
        let is_theirs = |term: &&Term| match term.source {
            TermSource::Referral(order) => self.buyer(order) == Some(friend),
            _ => false,
        };
        let is_paid = |term: &Term| matches!(term.source, TermSource::Order(_));
        let was_given = self.terms_of(inviter).any(|term| is_theirs(&term));
        let stands = was_given && self.standing_terms_of(inviter).any(|term| is_theirs(&term));
        !stands && (was_given || !self.standing_terms_of(friend).any(is_paid))
    }

    /// Whether they have had nothing of the shop but a trial.
    #[must_use]
    pub fn is_newcomer(&self, customer: CustomerId) -> bool {
        self.terms_of(customer).all(|term| {
            matches!(
                term.source,
                TermSource::Trial(_) | TermSource::Compensation(_) | TermSource::Referral(_)
            )
        })
    }

    /// How many friends of theirs have brought them days that stand.
    #[must_use]
    pub fn rewards_of(&self, customer: CustomerId) -> usize {
        let is_reward = |term: &&Term| matches!(term.source, TermSource::Referral(_));
        self.standing_terms_of(customer).filter(is_reward).count()
    }

    fn standing_terms_of(&self, customer: CustomerId) -> impl Iterator<Item = &Term> {
        let accounts = self.accounts_of(customer);
        let records = accounts.filter_map(|account| self.records_of(account.id));
        records.flat_map(AccountRecords::standing_terms)
    }

    fn terms_of(&self, customer: CustomerId) -> impl Iterator<Item = &Term> {
        self.accounts_of(customer).flat_map(|account| self.terms(account.id))
    }
}
