//! The client for surfaces as production has it: serenity's rate limiter is on, and whoever answers for Discord's
//! name over TLS is spoken to.

use super::super::loopback::answers_for;
use super::super::multipart::Upload;
use super::*;
use crate::ports::{ChatClass, ChatCode};
use serde_json::json;
use serenity::http::{LightMethod, Route};
use serenity::model::id::ChannelId;
use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;

const LIMITED: &str =
    r#"{"message": "You are being rate limited.", "retry_after": 0.4, "global": false}"#;
const DONE: &str = r#"{"id": "9"}"#;

/// What was asked: the head of the request, its body, and when.
#[derive(Debug, Clone)]
struct Asked {
    head: String,
    body: String,
    at: Instant,
}

/// A Discord that gives these answers in turn, each with headers of a limit.
struct Far {
    asked: Mutex<Vec<Asked>>,
    answers: Mutex<VecDeque<(&'static str, &'static str, &'static str)>>,
}

impl Far {
    async fn serve(self: Arc<Self>, mut stream: impl AsyncRead + tokio::io::AsyncWrite + Unpin) {
        while let Some(asked) = read(&mut stream).await {
            self.asked.lock().unwrap().push(asked);
            let next = self.answers.lock().unwrap().pop_front();
            let (status, headers, body) = next.unwrap_or(("200 OK", "", DONE));
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: \
                 {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// One request of a connection that stays.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut seen = Vec::new();
    let head = loop {
        if let Some(at) = seen.windows(4).position(|end| end == b"\r\n\r\n") {
            break at + 4;
        }
        seen.push(stream.read_u8().await.ok()?);
    };
    let text = String::from_utf8(seen[..head].to_vec()).unwrap().to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    let head = String::from_utf8(seen).unwrap();
    Some(Asked { head, body: String::from_utf8_lossy(&body).into_owned(), at: Instant::now() })
}

/// The client of production and who answers for Discord; `None` of a client that does not trust them.
async fn production(
    trusted: bool,
    answers: &[(&'static str, &'static str, &'static str)],
) -> (Api, Arc<Far>) {
    let (acceptor, certificate) = answers_for("discord.com");
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let at = listener.local_addr().unwrap();
    let answers = Mutex::new(answers.iter().copied().collect());
    let far = Arc::new(Far { asked: Mutex::default(), answers });
    let serving = Arc::clone(&far);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, far) = (acceptor.clone(), Arc::clone(&serving));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    far.serve(stream).await;
                }
            });
        }
    });
    let client = client_builder(BACKGROUND_TIMEOUT).resolve("discord.com", at);
    let client = match trusted {
        true => client.add_root_certificate(reqwest::Certificate::from_der(&certificate).unwrap()),
        false => client,
    };
    let config = Config {
        token: "the-token".into(),
        api_base: None,
        cdn_hosts: BTreeSet::new(),
        proofs_dir: "proofs".into(),
    };
    (background_by(&config, client.build().unwrap()).unwrap(), far)
}

fn messages() -> Route<'static> {
    Route::ChannelMessages { channel_id: ChannelId::new(5) }
}

async fn post(api: &Api, files: &[Upload]) -> Result<serde_json::Value, crate::ports::ChatError> {
    api.send(LightMethod::Post, messages(), &json!({"content": "hello"}), files).await
}

#[tokio::test]
async fn whoever_answers_for_discords_name_is_spoken_to_with_the_token_and_nobody_else() {
    let (api, far) = production(true, &[]).await;
    assert_eq!(post(&api, &[]).await.unwrap()["id"], "9");
    let file = Upload { name: "a.png".into(), content: b"pixels".to_vec() };
    assert_eq!(post(&api, &[file]).await.unwrap()["id"], "9");
    let asked = far.asked();
    assert_eq!(asked.len(), 2);
    for one in &asked {
        let head = one.head.to_ascii_lowercase();
        assert!(head.starts_with("post /api/v10/channels/5/messages"), "{head}");
        assert!(head.contains("\r\nhost: discord.com\r\n"), "{head}");
        assert!(head.contains("authorization: bot the-token"), "{head}");
    }
    assert!(asked[0].body.contains("hello") && asked[1].body.contains("pixels"));

    let (api, far) = production(false, &[]).await;
    let error = post(&api, &[]).await.unwrap_err();
    assert_eq!((error.class, error.code), (ChatClass::Later, ChatCode::Unreachable));
    assert_eq!(far.asked().len(), 0, "the token goes to nobody who only says to be Discord");
}

#[tokio::test]
async fn the_limiter_waits_for_what_discord_says_and_asks_again_after_a_429() {
    let none_left = "x-ratelimit-bucket: b\r\nx-ratelimit-limit: 1\r\nx-ratelimit-remaining: \
                     0\r\nx-ratelimit-reset-after: 0.5\r\n";
    let refused = "x-ratelimit-bucket: b\r\nx-ratelimit-scope: user\r\nretry-after: 0.4\r\n";
    let answers = [
        ("200 OK", none_left, DONE),
        ("429 Too Many Requests", refused, LIMITED),
        ("200 OK", "", DONE),
    ];
    let (api, far) = production(true, &answers).await;
    post(&api, &[]).await.unwrap();
    assert_eq!(post(&api, &[]).await.unwrap()["id"], "9");
    let asked = far.asked();
    let waited: Vec<Duration> = asked.windows(2).map(|two| two[1].at - two[0].at).collect();
    assert_eq!(waited.len(), 2, "what was refused was asked once more: {asked:?}");
    assert!(waited.iter().all(|waited| *waited >= Duration::from_millis(350)), "{waited:?}");
}
