//! Pictures that are simply posted, and the intent that reading them takes.

use super::png;
use super::shop::{SOON, World, order_id};
use nebulalinks::catalog::Catalog;
use nebulalinks::model::{Identity, Surface, SurfaceKey};
use nebulalinks_model_discord::Emulator;
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
    super::post_panel(&world).await;
    alice.press(layout.store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    let customer = Identity::Discord(alice.id());
    let opened = world.bot.chat().open_thread(layout.orders, "NL-00000A", customer).await.unwrap();
    let thread = opened.thread;
    let mut surface = Surface::new(SurfaceKey::OrderThread(order_id()));
    surface.channel = Some(thread);
    put_now(&world.records, surface);

    omar.say(thread, "like this", &[("a.png", png())]).unwrap();
    alice.say(layout.store, "", &[("a.png", png())]).unwrap();
    alice.say(thread, "in a minute", &[]).unwrap();
    let both = [("a.png", png()), ("b.png", nebulalinks_testkit::picture::png(9, 9).into())];
    alice.say(thread, "paid", &both).unwrap();
    alice.wait_to_see(thread, "We have your proof", SOON).await.unwrap();
    assert_eq!(world.intents.verbs(), ["place", "add-proof", "add-proof"]);
    let answers = alice.visible_messages(thread).into_iter().filter(|m| m.text.contains("proof"));
    assert_eq!(answers.count(), 1, "one answer for one message");
    world.end().await.unwrap();
    world.emulator.assert_clean();
}
