//! Requests that carry files. They are ours, because serenity's builder numbers every file 0, and
//! Discord takes `files[0]` once: a card with two proofs was refused for good.

use super::errors::{by_answer, chat, not_answered};
use crate::ports::{ChatClass, ChatCode, ChatError};
use reqwest::Client;
use reqwest::header::{AUTHORIZATION, HeaderMap, USER_AGENT};
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use serenity::http::{Http, LightMethod, Route};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A file to send.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
}

/// Where serenity's routes lead, and what an emulator's address takes the place of.
pub(super) const DISCORD: &str = "https://discord.com";
/// The call waits for a limit that ends within this; of a longer one it tells the caller.
const WAIT: Duration = Duration::from_secs(5);
/// Used-up limits that are remembered.
const MOST_LIMITS: usize = 1_000;

/// Sends forms, and keeps Discord's limits for them.
pub(super) struct Forms {
    client: Client,
    /// Method and route → until when nothing more may be sent there.
    used_up: Mutex<BTreeMap<String, Instant>>,
}

impl Forms {
    pub(super) const fn new(client: Client) -> Self {
        Self { client, used_up: Mutex::new(BTreeMap::new()) }
    }

    /// A call with a body and files, with the token and the address of one of serenity's clients.
    pub(super) async fn send(
        &self,
        http: &Http,
        method: LightMethod,
        route: Route<'_>,
        body: &Value,
        files: &[Upload],
    ) -> Result<Value, ChatError> {
        let path = route.path();
        let limit = limit_of(method, &path);
        self.wait(&limit).await?;
        let url = match &http.proxy {
            Some(base) => path.replacen(DISCORD, base.trim_end_matches('/'), 1),
            None => path.into_owned(),
        };
        let request = self
            .client
            .request(method.reqwest_method(), url)
            .header(AUTHORIZATION, http.token())
            .header(USER_AGENT, serenity::constants::USER_AGENT)
            .multipart(form(body, files)?);
        let answer = request.send().await.map_err(|e| not_answered(&e))?;
        let status = answer.status();
        let retry_after_ms = self.heed(limit, answer.headers());
        let content = answer.bytes().await.map_err(|e| not_answered(&e))?;
        let said = serde_json::from_slice::<Value>(&content);
        if status.is_success() {
            return said.map_err(|_| {
                chat(
                    ChatClass::Unknown,
                    ChatCode::Undecodable,
                    "Discord's answer could not be read",
                )
            });
        }
        let error = by_answer(status.as_u16(), &said.unwrap_or_default());
        Err(ChatError { retry_after_ms, ..error })
    }

    /// Waits for a limit that is used up, or says when it will not be.
    async fn wait(&self, limit: &str) -> Result<(), ChatError> {
        let until = {
            let used_up = self.used_up.lock().unwrap_or_else(PoisonError::into_inner);
            used_up.get(limit).copied()
        };
        let Some(left) = until.map(|at| at.saturating_duration_since(Instant::now())) else {
            return Ok(());
        };
        if left > WAIT {
            let error = chat(
                ChatClass::Later,
                ChatCode::RateLimited,
                "the limit that Discord set is used up",
            );
            return Err(ChatError { retry_after_ms: Some(in_ms(left)), ..error });
        }
        tokio::time::sleep(left).await;
        Ok(())
    }

    /// Remembers what an answer says of its limit; answers with what a refused caller is to wait.
    fn heed(&self, limit: String, headers: &HeaderMap) -> Option<u64> {
        let seconds = |name: &str| -> Option<Duration> {
            let text = headers.get(name)?.to_str().ok()?;
            Duration::try_from_secs_f64(text.parse().ok()?).ok()
        };
        let none_left = headers.get("x-ratelimit-remaining").is_some_and(|v| v == "0");
        let reset = seconds("x-ratelimit-reset-after").filter(|_| none_left);
        let retry = seconds("retry-after");
        let mut used_up = self.used_up.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match retry.or(reset) {
            Some(length) => {
                if used_up.len() >= MOST_LIMITS {
                    used_up.retain(|_, until| *until > now);
                }
                used_up.insert(limit, now + length);
            }
            None => {
                used_up.remove(&limit);
            }
        }
        retry.map(in_ms)
    }
}

fn in_ms(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// One limit is for one method and one channel, whichever message it is.
fn limit_of(method: LightMethod, path: &str) -> String {
    let path = path.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{} {path}", method.reqwest_method())
}

/// `payload_json`, and each file under the number that `attachments` calls it by.
fn form(body: &Value, files: &[Upload]) -> Result<Form, ChatError> {
    let json = Part::text(body.to_string()).mime_str("application/json").map_err(unsendable)?;
    let mut form = Form::new().part("payload_json", json);
    for (number, file) in files.iter().enumerate() {
        let part = Part::bytes(file.content.clone())
            .file_name(file.name.clone())
            .mime_str(kind_of(&file.name))
            .map_err(unsendable)?;
        form = form.part(format!("files[{number}]"), part);
    }
    Ok(form)
}

fn unsendable(_: reqwest::Error) -> ChatError {
    chat(ChatClass::Refused, ChatCode::Unsendable, "a file's kind cannot be put on the wire")
}

/// The media type by a name's ending: what we send are pictures.
fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn a_limit_is_one_for_all_messages_of_a_channel() {
        let of = |path: &str| limit_of(LightMethod::Patch, path);
        assert_eq!(of("https://x/channels/1/messages/5"), of("https://x/channels/1/messages/6"));
        assert_ne!(of("https://x/channels/1/messages/5"), of("https://x/channels/2/messages/5"));
        let post = limit_of(LightMethod::Post, "https://x/channels/1/messages/5");
        assert_ne!(of("https://x/channels/1/messages/5"), post);
    }

    #[tokio::test(start_paused = true)]
    async fn a_used_up_limit_is_waited_for_and_a_long_one_is_told() {
        let forms = Forms::new(Client::new());
        let began = Instant::now();
        let none_left = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset-after", "1.500")];
        assert_eq!(forms.heed("a".into(), &headers(&none_left)), None);
        forms.wait("b").await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO, "another limit");
        forms.wait("a").await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(1_500));
        let refused = headers(&[("retry-after", "60"), ("x-ratelimit-remaining", "0")]);
        assert_eq!(forms.heed("a".into(), &refused), Some(60_000));
        let error = forms.wait("a").await.unwrap_err();
        assert_eq!((error.class, error.retry_after_ms), (ChatClass::Later, Some(60_000)));
        forms.heed("a".into(), &headers(&[("x-ratelimit-remaining", "3")]));
        forms.wait("a").await.unwrap();
    }
}
