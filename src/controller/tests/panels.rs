use super::world::World;
use crate::controller::{Target, WorkKey};
use crate::model::{ConditionKind, DAY_MS, HOUR_MS, Kind};
use crate::ports::Store as _;
use crate::view::sample::{account_id, served_account};
use std::sync::atomic::Ordering;

#[tokio::test(start_paused = true)]
async fn what_a_panel_refuses_does_not_fill_the_audit() {
    let world = World::start(true, [served_account(1, false)]).await;
    world.wait(600).await;
    let puts = world.panels.puts.load(Ordering::SeqCst);
    assert!((5..=25).contains(&puts), "{puts} tries in ten minutes");
    let status = world.store.snapshot();
    let problem = status.binding_status(account_id(1), &"fra-1".parse().unwrap()).unwrap();
    assert!(problem.problem.is_some());
    let lines = world.store.records(Kind::Audit).len();
    assert!(lines < 80, "{lines} lines");
}

#[tokio::test(start_paused = true)]
async fn a_pass_ends_where_another_panel_answers_and_that_one_is_listed_first() {
    let world = World::start(true, (1..=150).map(|n| served_account(n, false))).await;
    world.panels.is_another.store(true, Ordering::SeqCst);
    world.wait(3).await;
    let (lists, puts) =
        (world.panels.lists.load(Ordering::SeqCst), world.panels.puts.load(Ordering::SeqCst));
    assert!((2..=5).contains(&lists), "{lists} lists");
    assert_eq!(puts, 100 * lists, "no second request follows on the same list");
    world.panels.is_another.store(false, Ordering::SeqCst);
    world.panels.takes.store(true, Ordering::SeqCst);
    world.wait(30).await;
    assert!(world.panels.puts.load(Ordering::SeqCst) >= puts + 150, "nobody waits for it");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_does_not_stop_the_loop() {
    let world = World::start(true, []).await;
    world.wait(300).await;
    let before = world.panels.lists.load(Ordering::SeqCst);
    world.clock.step(-i64::try_from(2 * HOUR_MS).unwrap());
    world.wait(300).await;
    let after = world.panels.lists.load(Ordering::SeqCst);
    assert!(after >= before + 4, "{before} lists before, {after} after");
    world.clock.step(i64::try_from(DAY_MS).unwrap());
    world.wait(60).await;
    assert!(world.panels.lists.load(Ordering::SeqCst) > after);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_left_alone_is_reported_as_cooling_down_meanwhile() {
    let world = World::start(true, [served_account(1, false)]).await;
    world.wait(100).await;
    let stats = world.stats.servers();
    let fra = &stats[&"fra-1".parse().unwrap()];
    let waits: Vec<_> = fra.report.of(account_id(1)).map(|waiting| waiting.name()).collect();
    assert_eq!(waits, ["cooling_down"]);
    assert_eq!(fra.wanted, 1, "it is still wanted");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_asked_for_is_taken_at_once_and_its_end_is_told() {
    let world = World::start(true, [served_account(1, true)]).await;
    world.wait(3).await;
    let fra: crate::model::ServerId = "fra-1".parse().unwrap();
    for target in [Target::Server(fra.clone()), Target::Account(account_id(1)), Target::Everything]
    {
        let (before, at) = (world.panels.lists.load(Ordering::SeqCst), tokio::time::Instant::now());
        let mut looked = world.look_now.ask(target.clone());
        let mut servers = 0;
        while let Some(one) = looked.recv().await {
            assert_eq!(one.failure, None, "{target:?}");
            servers += usize::from(one.key == WorkKey::Server(fra.clone()));
        }
        assert_eq!(servers, 1, "{target:?}");
        assert!(world.panels.lists.load(Ordering::SeqCst) > before, "{target:?}");
        assert!(at.elapsed() < std::time::Duration::from_millis(500), "{target:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_asked_for_and_fails_says_why() {
    let world = World::start(false, [served_account(1, true)]).await;
    world.wait(100).await;
    let mut looked = world.look_now.ask(Target::Account(account_id(1)));
    let mut failures = Vec::new();
    while let Some(one) = looked.recv().await {
        failures.extend(one.failure.map(|(code, _)| code));
    }
    assert_eq!(failures.len(), 1, "its server is silent: {failures:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_without_keys_stalls_itself_and_its_accounts_until_they_come() {
    let world = World::start(true, []).await;
    world.panels.takes.store(true, Ordering::SeqCst);
    world.panels.lacks_keys.store(true, Ordering::SeqCst);
    world.store.txn(served_account(1, false)).await.unwrap();
    world.wait(120).await;
    let fra = "fra-1".parse().unwrap();
    let stalled = |world: &World| {
        let snapshot = world.store.snapshot();
        let conditions = &snapshot.account_status(account_id(1)).unwrap().conditions;
        let said = conditions.iter().find(|c| c.kind == ConditionKind::Stalled);
        (said.map(|c| c.reason.clone()), snapshot.is_usable(&fra))
    };
    let (why, usable) = stalled(&world);
    assert!(!usable, "nobody is moved to it");
    assert!(why.unwrap().contains("fra-1: its gateway's keys are missing"));
    let status = world.store.snapshot().server_status(&fra).cloned().unwrap();
    assert!(status.lacks_keys() && status.conditions[0].kind == ConditionKind::Stalled);
    world.panels.lacks_keys.store(false, Ordering::SeqCst);
    world.wait(120).await;
    assert_eq!(stalled(&world), (None, true));
}
