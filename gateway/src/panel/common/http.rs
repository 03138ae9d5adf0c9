//! HTTP to a panel, and what its answers mean. Only what needs no reading of prose counts.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nebulalinks_protocol::{ErrorCode, PANEL_CALL_MS};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::{Body, Client, Method, Request, RequestBuilder, StatusCode, redirect};
use serde_json::Value;

use super::json::{field, take};
use crate::config::PanelTarget;
use crate::failure::Failure;
use crate::hooks::{Call, Hook};
use crate::metrics::Metrics;
use crate::panel::transport::{PanelTransport, PanelTransportError};

/// No answer of a panel is larger: 10,000 clients are about 7 MB.
const MAX_ANSWER: usize = 128 << 20;
/// How long a call may take, whoever carries it.
const CALL: Duration = Duration::from_millis(PANEL_CALL_MS);
const LATE: &str = "the panel did not answer in time";
/// The most of a panel's own words that goes into an error, in bytes.
const MAX_PROSE: usize = 300;
/// How the words of an answer that is no envelope begin.
pub(super) const NOT_JSON: &str = "the panel's answer is not";

/// Why a call did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::panel) enum CallError {
    /// It was never sent: no connection.
    NotSent(String),
    /// It may have been done: time-out, cut connection, 5xx, empty or not JSON.
    Unknown(String),
    /// `success: false`, with the panel's prose.
    Refused(String),
    /// 3xx, 401, 403 or 404: credentials, scope, base path, or no such route. Nothing was done.
    Denied(u16),
    /// It was not tried, and this is why.
    Stopped(Failure),
}

impl CallError {
    /// As the failure of something without an effect.
    pub(in crate::panel) fn of_read(self, denied: impl FnOnce(u16) -> Failure) -> Failure {
        match self {
            Self::Unknown(why) if why.starts_with(NOT_JSON) => {
                Failure::new(ErrorCode::PanelProtocol, why)
            }
            Self::NotSent(why) | Self::Unknown(why) => {
                Failure::new(ErrorCode::PanelUnreachable, why)
            }
            Self::Refused(why) => {
                let detail = format!("the panel refused to be read: {why}");
                Failure::new(ErrorCode::PanelProtocol, detail)
            }
            Self::Denied(status) => denied(status),
            Self::Stopped(failure) => failure,
        }
    }
}

/// An answer, whole.
pub(in crate::panel) struct Reply {
    pub(in crate::panel) status: StatusCode,
    pub(in crate::panel) headers: HeaderMap,
    pub(in crate::panel) body: Vec<u8>,
}

/// The way to one panel, without credentials.
pub(in crate::panel) struct Http {
    client: Client,
    /// Of every request.
    headers: HeaderMap,
    /// Who carries requests in the place of `client`.
    over: Option<Arc<dyn PanelTransport>>,
    base: String,
    hook: Hook,
    metrics: Metrics,
}

impl Http {
    /// To this panel.
    ///
    /// # Errors
    /// The authorities are not PEM, or the TLS backend cannot be set up.
    pub(in crate::panel) fn new(
        target: &PanelTarget,
        hook: &Hook,
        metrics: &Metrics,
    ) -> Result<Self, reqwest::Error> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en-US"));
        headers.insert("X-Requested-With", HeaderValue::from_static("XMLHttpRequest"));
        let (base, client) = super::reach::client(target)?;
        let client = client
            // A redirect turns a write into a read, and may lead anywhere.
            .redirect(redirect::Policy::none())
            .timeout(CALL)
            .connect_timeout(Duration::from_secs(5))
            .no_proxy()
            .http1_only()
            .build()?;
        let (hook, metrics) = (Arc::clone(hook), metrics.clone());
        Ok(Self { client, headers, over: None, base, hook, metrics })
    }

    /// The same, with requests carried by this instead of HTTP to the panel's address.
    pub(in crate::panel) fn carried_by(mut self, over: Option<Arc<dyn PanelTransport>>) -> Self {
        self.over = over;
        self
    }

    /// A request to a path below the base path.
    pub(in crate::panel) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.headers(self.headers.clone())
    }

    /// Sends it, past the crash points of this kind of call.
    pub(in crate::panel) async fn send(
        &self,
        call: Call,
        request: RequestBuilder,
    ) -> Result<Reply, CallError> {
        let (before, after) = call.points();
        (self.hook)(before);
        let timer = self.metrics.panel_seconds.with_label_values(&[call.name()]).start_timer();
        let reply = match &self.over {
            Some(over) => exchange_over(&**over, request).await,
            None => exchange(request).await,
        };
        timer.observe_duration();
        (self.hook)(after);
        reply
    }

    /// The same, with the body of a good answer given to who understands it, such as [`envelope`].
    pub(in crate::panel) async fn call<T>(
        &self,
        call: Call,
        request: RequestBuilder,
        understand: impl FnOnce(&[u8]) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let result = match self.send(call, request).await {
            Ok(reply) => good(reply.status).and_then(|()| understand(&reply.body)),
            Err(error) => Err(error),
        };
        let reached = matches!(result, Ok(_) | Err(CallError::Refused(_)));
        self.metrics.panel_reachable.set(i64::from(reached));
        result
    }
}

