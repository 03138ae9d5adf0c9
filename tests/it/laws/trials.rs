//! A free trial: at once, once for each customer, and nothing else about it is free.

use nebulalinks::catalog::{Catalog, DesiredFile, Source, following, parse};
use nebulalinks::discord::PROFILE;
use nebulalinks::front::reply;
use nebulalinks::intent::{ForgetRequest, Intent, Rejection, Reply, Staff};
use nebulalinks::model::*;
use nebulalinks::view::{Answer, Pages};
use nebulalinks_testkit::people::{self, customer_in, place, try_out};
use nebulalinks_testkit::shop;
use nebulalinks_testkit::world::World;

const TRIALS: &str = "plans:
  - {id: try-3, family: basic, name: {en: Taste}, trial: true, duration: 3d, traffic: 5GiB, devices: 1,
     servers: {any: true}}
  - {id: try-pro, family: pro, name: {en: Taste of Pro}, trial: true, duration: 1d, traffic: unlimited,
     devices: 1, servers: {any: true}}
";

fn catalog() -> Catalog {
    let mut files = shop::files();
    let Source::Text(plans) = files.get(DesiredFile::Plans).clone() else { panic!() };
    files.set(DesiredFile::Plans, Source::Text(plans.replace("plans:\n", TRIALS)));
    parse(&files).unwrap_or_else(|problems| panic!("{problems}"))
}

fn given(world: &mut World, n: u64, plan: &str, interaction: u64) -> AccountId {
    match world.submit(&try_out(n, plan, interaction)) {
        Ok(Reply::TrialGiven(account)) => {
            world.bind(account);
            account
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_trial_is_an_account_at_once_without_order_or_price_and_is_served() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    let owner = customer_in(&world.snapshot, 1).unwrap();
    let term = world.snapshot.terms(account).next().unwrap();
    assert_eq!(term.source, TermSource::Trial(owner));
    assert_eq!((term.length, term.quota), (DurationMs(3 * DAY_MS), Quota::Bytes(Bytes(5 << 30))));
    assert_eq!(term.price, None);
    assert_eq!(world.snapshot.orders().count(), 0);
    world.settle();
    assert!(world.client(account).enable, "{:?}", world.client(account));
}

#[test]
fn each_customer_has_one_trial_whichever_plan_and_however_long_ago() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    for plan in ["try-3", "try-pro"] {
        assert_eq!(world.submit(&try_out(1, plan, 2)), Err(Rejection::TrialTaken(account)));
    }
    world.settle();
    world.wait(DurationMs(40 * DAY_MS));
    world.settle();
    let standing = Entitlement::of(&world.snapshot, account).unwrap().standing(world.now);
    assert_eq!(standing, Standing::Expired);
    assert_eq!(world.submit(&try_out(1, "try-pro", 3)), Err(Rejection::TrialTaken(account)));
    assert_eq!(people::accounts_of(&world.snapshot, 1).count(), 1);
    // Somebody else's is their own.
    given(&mut world, 2, "try-3", 4);
}

#[test]
fn a_trial_whose_index_was_lost_is_still_the_only_one() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    let owner = customer_in(&world.snapshot, 1).unwrap();
    let mut lost = Edits::new();
    lost.delete(Key::SourceTerm(TermSource::Trial(owner)));
    assert!(world.commit(&lost));
    assert_eq!(world.submit(&try_out(1, "try-pro", 2)), Err(Rejection::TrialTaken(account)));
}

#[test]
fn who_presses_twice_reads_of_the_trial_that_runs_and_gets_its_link_from_there() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    let said = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        match reply(&pages, Err(Rejection::TrialTaken(account)), false) {
            Answer::Private(page) => page.plain(),
            other => panic!("it takes the place of what the first press gave: {other:?}"),
        }
    };
    let runs = said(&world);
    assert!(runs.contains("is yours already") && runs.contains("Show my link"), "{runs}");
    world.settle();
    world.wait(DurationMs(40 * DAY_MS));
    let ended = said(&world);
    assert!(ended.contains("had your free trial") && !ended.contains("Show my link"), "{ended}");
}

