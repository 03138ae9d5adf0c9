//! Whom a broadcast reaches: by the records, the files and the time.

use super::Catalog;
use crate::model::{
    Account, Audience, Customer, CustomerId, Entitlement, NoticeTopic, PlanId, Reach, Snapshot,
    Standing, UnixMs,
};

impl Catalog {
    /// Whether the shop has what an audience names.
    #[must_use]
    pub fn knows_audience(&self, audience: &Audience) -> bool {
        match audience {
            Audience::All | Audience::Ended(_) => true,
            Audience::Plans(ids) => ids.iter().all(|id| self.plan(id).is_some()),
            Audience::Servers(ids) => ids.iter().all(|id| self.servers.contains_key(id)),
            Audience::Language(language) => {
                let own = self.shop.languages.iter();
                own.map(String::as_str).any(|own| own.eq_ignore_ascii_case(language.as_str()))
            }
        }
    }

    /// Whether a customer is meant, and if so whether they want to hear of news. Whoever is blocked is never
    /// meant, nor who cannot be written to.
    #[must_use]
    pub fn audience_has(
        &self,
        snapshot: &Snapshot,
        audience: &Audience,
        customer: &Customer,
        now: UnixMs,
    ) -> Option<bool> {
        let blocked = customer.identities.iter().any(|who| self.shop.limits.block.contains(who));
        if blocked || customer.identities.is_empty() {
            return None;
        }
        let accounts = || {
            let all = snapshot.accounts_of(customer.id);
            all.filter(|account| account.released().is_none())
                .filter_map(|account| Some((account, Entitlement::of(snapshot, account.id)?)))
        };
        let mut running = accounts().filter(|(_, of)| of.standing(now) == Standing::Active);
        let is_meant = match audience {
            Audience::All => running.next().is_some(),
            Audience::Plans(ids) => running.any(|(account, _)| {
                plan_of(snapshot, account).is_some_and(|plan| ids.contains(plan))
            }),
            Audience::Servers(ids) => running.any(|(account, _)| {
                snapshot.serving(account.id).is_some_and(|binding| ids.contains(&binding.server))
            }),
            Audience::Language(language) => {
                let reads = self.language_for(self.language_read(customer.reads()));
                reads.eq_ignore_ascii_case(language.as_str()) && running.next().is_some()
            }
            Audience::Ended(_) => {
                let within = audience.ended_within().unwrap_or_default();
                let lately = |of: &Entitlement| of.is_over(now) && now.since(of.ends_at) < within;
                let none_goes_on = accounts().all(|(_, of)| of.standing(now) == Standing::Expired);
                none_goes_on && accounts().any(|(_, of)| lately(&of))
            }
        };
        is_meant.then(|| customer.hears(NoticeTopic::News))
    }

    /// Counts whom an audience reaches among so many customers after one, or from the first; answers
    /// behind which to go on, while there are more.
    pub fn count_reach(
        &self,
        (snapshot, now): (&Snapshot, UnixMs),
        audience: &Audience,
        (after, most): (Option<CustomerId>, usize),
        reach: &mut Reach,
    ) -> Option<CustomerId> {
        let mut looked = None;
        let mut left = most;
        for customer in snapshot.customers_after(after) {
            if left == 0 {
                return looked;
            }
            left -= 1;
            looked = Some(customer.id);
            match self.audience_has(snapshot, audience, customer, now) {
                Some(true) => reach.gets = reach.gets.saturating_add(1),
                Some(false) => reach.muted = reach.muted.saturating_add(1),
                None => {}
            }
        }
        None
    }
}

/// The plan that an account was sold as last, or tried.
fn plan_of<'s>(snapshot: &'s Snapshot, account: &'s Account) -> Option<&'s PlanId> {
    let sold = snapshot.standing_plan(account.id).map(|plan| &plan.id);
    sold.or_else(|| account.tried())
}

