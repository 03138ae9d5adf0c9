//! Messages with several files: each file has a number of its own.

use super::png;
use super::shop::World;
use bytes::Bytes as Content;
use nebulalinks::model::SurfaceKey;
use nebulalinks::ports::Place;

/// Another picture than [`png`].
fn second() -> Content {
    nebulalinks_testkit::picture::png(9, 9).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_proofs_on_one_order_stand_both_on_its_card() {
    let mut world = World::start().await;
    let (alice, omar) = (world.emulator.user("alice"), world.emulator.staff("omar", "admin"));
    let layout = world.emulator.layout();
    super::post_panel(&world).await;
    alice.press(layout.store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    alice.slash("/pay", &[], Some(("a.png", png()))).await.unwrap();
    let key = SurfaceKey::ReviewCard(super::order_id());
    let chat = world.bot.chat();
    let card = world.pages(|p| p.surface(key)).unwrap();
    let posted = chat.post(Place::Channel(layout.review), &card, "review.0").await.unwrap();

    alice.slash("/pay", &[], Some(("b.png", second()))).await.unwrap();
    let card = world.pages(|p| p.surface(key)).unwrap();
    chat.edit(&posted, &card).await.unwrap();
    let pictures = |world: &World| -> Vec<(String, Content)> {
        let seen = world.emulator.channel_messages(layout.review);
        let files = seen.into_iter().flat_map(|m| m.files);
        files.map(|f| (f.name, f.bytes)).collect()
    };
    let both = vec![("proof-1.png".to_owned(), png()), ("proof-2.png".to_owned(), second())];
    assert_eq!(pictures(&world), both, "an edit");

    assert!(world.emulator.delete_message(posted.channel, posted.message));
    chat.post(Place::Channel(layout.review), &card, "review.1").await.unwrap();
    assert_eq!(pictures(&world), both, "a post");
    assert!(!omar.visible_messages(layout.review)[0].buttons.is_empty());
    world.end().await.unwrap();
    world.emulator.assert_clean();
}
