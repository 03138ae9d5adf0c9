//! Bugs that are planted in what is committed.

use super::bug::Bug;
use nebulalinks::model::*;

/// Changes a transaction as the bug would have written it.
pub(super) fn plant(bug: Bug, stored: &Snapshot, edits: &mut Edits) {
    let puts: Vec<Record> = edits.puts.values().cloned().collect();
    for record in puts {
        match record {
            Record::Term(term) => of_term(bug, stored, term, edits),
            Record::Ledger(ledger) => of_ledger(bug, stored, ledger, edits),
            Record::ServerStatus(status) => of_status(bug, status, edits),
            Record::Order(order) => of_order(bug, order, edits),
            Record::Served(served) if bug == Bug::ShortensTerms => {
                if let Some(mut term) = stored.terms(served.account).next().cloned() {
                    term.length = DurationMs(term.length.0 / 2);
                    edits.put(term);
                }
            }
            Record::Binding(binding) if bug == Bug::KeepsPlaces => {
                if matches!(binding.disposition, Disposition::Tombstoned { .. }) {
                    edits.puts.remove(&Key::Binding(binding.account, binding.server));
                }
            }
            _ => {}
        }
    }
}

fn of_term(bug: Bug, stored: &Snapshot, mut term: Term, edits: &mut Edits) {
    match bug {
        Bug::DoublesTerms => {
            term.seq += 100;
            edits.put(term);
        }
        Bug::CompensatesOnAndOn => {
            let TermSource::Compensation { account, run, n } = term.source else { return };
            for more in 1..=2 {
                let source = TermSource::Compensation { account, run, n: n + more };
                edits.put(Term { seq: term.seq + 100 * more, source, ..term.clone() });
            }
        }
        // Whoever was approved gets the first server there is, whatever was promised of it.
        Bug::Oversells if stored.bindings(term.account).next().is_none() => {
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

fn of_ledger(bug: Bug, stored: &Snapshot, mut ledger: UsageLedger, edits: &mut Edits) {
    let known = stored.ledgers(ledger.account).find(|l| l.incarnation == ledger.incarnation);
    match (bug, known) {
        (Bug::CountsTwice, _) => {
            ledger.total = ledger.total + ledger.total;
            edits.put(ledger);
        }
        (Bug::LetsUsageFall, Some(stored)) => {
            ledger.total = Bytes(stored.total.0 / 2);
            edits.put(ledger);
        }
        (Bug::ForgivesAnew, _) => {
            let run = stored.runs(ledger.account).next_back().map_or(0, |r| r.seq);
            edits.put(Overrun { account: ledger.account, run, over: ledger.total });
        }
        _ => {}
    }
}

fn of_status(bug: Bug, mut status: ServerStatus, edits: &mut Edits) {
    let runs = status.panel.as_ref().is_some_and(|p| p.xray == XrayState::Running);
    match bug {
        Bug::ForgetsItsBudget => status.unexplained.clear(),
        Bug::IgnoresOutages => status.outage = None,
        Bug::ForgetsTheLastLook if runs => status.outage = None,
        _ => return,
    }
    edits.put(status);
}

fn of_order(bug: Bug, mut order: Order, edits: &mut Edits) {
    if bug == Bug::RestartsReviews
        && order.decision.is_none()
        && let [first, .., last] = &order.evidence[..]
    {
        order.place_until = order.place_until.map(|until| until + last.at.since(first.at));
        edits.put(order);
    }
}
