//! What each record needs to be there beside it: the account of a binding, the term that an index names,
//! the index entries that an order must have left.

use super::super::journal::Tallies;
use super::errors::damaged;
use super::open::Raw;
use super::{OpenError, codec, load};
use crate::model::{
    AccountId, AllTakings, Identity, Key, Kind, OrderId, Record, Snapshot, Target, TermSource,
    Verdict,
};
use std::collections::BTreeMap;

/// Every record of a store, to be asked for.
pub(super) struct All<'a> {
    pub(super) raw: &'a Raw,
    /// The resident ones, to be asked faster.
    pub(super) snapshot: &'a Snapshot,
}

/// What a walk over all records came to.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) records: u64,
    pub(super) tallies: Tallies,
    /// The pictures that orders name and that are not deleted, by their hash.
    pub(super) proofs: BTreeMap<String, OrderId>,
    /// What orders say was taken, and what the records of days say.
    pub(super) books: (AllTakings, AllTakings),
}

impl All<'_> {
    /// Reads every record once, and tells what is wrong with each.
    pub(super) fn walk(&self, mut wrong: impl FnMut(String)) -> Result<Walked, OpenError> {
        let mut walked = Walked::default();
        for (kind, tree) in &self.raw.trees {
            for entry in tree {
                let (key, stored) = entry.map_err(damaged)?;
                walked.records = walked.records.saturating_add(1);
                walked.tallies.add(*kind, &key, &stored);
                match load::decode(*kind, &key, &stored) {
                    Ok((key, record)) => {
                        if let Record::Order(order) = &record.value {
                            let kept = order.evidence.iter().filter(|e| e.deleted_at.is_none());
                            walked.proofs.extend(kept.map(|e| (e.sha256.clone(), order.id)));
                            walked.books.0.add(order);
                        }
                        if let Record::Takings(takings) = &record.value {
                            walked.books.1.insert(takings.clone());
                        }
                        if let Some(lack) = self.lack(&record.value) {
                            wrong(format!("{key} {lack}"));
                        }
                    }
                    Err(OpenError::Damaged { detail }) => wrong(detail),
                    Err(other) => return Err(other),
                }
            }
        }
        Ok(walked)
    }

    fn get(&self, key: &Key) -> Option<Record> {
        let stored = self.raw.trees.get(&key.kind())?.get(key.to_bytes()).ok()??;
        codec::decode(key.kind(), &stored).ok().map(|found| found.value)
    }

    fn has(&self, key: &Key) -> bool {
        let held = self.snapshot.version(key).is_some();
        // An archived order is in its tree alone.
        let may_lie = matches!(key.kind(), Kind::Order) || !key.kind().resident();
        held || (may_lie && self.get(key).is_some())
    }

    /// What a record lacks, as the end of a sentence about it.
    fn lack(&self, record: &Record) -> Option<String> {
        let account = |id: AccountId| self.lacks(&Key::Account(id));
        let run = |id: AccountId, seq: u32| account(id).or_else(|| self.lacks(&Key::Run(id, seq)));
        let term =
            |id: AccountId, seq: u32| account(id).or_else(|| self.lacks(&Key::Term(id, seq)));
        let order = |id: OrderId| self.lacks(&Key::Order(id));
        match record {
            Record::Account(v) => {
                let sold = self.snapshot.terms(v.id).next().is_some();
                let sold = (!sold).then(|| "has no term: nothing was sold to it".to_owned());
                sold.or_else(|| self.lacks(&Key::Customer(v.customer)))
            }
            Record::Customer(v) => {
                let own =
                    |identity: &&Identity| self.snapshot.customer_of(**identity) != Some(v.id);
                let lacking = v.identities.iter().find(own);
                lacking
                    .map(|identity| format!("is known as {identity}, and the index says otherwise"))
                    .or_else(|| self.lacks(&Key::Customer(v.invited_by()?)))
            }
            Record::CustomerIdentity(v) => match self.snapshot.customer(v.customer) {
                Some(customer) if customer.identities.contains(&v.identity) => None,
                Some(_) => Some(format!("names {}, who is not known so", v.customer)),
                None => self.lacks(&Key::Customer(v.customer)),
            },
            Record::Order(v) => self.order(v),
            Record::Run(v) => account(v.account),
            Record::Term(v) => run(v.account, v.run)
                .or_else(|| match v.source {
                    TermSource::Order(id) | TermSource::Referral(id) => order(id),
                    TermSource::Trial(customer) => self.lacks(&Key::Customer(customer)),
                    TermSource::Promo(ref given) => self.lacks(&Key::Customer(given.customer)),
                    _ => None,
                })
                .or_else(|| self.lacks(&Key::SourceTerm(v.source.clone()))),
            Record::Reversal(v) => term(v.account, v.term),
            Record::Served(v) => run(v.account, v.run),
            Record::Overrun(v) => run(v.account, v.run),
            Record::Forgiveness(v) => account(v.account),
            Record::Binding(v) => account(v.account),
            Record::BindingStatus(v) => account(v.account),
            Record::AccountStatus(v) => account(v.account),
            Record::Ledger(v) => account(v.account),
            Record::Delivery(v) => account(v.account),
            Record::Notice(v) => account(v.account),
            Record::UndatedProof(v) => order(v.order),
            Record::InteractionOrder(v) => order(v.order),
            Record::OrderByReference(v) if v.order.reference() != v.reference => {
                Some(format!("names order {}, which has another reference", v.order))
            }
            Record::OrderByReference(v) => order(v.order),
            Record::PaymentReference(v) => order(v.order),
            Record::SourceTerm(v) => match self.get(&Key::Term(v.account, v.term)) {
                Some(Record::Term(term)) if term.source == v.source => None,
                Some(_) => Some(format!(
                    "names term {} of {}, which has another source",
                    v.term, v.account
                )),
                None => term(v.account, v.term),
            },
            Record::ProofOrder(v) => match self.get(&Key::Order(v.order)) {
                Some(Record::Order(order)) => {
                    let has = order.evidence.iter().any(|proof| proof.sha256 == v.sha256);
                    (!has).then(|| format!("names order {}, which has no such proof", order.id))
                }
                _ => order(v.order),
            },
            Record::UnpaidOrder(v) => match self.get(&Key::Order(v.order)) {
                Some(Record::Order(order)) if order.customer == v.customer => None,
                Some(_) => Some(format!("names order {}, which is another customer's", v.order)),
                None => order(v.order),
            },
            _ => None,
        }
    }

    fn order(&self, order: &crate::model::Order) -> Option<String> {
        let renewed = match order.target {
            Target::Renew(account) => self.lacks(&Key::Account(account)),
            Target::New => None,
        };
        let sold = || match &order.decision.as_ref()?.verdict {
            Verdict::Approved { reference, account } => {
                let source = Key::SourceTerm(TermSource::Order(order.id));
                let paid = || {
                    let method = order.method.method.clone();
                    self.lacks(&Key::PaymentReference(method, reference.clone()?))
                };
                self.lacks(&Key::Account(*account)).or_else(|| self.lacks(&source)).or_else(paid)
            }
            Verdict::Declined { .. } => None,
        };
        let proofs = || {
            let mut proofs = order.evidence.iter();
            proofs.find_map(|proof| self.lacks(&Key::ProofOrder(proof.sha256.clone())))
        };
        let whose = || self.lacks(&Key::Customer(order.customer));
        let found = || self.lacks(&Key::OrderByReference(order.id.reference()));
        renewed.or_else(sold).or_else(proofs).or_else(whose).or_else(found)
    }

    fn lacks(&self, key: &Key) -> Option<String> {
        let lacks = || match key {
            Key::SourceTerm(source) => {
                format!("needs the index source-term:{source}, which is not there")
            }
            Key::PaymentReference(method, _) => {
                format!("needs the index of its payment's number at {method}, which is not there")
            }
            Key::ProofOrder(hash) => {
                format!("needs the index proof-order:{hash}, which is not there")
            }
            Key::OrderByReference(reference) => {
                format!("needs the index of its reference {reference}, which is not there")
            }
            key => format!("needs {key}, which is not there"),
        };
        (!self.has(key)).then(lacks)
    }
}
