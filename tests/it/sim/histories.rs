//! A store that comes back from the past: the production controller, the real gateway routers and
//! the model panels. As long as one side kept its memory nobody loses anything that was sold.

use nebulalinks::intent::Reply;
use nebulalinks::model::*;
use nebulalinks::store::MemoryStore;
use nebulalinks_simulation::cluster::Setting;
use nebulalinks_simulation::final_checks;
use nebulalinks_simulation::mutation::Mutation;
use nebulalinks_simulation::storefront::{A_WHILE, Storefront};
use nebulalinks_simulation::time::pass_seconds;
use nebulalinks_testkit::people;
use nebulalinks_testkit::world::email;

/// A shop without trouble.
async fn open() -> Storefront {
    Storefront::open(7, Mutation::None, &Setting::default()).await
}

/// Nothing that the monitors look for was seen.
fn all_is_well(shop: &Storefront) {
    assert_eq!(shop.cluster.monitors.breaches(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_old_backup_of_any_moment_shortens_nothing_however_many_orders_follow() {
    for (moment, orders_since) in [(0, 0), (1, 3), (2, 29), (0, 29)] {
        let mut shop = open().await;
        let mut backups = vec![shop.cluster.backup()];
        let accounts = shop.sell(8).await;
        backups.push(shop.cluster.backup());
        shop.renew(&accounts[..4]).await;
        backups.push(shop.cluster.backup());
        shop.renew(&accounts).await;
        let sold = shop.held();
        assert_eq!(sold.len(), 8);
        assert!(sold.values().all(|(_, _, on)| *on));
        for server in shop.servers() {
            shop.cluster.net.stop_gateway(&server);
        }
        shop.restore(backups.remove(moment)).await;
        shop.bustle(orders_since).await;
        for server in shop.servers() {
            shop.cluster.net.start_gateway(&server);
        }
        pass_seconds(A_WHILE).await;
        assert_eq!(shop.held(), sold, "the backup of moment {moment}, {orders_since} orders since");
        if moment > 0 {
            let amnesia = shop.open_amnesia().expect("a gateway has seen more");
            assert!(!amnesia.lacking.is_empty());
        }
        // Past every end that the old store knows.
        let known = shop.cluster.snapshot().accounts().count();
        assert_eq!(known > 0, moment > 0);
        pass_seconds(1_350).await;
        for (email, (end, cap, _)) in shop.held() {
            assert_eq!((end, cap), (sold[&email].0, sold[&email].1), "{email}");
        }
        let on = shop.held().values().filter(|(_, _, on)| *on).count();
        assert_eq!(on, 8, "the end that the old store knows is past, the one that was sold is not");
        all_is_well(&shop);
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_store_that_claimed_in_between_makes_no_gateway_forget() {
    let mut shop = open().await;
    let accounts = shop.sell(8).await;
    let backup = shop.cluster.backup();
    shop.renew(&accounts).await;
    let sold = shop.held();
    shop.restore(MemoryStore::new()).await;
    pass_seconds(A_WHILE).await;
    assert_eq!(shop.open_amnesia(), None, "a new store has nothing to have forgotten");
    shop.restore(backup).await;
    shop.bustle(29).await;
    pass_seconds(A_WHILE).await;
    assert_eq!(shop.held(), sold);
    assert!(shop.open_amnesia().is_some());
    all_is_well(&shop);
}

#[tokio::test(start_paused = true)]
async fn a_sale_that_no_claim_has_told_yet_is_known_by_its_own_write() {
    let mut shop = open().await;
    let accounts = shop.sell(2).await;
    // Just after the claims of this half minute.
    pass_seconds(30).await;
    let backup = shop.cluster.backup();
    shop.renew(&accounts[..1]).await;
    let sold = shop.held();
    shop.restore(backup).await;
    pass_seconds(A_WHILE).await;
    assert_eq!(shop.held(), sold);
    let amnesia = shop.open_amnesia().expect("the write itself told it");
    assert_eq!(amnesia.lacking.len(), 1, "the other server's gateway knows nothing more than we");
    all_is_well(&shop);
}

#[tokio::test(start_paused = true)]
async fn a_restart_shows_its_history_at_once_and_is_no_amnesia() {
    let mut shop = open().await;
    let accounts = shop.sell(4).await;
    for _ in 0..3 {
        shop.cluster.process.kill();
        shop.cluster.revive().await;
        shop.renew(&accounts).await;
        let ends = shop.cluster.snapshot();
        for (email, (end, _, on)) in shop.held() {
            let account = Mark::parse(&email).unwrap().account;
            let entitled = Entitlement::of(&ends, account).unwrap().ends_at;
            assert_eq!((end, on), (i64::try_from(entitled.0).unwrap(), true), "within 5 s");
        }
        assert_eq!(shop.cluster.snapshot().amnesia(), None);
    }
    all_is_well(&shop);
}

#[tokio::test(start_paused = true)]
async fn after_resolving_the_gateways_take_the_stores_history_as_the_right_one() {
    let mut shop = open().await;
    let accounts = shop.sell(4).await;
    let backup = shop.cluster.backup();
    shop.renew(&accounts).await;
    let sold = shop.held();
    shop.restore(backup).await;
    pass_seconds(A_WHILE).await;
    assert_eq!(shop.held(), sold);
    shop.resolve().await;
    pass_seconds(100).await;
    assert_eq!(shop.open_amnesia(), None, "and it stays so");
    let cut = shop.held();
    assert!(cut.iter().all(|(email, (end, _, _))| *end < sold[email].0), "within the budget");
    // A later process of it shows its history like any other.
    shop.cluster.process.kill();
    shop.cluster.revive().await;
    shop.renew(&accounts).await;
    assert_eq!(shop.open_amnesia(), None);
    assert!(shop.held().values().all(|(_, _, on)| *on));
    // And what was seen of it since is not covered by what was given up then.
    let backup = shop.cluster.backup();
    shop.renew(&accounts).await;
    let sold = shop.held();
    shop.restore(backup).await;
    shop.bustle(12).await;
    pass_seconds(A_WHILE).await;
    assert_eq!(shop.held(), sold);
    assert!(shop.open_amnesia().is_some());
    all_is_well(&shop);
}

#[tokio::test(start_paused = true)]
async fn an_old_copy_drives_out_nobody_who_lives() {
    let mut shop = open().await;
    let accounts = shop.sell(2).await;
    let copy = shop.cluster.backup();
    shop.renew(&accounts).await;
    let other = shop.cluster.copied(copy).await;
    pass_seconds(100).await;
    shop.renew(&accounts).await;
    let ends = shop.cluster.snapshot();
    for (email, (end, _, _)) in shop.held() {
        let account = Mark::parse(&email).unwrap().account;
        let entitled = Entitlement::of(&ends, account).unwrap().ends_at;
        assert_eq!(end, i64::try_from(entitled.0).unwrap(), "the holder goes on writing");
    }
    assert_eq!(shop.open_amnesia(), None);
    assert!(other.snapshot().amnesia().is_some(), "the copy knows what it is");
    assert_eq!(other.monitors.breaches(), Vec::<String>::new());
    other.end();
    all_is_well(&shop);
}

/// Traffic of an account through the panel that serves it.
fn flows(shop: &Storefront, account: AccountId, bytes: u64) {
    let panel = &shop.cluster.panels[&bound_to(shop, account)];
    assert!(shop.cluster.traffic(account, panel, bytes), "it is on");
}

fn bound_to(shop: &Storefront, account: AccountId) -> ServerId {
    shop.cluster.snapshot().bindings(account).next().expect("it is served").server.clone()
}

#[tokio::test(start_paused = true)]
async fn a_counter_that_was_set_back_and_comes_back_with_its_panel_may_be_new_traffic() {
    let mut shop = open().await;
    let account = shop.sell(1).await[0];
    flows(&shop, account, 2 << 30);
    pass_seconds(70).await;
    let server = bound_to(&shop, account);
    let panel = shop.cluster.panels[&server].clone();
    let backup = panel.backup();
    // Somebody sets it to half, which two lists show.
    shop.cluster.counter_falls(account, &panel);
    assert!(panel.set_counters(&email(account), 0, 1 << 30));
    pass_seconds(140).await;
    assert_eq!(shop.cluster.snapshot().used(account), Bytes(2 << 30), "a fall takes nothing back");
    shop.cluster.restore_panel(&server, &backup);
    pass_seconds(140).await;
    assert_eq!(shop.cluster.snapshot().used(account), Bytes(3 << 30), "for all that can be known");
    all_is_well(&shop);
}

/// Of 4 GiB that were listed somebody takes 3 off the counter, and 6 more flow before the next list.
async fn set_back_and_grown_beyond(mutation: Mutation) -> (Storefront, AccountId) {
    let mut shop = Storefront::open(7, mutation, &Setting::default()).await;
    let account = shop.sell(1).await[0];
    flows(&shop, account, 4 << 30);
    pass_seconds(140).await;
    let panel = shop.cluster.panels[&bound_to(&shop, account)].clone();
    shop.cluster.counter_falls(account, &panel);
    assert!(panel.set_counters(&email(account), 0, 1 << 30));
    flows(&shop, account, 6 << 30);
    pass_seconds(140).await;
    shop.cluster.monitors.check_nothing_forgotten(&shop.cluster.snapshot());
    (shop, account)
}

#[tokio::test(start_paused = true)]
async fn a_counter_that_was_set_back_and_grew_beyond_what_was_read_shows_only_what_is_beyond() {
    let (shop, account) = set_back_and_grown_beyond(Mutation::None).await;
    assert_eq!(shop.cluster.snapshot().used(account), Bytes(7 << 30), "of 10, 3 nobody can tell");
    all_is_well(&shop);
}

#[tokio::test(start_paused = true)]
async fn what_flows_beyond_what_was_read_before_a_fall_is_not_forgiven() {
    let (shop, _) = set_back_and_grown_beyond(Mutation::ForgetsUsage).await;
    let breaches = shop.cluster.monitors.breaches();
    // All of it is forgotten, and 3 GiB and a hundredth of the allowance may be.
    let may = (3_u64 << 30) + (50 << 30) / 100;
    assert!(breaches.iter().any(|b| b.ends_with(&format!("at most {may} may"))), "{breaches:?}");
}

#[tokio::test(start_paused = true)]
async fn of_an_account_without_an_allowance_a_deletion_by_hand_loses_what_was_not_written_yet() {
    let mut shop = open().await;
    let order = people::place(0, "pro-30", Target::New, 900);
    let Some(Ok(Reply::Placed(order))) = shop.cluster.submit(order).await else { panic!() };
    assert!(shop.pay(0, order).await);
    let account = shop.approve(order).await.unwrap();
    pass_seconds(70).await;
    flows(&shop, account, 3 << 30);
    // Two lists show it, and a ledger is written every 15 min.
    pass_seconds(140).await;
    let panel = shop.cluster.panels[&bound_to(&shop, account)].clone();
    shop.cluster.counter_falls(account, &panel);
    assert!(panel.delete_by_hand(&email(account)));
    pass_seconds(140).await;
    assert_eq!(shop.cluster.snapshot().used(account), Bytes(0));
    shop.cluster.monitors.check_nothing_forgotten(&shop.cluster.snapshot());
    all_is_well(&shop);
}

#[tokio::test(start_paused = true)]
async fn a_tombstone_that_ripens_meanwhile_is_no_write_without_a_reason() {
    let (minutes, tombstones) = (|n| DurationMs(n * MINUTE_MS), DurationMs(4 * MINUTE_MS));
    let setting = Setting { term: minutes(20), tombstones, ..Setting::default() };
    let mut shop = Storefront::open(7, Mutation::None, &setting).await;
    let account = shop.sell(1).await[0];
    let panel = shop.cluster.panels[&bound_to(&shop, account)].clone();
    let end = Entitlement::of(&shop.cluster.snapshot(), account).unwrap().ends_at;
    shop.cluster.time.until(end + minutes(2)).await;
    final_checks::stays(&shop.cluster).await;
    assert_eq!(panel.client(&email(account)), None, "it was deleted in these five rounds");
    all_is_well(&shop);
}

#[tokio::test(start_paused = true)]
async fn what_neither_an_old_store_nor_a_panel_shows_is_gone_with_the_history_that_knew_it() {
    let mut shop = open().await;
    let account = shop.sell(1).await[0];
    let server = bound_to(&shop, account);
    let (of_store, panel) = (shop.cluster.backup(), shop.cluster.panels[&server].clone());
    let of_panel = panel.backup();
    flows(&shop, account, 2 << 30);
    pass_seconds(70).await;
    assert_eq!(shop.cluster.snapshot().used(account), Bytes(2 << 30));
    shop.cluster.restore_panel(&server, &of_panel);
    pass_seconds(70).await;
    shop.restore(of_store).await;
    pass_seconds(A_WHILE).await;
    assert_eq!(shop.cluster.snapshot().used(account), Bytes(0));
    shop.cluster.monitors.check_nothing_forgotten(&shop.cluster.snapshot());
    all_is_well(&shop);
}
