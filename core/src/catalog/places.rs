//! Places: what the servers have free, and who was promised some of it. An order is placed, and a
//! server chosen, only so that every promise can be kept: a largest matching of claims and places.

use super::{Catalog, Mode, Server, ServerLifecycle};
use crate::model::{
    AccountId, Disposition, Entitlement, Selector, ServerId, ServerStatus, Snapshot, Standing,
    UnixMs,
};
use std::collections::BTreeMap;

/// The servers that take accounts with the places that each has left, and what is claimed of them.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    servers: Vec<(&'a Server, usize)>,
    claims: Vec<Claims>,
}

/// Claims that the same servers can meet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claims {
    /// The servers, by their index.
    servers: Vec<usize>,
    count: usize,
}

impl<'a> Places<'a> {
    /// All that is free and all that is claimed.
    #[must_use]
    pub fn of(snapshot: &Snapshot, catalog: &'a Catalog, now: UnixMs) -> Self {
        let mut places = Self::promised(snapshot, catalog, now);
        for (selector, count) in snapshot.waiting_places(now) {
            places.claim(selector, count);
        }
        places
    }

    /// The same, with those whom a lost server still serves by the records: nothing is promised to
    /// anybody else while they have no service. Looks at lost servers' accounts alone.
    #[must_use]
    pub fn with_stranded(snapshot: &Snapshot, catalog: &'a Catalog, now: UnixMs) -> Self {
        let mut places = Self::of(snapshot, catalog, now);
        let lost = catalog.servers.keys().filter(|id| catalog.is_lost(id));
        let bound = lost.flat_map(|id| snapshot.bound_to(id));
        for binding in bound.filter(|b| b.disposition == Disposition::Serving) {
            let entitlement = Entitlement::of(snapshot, binding.account);
            if let Some(e) = entitlement.filter(|e| e.standing(now) == Standing::Active) {
                places.claim(&e.selector, 1);
            }
        }
        places
    }

    /// What goes before an account that has no server: every promise but its own, and where it was
    /// promised nothing those before it in line.
    #[must_use]
    pub fn before(
        snapshot: &Snapshot,
        catalog: &'a Catalog,
        account: AccountId,
        now: UnixMs,
    ) -> Self {
        let claim = snapshot.claim_of(account, now);
        if let Some((own, true)) = claim {
            return Self::but_one(snapshot, catalog, own, now);
        }
        let mut places = Self::promised(snapshot, catalog, now);
        if claim.is_some() {
            for (_, selector) in snapshot.in_line(now).take_while(|(id, _)| *id != account) {
                places.claim(selector, 1);
            }
        }
        places
    }

    /// Every promise but one that was made to this selector.
    #[must_use]
    pub fn but_one(snapshot: &Snapshot, catalog: &'a Catalog, own: &Selector, now: UnixMs) -> Self {
        let mut places = Self::promised(snapshot, catalog, now);
        places.give_up(own);
        places
    }

    fn promised(snapshot: &Snapshot, catalog: &'a Catalog, now: UnixMs) -> Self {
        let active = catalog.servers.values().filter(|s| s.lifecycle == ServerLifecycle::Active);
        let left = |s: &Server| (s.capacity as usize).saturating_sub(snapshot.bound_count(&s.id));
        let mut places =
            Self { servers: active.map(|s| (s, left(s))).collect(), claims: Vec::new() };
        for (selector, count) in snapshot.promised_places(now) {
            places.claim(selector, count);
        }
        places
    }

    fn meant(&self, selector: &Selector) -> Vec<usize> {
        let all = self.servers.iter().enumerate();
        all.filter(|(_, (s, _))| selector.matches(&s.id, &s.labels)).map(|(n, _)| n).collect()
    }

    fn claim(&mut self, selector: &Selector, count: usize) {
        let servers = self.meant(selector);
        match self.claims.iter_mut().find(|c| c.servers == servers) {
            Some(claims) => claims.count = claims.count.saturating_add(count),
            None => self.claims.push(Claims { servers, count }),
        }
    }

    fn give_up(&mut self, selector: &Selector) {
        let servers = self.meant(selector);
        if let Some(claims) = self.claims.iter_mut().find(|c| c.servers == servers) {
            claims.count = claims.count.saturating_sub(1);
        }
    }

