//! What people can do and see.

use crate::bot::*;
use nebulalinks_model_discord::{
    ActorError, Audience, DispatchFault, Effect, Emulator, EventKind, Fault, Outcome, Place, UnixMs,
};
use serde_json::json;
use serenity::all::{Event, GatewayIntents};
use std::sync::atomic::Ordering;
use std::time::Duration;

#[tokio::test]
async fn a_click_is_answered_for_the_one_who_clicked_only() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    let store = emulator.layout().store;
    bot.http.send_message(store.into(), vec![], &panel()).await.unwrap();
    let (alice, bob) = (emulator.user("alice"), emulator.user("bob"));

    let shown = alice.press("store", "Buy").await.unwrap();
    assert_eq!(shown.text(), "Which plan?\n(select: Basic, 30 days, Big, 90 days)");
    assert_eq!(shown.message().unwrap().audience, Audience::Only("alice".into()));
    assert_eq!(alice.visible_messages(store).len(), 2);
    assert_eq!(bob.visible_messages(store).len(), 1);
    assert!(matches!(bob.pick("basic-30").await, Err(ActorError::NotThere { .. })));

    let ordered = alice.pick("basic-30").await.unwrap();
    assert!(matches!(ordered, Outcome::Updated(_)), "{ordered:?}");
    assert_eq!(ordered.text(), "Ordered.");
    assert_eq!(emulator.sessions(), (1, 0));
    emulator.assert_clean();
    bot.stop().await;
}

#[tokio::test]
async fn without_an_answer_the_person_is_told_that_it_failed() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let outcome = emulator.user("alice").press((), "Silent").await.unwrap();
    assert_eq!(outcome, Outcome::Failed);
    let told = emulator.history();
    assert!(told.iter().any(|event| event.kind == EventKind::InteractionFailed));
    bot.stop().await;
}

#[tokio::test]
async fn what_was_put_off_comes_with_its_picture() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let outcome = emulator.user("alice").press((), "Later").await.unwrap();
    assert_eq!(outcome.text(), "Here it is.\n{image qr.png}");
    assert_eq!(outcome.message().unwrap().files[0].bytes, png());
    emulator.assert_clean();
    bot.stop().await;
}

#[tokio::test]
async fn a_switched_off_button_cannot_be_pressed() {
    let emulator = emulator().await;
    http(&emulator).send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let refused = emulator.user("alice").press((), "Closed").await;
    assert!(matches!(refused, Err(ActorError::Disabled(_))), "{refused:?}");
}

#[tokio::test]
async fn a_dialog_must_be_filled_in_and_is_sent_once() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let omar = emulator.staff("omar", "support");
    let shown = omar.press((), "Decline").await.unwrap();
    assert_eq!(shown.modal().unwrap().fields, [("reason".to_owned(), "Why".to_owned())]);
    assert!(matches!(omar.submit_modal(&[]).await, Err(ActorError::Input(_))));
    let long = "x".repeat(201);
    assert!(matches!(omar.submit_modal(&[("reason", &long)]).await, Err(ActorError::Input(_))));
    let done = omar.submit_modal(&[("reason", "blurred")]).await.unwrap();
    assert_eq!(done.text(), "Declined.");
    let again = omar.submit_modal(&[("reason", "blurred")]).await;
    assert!(matches!(again, Err(ActorError::NoModal(_))));
    emulator.assert_clean();
    bot.stop().await;
}

#[tokio::test]
async fn a_command_carries_its_file_and_must_be_registered() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    let alice = emulator.user("alice");
    assert!(matches!(alice.slash("/pay", &[], None).await, Err(ActorError::Input(_))));
    let pay = json!([{ "name": "pay", "description": "Send a proof", "options": [
        { "type": 11, "name": "proof", "description": "The picture", "required": true },
        { "type": 3, "name": "order", "description": "Which order" },
    ] }, { "name": "admin", "description": "Staff", "default_member_permissions": "0", "options": [
        { "type": 1, "name": "pending", "description": "What waits" },
    ] }]);
    let guild = emulator.layout().guild;
    bot.http.create_guild_commands(guild.into(), &pay).await.unwrap();
    assert_eq!(emulator.commands(), ["pay", "admin"]);
    assert!(matches!(alice.slash("/pay", &[], None).await, Err(ActorError::Input(_))));
    assert!(matches!(alice.slash("/admin pending", &[], None).await, Err(ActorError::Input(_))));
    let paid = alice.slash("/pay", &[("order", "7")], Some(("proof.png", png().into()))).await;
    assert_eq!(paid.unwrap().text(), "/pay with proof.png");
    let omar = emulator.staff("omar", "owner");
    let listed = omar.slash("/admin pending", &[], None).await.unwrap();
    assert_eq!(listed.text(), "/admin with ");
    emulator.assert_clean();
    bot.stop().await;
}

