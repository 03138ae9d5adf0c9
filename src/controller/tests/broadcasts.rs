use super::world::World;
use crate::catalog::Catalog;
use crate::controller::nonce::nonce;
use crate::model::{
    Broadcast, BroadcastState, BroadcastTurn, Customer, Edits, Key, NoticeTopic, OwnSettings,
    Progress, UnixMs,
};
use crate::ports::Store as _;
use crate::view::sample::{
    ALICE, NOW, OMAR_THERE, broadcast, broadcast_id, guest, guest_id, guest_there, put,
    served_account,
};
use std::sync::Arc;
use std::time::Duration;

/// What each of so many guests has of news.
fn news(world: &World, guests: u64) -> Vec<usize> {
    let of = |n| {
        let crate::model::Identity::Discord(channel) = guest_there(n);
        world.messages(channel).iter().filter(|m| m.text.contains("The new servers")).count()
    };
    (0..guests).map(of).collect()
}

fn sending() -> Broadcast {
    Broadcast { state: BroadcastState::Sending(NOW), ..broadcast(1) }
}

fn stored(world: &World) -> Broadcast {
    world.store.snapshot().broadcast(broadcast_id(1)).unwrap().clone()
}

/// What whoever wrote it has.
fn told(world: &World) -> Vec<String> {
    world.messages(202).into_iter().map(|shown| shown.text).collect()
}