async fn exchange(request: RequestBuilder) -> Result<Reply, CallError> {
    let mut response = request.send().await.map_err(|e| lost(&e))?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let said = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(said.unwrap_or(0).min(MAX_ANSWER));
    while let Some(chunk) = response.chunk().await.map_err(|e| lost(&e))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, headers, body })
}

async fn exchange_over(
    over: &dyn PanelTransport,
    request: RequestBuilder,
) -> Result<Reply, CallError> {
    let request: axum::http::Request<Body> =
        request.build().and_then(Request::try_into).map_err(|e| lost(&e))?;
    let request = request.map(|b| Bytes::copy_from_slice(b.as_bytes().unwrap_or_default()));
    let answer = tokio::time::timeout(CALL, over.exchange(request)).await;
    let answer = answer.map_err(|_| CallError::Unknown(LATE.to_owned()))?;
    let answer = answer.map_err(|error| match error {
        PanelTransportError::NotSent(why) => CallError::NotSent(why),
        PanelTransportError::OutcomeUnknown(why) => CallError::Unknown(why),
    })?;
    let (parts, body) = answer.into_parts();
    if body.len() > MAX_ANSWER {
        return Err(too_large());
    }
    Ok(Reply { status: parts.status, headers: parts.headers, body: body.into() })
}

fn too_large() -> CallError {
    CallError::Unknown("the panel's answer is too large".to_owned())
}

/// Whether there is something to read.
pub(in crate::panel) fn good(status: StatusCode) -> Result<(), CallError> {
    match status.as_u16() {
        200 => Ok(()),
        code @ (301..=308 | 401 | 403 | 404) => Err(CallError::Denied(code)),
        code => Err(CallError::Unknown(format!("the panel answered {code}"))),
    }
}

/// Takes `obj` out of the panel's envelope.
pub(in crate::panel) fn envelope(body: &[u8]) -> Result<Value, CallError> {
    let mut value: Value = serde_json::from_slice(body).map_err(|_| not_json(body))?;
    match field(&value, "success").as_bool() {
        Some(true) => Ok(take(&mut value, "obj")),
        Some(false) => Err(refused(field(&value, "msg").as_str().unwrap_or_default())),
        None => Err(not_json(body)),
    }
}

/// An answer without the panel's envelope.
pub(super) fn not_json(body: &[u8]) -> CallError {
    let what = if body.is_empty() { "there: it is empty" } else { "its envelope of JSON" };
    CallError::Unknown(format!("{NOT_JSON} {what}"))
}

/// `success: false`.
pub(super) fn refused(prose: &str) -> CallError {
    CallError::Refused(plain(prose))
}

/// Words of others go into logs, answers and terminals: on one line, of bounded length, and without
/// what steers a terminal or turns the direction of writing.
pub(super) fn plain(prose: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut told = String::new();
    // By whole words: half a secret could not be found and blotted out any more.
    for word in prose.split_whitespace() {
        if told.len() + word.len() > MAX_PROSE {
            told.push_str(" …");
            break;
        }
        if !told.is_empty() {
            told.push(' ');
        }
        told.extend(word.chars().filter(|c| !steers(*c)));
    }
    told
}

fn lost(error: &reqwest::Error) -> CallError {
    if error.is_connect() || error.is_builder() {
        return CallError::NotSent(no_connection(error));
    }
    let why = if error.is_timeout() { LATE } else { "the panel cut the connection" };
    CallError::Unknown(why.to_owned())
}