#[test]
fn a_redelivered_click_finds_the_same_trial_and_changes_nothing() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    let revision = world.snapshot.revision();
    world.catalog.plans.retain(|plan| !plan.trial);
    assert_eq!(world.submit(&try_out(1, "try-3", 1)), Ok(Reply::TrialGiven(account)));
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn of_two_clicks_at_once_one_is_given_a_trial() {
    for known in [false, true] {
        let mut world = World::empty(catalog());
        if known {
            world.sell(1, "pro-30");
        }
        let accounts = world.snapshot.accounts().count();
        let first = world.decide(&try_out(1, "try-3", 1)).unwrap();
        let second = world.decide(&try_out(1, "try-3", 2)).unwrap();
        assert!(world.commit(&first.0));
        assert!(!world.commit(&second.0), "decided on what is not so any more");
        let again = world.submit(&try_out(1, "try-3", 2));
        assert!(matches!(again, Err(Rejection::TrialTaken(_))), "{again:?}");
        assert_eq!(world.snapshot.accounts().count(), accounts + 1);
    }
}

#[test]
fn a_trial_takes_a_place_like_an_order_and_waits_for_none() {
    let mut world = World::empty(catalog());
    for server in world.catalog.servers.values_mut() {
        server.capacity = u32::from(server.id.as_str() == "fra-1");
    }
    let trial = world.decide(&try_out(1, "try-3", 1)).unwrap();
    let order = world.decide(&place(2, "basic-30", Target::New, 2)).unwrap();
    assert!(world.commit(&trial.0));
    assert!(!world.commit(&order.0), "two cannot take the last place");
    assert_eq!(world.submit(&place(2, "basic-30", Target::New, 2)), Err(Rejection::NoCapacity));
    assert_eq!(world.submit(&try_out(3, "try-3", 3)), Err(Rejection::NoCapacity));
    assert_eq!(customer_in(&world.snapshot, 3), None, "a refused click makes no customer");
}

#[test]
fn a_trial_goes_on_with_a_paid_plan_of_its_family_and_is_never_sold() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    world.settle();
    let ends = world.entitlement(account).ends_at;
    for (who, target) in [(1, Target::Renew(account)), (2, Target::New)] {
        let ordered = world.submit(&place(who, "try-3", target, 10 + who));
        assert_eq!(ordered, Err(Rejection::PlanNotSold));
    }
    world.renew(1, "basic-30", account);
    assert_eq!(world.entitlement(account).ends_at, ends + DurationMs(30 * DAY_MS));
    assert_eq!(people::accounts_of(&world.snapshot, 1).count(), 1);
}

#[test]
fn only_a_plan_that_is_offered_as_a_trial_is_given_for_nothing() {
    use nebulalinks::catalog::PlanLifecycle::{Hidden, Retired};
    let mut world = World::empty(catalog());
    for plan in ["basic-30", "pro-30", "old-30", "nothing"] {
        assert_eq!(world.submit(&try_out(1, plan, 1)), Err(Rejection::PlanNotSold), "{plan}");
    }
    for lifecycle in [Hidden, Retired] {
        world.catalog.plans.iter_mut().for_each(|plan| plan.lifecycle = lifecycle);
        assert_eq!(world.submit(&try_out(1, "try-3", 1)), Err(Rejection::PlanNotSold));
    }
    let mut retained = World::empty(catalog());
    retained.catalog.retained_plans.insert("try-3".parse().unwrap());
    assert_eq!(retained.submit(&try_out(1, "try-3", 1)), Err(Rejection::PlanNotSold));
}

#[test]
fn an_open_order_does_not_keep_anybody_from_trying() {
    let mut world = World::empty(catalog());
    world.submit(&place(1, "basic-30", Target::New, 1)).unwrap();
    given(&mut world, 1, "try-pro", 2);
}

#[test]
fn a_trial_is_shown_as_what_it_is_and_never_as_something_to_pay_for() {
    let mut world = World::empty(catalog());
    let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
    assert!(
        pages.store_panel().plain().contains("Taste** · free trial"),
        "{:?}",
        pages.store_panel()
    );
    let asked = pages.method_picker(&"try-3".parse().unwrap()).plain();
    assert!(asked.contains("nothing to pay") && asked.contains("Start my free trial"), "{asked}");
    let account = given(&mut world, 1, "try-3", 1);
    let owner = customer_in(&world.snapshot, 1).unwrap();
    let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
    let shown = pages.my_account(owner, account).plain();
    assert!(shown.contains("Taste") && !shown.contains("Taste of Pro"), "{shown}");
    let renew = pages.renew(owner, account).plain();
    assert!(renew.contains("Basic") && !renew.contains("free trial"), "{renew}");
    let refused = pages.renew_method_picker(owner, account, &"try-3".parse().unwrap(), 0).plain();
    assert!(refused.contains("not sold any more"), "{refused}");
}

