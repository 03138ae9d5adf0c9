//! The bot against the emulator of Discord: real HTTP, real websocket, an intent handler in memory.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod account;
mod chosen;
mod codes;
mod exports;
mod faults;
mod files;
mod flood;
mod offers;
mod order_channels;
mod posted;
mod set_up;
mod shop;
mod threads;

use bytes::Bytes as Content;
use nebulalinks::discord::BotError;
use nebulalinks::model::{Identity, SurfaceKey, Witness};
use nebulalinks::ports::Hint;
use nebulalinks::ports::{ChatClass, ChatCode, Place, Posted, Space};
use nebulalinks::view::{Accent, Message};
use nebulalinks_model_discord::{DispatchFault, Effect, Fault, Outcome};
use shop::{Mood, SOON, World, order_id, wall_now};
use std::time::Duration;

fn png() -> Content {
    nebulalinks_testkit::picture::png(8, 8).into()
}

async fn post_panel(world: &World) -> Posted {
    let panel = world.pages(|p| p.store_panel());
    let store = Place::Channel(world.emulator.layout().store);
    world.bot.chat().post(store, &panel, "store-panel.0").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_answered_in_their_own_language_and_commands_are_described_in_it() {
    let mut world = World::start().await;
    let (alice, omar) = (world.emulator.user("alice"), world.emulator.staff("omar", "admin"));
    let store = world.emulator.layout().store;
    post_panel(&world).await;
    for (locale, heading, plan) in [
        ("ru", "Какой тариф?", "Базовый"),
        ("ar", "أي باقة تريد؟", "Basic"),
        ("fr", "Which plan?", "Basic"),
        ("en-GB", "Which plan?", "Basic"),
    ] {
        alice.set_locale(locale).unwrap();
        let shown = alice.press(store, "Buy").await.unwrap();
        assert!(shown.text().contains(heading) && shown.text().contains(plan), "{shown:?}");
    }
    omar.set_locale("ru").unwrap();
    let listed = omar.slash("/admin pending", &[], None).await.unwrap();
    assert!(listed.text().contains("Ни один платёж не ждёт проверки."), "{listed:?}");
    for (locale, said) in [
        ("ru", "Отправить подтверждение оплаты заказа"),
        ("ar", "إرسال إثبات دفع طلبك"),
        ("de", "Send the proof of payment for your order"),
    ] {
        assert_eq!(world.emulator.command_description("pay", locale).as_deref(), Some(said));
    }
    world.emulator.assert_clean();
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_presses_without_end_is_told_to_wait_and_nobody_else_is() {
    let mut world = World::start().await;
    let people = ["alice", "bob"].map(|name| world.emulator.user(name));
    let omar = world.emulator.staff("omar", "support");
    let store = world.emulator.layout().store;
    post_panel(&world).await;
    let slower = "more in one minute than we answer";
    let mut answered = 0;
    for _ in 0..60 {
        let shown = people[0].press(store, "Buy").await.unwrap();
        match shown.text().contains(slower) {
            false => answered += 1,
            true => break,
        }
    }
    assert!((30..60).contains(&answered), "{answered}");
    for _ in 0..40 {
        let shown = omar.press(store, "Buy").await.unwrap();
        assert!(!shown.text().contains(slower), "{shown:?}");
    }
    let shown = people[1].press(store, "Buy").await.unwrap();
    assert!(!shown.text().contains(slower), "{shown:?}");
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_from_the_panel_to_the_approval() {
    let mut world = World::start().await;
    let (alice, omar) = (world.emulator.user("alice"), world.emulator.staff("omar", "admin"));
    let layout = world.emulator.layout();
    post_panel(&world).await;

    let shown = alice.press(layout.store, "Buy").await.unwrap();
    assert!(shown.text().contains("Which plan?"), "{shown:?}");
    let shown = alice.pick("basic-30").await.unwrap();
    assert!(matches!(shown, Outcome::Updated(_)), "the private message goes on: {shown:?}");
    let shown = alice.pick("vodafone-cash").await.unwrap();
    assert!(shown.text().contains("**Reference**\n```\nNL-00000A\n```"), "{shown:?}");

    let chat = world.bot.chat();
    let name = nebulalinks::view::Pages::thread_name(order_id());
    let customer = Identity::Discord(alice.id());
    let thread =
        chat.open(Space::ThreadBelow(layout.orders), &name, customer).await.unwrap().thread;
    let card = world.pages(|p| p.surface(SurfaceKey::OrderThread(order_id()))).unwrap();
    chat.post(Place::Channel(thread), &card, "thread.0").await.unwrap();
    assert!(alice.visible_messages(thread)[0].text.contains("01000000000"));

    let shown = alice.slash_in(thread, "/pay", &[], Some(("a.png", png()))).await.unwrap();
    assert!(shown.text().contains("We have your proof"), "{shown:?}");
    let kept: Vec<_> = std::fs::read_dir(world.proofs.path()).unwrap().collect();
    assert_eq!(kept.len(), 1);

    let card = world.pages(|p| p.surface(SurfaceKey::ReviewCard(order_id()))).unwrap();
    let review = Place::Channel(layout.review);
    let posted = chat.post(review, &card, "review.0").await.unwrap();
    let seen = omar.visible_messages(layout.review);
    assert_eq!(seen[0].files[0].bytes, png(), "the picture is on the card");
    let shown = omar.press(layout.review, "Approve").await.unwrap();
    assert!(shown.text().contains("Approve this payment?"), "{shown:?}");
    let shown = omar.press((), "Confirm").await.unwrap();
    assert!(shown.text().contains("Approved: order"), "{shown:?}");

    let card = world.pages(|p| p.surface(SurfaceKey::ReviewCard(order_id()))).unwrap();
    chat.edit(&posted, &card).await.unwrap();
    let seen = omar.visible_messages(layout.review);
    assert!(seen[0].buttons.is_empty() && seen[0].edited, "{seen:?}");
    assert_eq!(seen[0].files.len(), 1, "the edit keeps one picture");
    assert_eq!(world.intents.verbs(), ["place", "add-proof", "approve"]);
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_takes_its_reason_from_the_dialog() {
    let mut world = World::start().await;
    let (alice, omar) = (world.emulator.user("alice"), world.emulator.staff("omar", "admin"));
    let layout = world.emulator.layout();
    post_panel(&world).await;
    alice.press(layout.store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    alice.slash("/pay", &[], Some(("a.png", png()))).await.unwrap();
    let card = world.pages(|p| p.review_card(order_id())).unwrap();
    world.bot.chat().post(Place::Channel(layout.review), &card, "review.0").await.unwrap();
    let dialog = omar.press(layout.review, "Decline").await.unwrap();
    assert!(dialog.modal().is_some(), "{dialog:?}");
    let shown = omar.submit_modal(&[("reason", "the amount is wrong")]).await.unwrap();
    assert!(shown.text().contains("Declined"), "{shown:?}");
    let card = world.pages(|p| p.order_card(order_id())).unwrap().plain();
    assert!(card.contains("the amount is wrong"), "{card}");
    let pending = omar.slash("/admin pending", &[], None).await.unwrap();
    assert!(pending.text().contains("No payment waits"), "{pending:?}");
    let refused = alice.slash("/admin pending", &[], None).await.unwrap();
    assert!(refused.text().contains("Only staff"), "{refused:?}");
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_proof_is_refused_with_a_word_on_what_to_do() {
    let mut world = World::start().await;
    let alice = world.emulator.user("alice");
    let stranger = alice.slash("/pay", &[], Some(("a.png", png()))).await.unwrap();
    assert!(stranger.text().contains("no order that waits"), "{stranger:?}");
    post_panel(&world).await;
    alice.press(world.emulator.layout().store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    let pdf = Content::from_static(b"%PDF-1.7 and so on");
    let shown = alice.slash("/pay", &[], Some(("a.png", pdf))).await.unwrap();
    assert!(shown.text().contains("not a picture"), "{shown:?}");
    let large = Content::from(vec![0_u8; 11 << 20]);
    let shown = alice.slash("/pay", &[], Some(("a.png", large))).await.unwrap();
    assert!(shown.text().contains("too large"), "{shown:?}");
    let typed = [("order", "nonsense")];
    let shown = alice.slash("/pay", &typed, Some(("a.png", png()))).await.unwrap();
    assert!(shown.text().contains("not an order number"), "{shown:?}");
    assert_eq!(world.intents.verbs(), ["place"]);
    assert_eq!(std::fs::read_dir(world.proofs.path()).unwrap().count(), 0);
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_handler_is_waited_for_and_a_defect_is_answered_politely() {
    let mut world = World::start().await;
    let alice = world.emulator.user("alice");
    let store = world.emulator.layout().store;
    post_panel(&world).await;
    alice.press(store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    *world.intents.mood.lock().unwrap() = Mood::Slow(Duration::from_secs(4));
    let shown = alice.pick("vodafone-cash").await.unwrap();
    assert!(shown.text().contains("Your order stands"), "{shown:?}");
    *world.intents.mood.lock().unwrap() = Mood::Panics;
    let shown = alice.press((), "Cancel order").await.unwrap();
    assert!(shown.text().contains("Something went wrong"), "{shown:?}");
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_nonce_is_one_message_and_it_is_found_again() {
    let mut world = World::start().await;
    let chat = world.bot.chat();
    let place = Place::Channel(world.emulator.layout().store);
    let first = post_panel(&world).await;
    assert_eq!(post_panel(&world).await, first);
    assert_eq!(chat.find(place, "store-panel.0").await.unwrap(), Some(first.clone()));
    assert_eq!(chat.find(place, "store-panel.1").await.unwrap(), None);
    let lost = Fault::on("POST", "/channels/{channel_id}/messages", Effect::DropAfterCommit);
    world.emulator.fault(lost);
    let message = Message::text(Accent::Good, "hello");
    let error = chat.post(place, &message, "hello.0").await.unwrap_err();
    assert_eq!(error.class, ChatClass::Unknown, "{error}");
    world.emulator.clear_faults();
    let found = chat.find(place, "hello.0").await.unwrap().unwrap();
    assert_ne!(found, first, "what was posted in spite of the error is found");

    // Discord forgets nonces; the mark in the message stays, also through an edit.
    chat.edit(&found, &Message::text(Accent::Good, "changed")).await.unwrap();
    let seen = world.emulator.channel_messages(found.channel);
    let seen = seen.iter().find(|m| m.id == found.message).unwrap();
    assert!(seen.components[0]["id"].as_u64().unwrap() >= 1 << 30, "{:?}", seen.components);
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_of_discord_says_what_to_do() {
    let mut world = World::start().await;
    let chat = world.bot.chat();
    let layout = world.emulator.layout();
    let alice = world.emulator.user("alice");
    let message = Message::text(Accent::Good, "hello");
    alice.close_dms();
    let to = Place::Direct(Identity::Discord(alice.id()));
    let error = chat.post(to, &message, "dm.0").await.unwrap_err();
    assert_eq!((error.class, error.code), (ChatClass::Closed, ChatCode::DmClosed));
    alice.open_dms();
    chat.post(to, &message, "dm.1").await.unwrap();
    assert_eq!(alice.dms().len(), 1);

    let store = Place::Channel(layout.store);
    world.emulator.deny_writing(layout.store, true);
    let error = chat.post(store, &message, "x.0").await.unwrap_err();
    assert_eq!(error.class, ChatClass::Refused, "{error}");
    world.emulator.deny_writing(layout.store, false);

    let mut hints = world.bot.hints();
    let posted = chat.post(store, &message, "x.1").await.unwrap();
    chat.check_exists(&posted).await.unwrap();
    assert!(world.emulator.delete_message(posted.channel, posted.message));
    let hint = tokio::time::timeout(SOON, hints.recv()).await.unwrap().unwrap();
    let Posted { channel, message: id } = posted;
    assert_eq!(hint, Hint::MessageGone { channel, message: id });
    assert_eq!(chat.edit(&posted, &message).await.unwrap_err().class, ChatClass::MessageGone);
    assert_eq!(chat.check_exists(&posted).await.unwrap_err().class, ChatClass::MessageGone);

    let customer = Identity::Discord(alice.id());
    let opened = chat.open(Space::ThreadBelow(layout.orders), "order-x", customer).await.unwrap();
    let thread = opened.thread;
    assert!(opened.new);
    let again = chat.open(Space::ThreadBelow(layout.orders), "order-x", customer).await.unwrap();
    assert_eq!((again.thread, again.new), (thread, false));
    let there = world.emulator.threads().into_iter().find(|t| t.id == thread).unwrap();
    assert!(there.private && there.members.contains(&"alice".to_owned()), "{there:?}");
    assert!(world.emulator.delete_channel(thread));
    let hint = tokio::time::timeout(SOON, hints.recv()).await.unwrap().unwrap();
    assert_eq!(hint, Hint::ChannelGone { channel: thread });
    let error = chat.post(Place::Channel(thread), &message, "x.2").await.unwrap_err();
    assert_eq!(error.class, ChatClass::ChannelGone);
    let anew = chat.open(Space::ThreadBelow(layout.orders), "order-x", customer).await.unwrap();
    assert!(anew.new && anew.thread != thread, "{anew:?}");
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_discords_passes_and_is_final_for_nothing() {
    let page = |status| Effect::Page(status, "<html>404 page not found</html>".to_owned());
    let gateway = Fault::on("GET", "/gateway", page(404));
    let mut world = World::with_fault("right", Some(gateway)).await;
    world.emulator.wait_for_bot(SOON).await.unwrap();
    world.emulator.clear_faults();
    let chat = world.bot.chat();
    let layout = world.emulator.layout();
    let alice = Identity::Discord(world.emulator.user("alice").id());
    let message = Message::text(Accent::Good, "hello");
    for status in [401, 403, 404] {
        world.emulator.fault(Fault::any(page(status)));
        let mut classes = vec![
            chat.post(Place::Channel(layout.store), &message, "p.0").await.unwrap_err(),
            chat.post(Place::Direct(alice), &message, "p.1").await.unwrap_err(),
            chat.open(Space::ThreadBelow(layout.orders), "order-p", alice).await.unwrap_err(),
        ];
        let with_file = world.pages(|p| p.store_panel());
        let with_file = Message {
            files: vec![nebulalinks::view::Attachment {
                name: "a.png".into(),
                source: nebulalinks::view::FileSource::Bytes(png().to_vec()),
            }],
            ..with_file
        };
        let place = Place::Channel(layout.store);
        classes.push(chat.post(place, &with_file, "p.2").await.unwrap_err());
        for error in classes {
            assert_eq!(
                (error.class, error.code),
                (ChatClass::Later, ChatCode::NotDiscord),
                "{status}"
            );
        }
        world.emulator.clear_faults();
    }
    chat.open(Space::ThreadBelow(layout.orders), "order-p", alice).await.unwrap();
    // The connection that is lost meanwhile comes back, too.
    world.emulator.fault(Fault::on("GET", "/gateway", page(401)).times(1));
    world.emulator.disconnect_gateway(4009);
    world.emulator.wait_for_bot(SOON).await.unwrap();
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_made_again_and_a_wrong_token_ends_the_bot() {
    let mut world = World::start().await;
    let alice = world.emulator.user("alice");
    let store = world.emulator.layout().store;
    post_panel(&world).await;
    world.emulator.disconnect_gateway(4000);
    world.emulator.wait_for_bot(SOON).await.unwrap();
    let mut shown = alice.press(store, "Buy").await.unwrap();
    if shown.is_failed() {
        // The click came before the new connection.
        world.emulator.wait_for_bot(SOON).await.unwrap();
        shown = alice.press(store, "Buy").await.unwrap();
    }
    assert!(shown.text().contains("Which plan?"), "{shown:?}");
    world.end().await.unwrap();

    let mut wrong = World::with_token("wrong").await;
    let ended = wrong.ended().await;
    assert!(matches!(ended, Err(BotError::Fatal(_))), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_goes_by_dm_and_shows_again_on_demand_with_a_picture() {
    let mut world = World::start().await;
    let (alice, bob) = (world.emulator.user("alice"), world.emulator.user("bob"));
    account::serve(&world.records, Identity::Discord(alice.id()));
    let link = world.pages(|p| p.link_message(shop::account_id())).unwrap();
    let to = Place::Direct(Identity::Discord(alice.id()));
    world.bot.chat().post(to, &link, "link.0").await.unwrap();
    let dm = alice.dms().remove(0);
    assert!(dm.text.contains("vless://") && dm.files[0].name == "link.png", "{dm:?}");
    let picture = png::Decoder::new(std::io::Cursor::new(&dm.files[0].bytes));
    let mut picture = picture.read_info().unwrap();
    let mut pixels = vec![0; picture.output_buffer_size().unwrap()];
    assert!(picture.next_frame(&mut pixels).is_ok(), "the picture is one");

    let shown = alice.press(nebulalinks_model_discord::Place::Direct, "Show my link").await;
    let shown = shown.unwrap();
    assert!(shown.text().contains("vless://"), "{shown:?}");
    assert_eq!(shown.message().unwrap().files[0].bytes, dm.files[0].bytes, "links are stable");

    let store = world.emulator.layout().store;
    post_panel(&world).await;
    let mine = alice.press(store, "My account").await.unwrap();
    assert!(mine.text().contains("Frankfurt 1"), "{mine:?}");
    let none = bob.press(store, "My account").await.unwrap();
    assert!(none.text().contains("no account yet"), "{none:?}");
    let renew = alice.press((), "Renew").await.unwrap();
    assert!(renew.text().contains("After paying"), "{renew:?}");
    alice.pick("vodafone-cash").await.unwrap();
    let asked = world.intents.asked.lock().unwrap().clone();
    let nebulalinks::intent::Intent::Place(placed) = &asked[0] else { panic!("{asked:?}") };
    assert_eq!(placed.target, nebulalinks::model::Target::Renew(shop::account_id()));
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivered_click_carries_the_same_number_so_that_it_changes_once() {
    let mut world = World::start().await;
    let alice = world.emulator.user("alice");
    post_panel(&world).await;
    alice.press(world.emulator.layout().store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    world.emulator.dispatch_fault("INTERACTION_CREATE", DispatchFault::Duplicate, 1);
    let shown = alice.pick("vodafone-cash").await.unwrap();
    assert!(shown.text().contains("Your order stands"), "{shown:?}");
    let intents = std::sync::Arc::clone(&world.intents);
    let twice = world
        .emulator
        .wait_for("both deliveries", SOON, |_| (intents.verbs().len() == 2).then_some(()));
    twice.await.unwrap();
    let numbers: Vec<_> = world
        .intents
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|i| match i {
            nebulalinks::intent::Intent::Place(p) => p.interaction,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(numbers[0], numbers[1]);
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_ends_at_once_also_while_it_cannot_connect() {
    let slow = Effect::Latency(Duration::from_secs(60));
    let mut world = World::with_fault("right", Some(Fault::on("GET", "/gateway", slow))).await;
    let waiting = world
        .emulator
        .wait_for("the look-up", SOON, |e| (e.faults_met("Latency") > 0).then_some(()));
    waiting.await.unwrap();
    let began = wall_now();
    world.end().await.unwrap();
    assert!(wall_now().since(began).0 < 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_date_of_any_answer_of_discord_tells_the_time_a_refusal_too() {
    // A token that is refused, and an edge that refuses everybody.
    let refused = Effect::Refuse(503, 0, "upstream".to_owned());
    let world = World::with_fault("wrong", Some(Fault::on("GET", "/gateway", refused))).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let asking = tokio::spawn({
        let (bot, stop) = (world.bot.clone(), stop.clone());
        async move { bot.ask_the_time(stop).await }
    });
    let told = async {
        loop {
            if let Some(told) = world.time.heard.lock().unwrap().first().cloned() {
                break told;
            }
            tokio::task::yield_now().await;
        }
    };
    let (witness, date) = tokio::time::timeout(SOON, told).await.unwrap();
    assert_eq!(witness, Witness::Discord);
    let now = wall_now();
    assert!(date <= now && now.since(date).0 < 60_000, "{date:?} {now:?}");
    stop.cancel();
    asking.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_tells_the_roles_that_it_calls_and_no_other_that_it_names_and_an_edit_nobody() {
    let mut world = World::start().await;
    let layout = world.emulator.layout();
    let text = |more: &str| format!("<@&{}> <@&{}> @everyone{more}", layout.admin, layout.support);
    let mut card = Message::text(Accent::Waiting, text(""));
    card.calls_roles = vec![layout.admin];
    let review = Place::Channel(layout.review);
    let posted = world.bot.chat().post(review, &card, "card.0").await.unwrap();
    assert_eq!(world.bot.chat().post(review, &card, "card.0").await.unwrap(), posted);
    let shown = || world.emulator.channel_messages(layout.review).pop().unwrap();
    assert_eq!(shown().rang, ["@admin"]);
    let edited = Message { calls_roles: vec![layout.admin, layout.support], ..card };
    let edited = Message { blocks: Message::text(Accent::Good, text(".")).blocks, ..edited };
    world.bot.chat().edit(&posted, &edited).await.unwrap();
    assert!(shown().edited && shown().rang == ["@admin"], "{:?}", shown());
    let quiet = Message { calls_roles: Vec::new(), ..edited };
    world.bot.chat().post(review, &quiet, "card.1").await.unwrap();
    assert!(shown().rang.is_empty(), "{:?}", shown());
    world.emulator.assert_clean();
    world.end().await.unwrap();
}
