//! What becomes of accounts under a catalog: the planner's own decisions, each committed to a copy of the
//! records before the next.

use crate::catalog::{Catalog, Mode, Server};
use crate::model::{AccountId, Disposition, Edits, ServerId, Snapshot, UnixMs};
use crate::planner::{MoveAway, Scheduled, move_away, moves_at_once, schedule};
use std::collections::{BTreeMap, VecDeque};

/// What becomes of an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It gets another server; of one that is lost it waits for nothing.
    Moves { from: ServerId, to: ServerId, lost: bool },
    /// It is to leave, and there is no room for it elsewhere; from one that is lost it is without
    /// service.
    NoRoom { from: ServerId, lost: bool },
    /// It waited for a place and gets one.
    Placed { to: ServerId },
}

/// The fates of those who have one, and the records once all is as decided.
pub(super) struct Fates {
    pub(super) of: BTreeMap<AccountId, Fate>,
    pub(super) settled: Snapshot,
}

impl Fates {
    /// By the planner's decisions at this time. Servers that are left at the same time take turns, as
    /// the loop lets them.
    pub(super) fn under(snapshot: &Snapshot, catalog: &Catalog, now: UnixMs) -> Self {
        let mut fates = Self { of: BTreeMap::new(), settled: snapshot.clone() };
        let mut left: VecDeque<(&Server, VecDeque<AccountId>)> = catalog
            .servers
            .values()
            .filter(|server| catalog.is_left(&server.id) && server.mode == Mode::Manage)
            .map(|server| (server, serving(snapshot, &server.id).collect()))
            .collect();
        while let Some((server, mut accounts)) = left.pop_front() {
            let mut moved = 0;
            while moved < moves_at_once(server) {
                let Some(account) = accounts.pop_front() else { break };
                moved += usize::from(fates.move_one(catalog, account, server, now));
            }
            if !accounts.is_empty() {
                left.push_back((server, accounts));
            }
        }
        let waiting: Vec<AccountId> = snapshot.in_line(now).map(|(id, _)| id).collect();
        for account in waiting {
            fates.place(catalog, account, now);
        }
        fates
    }

    fn move_one(
        &mut self,
        catalog: &Catalog,
        account: AccountId,
        server: &Server,
        now: UnixMs,
    ) -> bool {
        let (from, lost) = (server.id.clone(), catalog.is_lost(&server.id));
        match move_away(&self.settled, catalog, account, &from, now) {
            MoveAway::Move(edits) => {
                self.commit(&edits);
                if let Some(to) = self.settled.serving(account).map(|b| b.server.clone()) {
                    self.of.insert(account, Fate::Moves { from, to, lost });
                }
                true
            }
            MoveAway::NoRoom => {
                self.of.insert(account, Fate::NoRoom { from, lost });
                false
            }
            MoveAway::Stays => false,
        }
    }

    fn place(&mut self, catalog: &Catalog, account: AccountId, now: UnixMs) {
        if let Scheduled::Bind(edits) = schedule(&self.settled, catalog, account, now) {
            self.commit(&edits);
            if let Some(to) = self.settled.serving(account).map(|b| b.server.clone()) {
                self.of.insert(account, Fate::Placed { to });
            }
        }
    }

    fn commit(&mut self, edits: &Edits) {
        self.settled = self.settled.after(edits, self.settled.revision() + 1);
    }
}

/// Those whom a server serves by the records.
pub(super) fn serving<'s>(
    snapshot: &'s Snapshot,
    server: &ServerId,
) -> impl Iterator<Item = AccountId> + 's {
    let bound = snapshot.bound_to(server).map(|b| (b.account, b.disposition.clone()));
    let bound: Vec<_> = bound.collect();
    bound.into_iter().filter(|(_, d)| *d == Disposition::Serving).map(|(account, _)| account)
}