#[tokio::test]
async fn a_session_resumes_and_gets_what_it_missed() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    emulator.disconnect_gateway(4000);
    let resumed = |e: &nebulalinks_model_discord::Emulator| (e.sessions().1 > 0).then_some(());
    let alice = emulator.user("alice");
    let (pressed, waited) =
        tokio::join!(alice.press((), "Buy"), emulator.wait_for("a resume", SOON, resumed));
    waited.unwrap();
    // A click while nobody listens is replayed; it may have come too late for its 0.7 s.
    assert!(matches!(pressed.unwrap(), Outcome::Replied(_) | Outcome::Failed));
    assert!(alice.press((), "Buy").await.unwrap().message().is_some());
    assert_eq!(emulator.sessions(), (1, 1));
    bot.stop().await;
}

#[tokio::test]
async fn a_second_answer_is_refused_with_40060() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    emulator.dispatch_fault("INTERACTION_CREATE", DispatchFault::Duplicate, 1);
    assert!(emulator.user("alice").press((), "Buy").await.unwrap().message().is_some());
    let answers = emulator
        .wait_for("both answers", SOON, |emulator| {
            let mut requests = emulator.requests();
            requests.retain(|request| request.route.ends_with("/callback"));
            (requests.len() == 2).then_some(requests)
        })
        .await
        .unwrap();
    assert_eq!(answers.iter().map(|a| a.status).collect::<Vec<_>>(), [204, 400]);
    assert_eq!(emulator.count(|message| message.text.contains("Which plan?")), 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_lost_dispatch_never_comes() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    emulator.dispatch_fault("INTERACTION_CREATE", DispatchFault::Lose, 1);
    let alice = emulator.user("alice");
    assert_eq!(alice.press((), "Buy").await.unwrap(), Outcome::Failed);
    assert_eq!(emulator.faults_met("Lose"), 1);
    assert!(alice.press((), "Buy").await.unwrap().message().is_some());
    bot.stop().await;
}

#[tokio::test]
async fn a_wrong_token_and_a_closed_intent_end_the_bot() {
    let emulator = emulator().await;
    let mut closed = client(&emulator, GatewayIntents::MESSAGE_CONTENT).await;
    assert!(closed.start().await.is_err());
    assert_eq!(emulator.sessions().0, 0);
}

#[tokio::test]
async fn the_emulator_stops_and_listens_again_on_its_port() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let address = emulator.base_url();
    emulator.restart().await.unwrap();
    assert_eq!(emulator.base_url(), address);
    emulator.wait_for_bot(SOON).await.unwrap();
    assert!(emulator.user("alice").press((), "Buy").await.unwrap().message().is_some());
    bot.stop().await;
}

#[tokio::test]
async fn a_private_thread_is_seen_by_members_and_staff() {
    let emulator = emulator().await;
    let http = http(&emulator);
    let layout = emulator.layout();
    let (alice, bob) = (emulator.user("alice"), emulator.user("bob"));
    let omar = emulator.staff("omar", "admin");
    let ask = json!({ "name": "order 1", "type": 12, "invitable": false });
    let thread = http.create_thread(layout.orders.into(), &ask, None).await.unwrap();
    http.add_thread_channel_member(thread.id, alice.id().into()).await.unwrap();
    http.send_message(thread.id, vec![], &json!({ "content": "hello" })).await.unwrap();
    let place = thread.id.get();
    assert_eq!(alice.visible_messages(place).len(), 1);
    assert_eq!(omar.visible_messages(place).len(), 1);
    assert_eq!(bob.visible_messages(place).len(), 0);
    assert_eq!(alice.threads()[0].name, "order 1");
    assert_eq!(alice.threads()[0].members.len(), 2);
    let alert = json!({ "content": "trouble" });
    http.send_message(layout.review.into(), vec![], &alert).await.unwrap();
    assert_eq!(alice.visible_messages("review").len(), 0);
    assert_eq!(omar.visible_messages("review").len(), 1);
    assert_eq!(alice.visible_messages(Place::Anywhere).len(), 1);
    emulator.assert_clean();
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_refused_with_10062() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let callback = "/interactions/{interaction_id}/{interaction_token}/callback";
    let slow = Effect::Latency(Duration::from_millis(900));
    emulator.fault(Fault::on("POST", callback, slow).times(1));
    let alice = emulator.user("alice");
    assert!(alice.press((), "Buy").await.unwrap().is_failed());
    let late = |emulator: &Emulator| {
        let requests = emulator.requests();
        requests.into_iter().find(|request| request.route == callback)
    };
    let late = emulator.wait_for("the late answer", SOON, late).await.unwrap();
    assert_eq!(late.status, 404);
    assert_eq!(alice.visible_messages(()).len(), 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_token_works_for_15_minutes_of_the_clock() {
    let (emulator, ms) = emulator_with(|_| {}).await;
    let bot = connect(&emulator).await;
    let layout = emulator.layout();
    bot.http.send_message(layout.store.into(), vec![], &panel()).await.unwrap();
    let alice = emulator.user("alice");
    alice.press((), "Buy").await.unwrap();
    let token = emulator.last_interaction().unwrap().1;
    let edit = json!({ "components": container(json!([{ "type": 10, "content": "changed" }])) });
    let try_edit = || bot.http.edit_original_interaction_response(&token, &edit, vec![]);
    ms.fetch_add(15 * 60 * 1000 - 1, Ordering::SeqCst);
    try_edit().await.unwrap();
    assert_eq!(alice.visible_messages(()).last().unwrap().text, "changed");
    ms.fetch_add(1, Ordering::SeqCst);
    let error = try_edit().await.unwrap_err().to_string();
    assert!(error.contains("Invalid Webhook Token"), "{error}");
    bot.stop().await;
}

#[tokio::test]
async fn a_followup_is_a_message_of_its_own_and_can_be_deleted() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let alice = emulator.user("alice");
    alice.press((), "Buy").await.unwrap();
    let token = emulator.last_interaction().unwrap().1;
    let more = json!({ "content": "more", "flags": PRIVATE });
    let more = bot.http.create_followup_message(&token, &more, vec![]).await.unwrap();
    assert_eq!(alice.visible_messages(()).len(), 3);
    assert_eq!(emulator.user("bob").visible_messages(()).len(), 1);
    bot.http.delete_followup_message(&token, more.id).await.unwrap();
    bot.http.delete_original_interaction_response(&token).await.unwrap();
    assert_eq!(alice.visible_messages(()).len(), 1);
    emulator.assert_clean();
    bot.stop().await;
}

#[tokio::test]
async fn a_button_in_a_direct_message_works() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    let alice = emulator.user("alice");
    let to = json!({ "recipient_id": alice.id().to_string() });
    let channel = bot.http.create_private_channel(&to).await.unwrap();
    bot.http.send_message(channel.id, vec![], &panel()).await.unwrap();
    assert_eq!(alice.dms().len(), 1);
    let shown = alice.press(Place::Direct, "Buy").await.unwrap();
    assert!(shown.text().starts_with("Which plan?"));
    assert_eq!(emulator.user("bob").visible_messages(()).len(), 0);
    emulator.assert_clean();
    bot.stop().await;
}

