//! P15: a store, a gateway or a panel from the past. What was sold since stands, by whichever
//! history it was sold.

use super::told::is_kept;
use super::{Monitors, cap_of, end_of};
use nebulalinks::model::*;
use nebulalinks_model_panel::ClientSnapshot;
use std::collections::{BTreeMap, BTreeSet};

/// Who still knows what was sold since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knows {
    /// A gateway, or the store: nothing may be taken.
    OneSide,
    /// Nobody, or an operator said that the old store is right: at most the budget an hour.
    Nobody,
}

#[derive(Default)]
pub(super) struct Restored {
    knows: Option<Knows>,
    /// A store of before was put in place at some time.
    ever: bool,
    /// The latest end that was ever sold.
    sold: BTreeMap<AccountId, UnixMs>,
    /// Who had been sold something that a store did not know which was put in place.
    lost: BTreeSet<AccountId>,
}

impl Monitors {
    pub(super) fn was_sold(&self, account: AccountId, ends_at: UnixMs) {
        let mut seen = self.seen.lock().unwrap();
        let end = seen.restored.sold.entry(account).or_insert(ends_at);
        *end = ends_at.max(*end);
    }

    /// An older store is put in place on purpose: what it lacks was told and is lost, its ends and
    /// ledgers are those of then, and gateways may remember more.
    pub(in super::super) fn restored(&self, store: &Snapshot, knows: Knows) {
        self.forget_notices();
        let mut seen = self.seen.lock().unwrap();
        (seen.restored.knows, seen.restored.ever) = (Some(knows), true);
        let Restored { sold, lost, .. } = &mut seen.restored;
        lost.extend(sold.keys().filter(|id| store.account(**id).is_none()));
        seen.told.retain(|reply| is_kept(store, reply));
        // What the store does not know was sold is for sale once more.
        seen.payments.retain(|_, order| was_approved(store, *order));
        seen.ends.clear();
        seen.sources.clear();
        seen.trials.clear();
        seen.totals.clear();
        seen.looks_at_all = true;
        seen.audited.begin_anew();
        seen.places = super::places::Kept::default();
        seen.addresses.restored();
        seen.homes.restored(store);
        seen.sessions.restored();
        for account in store.accounts() {
            if let Some(entitlement) = Entitlement::of(store, account.id) {
                seen.ends.insert(account.id, entitlement.ends_at);
            }
            for ledger in store.ledgers(account.id) {
                seen.totals.insert(Record::from(ledger.clone()).key(), ledger.total);
            }
        }
        drop(seen);
        self.came_back(store);
        self.knows_only_counters(store);
        self.forgets_what_nobody_shows(store);
    }

    /// An operator says that the old store is right: what it lacks is given up.
    pub(in super::super) fn given_up(&self) {
        self.seen.lock().unwrap().restored.knows = Some(Knows::Nobody);
    }

    /// What an old store lacks was given up long ago: from now on its own history counts.
    pub(in super::super) fn restore_is_over(&self) {
        let mut seen = self.seen.lock().unwrap();
        seen.restored.knows = None;
        seen.restored.sold.retain(|_, end| *end <= self.time.now());
        seen.looks_at_all = true;
    }

    /// Whether an account was sold by a history that was put away on purpose.
    pub(super) fn was_lost_on_purpose(&self, account: AccountId) -> bool {
        self.seen.lock().unwrap().restored.lost.contains(&account)
    }

    /// A store that forgot nothing must not believe that it did.
    pub(super) fn check_amnesia(&self, snapshot: &Snapshot) {
        let restored = self.seen.lock().unwrap().restored.ever;
        if snapshot.amnesia().is_some() && !restored {
            self.breach("P15", "this store forgot nothing, and believes it did");
        }
    }

    /// Just before a client is written, or deleted: nothing that was sold is taken from it. Where
    /// a cap may follow traffic is not looked at here: nobody uses anything in these clusters.
    pub(super) fn check_taken(
        &self,
        server: &ServerId,
        account: AccountId,
        client: &ClientSnapshot,
        want: Option<&DesiredClient>,
    ) {
        let (knows, sold) = {
            let seen = self.seen.lock().unwrap();
            (seen.restored.knows, seen.restored.sold.get(&account).copied())
        };
        let (Some(knows), Some(sold)) = (knows, sold) else { return };
        let unused = client.up + client.down == 0;
        let takes = want.is_none_or(|want| {
            !want.enable
                || want.end.is_before(end_of(client))
                || (unused && want.cap.is_below(cap_of(client)))
        });
        if !client.is_on() || self.time.now() >= sold || !takes {
            return;
        }
        let what = format!("{account} was sold until {}, and that is taken", sold.0);
        match knows {
            Knows::OneSide => self.breach("P15", &what),
            Knows::Nobody => self.spend(server, account, "P15", &what),
        }
    }
}

fn was_approved(store: &Snapshot, order: OrderId) -> bool {
    let sold = [OrderState::Approved, OrderState::Reversed];
    store.order(order).is_some_and(|order| order.approved_account().is_some())
        || store.archived_order(order).is_some_and(|order| sold.contains(&order.state))
}
