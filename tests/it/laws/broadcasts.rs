//! News to many customers, as they are decided: written and sent by whoever may, sent once, stopped for good.

use nebulalinks::intent::{BroadcastRequest, Intent, Rejection, Reply, Staff};
use nebulalinks::model::*;
use nebulalinks::view::sample::{self, broadcast_id};
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn write(n: u128, text: &str, to: &str, staff: Staff) -> Intent {
    let (to, reach) = (to.parse().unwrap(), Reach { gets: 1, muted: 0 });
    let (id, text) = (broadcast_id(n), text.to_owned());
    Intent::DraftBroadcast(Box::new(BroadcastRequest { id, text, to, reach, staff }))
}

fn state(world: &World, n: u128) -> Option<BroadcastState> {
    world.snapshot.broadcast(broadcast_id(n)).map(|broadcast| broadcast.state.clone())
}

#[test]
fn news_are_written_by_one_and_sent_once_by_the_same_and_by_nobody_else() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let (ann, bob) = (people::staff(1), people::staff(2));
    let asked = write(1, " New servers\u{202e} are there. \u{0}", "all", ann.clone());
    assert_eq!(world.submit(&asked), Ok(Reply::BroadcastDrafted(broadcast_id(1))));
    let draft = world.snapshot.broadcast(broadcast_id(1)).unwrap();
    assert_eq!((&*draft.text, &draft.by), ("New servers are there.", &ann.actor()));
    // A redelivered dialog changes nothing.
    let revision = world.snapshot.revision();
    assert_eq!(world.submit(&asked), Ok(Reply::BroadcastDrafted(broadcast_id(1))));
    let send = |by: &Staff| Intent::SendBroadcast(broadcast_id(1), by.clone());
    assert_eq!(world.submit(&send(&bob)), Err(Rejection::UnknownBroadcast));
    assert_eq!(world.snapshot.revision(), revision);
    assert_eq!(world.submit(&send(&ann)), Ok(Reply::BroadcastSending(broadcast_id(1))));
    let since = BroadcastState::Sending(world.now);
    assert_eq!(state(&world, 1), Some(since.clone()));
    // Pressed twice, and written once more after it was sent.
    world.wait(DurationMs(MINUTE_MS));
    let revision = world.snapshot.revision();
    for again in [send(&ann), asked] {
        assert_eq!(world.submit(&again), Ok(Reply::BroadcastSending(broadcast_id(1))));
    }
    assert_eq!((world.snapshot.revision(), state(&world, 1)), (revision, Some(since)));
}

#[test]
fn whoever_may_send_news_stops_them_and_nothing_starts_them_again() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let (ann, bob) = (people::staff(1), people::staff(2));
    world.submit(&write(1, "x", "all", ann.clone())).unwrap();
    let stop = |by: &Staff| Intent::StopBroadcast(broadcast_id(1), by.clone());
    let send = Intent::SendBroadcast(broadcast_id(1), ann.clone());
    assert_eq!(world.submit(&stop(&bob)), Err(Rejection::UnknownBroadcast), "nothing goes out");
    world.submit(&send).unwrap();
    assert_eq!(world.submit(&stop(&bob)), Ok(Reply::BroadcastEnded(broadcast_id(1))));
    let stopped = BroadcastState::Stopped { by: bob.actor(), at: world.now };
    assert_eq!(state(&world, 1), Some(stopped.clone()));
    world.wait(DurationMs(MINUTE_MS));
    for late in [send, stop(&ann), stop(&people::operator())] {
        assert_eq!(world.submit(&late), Ok(Reply::BroadcastEnded(broadcast_id(1))));
        assert_eq!(state(&world, 1), Some(stopped.clone()));
    }
}

#[test]
fn news_without_a_text_with_too_much_or_to_what_the_shop_does_not_have_are_refused() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let revision = world.snapshot.revision();
    let ann = people::staff(1);
    let most = "ي".repeat(Broadcast::MOST_CHARS);
    for (text, to, why) in [
        ("", "all", Rejection::BroadcastText),
        (" \u{200b}\u{2060} \n", "all", Rejection::BroadcastText),
        (&*format!("{most}ي"), "all", Rejection::BroadcastText),
        ("x", "plan:nothing", Rejection::UnknownAudience),
        ("x", "server:nowhere", Rejection::UnknownAudience),
        ("x", "language:xx", Rejection::UnknownAudience),
    ] {
        assert_eq!(world.submit(&write(1, text, to, ann.clone())), Err(why));
    }
    let nobody = Intent::SendBroadcast(broadcast_id(9), ann.clone());
    assert_eq!(world.submit(&nobody), Err(Rejection::UnknownBroadcast));
    assert_eq!(world.snapshot.revision(), revision);
    world.submit(&write(1, &most, "plan:basic-30", ann)).unwrap();
}

#[test]
fn no_customer_and_nobody_of_support_writes_sends_or_stops_news() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    world.put(Broadcast { state: BroadcastState::Sending(world.now), ..sample::broadcast(1) });
    let mut support = people::customer(88);
    support.roles = world.catalog.shop.roles.support.clone();
    let revision = world.snapshot.revision();
    for by in [people::customer(0), people::outsider(), support] {
        let by = Staff::from(by);
        for asked in [
            write(2, "x", "all", by.clone()),
            Intent::SendBroadcast(broadcast_id(1), by.clone()),
            Intent::StopBroadcast(broadcast_id(1), by),
        ] {
            assert_eq!(world.submit(&asked), Err(Rejection::NotStaff));
        }
    }
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn drafts_are_forgotten_when_the_next_is_written_and_so_are_all_but_twenty_that_ended() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let (ann, bob) = (people::staff(1), people::staff(2));
    world.submit(&write(1, "x", "all", ann.clone())).unwrap();
    world.submit(&write(2, "x", "all", bob.clone())).unwrap();
    world.submit(&write(3, "x", "all", ann.clone())).unwrap();
    assert_eq!((state(&world, 1), state(&world, 2)), (None, Some(BroadcastState::Draft)));
    world.wait(DurationMs(HOUR_MS));
    world.submit(&write(4, "x", "all", ann.clone())).unwrap();
    assert_eq!(world.snapshot.broadcasts().map(|b| b.id).collect::<Vec<_>>(), [broadcast_id(4)]);
    for n in 10..40_u64 {
        let state = BroadcastState::Sent(world.now + DurationMs(n));
        // Of the first nobody was told yet.
        world.put(Broadcast { state, told: n != 10, ..sample::broadcast(n.into()) });
    }
    let sends = Broadcast { state: BroadcastState::Sending(world.now), ..sample::broadcast(50) };
    world.put(sends);
    world.submit(&write(5, "x", "all", ann)).unwrap();
    let kept: Vec<BroadcastId> = world.snapshot.broadcasts().map(|b| b.id).collect();
    let expected = [5, 10].into_iter().chain(20..40).chain([50]);
    assert_eq!(kept, expected.map(broadcast_id).collect::<Vec<_>>());
}
