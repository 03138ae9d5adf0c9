//! Mutations of what is committed.

use super::mutation::Mutation;
use nebulalinks::model::*;

/// Changes a transaction as the mutation would have written it.
pub(super) fn mutate(mutation: Mutation, stored: &Snapshot, edits: &mut Edits) {
    let puts: Vec<Record> = edits.puts.values().cloned().collect();
    for record in puts {
        match record {
            Record::Term(term) => of_term(mutation, stored, term, edits),
            Record::Ledger(ledger) => of_ledger(mutation, stored, ledger, edits),
            Record::ServerStatus(status) => of_status(mutation, status, edits),
            Record::Order(order) => of_order(mutation, order, edits),
            Record::BindingStatus(mut status) if mutation == Mutation::RefillsAtOnce => {
                status.missing_since = Some(UnixMs(1));
                edits.put(status);
            }
            Record::BindingStatus(mut status) if mutation == Mutation::NeverSaysStillConnected => {
                status.still_connected = None;
                edits.put(status);
            }
            Record::Account(mut account) if mutation == Mutation::KeepsOldAddress => {
                if let Some(before) = stored.account(account.id) {
                    account.subscription_token = before.subscription_token.clone();
                    edits.put(account);
                }
            }
            Record::Notice(notice)
                if mutation == Mutation::ForgetsWhatItTold && notice.state == NoticeState::Sent =>
            {
                let key = Key::Notice(notice.account, notice.run, notice.kind);
                edits.puts.remove(&key);
                edits.deletes.insert(key);
            }
            Record::Broadcast(news) => of_news(mutation, stored, news, edits),
            Record::SourceTerm(given) => of_source(mutation, given, edits),
            Record::Audit(line) => of_line(mutation, line, edits),
            Record::Served(served) if mutation == Mutation::ShortensTerms => {
                if let Some(mut term) = stored.terms(served.account).next().cloned() {
                    term.length = DurationMs(term.length.0 / 2);
                    edits.put(term);
                }
            }
            Record::Binding(binding) if mutation == Mutation::KeepsPlaces => {
                if matches!(binding.disposition, Disposition::Tombstoned { .. }) {
                    edits.puts.remove(&Key::Binding(binding.account, binding.server));
                }
            }
            _ => {}
        }
    }
}

fn of_term(mutation: Mutation, stored: &Snapshot, mut term: Term, edits: &mut Edits) {
    match mutation {
        Mutation::DoublesTerms => {
            term.seq += 100;
            edits.put(term);
        }
        Mutation::CompensatesOnAndOn => {
            let TermSource::Compensation(given) = &term.source else { return };
            for more in 1..=2 {
                let again = MadeGood { n: given.n + more, ..*given.clone() };
                let source = TermSource::Compensation(Box::new(again));
                edits.put(Term { seq: term.seq + 100 * more, source, ..term.clone() });
            }
        }
        Mutation::ForgetsTrials if is_trial(&term.source) => {
            edits.put(Term { source: of_account(term.account), ..term });
        }
        Mutation::LengthensTrials if is_trial(&term.source) => {
            edits.put(Term { length: DurationMs(2 * term.length.0), ..term });
        }
        // Whoever was approved gets the first server there is, whatever was promised of it.
        Mutation::Oversells if stored.bindings(term.account).next().is_none() => {
            let first = stored.server_statuses().next().map(|s| s.server.clone());
            if let Some(server) = first {
                edits.put(Binding {
                    account: term.account,
                    server,
                    disposition: Disposition::Serving,
                    bound_at: term.at,
                });
            }
        }
        _ => {}
    }
}

const fn is_trial(source: &TermSource) -> bool {
    matches!(source, TermSource::Trial(_))
}

/// A trial as it is known with [`Mutation::ForgetsTrials`].
fn of_account(account: AccountId) -> TermSource {
    TermSource::Trial(CustomerId::new(ulid::Ulid(u128::from_be_bytes(account.to_bytes()))))
}

fn of_source(mutation: Mutation, given: SourceTerm, edits: &mut Edits) {
    if mutation == Mutation::ForgetsTrials && is_trial(&given.source) {
        edits.puts.remove(&Key::SourceTerm(given.source));
        edits.put(SourceTerm { source: of_account(given.account), ..given });
    }
}

fn of_ledger(mutation: Mutation, stored: &Snapshot, mut ledger: UsageLedger, edits: &mut Edits) {
    let known = stored.ledgers(ledger.account).find(|l| l.incarnation == ledger.incarnation);
    match (mutation, known) {
        (Mutation::CountsTwice, _) => {
            ledger.total = ledger.total + ledger.total;
            edits.put(ledger);
        }
        (Mutation::LetsUsageFall, Some(stored)) if stored.total > Bytes(0) => {
            ledger.total = Bytes(stored.total.0 / 2);
            edits.put(ledger);
        }
        (Mutation::ForgetsUsage, Some(stored)) => {
            ledger.total = stored.total;
            edits.put(ledger);
        }
        (Mutation::ForgivesAnew, _) => {
            let run = stored.runs(ledger.account).next_back().map_or(0, |r| r.seq);
            edits.put(Overrun { account: ledger.account, run, over: ledger.total });
        }
        _ => {}
    }
}

fn of_status(mutation: Mutation, mut status: ServerStatus, edits: &mut Edits) {
    let runs = status.panel.as_ref().is_some_and(|p| p.xray == XrayState::Running);
    match mutation {
        Mutation::ForgetsItsBudget => status.unexplained.clear(),
        Mutation::HidesOrphans => status.orphans.clear(),
        Mutation::RestartsTwice => status.sessions_cut = None,
        Mutation::IgnoresOutages => status.outage = None,
        Mutation::ForgetsTheLastLook if runs => status.outage = None,
        _ => return,
    }
    edits.put(status);
}

fn of_news(mutation: Mutation, stored: &Snapshot, mut news: Broadcast, edits: &mut Edits) {
    let had = stored.broadcast(news.id).is_some_and(|before| before.progress.turn.is_some());
    if !had || news.progress.turn.is_some() {
        return;
    }
    match mutation {
        Mutation::SendsNewsAnew => news.progress.after = None,
        Mutation::SkipsCustomers => news.progress.after = Some(CustomerId::MAX),
        _ => return,
    }
    edits.put(news);
}

fn of_order(mutation: Mutation, mut order: Order, edits: &mut Edits) {
    if mutation == Mutation::RestartsReviews
        && order.decision.is_none()
        && let [first, .., last] = &order.evidence[..]
    {
        order.place_until = order.place_until.map(|until| until + last.at.since(first.at));
        edits.put(order);
    }
}

fn of_line(mutation: Mutation, line: Audit, edits: &mut Edits) {
    let is_dropped = match mutation {
        Mutation::DropsOutcomes => line.of.is_some(),
        Mutation::SendsUnannounced => line.outcome == Outcome::Started,
        Mutation::ForgetsInterrupted => line.outcome == Outcome::Interrupted,
        Mutation::KeepsNamesInTheAudit => matches!(line.actor, Actor::Customer(_)),
        Mutation::ForgetsWhoAsked => line.actor != Actor::Controller,
        Mutation::SendsWhatWasTakenBack if line.outcome == Outcome::Started => {
            edits.expect.clear();
            return;
        }
        Mutation::DoublesIntents if line.outcome == Outcome::Started => {
            let other = format!("{}-again", line.id);
            edits.put(Audit { id: other, ..line });
            return;
        }
        _ => false,
    };
    if is_dropped {
        let key = Key::Audit(line.id);
        edits.puts.remove(&key);
        edits.expect.remove(&key);
    }
}
