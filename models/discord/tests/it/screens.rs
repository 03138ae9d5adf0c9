//! What is on a person's screen: what Discord would show them, and nothing else.

use crate::bot::*;
use serde_json::{Value, json};
use std::time::Duration;

fn names(screen: &Value) -> Vec<&str> {
    let channels = screen["channels"].as_array().unwrap();
    channels.iter().map(|channel| channel["name"].as_str().unwrap()).collect()
}

fn messages(screen: &Value, channel: &str) -> usize {
    let channels = screen["channels"].as_array().unwrap();
    let found = channels.iter().find(|shown| shown["name"] == channel);
    found.map_or(0, |channel| channel["messages"].as_array().unwrap().len())
}

#[tokio::test]
async fn nobody_has_on_their_screen_what_they_may_not_see() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    let layout = emulator.layout();
    bot.http.send_message(layout.store.into(), vec![], &panel()).await.unwrap();
    let (alice, bob, omar) =
        (emulator.user("alice"), emulator.user("bob"), emulator.staff("omar", "admin"));
    alice.press("store", "Buy").await.unwrap();
    assert_eq!(messages(&alice.screen(), "store"), 2);
    assert_eq!(messages(&bob.screen(), "store"), 1, "what only alice sees");

    let proof = omar.say(layout.review, "look", &[("proof.png", vec![1, 2, 3].into())]).unwrap();
    assert!(names(&omar.screen()).contains(&"review"));
    assert!(!names(&alice.screen()).contains(&"review"));
    let shown = omar.screen();
    let review = shown["channels"].as_array().unwrap();
    let review = review.iter().find(|channel| channel["name"] == "review").unwrap();
    assert_eq!(review["messages"][0]["id"], json!(proof.id.to_string()));
    let file = review["messages"][0]["files"][0]["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(omar.file(file).unwrap().bytes.as_ref(), [1, 2, 3]);
    assert!(alice.file(file).is_none(), "a file is for those who see its message");

    bob.leave_guild();
    assert!(names(&bob.screen()).is_empty());
    bot.stop().await;
}

#[tokio::test]
async fn who_scrolls_up_sees_older_messages_and_whether_there_are_more() {
    let emulator = emulator().await;
    let (alice, store) = (emulator.user("alice"), emulator.layout().store);
    for n in 0..130 {
        alice.say(store, &format!("message {n}"), &[]).unwrap();
    }
    for (older, first, more) in [(0, 70, true), (1, 10, true), (2, 0, false)] {
        let screen = alice.screen_up_to(|channel| if channel == store { older } else { 0 });
        let channels = screen["channels"].as_array().unwrap();
        let shown = channels.iter().find(|channel| channel["name"] == "store").unwrap();
        let oldest = shown["messages"][0]["content"].as_str().unwrap();
        assert_eq!((oldest, &shown["older"]), (&*format!("message {first}"), &json!(more)));
    }
}

#[tokio::test]
async fn a_person_writes_no_more_than_discord_takes() {
    let emulator = emulator().await;
    let (alice, store) = (emulator.user("alice"), emulator.layout().store);
    alice.say(store, &"é".repeat(2_000), &[]).unwrap();
    let refused = alice.say(store, &"é".repeat(2_001), &[]).unwrap_err().to_string();
    assert_eq!(refused, "50035 Invalid Form Body: content: Must be 2000 or fewer in length.");
    let refused = alice.say(store, " \n", &[]).unwrap_err().to_string();
    assert_eq!(refused, "50006 Cannot send an empty message");
    assert_eq!(emulator.channel_messages(store).len(), 1);
}

#[tokio::test]
async fn a_click_that_is_not_answered_waits_on_the_screen_and_then_says_that_it_failed() {
    let emulator = emulator().await;
    let bot = connect(&emulator).await;
    bot.http.send_message(emulator.layout().store.into(), vec![], &panel()).await.unwrap();
    let alice = emulator.user("alice");
    let stage = || alice.screen()["clicks"][0]["stage"].clone();
    let waits = emulator.wait_for("the click", Duration::from_secs(5), |_| {
        (stage() == json!("waiting")).then_some(())
    });
    let (pressed, waited) = tokio::join!(alice.press((), "Silent"), waits);
    assert!(pressed.unwrap().is_failed());
    waited.unwrap();
    assert_eq!(stage(), json!("failed"));
    alice.press("store", "Buy").await.unwrap();
    assert_eq!(alice.screen()["clicks"], json!([]), "what was answered since says no more");
    bot.stop().await;
}
