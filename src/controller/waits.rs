//! How long customers waited for what was approved or granted: until it was served, and until they
//! had the link. Each wait ends with one record; nothing walks over accounts.

use crate::model::{
    AccountId, Delivery, DeliveryState, DurationMs, Edits, Key, Record, Served, ServerId, Snapshot,
    UnixMs,
};

/// A wait that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wait {
    /// A run's enable was first read back, there.
    Served(ServerId, DurationMs),
    /// An account's first link arrived, so.
    Link(&'static str, DurationMs),
}

/// The waits that are over once these edits of the loop are durable.
pub(super) fn ended_by(before: &Snapshot, edits: &Edits) -> Vec<Wait> {
    let over = edits.puts.values().filter_map(|record| match record {
        Record::Served(served) => first_served(before, served),
        Record::Delivery(delivery) => first_link(before, delivery),
        _ => None,
    });
    over.collect()
}

/// The waits that customers ended themselves, by the button that shows the link: not the loop commits
/// that, it hears of it.
pub(super) fn ended_by_customers(snapshot: &Snapshot, keys: &[Key]) -> Vec<Wait> {
    let over = keys.iter().filter_map(|key| {
        let Key::Delivery(account) = key else { return None };
        let shown = snapshot.delivery(*account).filter(|d| d.state == DeliveryState::Shown)?;
        first_link(snapshot, shown)
    });
    over.collect()
}

fn first_served(before: &Snapshot, served: &Served) -> Option<Wait> {
    let Served { account, run, at } = *served;
    if before.was_served(account, run) {
        return None;
    }
    let there = before.serving(account)?;
    let took = at.since(approved_at(before, account, run)?);
    Some(Wait::Served(there.server.clone(), took))
}

fn first_link(snapshot: &Snapshot, delivery: &Delivery) -> Option<Wait> {
    let run = snapshot.runs(delivery.account).next_back()?.seq;
    let approved_at = approved_at(snapshot, delivery.account, run)?;
    delivery.is_first().then(|| Wait::Link(delivery.word(), delivery.at.since(approved_at)))
}

fn approved_at(snapshot: &Snapshot, account: AccountId, run: u32) -> Option<UnixMs> {
    snapshot.records_of(account)?.approved_at(run)
}