#[test]
fn whoever_only_tried_is_not_sent_to_the_thread_of_an_order() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    for kind in [NoticeKind::NotConnected, NoticeKind::Suspended] {
        let said = |world: &World| {
            let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
            pages.notice(account, kind).unwrap().plain()
        };
        assert!(!said(&world).contains("thread"), "{}", said(&world));
        let mut later = World::empty(catalog());
        assert_eq!(given(&mut later, 1, "try-3", 1), account);
        later.renew(1, "basic-30", account);
        assert!(said(&later).contains("your order's thread"), "{}", said(&later));
    }
}

/// What is in force once a trial was taken from the file.
fn without(world: &World, plan: &str) -> Catalog {
    let mut files = world.catalog.clone();
    files.plans.retain(|known| known.id.as_str() != plan);
    following(&world.snapshot, &world.catalog, files, world.now)
}

fn called(world: &World, account: AccountId) -> String {
    let owner = world.snapshot.account(account).unwrap().customer;
    Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now)
        .my_account(owner, account)
        .plain()
}

#[test]
fn a_removed_trial_is_retained_while_it_has_accounts_and_gives_them_their_name() {
    let mut world = World::empty(catalog());
    let (tried, unused) = ("try-3".parse().unwrap(), "try-pro".parse::<PlanId>().unwrap());
    let account = given(&mut world, 1, "try-3", 1);
    assert_eq!(world.snapshot.terms_sold_as(&tried), 1, "`get plans` counts it");
    assert_eq!(world.snapshot.terms_sold_as(&unused), 0);
    assert!(world.snapshot.has_had(account, &tried) && !world.snapshot.has_had(account, &unused));
    assert!(!world.snapshot.has_bought(account, &tried), "so that nobody renews with it");
    for plan in ["try-3", "try-pro"] {
        world.catalog = without(&world, plan);
    }
    assert_eq!(world.catalog.retained_plans, [tried.clone()].into());
    assert!(called(&world, account).contains("Taste"), "{}", called(&world, account));
    assert_eq!(world.submit(&try_out(2, "try-3", 2)), Err(Rejection::PlanNotSold));
    // Who has gone on is called by what was bought.
    world.renew(1, "basic-30", account);
    assert!(called(&world, account).contains("Basic"), "{}", called(&world, account));
    assert_eq!(world.snapshot.terms_sold_as(&tried), 1);
}

#[test]
fn a_trial_of_a_store_that_did_not_keep_its_plan_is_called_as_its_familys_trial() {
    let mut world = World::empty(catalog());
    let account = given(&mut world, 1, "try-3", 1);
    let record = world.snapshot.account(account).unwrap().clone();
    world.put(Account { custody: None, ..record });
    assert!(called(&world, account).contains("Taste"));
    assert_eq!(world.snapshot.terms_sold_as(&"try-3".parse().unwrap()), 0);
    assert!(without(&world, "try-3").retained_plans.is_empty());
}

#[test]
fn who_was_forgotten_may_try_again_and_that_is_said_before() {
    let mut world = World::empty(catalog());
    given(&mut world, 1, "try-3", 1);
    let customer = customer_in(&world.snapshot, 1).unwrap();
    world.now = world.now + DurationMs(4 * DAY_MS);
    let there = world.snapshot.to_be_forgotten(customer, world.now);
    assert_eq!(there, Ok(ToBeForgotten { accounts: 1, orders: 0, tried: true }));
    assert!(matches!(world.submit(&try_out(1, "try-3", 2)), Err(Rejection::TrialTaken(_))));
    let staff = Staff::Operator("root".into());
    world.submit(&Intent::Forget(ForgetRequest { customer, staff })).unwrap();
    assert!(matches!(world.submit(&try_out(1, "try-3", 3)), Ok(Reply::TrialGiven(_))));
}
