//! One signed question and its checked answer.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nebulalinks_protocol::headers::{self, Header};
use nebulalinks_protocol::{
    ErrorCode, Problem, Refusal, RequestParts, Stamp, decided_for, sign_request, verify_response,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::errors;
use super::http_panels::HttpPanels;
use super::transport::{Incoming, Outgoing};
use crate::model::DurationMs;
use crate::ports::{Endpoint, GatewayCode, PanelCode, PanelError};

/// How long a signature is valid, in seconds.
const LIFETIME_S: u64 = 30;

/// How often a question is asked again that came too early for its key's limit.
const PACED: u32 = 20;
/// The longest such wait, in ms: a full bucket gives one back each 0.6 s at the default rate.
const PACE_MS: u64 = 10_000;

/// A request to be signed: each attempt gets a signature of its own.
pub(super) struct SignedRequest {
    method: &'static str,
    path: String,
    body: Vec<u8>,
    timeout: Duration,
    writes: bool,
}

impl SignedRequest {
    pub(super) fn read(method: &'static str, path: &str, timeout: Duration) -> Self {
        Self { method, path: path.to_owned(), body: Vec::new(), timeout, writes: false }
    }

    pub(super) fn write(method: &'static str, path: &str, timeout: Duration) -> Self {
        Self { writes: true, ..Self::read(method, path, timeout) }
    }

    /// The panel that it was decided for.
    pub(super) fn on(mut self, panel: &str) -> Self {
        self.path = format!("{}?{}", self.path, decided_for(panel));
        self
    }

    pub(super) fn body(mut self, body: &impl Serialize) -> Result<Self, PanelError> {
        self.body = serde_json::to_vec(body).map_err(|_| errors::defect("no JSON of a request"))?;
        Ok(self)
    }

    pub(super) const fn body_length(&self) -> usize {
        self.body.len()
    }
}

impl HttpPanels {
    /// Asks; and once more when the gateway has only just started.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        to: &Endpoint,
        request: &SignedRequest,
    ) -> Result<T, PanelError> {
        let address = format!("{}{}", to.gateway.trim_end_matches('/'), request.path);
        let url = Url::parse(&address)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| errors::address(format!("`{}` is no gateway's address", to.gateway)))?;
        match self.paced(to, &url, request).await? {
            Outcome::TooEarly => {}
            Outcome::Done(answer) => return read(&answer, request.writes),
            Outcome::Failed(error) => return Err(error),
        }
        // Times are in seconds: within the second of its start a gateway refuses for good.
        self.clock.sleep_until(self.clock.now() + DurationMs(1_100)).await;
        match self.paced(to, &url, request).await? {
            Outcome::Done(answer) => read(&answer, request.writes),
            Outcome::Failed(error) => Err(error),
            Outcome::TooEarly => {
                let detail = "the gateway says twice that this was signed before it started: \
                              compare both clocks";
                let problem = Problem::new(ErrorCode::TooEarly, detail);
                Err(errors::problem(problem, self.clock.now().0, request.writes))
            }
        }
    }

    /// Asks, as fast as the gateway lets this key. A signed `rate_limited` has done nothing, so a
    /// long change set goes slower rather than failing.
    async fn paced(
        &self,
        to: &Endpoint,
        url: &Url,
        request: &SignedRequest,
    ) -> Result<Outcome, PanelError> {
        for _ in 0..PACED {
            let outcome = self.once(to, url, request).await?;
            let wait = match &outcome {
                Outcome::Failed(e) if e.code == PanelCode::Gateway(GatewayCode::RateLimited) => {
                    e.retry_after_ms
                }
                _ => None,
            };
            let Some(wait_ms) = wait.filter(|ms| *ms <= PACE_MS) else { return Ok(outcome) };
            self.clock.sleep_until(self.clock.now() + DurationMs(wait_ms)).await;
        }
        self.once(to, url, request).await
    }

    async fn once(
        &self,
        to: &Endpoint,
        url: &Url,
        request: &SignedRequest,
    ) -> Result<Outcome, PanelError> {
        // For each attempt: while one waits its turn the keys may be rotated.
        let pair = self
            .keys
            .find(&to.keys, to.server.as_str())
            .map_err(|e| errors::keys(&e.to_string()))?;
        let created = self.clock.now().0 / 1000;
        let nonce = nonce();
        let host = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| host.to_owned(), |p| format!("{host}:{p}"));
        let stamp = Stamp {
            created,
            expires: created + LIFETIME_S,
            nonce: &nonce,
            keyid: pair.request.id(),
        };
        let parts = RequestParts {
            method: request.method,
            authority: &authority,
            path: url.path(),
            query: url.query(),
            body: &request.body,
        };
        let signed = sign_request(&pair.request, &parts, &stamp);
        let outgoing = Outgoing {
            method: request.method,
            url: url.clone(),
            headers: vec![
                (headers::CONTENT_TYPE, headers::JSON.to_owned()),
                ("content-length", request.body.len().to_string()),
                (headers::CONTENT_DIGEST, signed.content_digest.clone()),
                (headers::SIGNATURE_INPUT, signed.signature_input.clone()),
                (headers::SIGNATURE, signed.signature.clone()),
            ],
            body: request.body.clone(),
            timeout: request.timeout,
        };
        let asked = self.clock.moment().monotonic;
        let answer = self
            .transport
            .exchange(outgoing)
            .await
            .map_err(|e| errors::transport(&e, request.writes))?;
        let now = self.clock.now().0;
        let received: Vec<Header<'_>> =
            answer.headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        let verdict = verify_response(
            &pair.response,
            pair.response.id(),
            answer.status,
            &received,
            &answer.body,
            &signed.binding(request.method, url.path()),
        );
        if let Ok(created) = &verdict {
            self.dated(to, *created, asked);
        }
        Ok(judge(answer, verdict, now, request.writes))
    }
}

