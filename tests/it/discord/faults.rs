//! What Discord answers when it does not do what it is asked, and what gets lost on the way: each is sorted as what
//! it is, nothing is done twice, and no call is repeated by itself.

use super::post_panel;
use super::shop::{SOON, World};
use nebulalinks::model::Identity;
use nebulalinks::ports::ChatClass::{ChannelGone, Closed, Later, MessageGone, Refused};
use nebulalinks::ports::{ChatClass, ChatCode, ChatError, Place};
use nebulalinks::view::{Accent, Message};
use nebulalinks_model_discord::{DispatchFault, Effect, Fault, RateLimitScope};
use std::time::Duration;

const MESSAGES: &str = "/channels/{channel_id}/messages";
const CALLBACK: &str = "/interactions/{interaction_id}/{interaction_token}/callback";

fn hello() -> Message {
    Message::text(Accent::Good, "hello")
}

/// Posts in the store while Discord answers like this, and says how often it was asked.
async fn refused(world: &World, effect: Effect, nonce: &str) -> (ChatError, usize) {
    let store = world.emulator.layout().store;
    let before = world.emulator.requests().len();
    world.emulator.fault(Fault::on("POST", MESSAGES, effect));
    let error = world.bot.chat().post(Place::Channel(store), &hello(), nonce).await.unwrap_err();
    world.emulator.clear_faults();
    let asked = world.emulator.requests_after(before);
    (error, asked.iter().filter(|request| request.method == "POST").count())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_discords_is_sorted_by_what_helps_and_asked_for_once() {
    let mut world = World::start().await;
    let codes: [(u16, u32, ChatClass, ChatCode); 16] = [
        (403, 50_007, Closed, ChatCode::DmClosed),
        (403, 50_278, Closed, ChatCode::NoMutualServer),
        (404, 10_013, Closed, ChatCode::UnknownUser),
        (404, 10_008, MessageGone, ChatCode::MessageGone),
        (404, 10_003, ChannelGone, ChatCode::ChannelGone),
        (403, 50_001, Refused, ChatCode::MissingAccess),
        (403, 50_013, Refused, ChatCode::MissingPermission),
        (400, 50_083, Refused, ChatCode::ThreadArchived),
        (404, 10_062, Refused, ChatCode::Refused),
        (400, 40_060, Refused, ChatCode::Refused),
        (400, 30_013, Later, ChatCode::TooManyChannels),
        (400, 30_046, Later, ChatCode::EditedTooOften),
        (400, 160_006, Later, ChatCode::TooManyThreads),
        (400, 40_003, Later, ChatCode::DmTooFast),
        (429, 20_028, Later, ChatCode::RateLimited),
        (503, 130_000, ChatClass::Unknown, ChatCode::ServerError),
    ];
    for (n, (status, code, class, name)) in codes.into_iter().enumerate() {
        let effect = Effect::Refuse(status, code, "no".to_owned());
        let (error, asked) = refused(&world, effect, &format!("f.{n}")).await;
        assert_eq!((error.class, error.code), (class, name), "{code}");
        assert_eq!(asked, 1, "{code}: whoever asks decides whether to ask again");
    }
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_each_scope_is_for_later_and_whoever_clicks_is_answered_meanwhile() {
    let mut world = World::start().await;
    let (alice, layout) = (world.emulator.user("alice"), world.emulator.layout());
    post_panel(&world).await;
    let posted = || world.emulator.channel_messages(layout.store).len();
    let before = posted();
    let scopes = [RateLimitScope::User, RateLimitScope::Shared, RateLimitScope::Global];
    for (n, scope) in scopes.into_iter().enumerate() {
        let nonce = format!("r.{n}");
        let limit = Effect::RateLimit(scope, Duration::from_secs(2));
        let (error, asked) = refused(&world, limit.clone(), &nonce).await;
        assert_eq!((error.class, error.code, asked), (Later, ChatCode::RateLimited, 1));
        world.emulator.fault(Fault::on("POST", MESSAGES, limit));
        let shown = alice.press(layout.store, "Buy").await.unwrap();
        assert!(shown.text().contains("Which plan?"), "{scope:?}: {shown:?}");
        world.emulator.clear_faults();
        // What was refused was not done, and goes out when it is asked for again.
        let chat = world.bot.chat();
        chat.post(Place::Channel(layout.store), &hello(), &nonce).await.unwrap();
        assert_eq!(posted(), before + n + 1);
    }
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_is_answered_too_late_or_twice_is_decided_once() {
    for (status, code) in [(404, 10_062), (400, 40_060)] {
        let mut world = World::start().await;
        let (alice, store) = (world.emulator.user("alice"), world.emulator.layout().store);
        post_panel(&world).await;
        alice.press(store, "Buy").await.unwrap();
        alice.pick("basic-30").await.unwrap();
        let refuse = Effect::Refuse(status, code, "no".to_owned());
        world.emulator.fault(Fault::on("POST", CALLBACK, refuse));
        let failed = alice.pick("vodafone-cash").await.unwrap();
        assert!(failed.is_failed(), "{code}: {failed:?}");
        assert_eq!(world.intents.verbs(), ["place"], "{code}");
        let asked = world.emulator.requests().iter().filter(|r| r.route == CALLBACK).count();
        assert_eq!(asked, 3, "{code}: the lost answer is not sent again");
        world.emulator.clear_faults();
        let shown = alice.press(store, "Buy").await.unwrap();
        assert!(!shown.is_failed(), "{code}: {shown:?}");
        world.end().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_discord_loses_is_pressed_again_and_one_that_comes_late_is_answered() {
    let mut world = World::start().await;
    let (alice, bob) = (world.emulator.user("alice"), world.emulator.user("bob"));
    let store = world.emulator.layout().store;
    post_panel(&world).await;
    world.emulator.dispatch_fault("INTERACTION_CREATE", DispatchFault::Lose, 1);
    assert!(alice.press(store, "Buy").await.unwrap().is_failed());
    assert!(alice.press(store, "Buy").await.unwrap().text().contains("Which plan?"));
    world.emulator.dispatch_fault("INTERACTION_CREATE", DispatchFault::Late, 1);
    let (late, next) = tokio::join!(alice.press(store, "Buy"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        bob.press(store, "Buy").await
    });
    for shown in [late.unwrap(), next.unwrap()] {
        assert!(shown.text().contains("Which plan?"), "{shown:?}");
    }
    world.end().await.unwrap();
    world.emulator.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn discord_asks_to_come_again_and_ends_sessions_and_the_next_click_is_answered() {
    let mut world = World::start().await;
    let (alice, store) = (world.emulator.user("alice"), world.emulator.layout().store);
    post_panel(&world).await;
    world.emulator.wait_for_bot(SOON).await.unwrap();
    let (began, resumed) = world.emulator.sessions();
    world.emulator.ask_reconnect();
    let again = |e: &nebulalinks_model_discord::Emulator| (e.sessions().1 > resumed).then_some(());
    world.emulator.wait_for("the session is resumed", SOON, again).await.unwrap();
    assert_eq!(world.emulator.sessions().0, began, "nothing that happened meanwhile is lost");
    assert!(alice.press(store, "Buy").await.unwrap().text().contains("Which plan?"));
    world.emulator.invalidate_sessions();
    let anew = |e: &nebulalinks_model_discord::Emulator| (e.sessions().0 > began).then_some(());
    world.emulator.wait_for("a new session", SOON * 2, anew).await.unwrap();
    world.emulator.wait_for_bot(SOON).await.unwrap();
    assert!(alice.press(store, "Buy").await.unwrap().text().contains("Which plan?"));
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_of_discords_does_not_end_the_bot() {
    let mut world = World::start().await;
    let (alice, store) = (world.emulator.user("alice"), world.emulator.layout().store);
    post_panel(&world).await;
    let odd = serde_json::json!({"id": "five", "data": [1], "member": null});
    for kind in
        ["INTERACTION_CREATE", "MESSAGE_DELETE", "THREAD_DELETE", "GUILD_UPDATE", "NEVER_HEARD"]
    {
        world.emulator.tell(kind, &odd);
    }
    assert!(alice.press(store, "Buy").await.unwrap().text().contains("Which plan?"));
    let dm = Place::Direct(Identity::Discord(alice.id()));
    world.bot.chat().post(dm, &hello(), "odd.0").await.unwrap();
    world.end().await.unwrap();
}
