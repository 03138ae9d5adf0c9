use super::world::World;
use crate::model::{
    AccountStatus, Actor, Cancellation, Condition, ConditionKind, DAY_MS, DurationMs, Evidence,
    HOUR_MS, MINUTE_MS, NoticeKind, OrderState, Target, UndatedProof, Witness,
};
use crate::ports::{Clock as _, Store as _, Timekeeper as _};
use crate::view::sample::{
    ALICE_THERE, NOW, account_id, evidence, order, order_id, put, served_account,
};
use std::sync::atomic::Ordering;

const YEAR: i64 = 400 * 86_400_000;

fn kinds(world: &World) -> Vec<ConditionKind> {
    let snapshot = world.store.snapshot();
    let status = snapshot.account_status(account_id(1)).unwrap();
    status.conditions.iter().map(|c| c.kind).collect()
}

fn thread(world: &World) -> Vec<String> {
    let (id, _) = world.thread(order_id(1)).expect("a thread");
    world.messages(id).into_iter().map(|m| m.text).collect()
}

#[tokio::test(start_paused = true)]
async fn with_a_clock_400_days_ahead_nobody_is_told_that_it_is_over_and_once_it_is_they_are() {
    let ready = Condition { kind: ConditionKind::Ready, reason: String::new(), since: NOW };
    let status = AccountStatus { account: account_id(1), conditions: vec![ready] };
    let unpaid = order(1, Target::New, "vodafone-cash");
    let world = World::start(false, [served_account(1, true), put(status), put(unpaid)]).await;
    world.wait(60).await;
    let shown = thread(&world);
    for ahead in [YEAR, -YEAR] {
        world.clock.step(ahead);
        world.wait(600).await;
        assert!(world.time.reading().in_doubt());
        assert_eq!(world.alices_messages().len(), 1, "the link");
        assert!(!kinds(&world).contains(&ConditionKind::Expired));
        assert_eq!(thread(&world), shown, "an order is not said to have lapsed");
        world.clock.step(-ahead);
        world.wait(60).await;
        assert!(!world.time.reading().in_doubt());
    }
    assert_eq!(world.alices_messages().len(), 1);
    world.clock.skip(30 * DAY_MS + HOUR_MS);
    world.wait(60).await;
    let notice = world.store.snapshot().notice(account_id(1), 0, NoticeKind::Expired).cloned();
    assert!(notice.is_some());
    assert_eq!(world.alices_messages().len(), 2, "and now it is true");
    assert!(kinds(&world).contains(&ConditionKind::Expired));
}

#[tokio::test(start_paused = true)]
async fn no_compensation_is_committed_while_the_clock_is_in_doubt() {
    let world = World::start(true, [served_account(1, false)]).await;
    world.wait(60).await;
    world.clock.step(YEAR);
    world.wait(1_200).await;
    assert_eq!(world.store.snapshot().terms(account_id(1)).count(), 1);
    world.clock.step(-YEAR);
    world.wait(60).await;
    let snapshot = world.store.snapshot();
    let lost = snapshot.terms(account_id(1)).nth(1).expect("it waited for 22 minutes").length;
    assert!(lost < DurationMs(30 * MINUTE_MS), "{lost:?}: the time that was lost, and no year");
}

#[tokio::test(start_paused = true)]
async fn a_proof_that_came_in_doubt_is_kept_and_its_times_start_when_the_doubt_ends() {
    let world = World::start(false, []).await;
    world.wait(5).await;
    world.clock.step(YEAR);
    world.wait(60).await;
    let mut late = order(1, Target::New, "vodafone-cash");
    late.cancelled =
        Some(Cancellation { by: Actor::Person(ALICE_THERE), at: NOW + DurationMs(1_000) });
    let came = world.time.reading().now;
    late.evidence.push(Evidence { at: came, undated: true, ..evidence(1) });
    assert_eq!(late.state(came), OrderState::AwaitingReview);
    let mut edits = put(late);
    edits.put(UndatedProof { order: order_id(1) });
    world.store.txn(edits).await.unwrap();
    world.wait(HOUR_MS / 1_000).await;
    let proof = || world.store.snapshot().order(order_id(1)).unwrap().evidence[0].clone();
    assert!(proof().undated, "nobody knows when it came");
    world.clock.step(-YEAR);
    world.wait(10).await;
    assert!(!proof().undated);
    assert!(proof().at > NOW + DurationMs(HOUR_MS), "{:?}", proof().at);
    assert!(proof().at <= world.clock.truth());
    assert_eq!(world.store.snapshot().undated_proofs().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_confirmed_of_the_time_is_kept_once_a_minute_and_only_while_a_witness_vouches() {
    let world = World::start(false, []).await;
    let seen = || world.store.snapshot().clock_seen().map(|seen| seen.at);
    world.wait(5).await;
    let first = seen().expect("Discord vouches");
    world.wait(3_600).await;
    let later = seen().unwrap();
    assert!(later > first + DurationMs(59 * MINUTE_MS - 5_000), "{later:?}");
    let revision = world.store.snapshot().revision();
    world.wait(600).await;
    let writes = world.store.snapshot().revision() - revision;
    assert!(writes <= 10, "{writes} writes in ten minutes");
    // A wrong day does not get in.
    let before = seen();
    world.clock.step(YEAR);
    world.wait(600).await;
    assert_eq!(seen(), before);
    world.clock.step(-YEAR);
    world.discord.store(false, Ordering::SeqCst);
    world.wait(2 * 3_600).await;
    assert!(seen().unwrap() < world.clock.truth() - DurationMs(HOUR_MS / 2), "nobody vouched");
}

#[tokio::test(start_paused = true)]
async fn a_start_at_which_nobody_tells_the_time_waits_and_goes_on_when_somebody_does() {
    let world = World::in_silence([put(order(1, Target::New, "vodafone-cash"))]).await;
    world.wait(1_200).await;
    assert!(world.thread(order_id(1)).is_none(), "nothing is decided by a time nobody knows");
    world.discord.store(true, Ordering::SeqCst);
    world.wait(10).await;
    assert!(world.thread(order_id(1)).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_gateway_whose_clock_is_off_is_unreachable_by_its_clock_and_nothing_is_written_there() {
    let world = World::start(true, []).await;
    world.wait(5).await;
    let fra = "fra-1".parse().unwrap();
    let odd = Witness::Gateway(fra);
    let hour_ahead = world.clock.truth() + DurationMs(HOUR_MS);
    world.time.heard(odd, hour_ahead, world.clock.moment().monotonic);
    world.store.txn(served_account(1, false)).await.unwrap();
    world.wait(300).await;
    assert_eq!(world.panels.puts.load(Ordering::SeqCst), 0);
    let snapshot = world.store.snapshot();
    let status = snapshot.server_status(&"fra-1".parse().unwrap()).unwrap();
    let [condition] = status.conditions.as_slice() else { panic!("{:?}", status.conditions) };
    assert_eq!(condition.kind, ConditionKind::Unreachable);
    assert!(condition.reason.starts_with("clock: "), "{}", condition.reason);
    assert!(!world.time.reading().in_doubt(), "it is the odd one");
}