#[tokio::test]
async fn a_second_delivery_is_the_same_interaction() {
    let emulator = emulator().await;
    let (bot, mut heard) = listen(&emulator, GatewayIntents::GUILDS).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    emulator.user("alice").press((), "Buy").await.unwrap();
    assert!(emulator.redeliver(emulator.last_interaction().unwrap().0));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let event = heard.next("INTERACTION_CREATE").await;
        let Event::InteractionCreate(created) = event else { panic!() };
        ids.push(created.interaction.id());
    }
    assert_eq!(ids[0], ids[1]);
    bot.stop().await;
}

#[tokio::test]
async fn the_transcript_tells_the_story() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    emulator.user("alice").press((), "Buy").await.unwrap();
    let story = emulator.transcript();
    let expected = "\
gateway: NebulaLinks READY
#store NebulaLinks posts
    # The shop
    ---
    [Buy] [Silent] [Later] [Closed (off)]
    [Decline]
#store alice does
    presses [Buy]
#store NebulaLinks posts (only alice sees this)
    Which plan?
    (select: Basic, 30 days, Big, 90 days)";
    assert_eq!(story, expected);
    bot.stop().await;
}

#[tokio::test]
async fn an_older_message_is_reached_by_what_it_says() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    let review = emulator.layout().review;
    for order in ["order one", "order two"] {
        let card = json!({ "flags": V2, "components": container(json!([
            { "type": 10, "content": order },
            { "type": 1, "components": [
                { "type": 2, "style": 4, "label": "Decline", "custom_id": "v1.decline" } ] },
        ])) });
        bot.http.send_message(review.into(), vec![], &card).await.unwrap();
    }
    let omar = emulator.staff("omar", "support");
    // A future of an actor can be given to another task.
    let pressing = {
        let omar = omar.clone();
        async move { omar.press(Place::Containing("order one".into()), "Decline").await }
    };
    assert!(tokio::spawn(pressing).await.unwrap().unwrap().modal().is_some());
    let card = omar.wait_to_see("review", "order one", SOON).await.unwrap();
    assert!(omar.press(Place::Message(card.id), "Decline").await.unwrap().modal().is_some());
    let none = omar.press(Place::Containing("order three".into()), "Decline").await;
    assert!(matches!(none, Err(ActorError::NotThere { .. })));
    bot.stop().await;
}

#[tokio::test]
async fn what_nobody_can_meet_any_more_is_forgotten_and_what_stands_in_channels_stays() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    let store = emulator.layout().store;
    bot.http.send_message(store.into(), vec![], &panel()).await.unwrap();
    let alice = emulator.user("alice");
    alice.press("store", "Buy").await.unwrap();
    assert_eq!(alice.visible_messages(store).len(), 2);
    assert!(!emulator.history().is_empty() && !emulator.requests().is_empty());
    emulator.forget_before(UnixMs(u64::MAX));
    assert_eq!((emulator.history(), emulator.requests()), (vec![], vec![]));
    assert_eq!(alice.visible_messages(store).len(), 1, "what only she saw is closed");
    let shown = alice.press("store", "Buy").await.unwrap();
    assert!(shown.text().starts_with("Which plan?"), "{shown:?}");
    emulator.assert_clean();
    bot.stop().await;
}
