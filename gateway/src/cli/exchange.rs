//! One signed question of `call`, and its verified answer.

use std::error::Error;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nebulalinks_gateway::{Clock as _, SystemClock};
use nebulalinks_protocol::headers::{self, Header};
use nebulalinks_protocol::{KeyPair, RequestParts, Stamp, sign_request, verify_response};
use reqwest::{Certificate, Client, Identity, Method, Response, redirect};
use secrecy::zeroize::Zeroizing;
use url::Url;

/// How long a signature is valid, in seconds.
const LIFETIME_S: u64 = 30;
/// How long the whole may take: a list of a large panel is the slowest.
const TIMEOUT: Duration = Duration::from_secs(60);
/// No answer of a gateway is larger, in bytes: 10,000 clients are a few MB.
const MAX_ANSWER: usize = 128 << 20;

/// What is asked, and with whose keys.
pub(super) struct Question {
    pub(super) method: &'static str,
    pub(super) url: Url,
    pub(super) body: Vec<u8>,
    pub(super) pair: KeyPair,
}

/// PEM files: whose certificates are believed, and which one is shown.
pub(super) struct Trust {
    pub(super) authorities: Option<Zeroizing<Vec<u8>>>,
    pub(super) cert: Option<Zeroizing<Vec<u8>>>,
    pub(super) key: Option<Zeroizing<Vec<u8>>>,
}

/// Signed by the gateway, for this question.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Asks once. What is not signed for this question is no answer.
pub(super) async fn exchange(question: &Question, trust: &Trust) -> Result<Answer, String> {
    let Question { method, url, body, pair } = question;
    let created = SystemClock.now_ms() / 1000;
    let nonce = nonce();
    let host = url.host_str().unwrap_or_default();
    let authority = url.port().map_or_else(|| host.to_owned(), |p| format!("{host}:{p}"));
    let (path, query) = (url.path(), url.query());
    let signed = sign_request(
        &pair.request,
        &RequestParts { method, authority: &authority, path, query, body },
        &Stamp { created, expires: created + LIFETIME_S, nonce: &nonce, keyid: pair.request.id() },
    );
    let verb = Method::from_bytes(method.as_bytes()).map_err(|e| e.to_string())?;
    let mut response = client(trust)?
        .request(verb, url.clone())
        .header(headers::CONTENT_TYPE, headers::JSON)
        .header("content-length", body.len())
        .header(headers::CONTENT_DIGEST, &signed.content_digest)
        .header(headers::SIGNATURE_INPUT, &signed.signature_input)
        .header(headers::SIGNATURE, &signed.signature)
        .body(body.clone())
        .send()
        .await
        .map_err(|e| lost(&e, &authority))?;
    let status = response.status().as_u16();
    let body = whole(&mut response).await.map_err(|e| lost(&e, &authority))?;
    let received: Vec<Header<'_>> =
        response.headers().iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
    let binding = signed.binding(method, path);
    let key = &pair.response;
    match verify_response(key, key.id(), status, &received, &body, &binding) {
        Ok(_) => Ok(Answer { status, body }),
        Err(refusal) => Err(unsigned(status, refusal.as_str())),
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the adapter that draws randomness")]
fn nonce() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>())
}

fn client(trust: &Trust) -> Result<Client, String> {
    let unusable = |what: &str, e: reqwest::Error| format!("{what}: {}", innermost(&e));
    let mut client = Client::builder();
    if let Some(pem) = &trust.authorities {
        let authorities =
            Certificate::from_pem_bundle(pem).map_err(|e| unusable("--gateway-ca", e))?;
        for authority in authorities {
            client = client.add_root_certificate(authority);
        }
    }
    if let (Some(cert), Some(key)) = (&trust.cert, &trust.key) {
        let pem = Zeroizing::new([cert.as_slice(), b"\n", key.as_slice()].concat());
        let identity =
            Identity::from_pem(&pem).map_err(|e| unusable("--client-cert with --client-key", e))?;
        client = client.identity(identity);
    }
    client
        .timeout(TIMEOUT)
        .connect_timeout(Duration::from_secs(5))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .build()
        .map_err(|e| unusable("the HTTP client", e))
}

/// The body, or what was lost; a too large one is cut, and then no answer.
async fn whole(response: &mut Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            break;
        }
    }
    Ok(body)
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn lost(error: &reqwest::Error, authority: &str) -> String {
    if error.is_connect() || error.is_builder() {
        let why = innermost(error);
        return format!(
            "no connection to {authority} ({why}), so nothing was asked: is the gateway running, \
             and is --url its address?"
        );
    }
    let why = if error.is_timeout() { "did not answer in time" } else { "cut the connection" };
    format!("{authority} {why}: a change may have been made, so look before you ask again")
}

/// What an answer that nobody signed means. It is not shown: anybody may have written it.
fn unsigned(status: u16, reason: &str) -> String {
    let what = match status {
        401 => {
            "nothing was done: the gateway does not know this key, or something between rewrites \
             Host or path. Its key file needs the same pair, and it reads that within 10 s"
        }
        403 => "nothing was done: this address is not on the gateway's --allow",
        404 => "nothing was done: what answers at --url is not a gateway",
        425 => "nothing was done: the gateway has only just started, so ask again",
        429 => "nothing was done: too many requests come from this address, so ask later",
        300..=399 => "what answers at --url sends elsewhere, and that is not followed",
        _ => {
            "it is not believed, and a change may have been made: look before you ask again. Does \
             --url lead to the gateway, and are the response keys the same on both sides?"
        }
    };
    format!("an answer {status} that is not signed for this question ({reason}): {what}")
}
