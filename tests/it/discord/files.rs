//! Messages with several files: each file has a number of its own.

use super::png;
use super::shop::World;
use bytes::Bytes as Content;
use nebulalinks::model::{Edits, Order, OrderId, ProofOrder, Record, SurfaceKey};
use nebulalinks::ports::{Place, Store as _};
use std::fs::File;
use std::path::PathBuf;

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

/// A JPEG that says where it was taken.
fn told_where() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut out);
    let exif = [b"II*\0\x08\0\0\0\0\0\0\0\0\0", WHERE].concat();
    image::ImageEncoder::set_exif_metadata(&mut encoder, exif).unwrap();
    image::RgbImage::new(30, 20).write_with_encoder(encoder).unwrap();
    out
}

const WHERE: &[u8] = b"30.0444N 31.2357E";

#[tokio::test(flavor = "multi_thread")]
async fn where_a_picture_was_taken_is_kept_and_shown_nowhere_and_the_same_file_is_known_again() {
    let (mut world, _, _) = with_a_picture().await;
    let (alice, layout) = (world.emulator.user("alice"), world.emulator.layout());
    let sent: Content = told_where().into();
    let tells = |content: &[u8]| content.windows(WHERE.len()).any(|part| part == WHERE);
    assert!(tells(&sent));
    alice.slash("/pay", &[], Some(("where.jpg", sent.clone()))).await.unwrap();
    let kept = std::fs::read_dir(world.proofs.path()).unwrap();
    let kept: Vec<_> = kept.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    assert_eq!(kept.len(), 2);
    assert!(!kept.iter().any(|content| tells(content)), "on the disk");
    let card = world.pages(|p| p.surface(SurfaceKey::ReviewCard(super::order_id()))).unwrap();
    world.bot.chat().post(Place::Channel(layout.review), &card, "review.0").await.unwrap();
    let shown = world.emulator.channel_messages(layout.review).into_iter();
    let shown = shown.flat_map(|message| message.files).map(|file| file.bytes);
    let shown: Vec<Content> = shown.collect();
    assert_eq!(shown.len(), 2);
    assert!(!shown.iter().any(|content| tells(content)), "on the card");
    let order = || world.records.snapshot().order(super::order_id()).unwrap().clone();
    alice.slash("/pay", &[], Some(("again.jpg", sent))).await.unwrap();
    assert_eq!(order().evidence.len(), 2, "the very same file");
    world.end().await.unwrap();
}

/// A shop in which alice has sent a picture for her order, the order, and the picture's file.
async fn with_a_picture() -> (World, Order, PathBuf) {
    let world = World::start().await;
    let alice = world.emulator.user("alice");
    super::post_panel(&world).await;
    alice.press(world.emulator.layout().store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    alice.slash("/pay", &[], Some(("a.png", png()))).await.unwrap();
    let order = world.records.snapshot().order(super::order_id()).unwrap().clone();
    let file = world.proofs.path().join(order.evidence[0].file_name());
    assert!(file.exists());
    (world, order, file)
}

async fn put(world: &World, record: impl Into<Record>) {
    let mut edits = Edits::new();
    edits.put(record);
    world.records.txn(edits).await.unwrap();
}

/// Its record says that its pictures are deleted.
async fn say_deleted(world: &World, order: &Order) -> Order {
    let mut order = order.clone();
    order.evidence.iter_mut().for_each(|proof| proof.deleted_at = Some(order.placed_at));
    put(world, order.clone()).await;
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_picture_is_gone_from_disk_and_card_and_does_not_come_back_when_it_is_sent_again()
{
    let (mut world, order, file) = with_a_picture().await;
    let (chat, review) = (world.bot.chat(), world.emulator.layout().review);
    let card = world.pages(|p| p.card_of(&order));
    let posted = chat.post(Place::Channel(review), &card, "review.0").await.unwrap();
    let pictures = |world: &World| {
        let seen = world.emulator.channel_messages(review);
        seen.into_iter().map(|message| message.files.len()).sum::<usize>()
    };
    assert_eq!(pictures(&world), 1);
    assert_eq!(chat.delete_proofs(order.id).await.unwrap(), 0, "the record does not say so");
    assert!(file.exists());
    let order = say_deleted(&world, &order).await;
    // Records and pictures of a backup are of one time.
    let copied = File::open(world.proofs.path()).unwrap();
    copied.lock_shared().unwrap();
    assert!(chat.delete_proofs(order.id).await.is_err() && file.exists());
    drop(copied);
    for was_there in [1, 0] {
        assert_eq!(chat.delete_proofs(order.id).await.unwrap(), was_there);
        assert!(!file.exists());
    }
    chat.edit(&posted, &world.pages(|p| p.card_of(&order))).await.unwrap();
    assert_eq!(pictures(&world), 0, "Discord has it no longer");
    let again = ("a.png", png());
    let shown = world.emulator.user("alice").slash("/pay", &[], Some(again)).await.unwrap();
    assert!(shown.text().contains("already"), "{shown:?}");
    assert!(!file.exists(), "nobody has use for it");
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_another_order_keeps_stays_until_that_ones_time_is_over_too() {
    let (mut world, order, file) = with_a_picture().await;
    let chat = world.bot.chat();
    let sha256 = order.evidence[0].sha256.clone();
    let id = OrderId::new(ulid::Ulid(77));
    let mut evidence = order.evidence.clone();
    evidence[0].resembles = Some(order.id);
    let later = Order { id, evidence, ..order.clone() };
    // Its customer used it again.
    put(&world, later.clone()).await;
    put(&world, ProofOrder { sha256, order: id }).await;
    for (first, second) in [(&order, &later), (&later, &order)] {
        put(&world, order.clone()).await;
        put(&world, later.clone()).await;
        std::fs::write(&file, png()).unwrap();
        say_deleted(&world, first).await;
        assert_eq!(chat.delete_proofs(first.id).await.unwrap(), 0);
        assert!(file.exists(), "it is the other's, too");
        say_deleted(&world, second).await;
        assert_eq!(chat.delete_proofs(second.id).await.unwrap(), 1);
        assert!(!file.exists());
    }
    world.end().await.unwrap();
    world.emulator.assert_clean();
}