/// What came of one exchange.
enum Outcome {
    Done(Incoming),
    TooEarly,
    Failed(PanelError),
}

fn judge(answer: Incoming, verdict: Result<u64, Refusal>, now_ms: u64, writes: bool) -> Outcome {
    match verdict {
        Err(_) if answer.status == 425 => Outcome::TooEarly,
        Err(refusal) => {
            let difference = date_ms(&answer).map(|theirs| {
                let ahead = (i128::from(theirs) - i128::from(now_ms)) / 1000;
                i64::try_from(ahead).unwrap_or(i64::MAX)
            });
            let reason = refusal.as_str();
            Outcome::Failed(errors::unsigned(answer.status, reason, difference, writes))
        }
        Ok(_) if answer.status == 200 => Outcome::Done(answer),
        Ok(_) => match serde_json::from_slice::<Problem>(&answer.body) {
            Ok(problem) if problem.code == ErrorCode::TooEarly => Outcome::TooEarly,
            Ok(problem) => Outcome::Failed(errors::problem(problem, now_ms, writes)),
            Err(_) => Outcome::Failed(errors::unreadable(writes)),
        },
    }
}

fn read<T: DeserializeOwned>(answer: &Incoming, writes: bool) -> Result<T, PanelError> {
    serde_json::from_slice(&answer.body).map_err(|_| errors::unreadable(writes))
}

/// The `Date` header in ms since 1970.
fn date_ms(answer: &Incoming) -> Option<u64> {
    let (_, value) = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
    let date = jiff::fmt::rfc2822::parse(std::str::from_utf8(value).ok()?).ok()?;
    u64::try_from(date.timestamp().as_millisecond()).ok()
}

#[allow(
    clippy::disallowed_methods,
    reason = "a nonce must differ also between two processes of one seed; nothing is decided by it"
)]
fn nonce() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>())
}