#[cfg(test)]
#[cfg(feature = "sample")]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Account, Custody, DAY_MS, DurationMs, Suspension};
    use crate::view::sample::{
        ALICE, NOW, account, account_id, alice_reads, catalog, put, served_account, snapshot,
    };

    /// Whether alice is meant, a while later.
    fn has(catalog: &Catalog, snapshot: &Snapshot, audience: &str, days: u64) -> bool {
        let now = NOW + DurationMs(days * DAY_MS);
        let alice = snapshot.customer(ALICE).unwrap();
        catalog.audience_has(snapshot, &audience.parse().unwrap(), alice, now).is_some()
    }

    #[test]
    fn an_audience_is_whoever_has_such_an_account_now_or_had_one_a_short_while_ago() {
        let mut catalog = catalog();
        catalog.shop.languages = ["en", "ar"].map(str::to_owned).to_vec();
        let shop = snapshot([served_account(1, true), alice_reads("ar")]);
        for (audience, days, meant) in [
            ("all", 0, true),
            ("all", 29, true),
            ("all", 30, false),
            ("plan:basic-30", 0, true),
            ("plan:other,basic-30", 0, true),
            ("plan:other", 0, false),
            ("plan:basic-30", 31, false),
            ("server:fra-1", 0, true),
            ("server:ams-1", 0, false),
            ("server:fra-1", 31, false),
            ("ended:7", 0, false),
            ("ended:7", 30, true),
            ("ended:7", 36, true),
            ("ended:7", 37, false),
            ("language:ar", 0, true),
            ("language:en", 0, false),
            ("language:ar", 31, false),
        ] {
            assert_eq!(has(&catalog, &shop, audience, days), meant, "{audience} after {days} days");
        }
    }

    #[test]
    fn who_is_blocked_was_given_back_or_has_nothing_is_nobody_of_any_audience() {
        let audiences = ["all", "plan:basic-30", "server:fra-1", "ended:365", "language:en"];
        let nobody = |catalog: &Catalog, shop: &Snapshot| {
            for audience in audiences {
                for days in [0, 31] {
                    assert!(!has(catalog, shop, audience, days), "{audience} after {days} days");
                }
            }
        };
        let plain = catalog();
        nobody(&plain, &snapshot([]));
        let shop = snapshot([served_account(1, true)]);
        let mut blocks = plain.clone();
        blocks.shop.limits.block.insert(crate::view::sample::ALICE_THERE);
        nobody(&blocks, &shop);
        let server = "fra-1".parse().unwrap();
        let released = crate::model::Released { server, at: NOW, reason: "r".into() };
        let custody = Some(Box::new(Custody { released: Some(released), ..Custody::default() }));
        nobody(
            &plain,
            &snapshot([served_account(1, true), put(Account { custody, ..account(1) })]),
        );
    }

    #[test]
    fn whoever_staff_switched_off_is_not_written_to_as_one_whose_account_works_or_has_ended() {
        let suspension = Some(Box::new(Suspension { since: NOW, reason: "r".into() }));
        let off = Account { suspension, ..account(1) };
        let shop = snapshot([served_account(1, true), put(off)]);
        for audience in ["all", "plan:basic-30", "ended:365"] {
            assert!(!has(&catalog(), &shop, audience, 0), "{audience}");
        }
        assert!(shop.account(account_id(1)).is_some());
    }

    #[test]
    fn all_are_counted_in_parts_as_at_once() {
        let catalog = catalog();
        let guests = (0..7).map(crate::view::sample::guest);
        let shop = snapshot(guests.chain([served_account(100, true)]));
        for most in [1, 2, 3, 100] {
            let (mut reach, mut after) = (Reach::default(), None);
            loop {
                after =
                    catalog.count_reach((&shop, NOW), &Audience::All, (after, most), &mut reach);
                if after.is_none() {
                    break;
                }
            }
            assert_eq!((reach.gets, reach.muted), (8, 0), "{most} at once");
        }
    }

    #[test]
    fn an_audience_names_what_the_shop_has() {
        let catalog = catalog();
        for (audience, known) in [
            ("all", true),
            ("ended:3", true),
            ("plan:basic-30", true),
            ("plan:basic-30,nothing", false),
            ("server:fra-1", true),
            ("server:nowhere", false),
            ("language:en", true),
            ("language:xx", false),
        ] {
            assert_eq!(catalog.knows_audience(&audience.parse().unwrap()), known, "{audience}");
        }
    }
}
