//! Threads of orders that are put away in the emulator of Discord.

use super::shop::{World, order_id};
use nebulalinks::model::{Identity, SurfaceKey};
use nebulalinks::ports::{ChatClass, Place, Space};

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_put_away_once_more_too_and_an_edit_and_a_message_bring_it_back() {
    let mut world = World::start().await;
    let alice = world.emulator.user("alice");
    super::post_panel(&world).await;
    alice.press(world.emulator.layout().store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    let (chat, orders) = (world.bot.chat(), world.emulator.layout().orders);
    let name = nebulalinks::view::Pages::thread_name(order_id());
    let customer = Identity::Discord(alice.id());
    let thread = chat.open(Space::ThreadBelow(orders), &name, customer).await.unwrap().thread;
    let card = world.pages(|p| p.surface(SurfaceKey::OrderThread(order_id()))).unwrap();
    let posted = chat.post(Place::Channel(thread), &card, "thread.0").await.unwrap();
    let is_away = || {
        let threads = world.emulator.threads();
        threads.iter().find(|seen| seen.id == thread).unwrap().archived
    };
    for _ in 0..2 {
        chat.put_away(thread).await.unwrap();
        assert!(is_away());
    }
    chat.edit(&posted, &card).await.unwrap();
    assert!(!is_away(), "what stands there has changed");
    chat.put_away(thread).await.unwrap();
    chat.post(Place::Channel(thread), &card, "thread.1").await.unwrap();
    assert!(!is_away(), "something was said there");
    chat.put_away(thread).await.unwrap();
    alice.say(thread, "thank you", &[]).unwrap();
    assert!(!is_away(), "its customer wrote there");
    chat.put_away(thread).await.unwrap();
    assert_eq!(
        chat.open(Space::ThreadBelow(orders), &name, customer).await.unwrap().thread,
        thread
    );
    chat.put_away(thread).await.unwrap();
    assert!(!chat.open_again(thread).await.unwrap() && is_away(), "nobody closed it");
    chat.close_thread(thread).await.unwrap();
    assert!(chat.open_again(thread).await.unwrap() && !is_away());
    alice.say(thread, "may I?", &[]).unwrap();
    assert!(!chat.open_again(thread).await.unwrap());
    assert!(world.emulator.delete_channel(thread));
    let gone = chat.put_away(thread).await.unwrap_err();
    assert_eq!(gone.class, ChatClass::ChannelGone);
    world.end().await.unwrap();
    world.emulator.assert_clean();
}
