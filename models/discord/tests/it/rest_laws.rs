//! What the bot's requests meet.

use crate::bot::*;
use nebulalinks_model_discord::{Effect, Emulator, Fault, Limits, RateLimitScope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

const MESSAGES: &str = "/channels/{channel_id}/messages";

/// One raw request with the bot's token: status and body, or the broken connection.
pub(crate) async fn raw(
    emulator: &Emulator,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<(u16, Value), reqwest::Error> {
    let url = format!("{}/api/v10{path}", emulator.base_url());
    let mut request =
        reqwest::Client::new().request(method, url).header("authorization", format!("Bot {TOKEN}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    Ok((status, response.json().await.unwrap_or_default()))
}

async fn post(emulator: &Emulator, channel: u64, body: Value) -> (u16, Value) {
    let path = format!("/channels/{channel}/messages");
    raw(emulator, Method::POST, &path, Some(body)).await.unwrap()
}

#[tokio::test]
async fn a_repeated_nonce_gives_the_first_message() {
    let (emulator, ms) = emulator_with(|_| {}).await;
    let store = emulator.layout().store;
    let body = json!({ "content": "hello", "nonce": "abc", "enforce_nonce": true });
    let (_, first) = post(&emulator, store, body.clone()).await;
    let (_, second) = post(&emulator, store, body.clone()).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(emulator.channel_messages(store).len(), 1);
    ms.fetch_add(6 * 60 * 1000, Ordering::SeqCst);
    let (_, third) = post(&emulator, store, body).await;
    assert_ne!(first["id"], third["id"]);
    emulator.assert_clean();
}

#[tokio::test]
async fn a_request_that_breaks_the_document_is_recorded() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    // An unknown key is passed over, as Discord does, and still recorded.
    assert_eq!(post(&emulator, store, json!({ "content": "x", "contents": "" })).await.0, 200);
    assert_eq!(emulator.violations().len(), 1);
    assert_eq!(post(&emulator, store, json!({ "content": 5 })).await.0, 400);
    assert_eq!(emulator.violations().len(), 2);
    assert_eq!(post(&emulator, store, json!({ "content": "" })).await.1["code"], 50006);
    let text = json!({ "components": [{ "type": 10, "content": "no flag" }] });
    assert_eq!(post(&emulator, store, text).await.1["code"], 50035);
    let (status, _) = raw(&emulator, Method::GET, "/nowhere", None).await.unwrap();
    assert_eq!(status, 404);
    assert_eq!(emulator.violations().len(), 5);
}

#[tokio::test]
#[should_panic(expected = "rules were broken")]
async fn assert_clean_fails_on_a_violation() {
    let emulator = emulator().await;
    post(&emulator, emulator.layout().store, json!({ "contents": "x" })).await;
    emulator.assert_clean();
}

#[tokio::test]
async fn nobody_comes_in_without_the_token() {
    let emulator = emulator().await;
    let url = format!("{}/api/v10/users/@me", emulator.base_url());
    let client = reqwest::Client::new();
    let bare = client.get(&url).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    let wrong = client.get(&url).header("authorization", "Bot other").send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_answer_of_ours_keeps_to_the_document() {
    let emulator = emulator().await;
    let layout = emulator.layout();
    let alice = emulator.user("alice");
    let (guild, store) = (layout.guild, layout.store);
    let (_, message) = post(&emulator, store, panel()).await;
    let reads = [
        "/gateway".to_owned(),
        "/gateway/bot".to_owned(),
        "/users/@me".to_owned(),
        format!("/channels/{store}"),
        format!("/channels/{store}/messages?&limit=50"),
        format!("/channels/{store}/messages/{}", message["id"].as_str().unwrap()),
        format!("/channels/{store}/threads/archived/private"),
        format!("/guilds/{guild}/threads/active"),
    ];
    for path in reads {
        let (status, body) = raw(&emulator, Method::GET, &path, None).await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
    }
    let thread = json!({ "name": "order", "type": 12 });
    let path = format!("/channels/{}/threads", layout.orders);
    let (status, thread) = raw(&emulator, Method::POST, &path, Some(thread)).await.unwrap();
    assert_eq!(status, 201);
    let thread = thread["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/{thread}");
    let archive = json!({ "archived": true, "locked": true });
    assert_eq!(raw(&emulator, Method::PATCH, &path, Some(archive)).await.unwrap().0, 200);
    assert_eq!(raw(&emulator, Method::DELETE, &path, None).await.unwrap().0, 200);
    assert_eq!(raw(&emulator, Method::GET, &path, None).await.unwrap().1["code"], 10003);
    let open = json!({ "recipient_id": alice.id().to_string() });
    let (status, _) =
        raw(&emulator, Method::POST, "/users/@me/channels", Some(open)).await.unwrap();
    assert_eq!(status, 200);
    emulator.assert_clean();
}

#[tokio::test]
async fn closed_direct_messages_are_refused_with_50007() {
    let emulator = emulator().await;
    let alice = emulator.user("alice");
    let channel = alice.dm_channel();
    alice.close_dms();
    let (status, error) = post(&emulator, channel, json!({ "content": "vless://x" })).await;
    assert_eq!((status, &error["code"]), (403, &json!(50007)));
    alice.open_dms();
    assert_eq!(post(&emulator, channel, json!({ "content": "vless://x" })).await.0, 200);
    assert_eq!(emulator.count_dms("alice", "vless://"), 1);
    alice.leave_guild();
    assert_eq!(post(&emulator, channel, json!({ "content": "x" })).await.1["code"], 50278);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_its_effect_and_a_request_before() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    let path = format!("/channels/{store}/messages");
    let body = || Some(json!({ "content": "hello" }));
    emulator.fault(Fault::on("POST", MESSAGES, Effect::DropAfterCommit).times(1));
    assert!(raw(&emulator, Method::POST, &path, body()).await.is_err());
    assert_eq!(emulator.channel_messages(store).len(), 1);
    emulator.fault(Fault::on("POST", MESSAGES, Effect::DropBefore).times(1));
    assert!(raw(&emulator, Method::POST, &path, body()).await.is_err());
    assert_eq!(emulator.channel_messages(store).len(), 1);
    assert_eq!(post(&emulator, store, json!({ "content": "hello" })).await.0, 200);
    assert_eq!(emulator.faults_met("DropAfterCommit"), 1);
}

#[tokio::test]
async fn a_rate_limit_says_whose_and_how_long() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    let wait = Duration::from_millis(1500);
    let effect = Effect::RateLimit(RateLimitScope::Shared, wait);
    emulator.fault(Fault::on("POST", MESSAGES, effect).containing(store.to_string()).times(1));
    let (status, body) = post(&emulator, store, json!({ "content": "a" })).await;
    assert_eq!((status, &body["retry_after"], &body["global"]), (429, &json!(1.5), &json!(false)));
    assert_eq!(post(&emulator, store, json!({ "content": "a" })).await.0, 200);
}

#[tokio::test]
async fn a_command_in_a_language_that_discord_has_not_is_refused() {
    let emulator = emulator().await;
    let layout = emulator.layout();
    let path = format!("/applications/{}/guilds/{}/commands", layout.application, layout.guild);
    let put = |locale: &str| {
        let said = json!({ locale: "words" });
        let option = json!({ "type": 3, "name": "order", "description": "Which order",
            "description_localizations": said });
        raw(
            &emulator,
            Method::PUT,
            &path,
            Some(json!([{ "name": "pay", "description": "Pay", "options": [option] }])),
        )
    };
    for taken in ["ru", "ar", "en-GB", "pt-BR"] {
        assert_eq!(put(taken).await.unwrap().0, 200, "{taken}");
    }
    for refused in ["en", "pt", "english"] {
        let (status, body) = put(refused).await.unwrap();
        assert_eq!((status, &body["code"]), (400, &json!(50035)), "{refused}");
    }
    assert_eq!(emulator.violations().len(), 3);
}

#[tokio::test]
async fn missing_permissions_and_hidden_channels_are_refused() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    emulator.deny_writing(store, true);
    assert_eq!(post(&emulator, store, json!({ "content": "a" })).await.1["code"], 50013);
    emulator.deny_writing(store, false);
    emulator.hide_channel(store, true);
    assert_eq!(post(&emulator, store, json!({ "content": "a" })).await.1["code"], 50001);
}

#[tokio::test]
async fn a_file_is_served_until_its_address_runs_out() {
    let (emulator, ms) = emulator_with(|_| {}).await;
    let alice = emulator.user("alice");
    let store = emulator.layout().store;
    let said = alice.say(store, "paid", &[("proof.png", png().into())]).unwrap();
    let path = format!("/channels/{store}/messages/{}", said.id);
    let (_, message) = raw(&emulator, Method::GET, &path, None).await.unwrap();
    let url = message["attachments"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(message["attachments"][0]["width"], 1);
    let served = reqwest::get(&url).await.unwrap();
    assert_eq!(served.headers()["content-type"], "image/png");
    assert_eq!(served.bytes().await.unwrap(), png());
    let gone = Effect::Refuse(404, 0, "gone".to_owned());
    let route = "/attachments/{channel_id}/{attachment_id}/{filename}";
    emulator.fault(Fault::on("GET", route, gone).times(1));
    assert_eq!(reqwest::get(&url).await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(reqwest::get(&url).await.unwrap().status(), StatusCode::OK);
    let forged = reqwest::get(url.replace("hm=", "hm=0")).await.unwrap();
    assert_eq!(forged.status(), StatusCode::NOT_FOUND);
    ms.fetch_add(25 * 60 * 60 * 1000, Ordering::SeqCst);
    assert_eq!(reqwest::get(&url).await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_is_served_whatever_it_is_called() {
    let emulator = emulator().await;
    let alice = emulator.user("alice");
    let store = emulator.layout().store;
    for name in ["receipt #3.png", "a/b.png", "a?b%2f.png", "a\\b\r\n.png", "إيصال.png", "..", ""]
    {
        let said = alice.say(store, "paid", &[(name, png().into())]).unwrap();
        let path = format!("/channels/{store}/messages/{}", said.id);
        let (_, message) = raw(&emulator, Method::GET, &path, None).await.unwrap();
        let url = message["attachments"][0]["url"].as_str().unwrap();
        let served = reqwest::get(url).await.unwrap();
        assert_eq!(served.bytes().await.unwrap(), png(), "{name:?}: {url}");
    }
}

#[tokio::test]
async fn an_unknown_interaction_is_10062() {
    let emulator = emulator().await;
    let path = "/interactions/5/nothing/callback";
    let answer = json!({ "type": 6 });
    let (status, error) = raw(&emulator, Method::POST, path, Some(answer)).await.unwrap();
    assert_eq!((status, &error["code"]), (404, &json!(10062)));
}

#[tokio::test]
async fn pages_of_messages_are_newest_first() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    let mut ids = Vec::new();
    for n in 0..5 {
        let (_, message) = post(&emulator, store, json!({ "content": format!("{n}") })).await;
        ids.push(message["id"].as_str().unwrap().to_owned());
    }
    let page = |query: String| {
        let emulator = emulator.clone();
        async move {
            let path = format!("/channels/{store}/messages?{query}");
            let (_, page) = raw(&emulator, Method::GET, &path, None).await.unwrap();
            let texts = page.as_array().unwrap().iter();
            texts.map(|m| m["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(page("&limit=2".into()).await, ["4", "3"]);
    assert_eq!(page(format!("after={}&limit=2", ids[0])).await, ["2", "1"]);
    assert_eq!(page(format!("before={}&limit=2", ids[2])).await, ["1", "0"]);
}

#[tokio::test]
async fn a_full_guild_takes_no_more_channels_or_threads() {
    let limits = Limits { channels: 7, active_threads: 1 };
    let (emulator, _) = emulator_with(|config| config.limits = limits).await;
    let layout = emulator.layout();
    let make = |path: String, body: Value| {
        let emulator = emulator.clone();
        async move { raw(&emulator, Method::POST, &path, Some(body)).await.unwrap() }
    };
    let channels = format!("/guilds/{}/channels", layout.guild);
    let room = json!({ "name": "room", "type": 0 });
    assert_eq!(make(channels.clone(), room.clone()).await.0, 201);
    assert_eq!(make(channels, room).await.1["code"], 30013);
    let threads = format!("/channels/{}/threads", layout.orders);
    let thread = json!({ "name": "order", "type": 12 });
    assert_eq!(make(threads.clone(), thread.clone()).await.0, 201);
    assert_eq!(make(threads, thread).await.1["code"], 160_006);
    emulator.assert_clean();
}

#[tokio::test]
async fn null_means_absent() {
    let emulator = emulator().await;
    let button = json!({
        "type": 2, "style": 1, "label": "Buy", "custom_id": "buy", "url": null, "emoji": null,
    });
    let body = json!({ "content": "hello", "components": [{ "type": 1, "components": [button] }] });
    let (status, answer) = post(&emulator, emulator.layout().store, body).await;
    assert_eq!(status, 200, "{answer}");
    emulator.assert_clean();
}

#[tokio::test]
async fn the_date_is_the_emulators() {
    let (emulator, ms) = emulator_with(|_| {}).await;
    ms.store(1_700_000_000_000, Ordering::SeqCst);
    let url = format!("{}/api/v10/gateway", emulator.base_url());
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.headers()["date"], "Tue, 14 Nov 2023 22:13:20 GMT");
}

#[tokio::test]
async fn mentions_read_as_names() {
    let emulator = emulator().await;
    let layout = emulator.layout();
    let text = format!("<@{}> in <#{}>", emulator.user("alice").id(), layout.orders);
    post(&emulator, layout.store, json!({ "content": text })).await;
    assert!(emulator.find_message(layout.store, "@alice in #orders").is_some());
}

#[tokio::test]
async fn two_files_of_one_number_are_refused() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    let send = |second: &'static str| {
        let part = || reqwest::multipart::Part::bytes(vec![7; 8]).file_name("a.bin");
        let form = reqwest::multipart::Form::new()
            .text("payload_json", json!({ "content": "two" }).to_string())
            .part("files[0]", part())
            .part(second, part());
        let url = format!("{}/api/v10/channels/{store}/messages", emulator.base_url());
        let request = reqwest::Client::new().post(url).multipart(form);
        request.header("authorization", format!("Bot {TOKEN}")).send()
    };
    assert_eq!(send("files[0]").await.unwrap().status(), 400);
    assert_eq!(send("files[1]").await.unwrap().status(), 200);
    assert_eq!(emulator.channel_messages(store)[0].files.len(), 2);
}

#[tokio::test]
async fn a_large_file_can_be_uploaded_and_replaced() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    let http = http(&emulator);
    let file = |name: &str| serenity::all::CreateAttachment::bytes(vec![7_u8; 3 << 20], name);
    let body = json!({ "content": "look" });
    let sent = http.send_message(store.into(), vec![file("a.bin")], &body).await.unwrap();
    assert_eq!(emulator.channel_messages(store)[0].files[0].bytes.len(), 3 << 20);
    // Naming only the new file drops the old one.
    let swap = json!({ "attachments": [{ "id": 0, "filename": "b.bin" }] });
    http.edit_message(store.into(), sent.id, &swap, vec![file("x.bin")]).await.unwrap();
    let names = |emulator: &Emulator| {
        let files = &emulator.channel_messages(store)[0].files;
        files.iter().map(|file| file.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&emulator), ["b.bin"]);
    let keep = json!({ "content": "still" });
    http.edit_message(store.into(), sent.id, &keep, vec![]).await.unwrap();
    assert_eq!(names(&emulator), ["b.bin"]);
    emulator.assert_clean();
}

#[tokio::test]
async fn a_quiet_thread_archives_itself_and_refuses_edits_until_woken() {
    let (emulator, ms) = emulator_with(|_| {}).await;
    let orders = emulator.layout().orders;
    let ask = json!({ "name": "order 1", "type": 12, "auto_archive_duration": 60 });
    let path = format!("/channels/{orders}/threads");
    let (_, thread) = raw(&emulator, Method::POST, &path, Some(ask)).await.unwrap();
    let thread: u64 = thread["id"].as_str().unwrap().parse().unwrap();
    let (_, said) = post(&emulator, thread, json!({ "content": "hello" })).await;
    ms.fetch_add(60 * 60 * 1000, Ordering::SeqCst);
    let message = format!("/channels/{thread}/messages/{}", said["id"].as_str().unwrap());
    let edit = || Some(json!({ "content": "changed" }));
    let (_, error) = raw(&emulator, Method::PATCH, &message, edit()).await.unwrap();
    assert_eq!(error["code"], 50083);
    let list = format!("/channels/{orders}/threads/archived/private?&limit=100");
    let (_, archived) = raw(&emulator, Method::GET, &list, None).await.unwrap();
    assert_eq!(archived["threads"][0]["name"], "order 1");
    let moment = archived["threads"][0]["thread_metadata"]["archive_timestamp"].as_str().unwrap();
    let older = format!("{list}&before={}", moment.replace('+', "%2B"));
    let (_, page) = raw(&emulator, Method::GET, &older, None).await.unwrap();
    assert_eq!(page["threads"], json!([]));
    let wake = Some(json!({ "archived": false }));
    let path = format!("/channels/{thread}");
    assert_eq!(raw(&emulator, Method::PATCH, &path, wake).await.unwrap().0, 200);
    assert_eq!(raw(&emulator, Method::PATCH, &message, edit()).await.unwrap().0, 200);
    emulator.assert_clean();
}

#[tokio::test]
async fn a_nonce_is_told_once_and_not_kept() {
    let emulator = emulator().await;
    let store = emulator.layout().store;
    let body = json!({ "content": "hello", "nonce": "abc", "enforce_nonce": true });
    let (_, posted) = post(&emulator, store, body).await;
    assert_eq!(posted["nonce"], "abc");
    let path = format!("/channels/{store}/messages/{}", posted["id"].as_str().unwrap());
    let (_, read) = raw(&emulator, Method::GET, &path, None).await.unwrap();
    assert_eq!(read.get("nonce"), None);
}

#[tokio::test]
async fn who_is_named_is_told_where_the_sender_allows_it_and_by_no_edit() {
    let emulator = emulator().await;
    let (layout, alice) = (emulator.layout(), emulator.user("alice").id());
    let text = format!("<@{alice}> <@&{}> <@&{}> @here", layout.admin, layout.support);
    let admin = layout.admin.to_string();
    let cases: [(Value, &[&str]); 6] = [
        (Value::Null, &["alice", "@admin", "@support", "@everyone"]),
        (json!({ "parse": [] }), &[]),
        (json!({ "parse": ["users"] }), &["alice"]),
        (json!({ "parse": [], "roles": [admin] }), &["@admin"]),
        (
            json!({ "parse": ["roles"], "users": [alice.to_string()] }),
            &["alice", "@admin", "@support"],
        ),
        (json!({ "parse": ["everyone"] }), &["@everyone"]),
    ];
    for (allowed, wanted) in cases {
        let components = json!([{ "type": 17, "components": [{ "type": 10, "content": text }] }]);
        for mut body in
            [json!({ "content": text }), json!({ "flags": 1 << 15, "components": components })]
        {
            if !allowed.is_null() {
                body["allowed_mentions"] = allowed.clone();
            }
            let (status, answer) = post(&emulator, layout.store, body.clone()).await;
            assert_eq!(status, 200, "{answer}");
            let of = |emulator: &Emulator| emulator.channel_messages(layout.store).pop().unwrap();
            assert_eq!(of(&emulator).rang, wanted, "{allowed}");
            let roles = wanted.iter().filter(|name| ["@admin", "@support"].contains(name)).count();
            assert_eq!(answer["mention_roles"].as_array().unwrap().len(), roles, "{allowed}");
            let path = format!("/channels/{}/messages/{}", layout.store, of(&emulator).id);
            body["allowed_mentions"] = json!({ "parse": ["users", "roles", "everyone"] });
            raw(&emulator, Method::PATCH, &path, Some(body)).await.unwrap();
            assert_eq!(of(&emulator).rang, wanted, "an edit tells nobody: {allowed}");
        }
    }
    emulator.assert_clean();
    let both = json!({ "parse": ["roles"], "roles": [admin] });
    let body = json!({ "content": text, "allowed_mentions": both });
    assert_eq!(post(&emulator, layout.store, body).await.0, 400, "either all or these");
}
