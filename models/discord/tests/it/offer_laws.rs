//! What may be meant by what somebody is typing, as Discord takes it and shows it.

use crate::bot::*;
use crate::rest_laws::raw;
use nebulalinks_model_discord::{Actor, ActorError, Emulator, Offer, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// `/find name:… by:…`, and whether names are completed while they are typed.
async fn registered(emulator: &Emulator, options: Value) -> (u16, Value) {
    let layout = emulator.layout();
    let path = format!("/applications/{}/guilds/{}/commands", layout.application, layout.guild);
    let find = json!([{ "name": "find", "description": "Find", "options": options }]);
    raw(emulator, Method::PUT, &path, Some(find)).await.unwrap()
}

fn options() -> Value {
    json!([
        { "type": 3, "name": "name", "description": "Who", "required": true, "autocomplete": true },
        { "type": 4, "name": "many", "description": "How many", "autocomplete": true },
        { "type": 3, "name": "by", "description": "By what" },
    ])
}

/// Somebody types, and the bot answers so.
async fn answered(
    emulator: &Emulator,
    alice: &Actor,
    option: &str,
    body: Value,
) -> (u16, Value, Outcome) {
    let store = emulator.layout().store;
    let before = emulator.last_interaction();
    let (typing, option) = (alice.clone(), option.to_owned());
    let came = tokio::spawn(async move {
        typing.types(store, "/find", &[("by", "a")], (&option, "al")).await.unwrap()
    });
    let new = |emulator: &Emulator| {
        emulator.last_interaction().filter(|now| Some(now) != before.as_ref())
    };
    let (id, token) = emulator.wait_for("what is typed", SOON, new).await.unwrap();
    let path = format!("/interactions/{id}/{token}/callback");
    let (status, body) = raw(emulator, Method::POST, &path, Some(body)).await.unwrap();
    (status, body, came.await.unwrap())
}

fn choices(all: &[(&str, Value)]) -> Value {
    let all: Vec<Value> =
        all.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({ "type": 8, "data": { "choices": all } })
}

#[tokio::test]
async fn whoever_types_is_shown_the_choices_and_nobody_else_sees_anything() {
    let emulator = emulator().await;
    registered(&emulator, options()).await;
    let alice = emulator.user("alice");
    let offered = choices(&[("Alice", json!("a-1")), ("Albert", json!("a-2"))]);
    let (status, _, came) = answered(&emulator, &alice, "name", offered).await;
    let offer = |name: &str, value: &str| Offer { name: name.into(), value: value.into() };
    assert_eq!(
        (status, came.offers()),
        (204, &[offer("Alice", "a-1"), offer("Albert", "a-2")][..])
    );
    let (_, _, came) = answered(&emulator, &alice, "many", choices(&[("two", json!(2))])).await;
    assert_eq!(came.offers(), [offer("two", "2")]);
    let (_, _, came) = answered(&emulator, &alice, "name", choices(&[])).await;
    assert_eq!(came, Outcome::Offered(Vec::new()));
    assert!(alice.visible_messages(()).is_empty());
    assert_eq!(alice.screen()["clicks"], json!([]));
    emulator.assert_clean();
}

#[tokio::test]
async fn choices_beyond_what_discord_takes_are_refused() {
    let emulator = emulator().await;
    registered(&emulator, options()).await;
    let alice = emulator.user("alice");
    let long = "n".repeat(101);
    let many: Vec<(&str, Value)> = (0..26).map(|n| ("name", json!(n.to_string()))).collect();
    for (option, refused) in [
        ("name", choices(&many)),
        ("name", choices(&[(&long, json!("a"))])),
        ("name", choices(&[("", json!("a"))])),
        ("name", choices(&[("a", json!(long))])),
        ("name", choices(&[("a", json!(7))])),
        ("many", choices(&[("a", json!("seven"))])),
        ("name", json!({ "type": 4, "data": { "content": "no message" } })),
        ("name", json!({ "type": 5 })),
        (
            "name",
            json!({ "type": 9, "data": { "custom_id": "x", "title": "x", "components": [] } }),
        ),
    ] {
        let (status, body, came) = answered(&emulator, &alice, option, refused.clone()).await;
        assert_eq!(status, 400, "{refused} {body}");
        assert!(came.is_failed(), "{refused}");
    }
    assert!(emulator.transcript().contains("Loading options failed"));
}

#[tokio::test]
async fn choices_come_once_within_the_time_and_nothing_follows_them() {
    let emulator = emulator().await;
    registered(&emulator, options()).await;
    let (alice, store) = (emulator.user("alice"), emulator.layout().store);
    answered(&emulator, &alice, "name", choices(&[])).await;
    let (id, token) = emulator.last_interaction().unwrap();
    let path = format!("/interactions/{id}/{token}/callback");
    let again = raw(&emulator, Method::POST, &path, Some(choices(&[]))).await.unwrap();
    assert_eq!((again.0, &again.1["code"]), (400, &json!(40060)));
    let original =
        format!("/webhooks/{}/{token}/messages/@original", emulator.layout().application);
    let edit = json!({ "content": "more" });
    let after = raw(&emulator, Method::PATCH, &original, Some(edit)).await.unwrap();
    assert_eq!((after.0, &after.1["code"]), (404, &json!(10015)));

    let came = alice.types(store, "/find", &[], ("name", "al"));
    assert!(
        tokio::time::timeout(Duration::from_secs(20), came).await.unwrap().unwrap().is_failed()
    );
    let (id, token) = emulator.last_interaction().unwrap();
    let path = format!("/interactions/{id}/{token}/callback");
    let late = raw(&emulator, Method::POST, &path, Some(choices(&[]))).await.unwrap();
    assert_eq!((late.0, &late.1["code"]), (404, &json!(10062)));
    let forged =
        raw(&emulator, Method::POST, "/interactions/5/nothing/callback", Some(choices(&[])));
    assert_eq!(forged.await.unwrap().1["code"], json!(10062));
}

#[tokio::test]
async fn only_options_that_were_registered_so_are_completed_and_those_have_no_fixed_choices() {
    let emulator = emulator().await;
    registered(&emulator, options()).await;
    let (alice, store) = (emulator.user("alice"), emulator.layout().store);
    let typed = alice.types(store, "/find", &[], ("by", "a")).await;
    assert!(matches!(typed, Err(ActorError::Input(_))), "{typed:?}");
    assert!(alice.is_offered_choices("/find", "name") && !alice.is_offered_choices("/find", "by"));
    let fixed = json!([{ "name": "a", "value": "a" }]);
    for refused in [
        json!([{ "type": 3, "name": "x", "description": "x", "autocomplete": true, "choices": fixed }]),
        json!([{ "type": 6, "name": "x", "description": "x", "autocomplete": true }]),
    ] {
        assert_eq!(registered(&emulator, refused).await.0, 400);
    }
}
