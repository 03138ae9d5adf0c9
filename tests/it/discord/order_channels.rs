//! Orders that have channels of their own, in the emulator of Discord.

use super::shop::{World, order_id};
use nebulalinks::model::{Identity, SurfaceKey};
use nebulalinks::ports::{ChatClass, ChatCode, Place, Space};

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_seen_by_its_customer_and_staff_alone_and_found_again_by_its_name() {
    let mut world = World::start().await;
    let (emulator, layout) = (world.emulator.clone(), world.emulator.layout());
    let (alice, bob) = (emulator.user("alice"), emulator.user("bob"));
    let sam = emulator.staff("sam", "support");
    super::post_panel(&world).await;
    alice.press(layout.store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    let chat = world.bot.chat();
    let name = nebulalinks::view::Pages::thread_name(order_id());
    let customer = Identity::Discord(alice.id());
    let categories = [layout.store, layout.category];
    let space = Space::ChannelIn(&categories);
    let opened = chat.open(space, &name, customer).await.unwrap();
    assert!(opened.new);
    let again = chat.open(space, &name, customer).await.unwrap();
    assert_eq!((again.thread, again.new), (opened.thread, false), "a crash makes no second one");
    let seen = emulator.threads();
    let [channel] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((channel.parent, channel.private), (layout.category, true));
    assert!(channel.name.starts_with("nl-"), "{}", channel.name);

    let card = world.pages(|p| p.surface(SurfaceKey::OrderThread(order_id()))).unwrap();
    chat.post(Place::Channel(opened.thread), &card, "channel.0").await.unwrap();
    alice.say(opened.thread, "paid", &[]).unwrap();
    sam.say(opened.thread, "thank you", &[]).unwrap();
    assert!(bob.say(opened.thread, "me too", &[]).is_err(), "it is not his");

    chat.delete_thread(opened.thread).await.unwrap();
    assert!(emulator.threads().is_empty());
    let gone = chat.delete_thread(opened.thread).await.unwrap_err();
    assert_eq!(gone.class, ChatClass::ChannelGone);
    world.end().await.unwrap();
    emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_category_no_permission_and_no_room_are_told_apart() {
    let mut world = World::start().await;
    let (emulator, layout) = (world.emulator.clone(), world.emulator.layout());
    let (alice, chat) = (Identity::Discord(emulator.user("alice").id()), world.bot.chat());
    let tried = |categories: Vec<u64>| {
        let chat = chat.clone();
        async move {
            let opened = chat.open(Space::ChannelIn(&categories), "NL-00000A", alice).await;
            opened.map(|opened| opened.new).map_err(|error| (error.class, error.code))
        }
    };
    let none = Err((ChatClass::Refused, ChatCode::ChannelGone));
    assert_eq!(tried(vec![layout.store]).await, none, "a channel is no category");
    emulator.deny_writing(layout.category, true);
    let denied = Err((ChatClass::Refused, ChatCode::MissingPermission));
    assert_eq!(tried(vec![layout.category]).await, denied);
    emulator.clear_faults();
    emulator.fill(layout.category, 45);
    let full = Err((ChatClass::Later, ChatCode::TooManyChannels));
    assert_eq!(tried(vec![layout.category]).await, full);
    world.end().await.unwrap();
    emulator.assert_clean();
}
