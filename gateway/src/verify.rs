//! Who may ask. The steps stand in the order of the profile; a body is read only for a request
//! whose head is proven, and a nonce is stored only for one whose body is.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use nebulalinks_protocol::headers::Header;
use nebulalinks_protocol::{
    ErrorCode, Key, MAX_BODY_BYTES, Refusal, RequestBinding, RequestHead, Role, SignedRequest,
    named_panel,
};

use crate::app_state::AppState;
use crate::edge::limits::Wait;
use crate::failure::Failure;
use crate::nonces::Verdict;

/// How long a body may take: 1 MiB in this time is slower than any line to a VPN host.
const BODY_TIME: Duration = Duration::from_secs(10);

/// What an answer needs to be signed and bound to its request.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    pub(crate) response: Key,
    method: String,
    path: String,
    signature: String,
}

impl Signer {
    pub(crate) fn binding(&self) -> RequestBinding<'_> {
        RequestBinding { method: &self.method, path: &self.path, signature: &self.signature }
    }
}

/// A request that may ask. Without `Debug`: bodies hold credentials.
pub(crate) struct Verified {
    /// Whose key signed.
    pub(crate) role: Role,
    pub(crate) body: Bytes,
    /// When its signature expires, in ms since 1970.
    pub(crate) expires_ms: u64,
    query: Option<String>,
}

impl Verified {
    /// The identity of the panel that a write was decided for, where it says so.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`]: its query says something else.
    pub(crate) fn panel(&self) -> Result<Option<String>, Failure> {
        let Some(query) = &self.query else { return Ok(None) };
        let detail = "the query of a write is `panel=` and the identity of the panel that it is for, or none";
        named_panel(query).map(Some).ok_or_else(|| Failure::new(ErrorCode::Invalid, detail))
    }
}

