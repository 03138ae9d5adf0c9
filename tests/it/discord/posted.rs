//! Pictures that are simply posted, and the intent that reading them takes.

use super::png;
use super::shop::{SOON, World, order_id};
use nebulalinks::catalog::Catalog;
use nebulalinks::intent::Intent;
use nebulalinks::model::{Identity, Order, Surface, SurfaceKey, Ticket, UnixMs};
use nebulalinks::ports::{Space, Store as _};
use nebulalinks::view::sample;
use nebulalinks_model_discord::{Actor, Emulator};
use nebulalinks_testkit::people;
use nebulalinks_testkit::store::put_now;
use std::sync::Arc;

/// Message Content, as a bit.
const CONTENT: u64 = 1 << 15;

fn reads_posts(catalog: &mut Catalog) {
    catalog.shop.message_content = true;
}

async fn connected(world: &World) {
    let connected = |e: &Emulator| (e.commands().len() >= 3).then_some(());
    world.emulator.wait_for("the commands", SOON, connected).await.unwrap();
}

/// Places an order, and opens its thread.
async fn ordered(world: &World, alice: &Actor) -> u64 {
    let layout = world.emulator.layout();
    super::post_panel(world).await;
    alice.press(layout.store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    let customer = Identity::Discord(alice.id());
    let opened = world
        .bot
        .chat()
        .open(Space::ThreadBelow(layout.orders), "NL-00000A", customer)
        .await
        .unwrap();
    let mut surface = Surface::new(SurfaceKey::OrderThread(order_id()));
    surface.channel = Some(opened.thread);
    put_now(&world.records, surface);
    opened.thread
}

/// How many messages in a thread say this.
fn answers(alice: &Actor, thread: u64, text: &str) -> usize {
    alice.visible_messages(thread).into_iter().filter(|m| m.text.contains(text)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_may_not_read_what_is_posted_works_on_without_and_says_so_until_that_is_mended()
{
    let mut world = World::with_switches("right", None, 0, reads_posts).await;
    connected(&world).await;
    let unread = world.bot.unread();
    assert!(*unread.borrow());
    let alice = world.emulator.user("alice");
    let shown = alice.slash("/pay", &[], Some(("a.png", png()))).await.unwrap();
    assert!(shown.text().contains("no order that waits for a proof"), "{shown:?}");

    // What is posted in an order's thread comes without its files: that is said, once.
    let thread = ordered(&world, &alice).await;
    for text in ["paid", "hello?"] {
        alice.say(thread, text, &[("a.png", png())]).unwrap();
    }
    alice.wait_to_see(thread, "We cannot see what is posted here", SOON).await.unwrap();
    let shown = alice.slash_in(thread, "/pay", &[], Some(("a.png", png()))).await.unwrap();
    assert!(shown.text().contains("We have your proof"), "{shown:?}");
    assert_eq!(answers(&alice, thread, "We cannot see"), 1);

    // Somebody takes the setting out: the trouble is over.
    let mut edited = Catalog::clone(&world.catalog);
    edited.shop.message_content = false;
    world.edits.send_replace(Arc::new(edited));
    world
        .emulator
        .wait_for("the reason to end", SOON, |_| (!*unread.borrow()).then_some(()))
        .await
        .unwrap();
    world.emulator.wait_for_bot(SOON).await.unwrap();
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_counts_that_its_customer_posts_in_the_orders_thread_and_no_other() {
    let mut world = World::with_switches("right", None, CONTENT, reads_posts).await;
    connected(&world).await;
    let (alice, omar) = (world.emulator.user("alice"), world.emulator.staff("omar", "admin"));
    let layout = world.emulator.layout();
    let thread = ordered(&world, &alice).await;
    omar.say(thread, "like this", &[("a.png", png())]).unwrap();
    alice.say(layout.store, "", &[("a.png", png())]).unwrap();
    alice.say(thread, "in a minute", &[]).unwrap();
    let both = [("a.png", png()), ("b.png", nebulalinks_testkit::picture::png(9, 9).into())];
    alice.say(thread, "paid", &both).unwrap();
    alice.wait_to_see(thread, "We have your proof", SOON).await.unwrap();
    assert_eq!(world.intents.verbs(), ["place", "add-proof", "add-proof"]);
    assert_eq!(answers(&alice, thread, "proof"), 1, "one answer for one message");
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_posted_after_an_order_ended_reopens_nothing_and_is_answered_once() {
    let mut world = World::with_switches("right", None, CONTENT, reads_posts).await;
    connected(&world).await;
    let alice = world.emulator.user("alice");
    let thread = ordered(&world, &alice).await;
    let open = world.records.snapshot().order(order_id()).unwrap().clone();
    let post = |name: &str| alice.say(thread, "", &[(name, png())]).unwrap();
    // Lapsed: it may be of anything, and `/pay` says what it is.
    put_now(&world.records, Order { pay_by: UnixMs(1), ..open.clone() });
    (0..3).for_each(|_| drop(post("a.png")));
    alice.wait_to_see(thread, "and the order reopens", SOON).await.unwrap();
    // Paid for in time after all: taken, after what was posted before it.
    put_now(&world.records, open);
    post("b.png");
    alice.wait_to_see(thread, "We have your proof", SOON).await.unwrap();
    assert_eq!(answers(&alice, thread, "and the order reopens"), 1);
    assert_eq!(world.intents.verbs(), ["place", "add-proof"]);
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_an_order_has_already_brings_the_others_of_its_message_there() {
    let mut world = World::with_switches("right", None, CONTENT, reads_posts).await;
    connected(&world).await;
    let alice = world.emulator.user("alice");
    let thread = ordered(&world, &alice).await;
    alice.slash_in(thread, "/pay", &[], Some(("a.png", png()))).await.unwrap();
    let store = world.emulator.layout().store;
    let both = [("a.png", png()), ("b.png", nebulalinks_testkit::picture::png(9, 9).into())];
    let message = alice.say(store, "", &both).unwrap();
    alice.use_on(store, message.id, "Use as proof").await.unwrap();
    let asked = world.intents.asked.lock().unwrap().clone();
    let orders = asked.iter().filter_map(|intent| match intent {
        Intent::AddProof { order, .. } => Some(*order),
        _ => None,
    });
    assert_eq!(orders.collect::<Vec<_>>(), [Some(order_id()), None, Some(order_id())]);
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_in_the_thread_of_a_question_is_a_proof_of_no_order() {
    let mut world = World::with_switches("right", None, CONTENT, reads_posts).await;
    connected(&world).await;
    let alice = world.emulator.user("alice");
    let order = ordered(&world, &alice).await;
    let (there, orders) = (Identity::Discord(alice.id()), world.emulator.layout().orders);
    let opened =
        world.bot.chat().open(Space::ThreadBelow(orders), "T-000001", there).await.unwrap();
    let ticket = Ticket { customer: people::customer_id(there), ..sample::ticket(1) };
    let thread = Surface::new(SurfaceKey::TicketThread(ticket.id));
    put_now(&world.records, ticket);
    put_now(&world.records, Surface { channel: Some(opened.thread), ..thread });
    let posted = alice.say(opened.thread, "look", &[("a.png", png())]).unwrap();
    let marked = alice.use_on(opened.thread, posted.id, "Use as proof").await.unwrap();
    assert!(marked.text().contains("in this thread is no proof"), "{marked:?}");
    // The same picture, where it is one.
    alice.say(order, "paid", &[("a.png", png())]).unwrap();
    alice.wait_to_see(order, "We have your proof", SOON).await.unwrap();
    let mut verbs = world.intents.verbs();
    verbs.sort_unstable();
    assert_eq!(verbs, ["add-proof", "heard-in-ticket", "place"]);
    world.end().await.unwrap();
}
