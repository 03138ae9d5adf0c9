//! Whatever Discord, or somebody in its place, sends: it is read or not, as its fields are there or not,
//! what is read is what they say, and every click leads to a page or an intent.
//!
//! Input: an interaction as JSON.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use nebulalinks_core::front::{Fetched, Input, Router};
use nebulalinks_core::model::{Front, Identity, RequestKey};
use nebulalinks_core::view::{Pages, sample};
use nebulalinks_fuzz::discord::{can_be_answered, read};
use serde_json::Value;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(raw) = serde_json::from_slice::<Value>(data) else { return Corpus::Reject };
    check(&raw);
    Corpus::Keep
});

/// A number that Discord writes as text.
fn id(value: &Value) -> Option<u64> {
    let digits = value.as_str().map(|text| text.strip_prefix('+').unwrap_or(text));
    let id = value.as_u64().or_else(|| digits?.parse().ok())?;
    (id != 0 && id != u64::MAX).then_some(id)
}

fn check(raw: &Value) {
    let answerable = id(&raw["id"]).is_some() && raw["token"].is_string();
    assert_eq!(can_be_answered(raw), answerable);
    let user = match raw.pointer("/member/user") {
        Some(user) => user,
        None => &raw["user"],
    };
    let known = answerable && id(&raw["application_id"]).is_some() && id(&user["id"]).is_some();
    let data = &raw["data"];
    let kind = raw["type"].as_u64();
    let read = read(raw);
    match kind {
        Some(3 | 5) => assert_eq!(read.is_some(), known && data["custom_id"].is_string()),
        // Options may be what no command of ours has; a command on a message (3) is the only one of its kind.
        Some(2 | 4) => {
            let named = data["name"].is_string() || data["type"] == 3;
            assert!(read.is_none() || (known && named));
        }
        _ => assert!(read.is_none()),
    }
    let Some(read) = read else { return };
    assert_eq!(Some(read.application), id(&raw["application_id"]));
    assert_eq!(read.guild, id(&raw["guild_id"]));
    let of_discord = |value| id(value).map(|number| RequestKey::of(Front::Discord, number));
    assert_eq!(Some(read.click.id), of_discord(&raw["id"]));
    assert_eq!(Some(read.click.person.identity), id(&user["id"]).map(Identity::Discord));
    match &read.click.input {
        Input::Component { id, values } => {
            assert_eq!(Some(id.as_str()), data["custom_id"].as_str());
            let all = data["values"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert_eq!(values.len(), all.iter().filter(|v| v.is_string()).count());
        }
        Input::Modal { id, .. } => assert_eq!(Some(id.as_str()), data["custom_id"].as_str()),
        Input::UseAsProof { author, .. } => {
            let target = id(&data["target_id"]).map(|id| id.to_string()).unwrap_or_default();
            let message = &data["resolved"]["messages"][target];
            assert_eq!(Some(*author), id(&message["author"]["id"]).map(Identity::Discord));
        }
        Input::Command { name, .. } | Input::Typing { name, .. } => {
            assert_eq!(Some(name.as_str()), data["name"].as_str());
        }
    }
    let token = raw["token"].as_str().unwrap_or_default();
    let said_elsewhere = raw.to_string().matches(token).count() > 1;
    assert!(token.len() < 12 || said_elsewhere || !read.shown.contains(token), "a secret is shown");
    let said = raw.to_string();
    assert!(read.files.iter().all(|size| said.contains(&size.to_string())));

    let snapshot = sample::snapshot([sample::served_account(1, true)]);
    let catalog = sample::catalog();
    let pages = Pages::new(&sample::FRONT, &snapshot, &catalog, sample::NOW);
    let fetched = Fetched::default();
    let router = Router { pages: &pages, catalog: &catalog, snapshot: &snapshot, fetched: &fetched };
    assert_eq!(router.step(&read.click), router.step(&read.click));
}