/// Why there is no connection, and what to do: the error itself would show the panel's address with
/// its base path, its causes do not.
fn no_connection(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        causes.push(deeper);
        cause = deeper.source();
    }
    let kind = causes.iter().rev().find_map(|c| c.downcast_ref::<std::io::Error>());
    let kind = kind.map(std::io::Error::kind);
    let deepest = causes.last().map(ToString::to_string).unwrap_or_default();
    let why = plain(&deepest);
    let advice = if deepest.contains("certificate") {
        "its certificate does not fit: --panel-ca names the authority, --panel-name the name in it"
    } else if deepest.contains("InvalidContentType") || deepest.contains("corrupt message") {
        "it does not speak TLS there: use http:// on this machine"
    } else if kind == Some(std::io::ErrorKind::ConnectionRefused) {
        "is it running, and is this its port?"
    } else if error.is_timeout() {
        "is its address right, and does a firewall let this machine through?"
    } else {
        "is it running?"
    };
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    format!("no connection to the panel{why}: {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with so many bytes, or never.
    struct Answers(Option<usize>);

    #[async_trait::async_trait]
    impl PanelTransport for Answers {
        async fn exchange(
            &self,
            _: axum::http::Request<Bytes>,
        ) -> Result<axum::http::Response<Bytes>, PanelTransportError> {
            match self.0 {
                Some(size) => Ok(axum::http::Response::new(vec![b' '; size].into())),
                None => std::future::pending().await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_carries_a_call_it_is_bounded_in_time_and_size() {
        let target = PanelTarget::with_token("http://127.0.0.1:1/".parse().unwrap(), "token");
        let metrics = Metrics::register(&prometheus::Registry::new()).unwrap();
        let http = |answers| {
            let http = Http::new(&target, &crate::hooks::no_hook(), &metrics).unwrap();
            http.carried_by(Some(Arc::new(Answers(answers))))
        };
        let ask = async |answers| {
            let http = http(answers);
            http.send(Call::Read, http.request(Method::GET, "")).await.map(|r| r.body.len())
        };
        let began = tokio::time::Instant::now();
        assert_eq!(ask(None).await, Err(CallError::Unknown(LATE.to_owned())));
        assert_eq!(began.elapsed(), CALL);
        assert_eq!(ask(Some(MAX_ANSWER)).await, Ok(MAX_ANSWER));
        assert_eq!(ask(Some(MAX_ANSWER + 1)).await, Err(too_large()));
    }

    #[test]
    fn an_answer_means_only_what_it_says_without_prose() {
        let unknown = |r: Result<Value, CallError>| matches!(r, Err(CallError::Unknown(_)));
        assert_eq!(envelope(br#"{"success":true,"msg":"","obj":[1]}"#).unwrap()[0], 1);
        assert_eq!(envelope(br#"{"success":true}"#), Ok(Value::Null));
        assert_eq!(
            envelope(b"{\"success\":false,\"msg\":\"Wrong (x\\n)\",\"obj\":null}"),
            Err(CallError::Refused("Wrong (x )".into()))
        );
        for body in [&b""[..], b"<html>login</html>", b"{\"success\":tr", b"[]", b"{}", b"null"] {
            assert!(unknown(envelope(body)), "{body:?}");
        }
        let prose = |msg: &str| {
            let body = serde_json::json!({"success": false, "msg": msg}).to_string();
            match envelope(body.as_bytes()) {
                Err(CallError::Refused(prose)) => prose,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(prose("a\u{1b}[31m b\u{0}c\u{202e}d\u{85}e"), "a[31m bcd e");
        let long = prose(&"word ".repeat(1_000_000));
        assert!(long.len() <= 400 && long.ends_with("word …"), "{long}");
        // A secret that is cut in half could not be found and blotted out any more.
        assert_eq!(
            prose(&format!("{} s{}", "x".repeat(290), "e".repeat(40))),
            "x".repeat(290) + " …"
        );
        let status = |code| good(StatusCode::from_u16(code).unwrap());
        assert_eq!(status(200), Ok(()));
        for code in [204, 500, 502] {
            assert!(matches!(status(code), Err(CallError::Unknown(_))), "{code}");
        }
        for code in [301, 302, 307, 401, 403, 404] {
            assert_eq!(status(code), Err(CallError::Denied(code)));
        }
    }
}
