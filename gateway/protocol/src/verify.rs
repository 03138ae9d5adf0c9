//! What a receiver does, in the order of the profile. Nothing is repaired: what is not literally
//! the profile is refused.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

use crate::Refusal;
use crate::base::{
    REQUEST_COMPONENTS, REQUEST_LABEL, REQUEST_TAG, RESPONSE_COMPONENTS, RESPONSE_LABEL,
    RESPONSE_TAG, RequestBinding, Stamp, content_digest, mac, normal_authority, request_base,
    request_params, response_base, response_params,
};
use crate::headers::{
    CONTENT_DIGEST, CONTENT_TYPE, Header, JSON, SIGNATURE, SIGNATURE_INPUT, exactly_one, media_type,
};
use crate::keys::Key;

/// How long a request may be valid, in seconds.
pub const MAX_LIFETIME_S: u64 = 60;

/// A request's head as received.
#[derive(Debug, Clone, Copy)]
pub struct RequestHead<'a> {
    /// `GET`, `PUT` …
    pub method: &'a str,
    /// The value of `Host`.
    pub authority: &'a str,
    /// The path as received, percent-encoded.
    pub path: &'a str,
    /// The query as received, without its `?`.
    pub query: Option<&'a str>,
    /// All headers of the request.
    pub headers: &'a [Header<'a>],
}

/// A request whose headers have the profile's form. Nothing is proven before
/// [`SignedRequest::authenticate`].
#[derive(Debug, Clone)]
pub struct SignedRequest<'a> {
    /// The parameters of the signature.
    pub stamp: Stamp<'a>,
    signature_text: &'a str,
    signature: [u8; 32],
    digest: &'a str,
    base: String,
}

impl<'a> SignedRequest<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// Every way in which they are not literally the profile's.
    pub fn read(head: &RequestHead<'a>) -> Result<Self, Refusal> {
        let digest = common(head.headers, JSON)?;
        if head.authority.is_empty()
            || !is_visible(head.authority)
            || head.authority.contains(['@', '/', ','])
        {
            return Err(Refusal::Authority);
        }
        // A line break here would make one base of two different heads.
        if ![head.method, head.path, head.query.unwrap_or_default()].into_iter().all(is_visible) {
            return Err(Refusal::Target);
        }
        let input = exactly_one(head.headers, SIGNATURE_INPUT)?;
        let stamp = request_stamp(input).ok_or(Refusal::InputForm)?;
        if stamp.expires <= stamp.created || stamp.expires - stamp.created > MAX_LIFETIME_S {
            return Err(Refusal::Lifetime);
        }
        let params = request_params(&stamp);
        // The parser above and the printer must agree on every byte, or the request is not ours.
        if input.strip_prefix("gw=") != Some(params.as_str()) {
            return Err(Refusal::InputForm);
        }
        let (signature_text, signature) =
            signature(exactly_one(head.headers, SIGNATURE)?, REQUEST_LABEL)?;
        let authority = normal_authority(head.authority);
        let base = request_base(head.method, &authority, head.path, head.query, digest, &params);
        Ok(Self { stamp, signature_text, signature, digest, base })
    }

    /// The signature's base64 text: what the answer is bound to.
    #[must_use]
    pub const fn signature_text(&self) -> &'a str {
        self.signature_text
    }

    /// Checks the MAC, in constant time.
    ///
    /// # Errors
    /// [`Refusal::Mac`].
    pub fn authenticate(&self, key: &Key) -> Result<(), Refusal> {
        equal(&mac(key.expose(), &self.base), &self.signature, Refusal::Mac)
    }

    /// Checks the time: `|now − created| ≤ window`, and not expired.
    ///
    /// # Errors
    /// [`Refusal::Stale`] or [`Refusal::Future`].
    pub const fn check_time(&self, now_ms: u64, window_s: u64) -> Result<(), Refusal> {
        let created_ms = self.stamp.created.saturating_mul(1000);
        let window_ms = window_s.saturating_mul(1000);
        if created_ms > now_ms.saturating_add(window_ms) {
            return Err(Refusal::Future);
        }
        let expired = now_ms > self.stamp.expires.saturating_mul(1000);
        if expired || now_ms > created_ms.saturating_add(window_ms) {
            return Err(Refusal::Stale);
        }
        Ok(())
    }

    /// Checks the received body against the signed digest, in constant time.
    ///
    /// # Errors
    /// [`Refusal::Digest`].
    pub fn check_body(&self, body: &[u8]) -> Result<(), Refusal> {
        equal(content_digest(body).as_bytes(), self.digest.as_bytes(), Refusal::Digest)
    }
}

