use super::world::World;
use crate::model::{Actor, DAY_MS, Key, SurfaceKey, Ticket, TicketClosing, TicketId};
use crate::ports::{Hint, Store as _};
use crate::view::Pages;
use crate::view::sample::{ALICE_THERE, NOW, OMAR_THERE, put, served_account, ticket, ticket_id};
use std::collections::BTreeSet;

/// Where staff see cards.
const REVIEW: u64 = 13;

fn thread(world: &World) -> Option<u64> {
    let name = Pages::ticket_thread_name(ticket_id(1));
    world.chat.lock().threads.get(&name).map(|(id, _)| *id)
}

/// What staff see of tickets.
fn cards(world: &World) -> Vec<String> {
    let all = world.messages(REVIEW).into_iter().map(|shown| shown.text);
    all.filter(|text| text.contains("Question T-")).collect()
}

fn closed_by(by: Actor) -> Ticket {
    Ticket { closed: Some(Box::new(TicketClosing { by, at: NOW })), ..ticket(1) }
}

async fn opened() -> (World, u64) {
    let world = World::start(false, [served_account(1, true), put(ticket(1))]).await;
    world.wait(5).await;
    let thread = thread(&world).unwrap();
    (world, thread)
}

#[tokio::test(start_paused = true)]
async fn a_ticket_gets_one_thread_with_its_customer_in_it_and_staff_a_card_that_leads_there() {
    let world = World::prepared(false, [served_account(1, true), put(ticket(1))], |discord| {
        // Every answer may be lost.
        (discord.lose_answers, discord.put_off) = (4, 3);
    })
    .await;
    world.wait(10 * 60).await;
    let name = Pages::ticket_thread_name(ticket_id(1));
    let threads = world.chat.lock().threads.clone();
    assert_eq!(threads.len(), 2, "its own, and the one of the order: {threads:?}");
    let (id, members) = threads[&name].clone();
    assert_eq!(members, BTreeSet::from([101]));
    let first = world.messages(id);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].text.contains("not** a proof of payment"), "{}", first[0].text);
    assert!(!first[0].text.contains("Basic"), "what staff see is not for the customer");
    let cards = cards(&world);
    assert_eq!(cards.len(), 1, "{cards:?}");
    for fact in [&format!("<#{id}>"), "<@101>", "fra-1", "50GiB", "[Close]"] {
        assert!(cards[0].contains(fact), "{fact}: {}", cards[0]);
    }
    assert!(world.chat.lock().closed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_was_opened_before_a_crash_is_the_tickets() {
    let name = Pages::ticket_thread_name(ticket_id(1));
    let world = World::prepared(false, [put(ticket(1))], |discord| {
        discord.threads.insert(name, (77, BTreeSet::new()));
    })
    .await;
    world.wait(5).await;
    assert_eq!(thread(&world), Some(77));
    assert_eq!(world.messages(77).len(), 1);
    assert_eq!(world.store.snapshot().ticket_of_thread(77).map(|t| t.id), Some(ticket_id(1)));
}

#[tokio::test(start_paused = true)]
async fn a_closed_ticket_says_so_once_and_its_thread_is_closed_and_the_card_tells_by_whom() {
    let (world, thread) = opened().await;
    {
        let mut discord = world.chat.lock();
        (discord.lose_answers, discord.put_off) = (1, 2);
    }
    world.put(closed_by(Actor::Person(OMAR_THERE))).await;
    world.wait(10 * 60).await;
    let said = world.messages(thread);
    assert_eq!(said.len(), 2, "the first message and that it is over: {said:?}");
    assert!(said.iter().all(|m| m.text.contains("is closed")), "{said:?}");
    assert_eq!(world.chat.lock().closed, [thread]);
    let cards = cards(&world);
    assert!(cards[0].contains("Closed by <@202>"), "{cards:?}");
    assert!(!cards[0].contains("[Close]") && cards.len() == 1, "{cards:?}");
    // Nothing of it is done again, whatever is looked at.
    world.hints.send(Hint::Missed).unwrap();
    world.wait(2 * 3600).await;
    assert_eq!((world.messages(thread).len(), world.chat.lock().closed.len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn an_open_tickets_thread_that_was_deleted_is_opened_anew_and_a_closed_ones_is_not() {
    let (world, thread) = opened().await;
    let delete = |channel| {
        let mut discord = world.chat.lock();
        discord.threads.clear();
        discord.channels.remove(&channel);
        discord.gone.insert(channel);
    };
    delete(thread);
    world.hints.send(Hint::ChannelGone { channel: thread }).unwrap();
    world.wait(60).await;
    let again = self::thread(&world).unwrap();
    assert_ne!(again, thread);
    assert_eq!(world.messages(again).len(), 1);
    world.put(closed_by(Actor::Person(ALICE_THERE))).await;
    world.wait(60).await;
    delete(again);
    world.hints.send(Hint::ChannelGone { channel: again }).unwrap();
    world.wait(3600).await;
    assert_eq!(self::thread(&world), None);
    // One that was deleted unheard of is not opened, either, only to be closed.
    let (world, thread) = opened().await;
    {
        let mut discord = world.chat.lock();
        discord.threads.clear();
        discord.gone.insert(thread);
    }
    world.put(closed_by(Actor::Person(ALICE_THERE))).await;
    world.wait(3600).await;
    assert_eq!(self::thread(&world), None);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_was_closed_before_anybody_saw_it_shows_nothing() {
    let world = World::start(false, [put(closed_by(Actor::Person(ALICE_THERE)))]).await;
    world.wait(60).await;
    assert_eq!((thread(&world), world.messages(REVIEW).len()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_deleted_in_a_closed_thread_is_not_posted_again() {
    let (world, thread) = opened().await;
    world.put(closed_by(Actor::Person(ALICE_THERE))).await;
    world.wait(60).await;
    let first = world.messages(thread)[0].id;
    world.chat.lock().channels.get_mut(&thread).unwrap().retain(|m| m.id != first);
    world.hints.send(Hint::MessageGone { channel: thread, message: first }).unwrap();
    world.wait(60).await;
    assert_eq!(world.messages(thread).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thread_whose_message_was_deleted_unheard_of_is_ended_like_any_other() {
    let (world, thread) = opened().await;
    world.chat.lock().channels.get_mut(&thread).unwrap().clear();
    world.put(closed_by(Actor::Person(ALICE_THERE))).await;
    world.wait(60).await;
    let said = world.messages(thread);
    assert!(said.iter().any(|m| m.text.contains("is closed")), "{said:?}");
    assert_eq!(world.chat.lock().closed, [thread]);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_open_in_a_restored_backup_has_its_thread_opened_again_once() {
    let (world, thread) = opened().await;
    let kept = SurfaceKey::of_ticket(ticket_id(1));
    let before = kept.map(|key| world.store.snapshot().surface(key).unwrap().clone());
    world.put(closed_by(Actor::Person(OMAR_THERE))).await;
    world.wait(60).await;
    assert_eq!(world.chat.lock().closed, [thread]);
    let mut edits = put(ticket(1));
    before.into_iter().for_each(|surface| edits.put(surface));
    world.store.txn(edits).await.unwrap();
    let world = world.restarted();
    world.wait(5).await;
    assert!(world.chat.lock().closed.is_empty(), "its customer may write there");
    assert!(!world.messages(thread)[0].text.contains("is closed"), "{:?}", world.messages(thread));
    let edits = world.chat.lock().edits_in(thread);
    world.wait(3 * 3600).await;
    assert_eq!(world.chat.lock().edits_in(thread), edits, "it is open, and shows it");
}

#[tokio::test(start_paused = true)]
async fn a_closed_ticket_is_forgotten_a_week_later_once_people_saw_its_end() {
    let (world, thread) = opened().await;
    world.chat.lock().refused.insert(thread);
    world.put(closed_by(Actor::Person(ALICE_THERE))).await;
    world.clock.skip(7 * DAY_MS + 1);
    world.wait(60).await;
    let keys = |id: TicketId| {
        let surfaces = SurfaceKey::of_ticket(id).map(Key::Surface);
        [Key::Ticket(id)].into_iter().chain(surfaces)
    };
    let held = |world: &World| {
        let snapshot = world.store.snapshot();
        keys(ticket_id(1)).filter(|key| snapshot.version(key).is_some()).count()
    };
    assert_eq!(held(&world), 3, "its end cannot be said yet");
    world.chat.lock().refused.clear();
    world.wait(3600).await;
    assert_eq!(world.chat.lock().closed, [thread]);
    assert_eq!(held(&world), 0);
    assert_eq!(world.store.snapshot().surfaces().filter(|s| s.channel == Some(thread)).count(), 0);
}