#[tokio::test(start_paused = true)]
async fn news_go_to_each_customer_once_at_the_pace_and_their_author_hears_of_the_end_once() {
    let guests = (0..5).map(guest);
    let world = World::start(false, guests.chain([put(sending())])).await;
    world.wait(2).await;
    let first: usize = news(&world, 5).iter().sum();
    assert!((1..=3).contains(&first), "one a second: {first}");
    world.wait(60).await;
    assert_eq!(news(&world, 5), [1; 5]);
    let ended = stored(&world);
    assert!(matches!(ended.state, BroadcastState::Sent(_)) && ended.told, "{ended:?}");
    assert_eq!((ended.progress.sent, ended.progress.turn), (5, None));
    assert_eq!(told(&world).len(), 1);
    assert!(told(&world)[0].contains("Sent** · 5"), "{:?}", told(&world));
    assert_eq!(world.stats.broadcasts()["sent"], 5);
    let world = world.restarted();
    world.wait(60).await;
    assert_eq!((news(&world, 5), told(&world).len()), (vec![1; 5], 1));
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_want_news_is_blocked_or_takes_none_gets_none_and_is_counted() {
    let muted = |customer| {
        let own = OwnSettings { muted: [NoticeTopic::News].into(), ..OwnSettings::default() };
        let bare = Customer::bare(guest_id(customer), [guest_there(customer)]);
        put(Customer { own: Some(Box::new(own)), ..bare })
    };
    let records = (0..3).map(guest).chain([muted(0)]);
    let world = World::start(false, records).await;
    let mut catalog = Catalog::clone(&world.catalog.borrow());
    catalog.shop.limits.block.insert(guest_there(1));
    world.catalog.send(Arc::new(catalog)).unwrap();
    world.put(sending()).await;
    world.wait(30).await;
    assert_eq!(news(&world, 3), [0, 0, 1]);
    let Progress { sent, muted, closed, .. } = stored(&world).progress;
    assert_eq!((sent, muted, closed), (1, 1, 0));
    world.chat.lock().dms_closed = true;
    let again = Broadcast { id: broadcast_id(2), ..sending() };
    world.put(again).await;
    world.wait(30).await;
    let second = world.store.snapshot().broadcast(broadcast_id(2)).unwrap().clone();
    assert_eq!((second.progress.sent, second.progress.closed), (0, 1));
    assert!(second.told, "who cannot be told holds nothing up");
}

/// Whatever was durable when the process ended, and whether Discord had the message by then.
#[tokio::test(start_paused = true)]
async fn an_end_of_the_process_at_any_step_sends_to_nobody_twice_and_leaves_nobody_out() {
    let claimed = |claimed_at| Progress {
        after: Some(guest_id(0)),
        turn: Some(BroadcastTurn { customer: guest_id(0), since: NOW, claimed_at }),
        last_at: claimed_at,
        ..Progress::default()
    };
    let nonce = nonce(&format!("broadcast {} {}", broadcast_id(1), guest_id(0)));
    for (progress, posted) in [
        (Progress::default(), false),
        (claimed(None), false),
        (claimed(Some(NOW)), false),
        (claimed(Some(NOW)), true),
    ] {
        let before = put(Broadcast { progress, ..sending() });
        let crate::model::Identity::Discord(channel) = guest_there(0);
        let world = World::prepared(false, (0..3).map(guest).chain([before]), |discord| {
            if posted {
                let text = "The new servers are there.".to_owned();
                discord.has(channel, &nonce, text);
            }
        })
        .await;
        world.wait(60).await;
        assert_eq!(news(&world, 3), [1; 3], "{progress:?} {posted}");
        assert_eq!(stored(&world).progress.sent, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_lost_and_restarts_in_between_send_to_nobody_twice() {
    let records = (0..6).map(guest).chain([put(sending())]);
    let mut world = World::prepared(true, records, |discord| {
        (discord.lose_answers, discord.put_off) = (3, 2);
    })
    .await;
    for n in 0..12 {
        tokio::time::sleep(Duration::from_millis(300 + 70 * n)).await;
        world = world.restarted();
    }
    world.wait(10 * 60).await;
    assert_eq!(news(&world, 6), [1; 6]);
    assert_eq!(told(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_stopped_goes_to_nobody_more_and_says_how_far_it_came() {
    let records = (0..8).map(guest).chain([put(sending())]);
    let world = World::start(false, records).await;
    world.wait(3).await;
    let by = crate::model::Actor::Person(OMAR_THERE);
    let state = BroadcastState::Stopped { by, at: NOW };
    world.put(Broadcast { state, ..stored(&world) }).await;
    world.wait(1).await;
    let had: usize = news(&world, 8).iter().sum();
    world.wait(120).await;
    assert_eq!(news(&world, 8).iter().sum::<usize>(), had);
    assert!((1..8).contains(&had), "{had}");
    assert_eq!(told(&world).len(), 1);
    assert!(told(&world)[0].contains("stopped"), "{:?}", told(&world));
    assert_eq!(usize::try_from(stored(&world).progress.sent).unwrap(), had);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_may_lack_something_stops_news_and_tells_their_author_when_it_is_resolved() {
    let mut damage =
        crate::model::Damage { since: NOW, lost: Vec::new(), kept: Vec::new(), resolved_at: None };
    let records = [guest(0), put(damage.clone()), put(sending())];
    let world = World::start(false, records).await;
    world.wait(600).await;
    let by = crate::model::Actor::Controller;
    assert!(matches!(stored(&world).state, BroadcastState::Stopped { by: of, .. } if of == by));
    assert_eq!(told(&world).len(), 0);
    damage.resolved_at = Some(UnixMs(NOW.0 + 1));
    world.put(damage).await;
    world.wait(600).await;
    assert_eq!((news(&world, 1), told(&world).len()), (vec![0], 1));
}

#[tokio::test(start_paused = true)]
async fn news_of_before_a_start_wait_until_a_gateway_told_that_the_store_is_the_right_one() {
    let since = UnixMs(NOW.0 - 1);
    let before = || Broadcast { state: BroadcastState::Sending(since), ..sending() };
    let silent = World::start(false, [guest(0), put(before())]).await;
    silent.wait(600).await;
    assert_eq!(news(&silent, 1), [0]);
    let told = World::start(true, [guest(0), put(before())]).await;
    told.wait(600).await;
    assert_eq!(news(&told, 1), [1]);
}

#[tokio::test(start_paused = true)]
async fn who_opts_out_while_it_is_their_turn_and_who_is_forgotten_hold_nobody_up() {
    let turn = BroadcastTurn { customer: guest_id(0), since: NOW, claimed_at: None };
    let progress = Progress { after: Some(guest_id(0)), turn: Some(turn), ..Progress::default() };
    let mut gone = Edits::new();
    gone.delete(Key::Customer(guest_id(0)));
    let own = OwnSettings { muted: [NoticeTopic::News].into(), ..OwnSettings::default() };
    let bare = Customer::bare(guest_id(0), [guest_there(0)]);
    let muted = put(Customer { own: Some(Box::new(own)), ..bare });
    for change in [gone, muted] {
        let before = put(Broadcast { progress, ..sending() });
        let records = (0..2).map(guest).chain([change, before]);
        let world = World::start(false, records).await;
        world.wait(60).await;
        assert_eq!(news(&world, 2), [0, 1]);
        assert_eq!(stored(&world).progress.sent, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_draft_goes_to_nobody() {
    let world = World::start(false, [served_account(1, true), put(broadcast(1))]).await;
    world.wait(600).await;
    assert!(world.alices_messages().iter().all(|m| !m.text.contains("The new servers")));
    assert!(world.store.snapshot().customer(ALICE).is_some());
    assert_eq!(stored(&world).state, BroadcastState::Draft);
}
