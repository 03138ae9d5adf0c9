//! Promo codes as people type them at the bot.

use super::post_panel;
use super::shop::World;

#[tokio::test(flavor = "multi_thread")]
async fn after_five_codes_that_there_are_not_the_next_is_not_looked_at() {
    let mut world = World::start().await;
    let alice = world.emulator.user("alice");
    let store = world.emulator.layout().store;
    post_panel(&world).await;
    alice.press(store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    for (code, said) in [
        ("EID-25", "Your code counts"),
        ("EID-26", "No code like this"),
        ("EID-27", "No code like this"),
        ("EID-28", "No code like this"),
        ("EID-29", "No code like this"),
        ("EID-30", "No code like this"),
        ("EID-25", "Too many of the codes"),
    ] {
        // Her open order has the button.
        alice.press(store, "Buy").await.unwrap();
        let dialog = alice.press((), "I have a code").await.unwrap();
        assert!(dialog.modal().is_some(), "{dialog:?}");
        let shown = alice.submit_modal(&[("code", code)]).await.unwrap();
        assert!(shown.text().contains(said), "{code}: {shown:?}");
    }
    assert_eq!(world.intents.verbs().iter().filter(|verb| **verb == "enter-code").count(), 6);
    world.end().await.unwrap();
    world.emulator.assert_clean();
}