/// Why a request may not ask.
#[derive(Debug)]
pub(crate) enum Denied {
    /// Unsigned 401, the same for all reasons; 403 for one of the address.
    Refused(Refusal),
    /// Unsigned 429, before anything was looked at.
    Flood(Wait),
    /// Signed 429: this key asks too often.
    Flooding(Box<Signer>, Wait),
    /// The head is proven: the answer says why, and is signed.
    Explained(Box<Signer>, Failure, Option<Refusal>),
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(crate) async fn verify(
    state: &AppState,
    head: &Head,
    body: Body,
) -> Result<(Signer, Verified), Denied> {
    let now = state.clock.now_ms();
    // 1. The address.
    if let Some(peer) = peer(head) {
        let caller = state.edge.admit(peer, &head.headers)?;
        if caller.limited {
            state.per_address.take_address(caller.address).map_err(Denied::Flood)?;
        }
    } else if !state.edge.allow.is_empty() {
        // Without a connection there is no address, and a list lets in only what is on it.
        return Err(Refusal::Address.into());
    }
    // 2. The length.
    let length = length(head)?;
    // 3. The form.
    if head.uri.authority().is_some() {
        // `GET http://other/…`: Host is what is signed, so nothing else may name a host.
        return Err(Refusal::Authority.into());
    }
    let headers: Vec<Header<'_>> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let authority = single(&head.headers, &HOST)?.ok_or(Refusal::Authority)?;
    let request = SignedRequest::read(&RequestHead {
        method: head.method.as_str(),
        authority,
        path: head.uri.path(),
        query: head.uri.query(),
        headers: &headers,
    })?;
    // 4. and 5. The key, and the MAC. From here on answers are signed.
    let keys = state.keys.current();
    let (role, pair) = keys.find(request.stamp.keyid).ok_or(Refusal::UnknownKey)?;
    request.authenticate(&pair.request)?;
    let signer = Signer {
        response: pair.response.clone(),
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        signature: request.signature_text().to_owned(),
    };
    let explained = |code, detail: &str, refusal| {
        Denied::Explained(Box::new(signer.clone()), Failure::new(code, detail), refusal)
    };
    // Somebody caught what was signed for another gateway, or one of the two has a wrong address.
    if let Some(own) = state.not_ours(authority) {
        let detail = format!(
            "signed for {authority}, and this gateway is {own}: if {authority} is its address, \
             start it with --name {authority}; else mend `gateway:` in servers.yaml"
        );
        return Err(explained(ErrorCode::Forbidden, &detail, Some(Refusal::Authority)));
    }
    // 6. The time.
    if let Err(refusal) = request.check_time(now, state.window_s) {
        let detail = "the request's time is too far from the gateway's: see clock_ms";
        return Err(explained(ErrorCode::Clock, detail, Some(refusal)));
    }
    // After a clock was set back it would be too early for as long as the clock had been ahead. What was
    // taken before the start may have been signed up to a window ahead of any clock.
    let window_past_now = now.saturating_add(state.window_s.saturating_mul(1000));
    let boot_ms = state.boot_ms.fetch_min(window_past_now, Ordering::Relaxed).min(window_past_now);
    if request.stamp.created.saturating_mul(1000) < boot_ms {
        let detail = "signed before the gateway started: sign again";
        return Err(explained(ErrorCode::TooEarly, detail, Some(Refusal::TooEarly)));
    }
    // 7. The body.
    let bytes = tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, MAX_BODY_BYTES))
        .await
        .ok()
        .and_then(Result::ok)
        .ok_or(Refusal::LengthWrong)?;
    if bytes.len() != length {
        return Err(Refusal::LengthWrong.into());
    }
    request.check_body(&bytes)?;
    // 8. The nonce. The clock is read again: the body may have come slowly.
    let now = state.clock.now_ms();
    let until_s = request.stamp.created.saturating_add(state.window_s).max(request.stamp.expires);
    let nonce = URL_SAFE_NO_PAD.decode(request.stamp.nonce).ok();
    let nonce = nonce.and_then(|n| n.try_into().ok()).ok_or(Refusal::InputForm)?;
    let valid_until_ms = until_s.saturating_mul(1000);
    let verdict = state.nonces.insert(pair.request.id(), nonce, now, valid_until_ms);
    state.metrics.nonces.set(i64::try_from(state.nonces.len()).unwrap_or(i64::MAX));
    match verdict {
        Verdict::Fresh => {}
        Verdict::Repeated => return Err(Refusal::Replayed.into()),
        Verdict::Full(ms) => return Err(Denied::Flooding(Box::new(signer), Wait(ms))),
    }
    // 9. The key's share.
    if let Err(wait) = state.per_key.take(&pair.request.id().to_owned()) {
        return Err(Denied::Flooding(Box::new(signer), wait));
    }
    let expires_ms = request.stamp.expires.saturating_mul(1000);
    Ok((
        signer,
        Verified { role, body: bytes, expires_ms, query: head.uri.query().map(str::to_owned) },
    ))
}

/// The other end of the connection, where there is one.
pub(crate) fn peer(head: &Head) -> Option<IpAddr> {
    head.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

/// The body's length: said once, in digits, within the limit, neither chunked nor encoded.
fn length(head: &Head) -> Result<usize, Refusal> {
    if head.version != Version::HTTP_11 {
        return Err(Refusal::Version);
    }
    if head.headers.contains_key(TRANSFER_ENCODING) || head.headers.contains_key(CONTENT_ENCODING) {
        return Err(Refusal::Encoded);
    }
    let text = single(&head.headers, &CONTENT_LENGTH)?.ok_or(Refusal::LengthMissing)?;
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let length = text.parse().ok().filter(|_| digits).ok_or(Refusal::LengthWrong)?;
    if length > MAX_BODY_BYTES { Err(Refusal::LengthWrong) } else { Ok(length) }
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::DuplicateHeader);
    }
    first.map(|v| v.to_str().map_err(|_| Refusal::MissingHeader)).transpose()
}
