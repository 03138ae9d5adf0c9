//! What one look at a panel says something of: which bindings, which inbounds, which strangers.

use crate::catalog::Server;
use crate::model::{
    Account, AccountId, AccountRecords, Binding, Coverage, Disposition, LastList, Mark,
    Observation, ServerId, Snapshot, UnixMs, numbers_of,
};
use std::collections::BTreeSet;

/// Whether a list is to be written down as the last one. One that lies in the future was before the
/// clock was set back.
pub(super) fn is_to_be_noted(snapshot: &Snapshot, observation: &Observation, now: UnixMs) -> bool {
    let noted = snapshot.last_list(&observation.server).filter(|at| *at <= now);
    let is_fresh = noted.is_some_and(|at| now.since(at) < LastList::EVERY);
    observation.coverage == Coverage::Full && !is_fresh
}

/// The clients of ours without a record, of those that were seen and those that are known. A list with
/// inbounds that cannot be read clears none, since one may be there; of single clients that were asked
/// for nothing follows.
pub(super) fn orphans(
    snapshot: &Snapshot,
    observation: &Observation,
    mut seen: Vec<AccountId>,
) -> Vec<AccountId> {
    let known = snapshot.server_status(&observation.server).map(|status| status.orphans.as_slice());
    let known = known.unwrap_or_default();
    match observation.coverage {
        Coverage::Full => seen,
        Coverage::Only(_) => known.to_vec(),
        Coverage::Except(_) => {
            let is_bound = |id| snapshot.binding(id, &observation.server).is_some();
            seen.extend(known.iter().copied().filter(|id| !is_bound(*id)));
            seen.sort_unstable();
            seen.dedup();
            seen
        }
    }
}

/// The bindings that an observation says something of: of a partial one only those that it names.
pub(super) fn covered<'a>(
    snapshot: &'a Snapshot,
    observation: &'a Observation,
) -> Vec<(&'a Binding, &'a AccountRecords)> {
    let server = &observation.server;
    match &observation.coverage {
        Coverage::Full | Coverage::Except(_) => snapshot.served_by(server).collect(),
        Coverage::Only(emails) => {
            let marks = emails.iter().filter_map(|email| Mark::parse(email));
            let accounts: BTreeSet<AccountId> = marks.map(|mark| mark.account).collect();
            let records = accounts.into_iter().filter_map(|account| snapshot.records_of(account));
            records.filter_map(|records| Some((records.binding(server)?, records))).collect()
        }
    }
}

/// The panel's numbers of the inbounds that clients are to be on; `None` when they cannot be on one
/// of them. A look at single clients shows no inbounds: there it is those of the last list.
pub(super) fn named(
    snapshot: &Snapshot,
    server: &Server,
    observation: &Observation,
) -> Option<BTreeSet<i64>> {
    match observation.coverage {
        Coverage::Full | Coverage::Except(_) => observation.numbers_of(&server.inbounds),
        Coverage::Only(_) => {
            let facts = snapshot.server_facts(&observation.server)?;
            numbers_of(&server.inbounds, &facts.inbounds)
        }
    }
}

/// Whether an account's client on a server is given back.
pub(super) fn is_released_on(snapshot: &Snapshot, id: AccountId, server: &ServerId) -> bool {
    let released = snapshot.account(id).and_then(Account::released);
    released.is_some_and(|released| released.server == *server)
}

/// Of the clients of ours of which no record speaks on a server, those that were given back: a backup of the
/// panel brought them back under our mark, and they are given back anew, as they were bound then. The rest.
pub(super) fn brought_back(
    snapshot: &Snapshot,
    server: &ServerId,
    strangers: Vec<AccountId>,
) -> (Vec<Binding>, Vec<AccountId>) {
    let (back, rest): (Vec<_>, Vec<_>) =
        strangers.into_iter().partition(|id| is_released_on(snapshot, *id, server));
    let bound = |account| Binding {
        account,
        server: server.clone(),
        disposition: Disposition::Serving,
        bound_at: UnixMs(0),
    };
    (back.into_iter().map(bound).collect(), rest)
}
