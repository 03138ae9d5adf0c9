//! Pictures that are chosen in the dialog behind "I have paid".

use super::png;
use super::shop::{SOON, World, order_id};
use bytes::Bytes as Content;
use nebulalinks::model::{Order, StatedReference, Surface, SurfaceKey};
use nebulalinks::ports::{Place, Space, Store as _};
use nebulalinks_model_discord::{Actor, ActorError};
use nebulalinks_testkit::store::put_now;
use serde_json::{Value, json};

const BUTTON: &str = "I have paid";

/// A picture of its own.
fn picture(n: u32) -> Content {
    nebulalinks_testkit::picture::png(10 + n, 8).into()
}

/// So many different pictures.
fn pictures(count: u32) -> Vec<(String, Content)> {
    (0..count).map(|n| (format!("{n}.png"), picture(n))).collect()
}

fn borrowed(files: &[(String, Content)]) -> Vec<(&str, Content)> {
    files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect()
}

/// A shop in which alice has an unpaid order.
async fn ordered() -> (World, Actor) {
    let world = World::start().await;
    let alice = world.emulator.user("alice");
    super::post_panel(&world).await;
    alice.press(world.emulator.layout().store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    (world, alice)
}

fn order(world: &World) -> Order {
    world.records.snapshot().order(order_id()).unwrap().clone()
}

fn files_kept(world: &World) -> usize {
    std::fs::read_dir(world.proofs.path()).map_or(0, Iterator::count)
}

/// What a dialog brings for alice's order: these numbers, of these files.
fn sent(numbers: &[u64], files: Value) -> Value {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    json!({"custom_id": format!("v1.paid.{}", order_id()), "resolved": {"attachments": files},
        "components": [{"type": 18, "id": 1, "component":
            {"type": 19, "id": 2, "custom_id": "proof", "values": numbers}}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_are_chosen_in_the_dialog_are_all_on_the_card_and_count_once_told_twice() {
    let (mut world, alice) = ordered().await;
    let layout = world.emulator.layout();
    let dialog = alice.press((), BUTTON).await.unwrap();
    assert!(dialog.modal().is_some(), "{dialog:?}");
    let all = pictures(3);
    let shown = alice.submit_modal_with(&[], &borrowed(&all)).await.unwrap();
    assert!(shown.text().contains("We have your proof"), "{shown:?}");
    let stays = alice.finds_button((), BUTTON);
    assert!(stays.is_some(), "the page that it was pressed on stays");
    assert_eq!(order(&world).evidence.len(), 3);
    assert_eq!(files_kept(&world), 3);

    let card = world.pages(|p| p.surface(SurfaceKey::ReviewCard(order_id()))).unwrap();
    world.bot.chat().post(Place::Channel(layout.review), &card, "review.0").await.unwrap();
    let seen = world.emulator.channel_messages(layout.review);
    let on_card: Vec<Content> = seen.into_iter().flat_map(|m| m.files).map(|f| f.bytes).collect();
    assert_eq!(on_card, all.iter().map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>());

    let (last, _) = world.emulator.last_interaction().unwrap();
    assert!(world.emulator.redeliver(last));
    let intents = std::sync::Arc::clone(&world.intents);
    let again = |_: &_| (intents.verbs().len() == 7).then_some(());
    world.emulator.wait_for("both deliveries", SOON, again).await.unwrap();
    assert_eq!((order(&world).evidence.len(), files_kept(&world)), (3, 3));
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_orders_thread_the_dialog_asks_for_as_many_pictures_as_the_order_takes_still() {
    let (mut world, alice) = ordered().await;
    let layout = world.emulator.layout();
    let customer = nebulalinks::model::Identity::Discord(alice.id());
    let chat = world.bot.chat();
    let thread =
        chat.open(Space::ThreadBelow(layout.orders), "NL-00000A", customer).await.unwrap().thread;
    let mut surface = Surface::new(SurfaceKey::OrderThread(order_id()));
    surface.channel = Some(thread);
    put_now(&world.records, surface);
    let card = world.pages(|p| p.surface(SurfaceKey::OrderThread(order_id()))).unwrap();
    chat.post(Place::Channel(thread), &card, "thread.0").await.unwrap();

    alice.press(thread, BUTTON).await.unwrap();
    let none = alice.submit_modal_with(&[], &[]).await;
    assert!(matches!(none, Err(ActorError::Input(_))), "{none:?}");
    let nine = alice.submit_modal_with(&[], &borrowed(&pictures(9))).await;
    assert!(matches!(nine, Err(ActorError::Input(_))), "{nine:?}");
    let pdf = alice.submit_modal_with(&[], &[("receipt.pdf", png())]).await;
    assert!(matches!(pdf, Err(ActorError::Input(_))), "{pdf:?}");
    let shown = alice.submit_modal_with(&[], &borrowed(&pictures(7))).await.unwrap();
    assert!(shown.text().contains("We have your proof"), "{shown:?}");
    assert_eq!(order(&world).evidence.len(), 7);
    let public = world.emulator.channel_messages(thread);
    assert!(public.iter().all(|m| !m.text.contains("Thank you")), "the answer is hers alone");

    alice.press(thread, BUTTON).await.unwrap();
    let two = alice.submit_modal_with(&[], &borrowed(&pictures(2))).await;
    assert!(matches!(two, Err(ActorError::Input(_))), "one more: {two:?}");
    let last = alice.submit_modal_with(&[], &[("last.png", picture(20))]).await.unwrap();
    assert!(last.text().contains("We have your proof"), "{last:?}");
    let full = alice.press(thread, BUTTON).await.unwrap();
    assert!(
        full.modal().is_none() && full.text().contains("as many pictures as it can take"),
        "{full:?}"
    );
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_of_a_payment_is_refused_and_what_came_beside_it_is_taken() {
    let (mut world, alice) = ordered().await;
    let mut huge = png().to_vec();
    huge.resize((10 << 20) + 1, 0);
    for (name, content, said) in [
        ("text.png", Content::from_static(b"no picture"), "picture"),
        ("empty.png", Content::new(), "picture"),
        ("huge.png", huge.into(), "10MiB"),
    ] {
        alice.press((), BUTTON).await.unwrap();
        let shown = alice.submit_modal_with(&[], &[(name, content)]).await.unwrap();
        assert!(shown.text().contains(said) && !shown.text().contains("Thank you"), "{shown:?}");
        assert_eq!((order(&world).evidence.len(), files_kept(&world)), (0, 0), "{name}");
    }
    alice.press((), BUTTON).await.unwrap();
    let both = [("text.png", Content::from_static(b"no picture")), ("a.png", png())];
    let shown = alice.submit_modal_with(&[], &both).await.unwrap();
    assert!(shown.text().contains("We have your proof"), "{shown:?}");
    assert_eq!(order(&world).evidence.len(), 1);
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_payment_goes_with_the_first_picture_of_it_that_is_taken() {
    let (mut world, alice) = ordered().await;
    let typed = |world: &World| -> Vec<Option<String>> {
        let stated = |stated: &StatedReference| stated.typed.to_string();
        order(world).evidence.iter().map(|e| e.stated.as_deref().map(stated)).collect()
    };
    alice.press((), BUTTON).await.unwrap();
    let files = [
        ("text.png", Content::from_static(b"no picture")),
        ("a.png", png()),
        ("b.png", picture(1)),
    ];
    alice.submit_modal_with(&[("reference", "TX 77")], &files).await.unwrap();
    assert_eq!(typed(&world), [Some("TX 77".to_owned()), None]);
    let store = world.emulator.layout().store;
    let file = ("c.png", picture(2));
    alice.slash_in(store, "/pay", &[("number", "TX 78")], Some(file)).await.unwrap();
    alice.press((), BUTTON).await.unwrap();
    alice.submit_modal_with(&[], &[("d.png", picture(3))]).await.unwrap();
    let all = [Some("TX 77".to_owned()), None, Some("TX 78".to_owned()), None];
    assert_eq!(typed(&world), all);
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_dialog_brings_nothing_in_and_nobody_is_called_for_its_files() {
    let (mut world, alice) = ordered().await;
    let elsewhere = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let url = format!("http://{}/a.png", elsewhere.local_addr().unwrap());
    let file = |url: &str| json!({"id": "77", "filename": "a.png", "url": url, "size": 9});
    let none = "attach a picture";
    for (what, data, said) in [
        ("no such file", sent(&[78], json!({"77": file(&url)})), none),
        ("no files at all", sent(&[77], Value::Null), none),
        ("a file without an address", sent(&[77], json!({"77": {"size": 9}})), none),
        ("nothing chosen", sent(&[], json!({"77": file(&url)})), none),
        ("another host", sent(&[77], json!({"77": file(&url)})), "could not"),
        (
            "a file of this machine",
            sent(&[77], json!({"77": file("file:///etc/passwd")})),
            "could not",
        ),
    ] {
        let shown = alice.forge_modal(data).await.unwrap();
        assert!(shown.text().contains(said), "{what}: {shown:?}");
    }
    // Somebody else's order is nobody's for them, whatever they send.
    let bob = world.emulator.user("bob");
    let shown = bob.forge_modal(sent(&[77], json!({"77": file(&url)}))).await.unwrap();
    assert!(!shown.text().contains("could not"), "{shown:?}");
    assert!(elsewhere.accept().is_err(), "it was called");
    assert_eq!((order(&world).evidence.len(), files_kept(&world)), (0, 0));
    assert_eq!(world.intents.verbs(), ["place"]);
    world.end().await.unwrap();
    world.emulator.assert_clean();
}
