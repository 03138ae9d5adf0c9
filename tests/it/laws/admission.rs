//! Whom the shop takes orders from: `limits.block` and `limits.allow` of shop.yaml.

use nebulalinks::catalog::{Catalog, Covers, Gives, Promo};
use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks_testkit::people::{approve, pay, place, redeem, there, try_out};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

/// The shop after an edit of its lists.
fn with_lists(block: &[u64], allow: &[u64]) -> Catalog {
    let mut catalog = catalog();
    let people = |list: &[u64]| list.iter().map(|n| there(*n)).collect();
    catalog.shop.limits.block = people(block);
    catalog.shop.limits.allow = people(allow);
    catalog
}

/// A code that gives days, twice to each.
fn gift() -> Promo {
    Promo {
        id: "gift".parse().unwrap(),
        code: "GIFT".into(),
        gives: Gives::Days(7),
        plans: Covers::Any,
        limit: None,
        per_customer: 2,
        valid: None,
    }
}

/// Each way to ask for something new.
fn asks(n: u64, account: AccountId) -> [Intent; 4] {
    let [new, renewal] = [(Target::New, 900), (Target::Renew(account), 901)]
        .map(|(target, interaction)| place(n, "basic-30", target, interaction));
    [new, renewal, try_out(n, "basic-30", 902), redeem(n, account, "GIFT", 904)]
}

#[test]
fn whoever_is_blocked_or_not_let_in_orders_nothing_and_what_they_have_goes_on() {
    for (block, allow) in [(&[0][..], &[][..]), (&[], &[2, 3])] {
        let mut world = World::settled(catalog(), 1, "basic-30");
        let account = world.account(0);
        world.catalog.promos.push(gift());
        let redeemed = redeem(0, account, "GIFT", 801);
        assert_eq!(world.submit(&redeemed), Ok(Reply::DaysGiven(account)));
        // Placed before the edit: it is paid and approved after it.
        let ordered = place(0, "basic-30", Target::Renew(account), 800);
        let Ok(Reply::Placed(order)) = world.submit(&ordered) else { panic!() };
        world.catalog = with_lists(block, allow);
        world.catalog.promos.push(gift());
        for ask in asks(0, account) {
            let before = world.snapshot.revision();
            assert_eq!(world.submit(&ask), Err(Rejection::NotAdmitted), "{ask:?}");
            assert_eq!(world.snapshot.revision(), before, "nothing was changed");
        }
        assert_eq!(world.submit(&ordered), Ok(Reply::Placed(order)), "a redelivery is answered");
        assert_eq!(world.submit(&redeemed), Ok(Reply::DaysGiven(account)));
        world.submit(&pay(0, order, 1)).unwrap();
        assert_eq!(world.submit(&approve(order)), Ok(Reply::Approved(order, account)));
        world.round();
        assert!(world.client(account).enable);
        // Somebody else is not met by it.
        assert!(matches!(
            world.submit(&place(2, "basic-30", Target::New, 903)),
            Ok(Reply::Placed(_))
        ));
    }
}
