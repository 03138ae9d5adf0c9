//! What the gateway tells, and to whom.

use crate::bot::*;
use nebulalinks_model_discord::{ActorError, DispatchFault, Emulator};
use serde_json::json;
use serenity::all::{Event, GatewayIntents};

const USUAL: GatewayIntents = GatewayIntents::GUILDS
    .union(GatewayIntents::GUILD_MESSAGES)
    .union(GatewayIntents::DIRECT_MESSAGES);

#[tokio::test]
async fn serenity_can_read_every_dispatch() {
    let emulator = emulator().await;
    let layout = emulator.layout();
    let (bot, mut heard) = listen(&emulator, USUAL).await;
    heard.next("READY").await;
    heard.next("GUILD_CREATE").await;
    let posted = bot.http.send_message(layout.store.into(), vec![], &panel()).await.unwrap();
    heard.next("MESSAGE_CREATE").await;
    let edit = json!({ "components": container(json!([{ "type": 10, "content": "new" }])) });
    bot.http.edit_message(layout.store.into(), posted.id, &edit, vec![]).await.unwrap();
    heard.next("MESSAGE_UPDATE").await;
    assert!(emulator.delete_message(layout.store, posted.id.get()));
    let Event::MessageDelete(gone) = heard.next("MESSAGE_DELETE").await else { panic!() };
    assert_eq!(gone.message_id, posted.id);
    let ask = json!({ "name": "order 1", "type": 12 });
    let thread = bot.http.create_thread(layout.orders.into(), &ask, None).await.unwrap();
    heard.next("THREAD_CREATE").await;
    let archive = json!({ "archived": true });
    bot.http.edit_thread(thread.id, &archive, None).await.unwrap();
    heard.next("THREAD_UPDATE").await;
    assert!(emulator.delete_channel(thread.id.get()));
    heard.next("THREAD_DELETE").await;
    let room = json!({ "name": "room", "type": 0 });
    let room = bot.http.create_channel(layout.guild.into(), &room, None).await.unwrap();
    heard.next("CHANNEL_CREATE").await;
    bot.http.delete_channel(room.id, None).await.unwrap();
    heard.next("CHANNEL_DELETE").await;
    emulator.assert_clean();
    bot.stop().await;
}

#[tokio::test]
async fn serenity_can_read_every_interaction() {
    let emulator = emulator().await;
    let layout = emulator.layout();
    let (bot, mut heard) = listen(&emulator, USUAL).await;
    let alice = emulator.user("alice");
    bot.http.send_message(layout.store.into(), vec![], &panel()).await.unwrap();
    bot.http.send_message(alice.dm_channel().into(), vec![], &panel()).await.unwrap();
    let pay = json!([{ "name": "pay", "description": "Send a proof", "options": [
        { "type": 11, "name": "proof", "description": "The picture" },
    ] }]);
    bot.http.create_guild_commands(layout.guild.into(), &pay).await.unwrap();
    let picture = Some(("proof.png", png().into()));
    let (in_guild, direct, command) = tokio::join!(
        alice.press("store", "Buy"),
        alice.press("@alice", "Buy"),
        alice.slash("/pay", &[], picture),
    );
    for outcome in [in_guild, direct, command] {
        assert!(outcome.unwrap().is_failed());
        heard.next("INTERACTION_CREATE").await;
    }
    bot.stop().await;
}