/// Checks an answer: form, key id, MAC, body. Returns when it was signed, in seconds since 1970.
///
/// # Errors
/// Every way in which it is not a signed answer to exactly this request.
pub fn verify_response(
    key: &Key,
    keyid: &str,
    status: u16,
    headers: &[Header<'_>],
    body: &[u8],
    request: &RequestBinding<'_>,
) -> Result<u64, Refusal> {
    let media_type = media_type(status);
    let digest = common(headers, media_type)?;
    let input = exactly_one(headers, SIGNATURE_INPUT)?;
    let (created, claimed) = response_stamp(input).ok_or(Refusal::InputForm)?;
    if claimed != keyid {
        return Err(Refusal::UnknownKey);
    }
    let params = response_params(created, claimed);
    if input.strip_prefix("gwr=") != Some(params.as_str()) {
        return Err(Refusal::InputForm);
    }
    let (_, signature) = signature(exactly_one(headers, SIGNATURE)?, RESPONSE_LABEL)?;
    let base = response_base(status, media_type, digest, request, &params);
    equal(&mac(key.expose(), &base), &signature, Refusal::Mac)?;
    equal(content_digest(body).as_bytes(), digest.as_bytes(), Refusal::Digest)?;
    Ok(created)
}

/// The headers that both directions share; returns the digest header.
fn common<'a>(headers: &[Header<'a>], media_type: &str) -> Result<&'a str, Refusal> {
    if exactly_one(headers, CONTENT_TYPE)? != media_type {
        return Err(Refusal::ContentType);
    }
    let digest = exactly_one(headers, CONTENT_DIGEST)?;
    let text = digest.strip_prefix("sha-256=:").and_then(|d| d.strip_suffix(':'));
    text.and_then(bytes32).ok_or(Refusal::DigestForm)?;
    Ok(digest)
}

fn equal(left: &[u8], right: &[u8], refusal: Refusal) -> Result<(), Refusal> {
    if bool::from(left.ct_eq(right)) { Ok(()) } else { Err(refusal) }
}

/// 32 bytes from canonical base64.
fn bytes32(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn signature<'a>(header: &'a str, label: &str) -> Result<(&'a str, [u8; 32]), Refusal> {
    let read = || {
        let text = header.strip_prefix(label)?.strip_prefix("=:")?.strip_suffix(':')?;
        Some((text, bytes32(text)?))
    };
    read().ok_or(Refusal::SignatureForm)
}

fn request_stamp(input: &str) -> Option<Stamp<'_>> {
    let rest = input.strip_prefix(REQUEST_LABEL)?.strip_prefix('=')?;
    let rest = rest.strip_prefix(REQUEST_COMPONENTS)?;
    let (created, rest) = number(rest, ";created=")?;
    let (expires, rest) = number(rest, ";expires=")?;
    let (nonce, rest) = quoted(rest, ";nonce=\"")?;
    let rest = rest.strip_prefix(";alg=\"hmac-sha256\"")?;
    let (keyid, rest) = quoted(rest, ";keyid=\"")?;
    let (tag, rest) = quoted(rest, ";tag=\"")?;
    let nonce_bytes = URL_SAFE_NO_PAD.decode(nonce).ok()?;
    let fits = rest.is_empty() && tag == REQUEST_TAG && nonce_bytes.len() == 16 && is_keyid(keyid);
    fits.then_some(Stamp { created, expires, nonce, keyid })
}

fn response_stamp(input: &str) -> Option<(u64, &str)> {
    let rest = input.strip_prefix(RESPONSE_LABEL)?.strip_prefix('=')?;
    let rest = rest.strip_prefix(RESPONSE_COMPONENTS)?;
    let (created, rest) = number(rest, ";created=")?;
    let rest = rest.strip_prefix(";alg=\"hmac-sha256\"")?;
    let (keyid, rest) = quoted(rest, ";keyid=\"")?;
    let (tag, rest) = quoted(rest, ";tag=\"")?;
    (rest.is_empty() && tag == RESPONSE_TAG && is_keyid(keyid)).then_some((created, keyid))
}

/// A number of at most 15 digits (the limit of structured fields), without leading zeros.
fn number<'a>(text: &'a str, name: &str) -> Option<(u64, &'a str)> {
    let rest = text.strip_prefix(name)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at_checked(end)?;
    let canonical = digits.len() <= 15 && (digits == "0" || !digits.starts_with('0'));
    Some((digits.parse().ok().filter(|_| canonical)?, rest))
}

fn quoted<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(name)?.split_once('"')
}

/// ASCII without blanks and control characters.
fn is_visible(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

fn is_keyid(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}