    /// The servers that a selector means and that have room, with the places each has left.
    pub fn with_room<'s>(
        &'s self,
        selector: &'s Selector,
    ) -> impl Iterator<Item = (&'a Server, usize)> + 's {
        self.servers
            .iter()
            .filter(|(s, left)| *left > 0 && selector.matches(&s.id, &s.labels))
            .map(|(s, left)| (*s, *left))
    }

    /// Whether one more can be promised a place without breaking a promise.
    #[must_use]
    pub fn take_one_more(&self, selector: &Selector) -> bool {
        let mut more = self.clone();
        more.claim(selector, 1);
        more.met() > self.met()
    }

    /// Whether a client that is made on a server now is written there, and served.
    #[must_use]
    pub fn would_serve(snapshot: &Snapshot, server: &Server) -> bool {
        let id = &server.id;
        server.mode == Mode::Manage && snapshot.is_usable(id) && snapshot.is_serving(id)
    }

    /// Whether one more could be promised a place, and nobody would be served there now: each server that has
    /// one is down, has a fault, or is only observed.
    #[must_use]
    pub fn is_unserved(&self, snapshot: &Snapshot, selector: &Selector) -> bool {
        let all = self.met();
        // Where only a clock is wrong, its customers are served: ours may be the one.
        let apart =
            |s: &Server| snapshot.server_status(&s.id).is_some_and(ServerStatus::is_apart_in_time);
        let serves =
            |s: &Server| Self::would_serve(snapshot, s) || (s.mode == Mode::Manage && apart(s));
        let mut free = self.with_room(selector).filter(|(s, _)| self.met_without(&s.id) == all);
        !free.any(|(s, _)| serves(s)) && self.take_one_more(selector)
    }

    /// How many more could be promised a place, one after the other, without breaking a promise.
    #[must_use]
    pub fn room_for(&self, selector: &Selector) -> usize {
        let all = self.servers.iter().map(|(_, left)| *left).sum();
        let mut more = self.clone();
        more.claim(selector, all);
        more.met().saturating_sub(self.met())
    }

    /// How many claims there are that cannot be met.
    #[must_use]
    pub fn unmet(&self) -> usize {
        let all: usize = self.claims.iter().map(|claims| claims.count).sum();
        all.saturating_sub(self.met())
    }

    /// How many of the claims can be met together.
    #[must_use]
    pub fn met(&self) -> usize {
        let free: Vec<usize> = self.servers.iter().map(|(_, left)| *left).collect();
        met(&free, &self.claims)
    }

    /// The same when this server has one place less.
    #[must_use]
    pub fn met_without(&self, taken: &ServerId) -> usize {
        let left = |(s, left): &(&Server, usize)| left.saturating_sub(usize::from(s.id == *taken));
        let free: Vec<usize> = self.servers.iter().map(left).collect();
        met(&free, &self.claims)
    }
}

/// How many of the claims can be met together: a largest matching, by augmenting paths.
fn met(free: &[usize], claims: &[Claims]) -> usize {
    let mut given = vec![BTreeMap::new(); free.len()];
    let mut met = 0;
    for (n, claim) in claims.iter().enumerate() {
        let mut wanted = claim.count;
        while wanted > 0 {
            let mut tried = vec![false; free.len()];
            match give(n, wanted, free, claims, &mut given, &mut tried) {
                0 => break,
                some => {
                    wanted -= some;
                    met += some;
                }
            }
        }
    }
    met
}

/// Gives up to `wanted` places to a claim and says how many: free ones, or those of others who can
/// be met elsewhere.
fn give(
    claim: usize,
    wanted: usize,
    free: &[usize],
    claims: &[Claims],
    given: &mut [BTreeMap<usize, usize>],
    tried: &mut [bool],
) -> usize {
    for server in claims.get(claim).into_iter().flat_map(|c| &c.servers).copied() {
        let (Some(places), Some(tried_before)) = (free.get(server), tried.get_mut(server)) else {
            continue;
        };
        if std::mem::replace(tried_before, true) {
            continue;
        }
        let holders = given.get(server).cloned().unwrap_or_default();
        let some = places.saturating_sub(holders.values().sum()).min(wanted);
        if some > 0 {
            hand_over(given, server, None, claim, some);
            return some;
        }
        // Somebody here may find a place elsewhere.
        // Whoever has made way already has nothing here, and must not use up where to look.
        for (holder, has) in holders.into_iter().filter(|(h, has)| *h != claim && *has > 0) {
            let some = give(holder, has.min(wanted), free, claims, given, tried);
            if some > 0 {
                hand_over(given, server, Some(holder), claim, some);
                return some;
            }
        }
    }
    0
}

fn hand_over(
    given: &mut [BTreeMap<usize, usize>],
    server: usize,
    from: Option<usize>,
    to: usize,
    some: usize,
) {
    let Some(holders) = given.get_mut(server) else { return };
    if let Some(has) = from.and_then(|from| holders.get_mut(&from)) {
        *has = has.saturating_sub(some);
    }
    *holders.entry(to).or_default() += some;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(list: &[(&[usize], usize)]) -> Vec<Claims> {
        list.iter().map(|(s, count)| Claims { servers: s.to_vec(), count: *count }).collect()
    }

    #[test]
    fn a_claim_makes_way_for_one_that_has_no_other_place() {
        assert_eq!(met(&[1, 1], &claims(&[(&[0, 1], 1), (&[0], 1)])), 2);
        let chain: &[(&[usize], usize)] = &[(&[0, 1], 1), (&[1, 2], 1), (&[0], 1), (&[1], 1)];
        assert_eq!(met(&[1, 1, 1], &claims(chain)), 3);
        assert_eq!(met(&[0, 2], &claims(&[(&[0], 1), (&[1], 1), (&[0, 1], 1)])), 2);
        assert_eq!(met(&[], &claims(&[(&[], 1)])), 0);
    }

    #[test]
    fn claims_of_one_kind_are_met_many_at_once_and_make_way_in_part() {
        assert_eq!(met(&[500, 700], &claims(&[(&[0, 1], 900)])), 900);
        assert_eq!(met(&[500, 700], &claims(&[(&[0, 1], 900), (&[0], 400)])), 1_200);
        assert_eq!(met(&[500, 700], &claims(&[(&[0, 1], 700), (&[0], 500), (&[1], 9)])), 1_200);
        assert_eq!(met(&[3, 3, 3], &claims(&[(&[0, 1], 4), (&[1, 2], 4), (&[2], 1)])), 9);
    }

    #[test]
    fn whoever_made_way_once_does_not_hide_a_second_way() {
        assert_eq!(met(&[1, 1, 3], &claims(&[(&[0, 1, 2], 3), (&[0, 1], 2)])), 5);
    }
}