#[tokio::test]
async fn an_interaction_tells_whose_language_and_the_guilds() {
    let emulator = emulator().await;
    let (store, alice) = (emulator.layout().store, emulator.user("alice"));
    let (bot, mut heard) = listen(&emulator, USUAL).await;
    bot.http.send_message(store.into(), vec![], &panel()).await.unwrap();
    bot.http.send_message(alice.dm_channel().into(), vec![], &panel()).await.unwrap();
    alice.set_locale("ar").unwrap();
    assert!(matches!(alice.set_locale("en"), Err(ActorError::Input(_))), "en-US and en-GB are");
    assert_eq!((alice.locale().as_str(), emulator.user("bob").locale().as_str()), ("ar", "en-US"));
    for (place, of_guild) in [("store", Some("en-US")), ("@alice", None)] {
        let (_, event) = tokio::join!(alice.press(place, "Buy"), heard.next("INTERACTION_CREATE"));
        let Event::InteractionCreate(told) = event else { panic!() };
        let click = told.interaction.message_component().unwrap();
        assert_eq!((click.locale.as_str(), click.guild_locale.as_deref()), ("ar", of_guild));
    }
    bot.stop().await;
}

async fn said_content(emulator: &Emulator, intents: GatewayIntents) -> (String, usize) {
    let (bot, mut heard) = listen(emulator, intents).await;
    let store = emulator.layout().store;
    let files = [("proof.png", png().into())];
    emulator.user("alice").say(store, "I have paid", &files).unwrap();
    let Event::MessageCreate(said) = heard.next("MESSAGE_CREATE").await else { panic!() };
    bot.stop().await;
    (said.message.content, said.message.attachments.len())
}

#[tokio::test]
async fn without_its_intent_others_messages_are_empty() {
    let emulator = emulator().await;
    assert_eq!(said_content(&emulator, USUAL).await, (String::new(), 0));
    let content = GatewayIntents::MESSAGE_CONTENT;
    let (emulator, _) = emulator_with(|config| config.privileged_intents = content.bits()).await;
    assert_eq!(said_content(&emulator, USUAL | content).await, ("I have paid".to_owned(), 1));
}

#[tokio::test]
async fn without_its_intent_a_kind_of_event_never_comes() {
    let emulator = emulator().await;
    let layout = emulator.layout();
    let (bot, mut heard) = listen(&emulator, GatewayIntents::GUILDS).await;
    bot.http.send_message(layout.store.into(), vec![], &panel()).await.unwrap();
    let ask = json!({ "name": "order 1", "type": 12 });
    bot.http.create_thread(layout.orders.into(), &ask, None).await.unwrap();
    heard.next("GUILD_CREATE").await;
    // The thread came after the message, and is the next event that the bot hears.
    let next = heard.0.recv().await.unwrap();
    assert_eq!(next.name().as_deref(), Some("THREAD_CREATE"));
    bot.stop().await;
}

#[tokio::test]
async fn a_late_dispatch_comes_after_the_next_one() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    let (bot, mut heard) = listen(&emulator, USUAL).await;
    heard.next("GUILD_CREATE").await;
    emulator.dispatch_fault("MESSAGE_CREATE", DispatchFault::Late, 1);
    let mut told = Vec::new();
    for text in ["first", "second"] {
        bot.http.send_message(store.into(), vec![], &json!({ "content": text })).await.unwrap();
    }
    for _ in 0..2 {
        let Event::MessageCreate(said) = heard.next("MESSAGE_CREATE").await else { panic!() };
        told.push(said.message.content);
    }
    assert_eq!(told, ["second", "first"]);
    bot.stop().await;
}

#[tokio::test]
async fn asked_to_reconnect_the_bot_resumes() {
    let emulator = emulator().await;
    let (bot, mut heard) = listen(&emulator, USUAL).await;
    heard.next("GUILD_CREATE").await;
    emulator.ask_reconnect();
    heard.next("RESUMED").await;
    assert_eq!(emulator.sessions(), (1, 1));
    bot.stop().await;
}

#[tokio::test]
async fn an_invalid_session_begins_anew() {
    let emulator = emulator().await;
    let (bot, mut heard) = listen(&emulator, USUAL).await;
    heard.next("GUILD_CREATE").await;
    emulator.invalidate_sessions();
    heard.next("READY").await;
    assert_eq!(emulator.sessions(), (2, 0));
    bot.stop().await;
}
