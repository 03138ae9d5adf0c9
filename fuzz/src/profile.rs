//! The profile `nebulalinks-gw-v1`: which headers are literally its own, and what they sign.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const STANDARD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A header as received.
pub type Header<'a> = (&'a str, &'a [u8]);

/// Whom a message speaks to, or what it answers.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    pub method: &'a str,
    pub authority: &'a str,
    pub path: &'a str,
    pub query: Option<&'a str>,
}

impl Head<'_> {
    /// What of it is signed, each part by itself.
    pub fn meaning(&self) -> (String, String, String, String) {
        let host = self.authority.to_ascii_lowercase();
        let default = [":443", ":80"].into_iter().find(|port| host.ends_with(port));
        let bare = host.len() - default.map_or(0, str::len);
        let query = format!("?{}", self.query.unwrap_or(""));
        (self.method.into(), host[..bare].into(), self.path.into(), query)
    }

    /// Whether a request can look like this at all.
    pub fn is_a_request(&self) -> bool {
        let plain = |text: &str| text.bytes().all(|b| b > b' ' && b < 0x7f);
        let host = !self.authority.is_empty()
            && !self.authority.bytes().any(|b| matches!(b, b'@' | b'/' | b','));
        host && [self.method, self.authority, self.path, self.query.unwrap_or("")]
            .into_iter()
            .all(plain)
    }
}

/// What the four headers of a request or an answer say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub created: u64,
    /// Requests only.
    pub expires: Option<u64>,
    /// Requests only.
    pub nonce: Option<String>,
    pub keyid: String,
    pub digest: String,
    /// The base64 text of the MAC.
    pub signature: String,
    /// All after the label.
    params: String,
}

/// Reads a request's headers; `None` unless they are the profile's, byte for byte.
pub fn request(headers: &[Header<'_>]) -> Option<Signed> {
    let list = r#"("@method" "@authority" "@path" "@query" "content-type" "content-digest")"#;
    let (input, digest, signature) = four(headers, "gw=:", "application/json")?;
    let params = input.strip_prefix("gw=")?;
    let [components, created, expires, nonce, alg, keyid, tag] = split(params)?;
    let created = number(created.strip_prefix("created=")?)?;
    let expires = number(expires.strip_prefix("expires=")?)?;
    let nonce = between(nonce, "nonce=\"", "\"")?;
    let keyid = between(keyid, "keyid=\"", "\"")?;
    let literal = components == list
        && alg == r#"alg="hmac-sha256""#
        && tag == r#"tag="nebulalinks-gw-v1""#
        && is_base64(nonce, URL_SAFE, 16)
        && is_name(keyid)
        && (1..=60).contains(&expires.checked_sub(created)?);
    literal.then(|| Signed {
        created,
        expires: Some(expires),
        nonce: Some(nonce.into()),
        keyid: keyid.into(),
        digest: digest.into(),
        signature: signature.into(),
        params: params.into(),
    })
}

/// Reads an answer's headers; `None` unless they are the profile's, byte for byte.
pub fn answer(status: u16, headers: &[Header<'_>]) -> Option<Signed> {
    let list = r#"("@status" "content-type" "content-digest" "@method";req "@path";req "signature";req;key="gw")"#;
    let (input, digest, signature) = four(headers, "gwr=:", media_type(status))?;
    let params = input.strip_prefix("gwr=")?;
    let [created, alg, keyid, tag] = split(params.strip_prefix(list)?.strip_prefix(';')?)?;
    let created = number(created.strip_prefix("created=")?)?;
    let keyid = between(keyid, "keyid=\"", "\"")?;
    let literal = alg == r#"alg="hmac-sha256""#
        && tag == r#"tag="nebulalinks-gw-v1-response""#
        && is_name(keyid);
    literal.then(|| Signed {
        created,
        expires: None,
        nonce: None,
        keyid: keyid.into(),
        digest: digest.into(),
        signature: signature.into(),
        params: params.into(),
    })
}

/// The MAC of a request, as base64 text.
pub fn request_mac(key: [u8; 32], head: &Head<'_>, signed: &Signed) -> String {
    let (method, authority, path, query) = head.meaning();
    mac(
        key,
        &[
            ("\"@method\"", &method),
            ("\"@authority\"", &authority),
            ("\"@path\"", &path),
            ("\"@query\"", &query),
            ("\"content-type\"", "application/json"),
            ("\"content-digest\"", &signed.digest),
            ("\"@signature-params\"", &signed.params),
        ],
    )
}

/// Of an answer: RFC 9457 for what is not a success.
fn media_type(status: u16) -> &'static str {
    if (200..300).contains(&status) { "application/json" } else { "application/problem+json" }
}

/// The MAC of an answer to the request with this signature, as base64 text.
pub fn answer_mac(
    key: [u8; 32],
    status: u16,
    (method, path, request): (&str, &str, &str),
    signed: &Signed,
) -> String {
    mac(
        key,
        &[
            ("\"@status\"", &status.to_string()),
            ("\"content-type\"", media_type(status)),
            ("\"content-digest\"", &signed.digest),
            ("\"@method\";req", method),
            ("\"@path\";req", path),
            ("\"signature\";req;key=\"gw\"", &format!(":{request}:")),
            ("\"@signature-params\"", &signed.params),
        ],
    )
}

/// `Content-Digest` of a body.
pub fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", base64(&Sha256::digest(body)))
}

fn mac(key: [u8; 32], lines: &[(&str, &str)]) -> String {
    let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length will do");
    mac.update(lines.join("\n").as_bytes());
    base64(&mac.finalize().into_bytes())
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Input, digest and signature, where each header is there once and the type is right.
fn four<'a>(
    headers: &[Header<'a>],
    label: &str,
    media_type: &str,
) -> Option<(&'a str, &'a str, &'a str)> {
    let one = |name: &str| {
        let mut values = headers.iter().filter(|(n, _)| n.to_ascii_lowercase() == name);
        let (_, value) = values.next()?;
        let text = std::str::from_utf8(value).ok()?;
        let visible = text.bytes().all(|b| matches!(b, b' '..=b'~'));
        (values.next().is_none() && visible).then_some(text)
    };
    let digest = one("content-digest")?;
    let signature = between(one("signature")?, label, ":")?;
    let fits = one("content-type")? == media_type
        && is_base64(between(digest, "sha-256=:", ":")?, STANDARD, 32)
        && is_base64(signature, STANDARD, 32);
    fits.then_some((one("signature-input")?, digest, signature))
}

fn split<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split(';').collect::<Vec<_>>().try_into().ok()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

/// 1 to 15 digits without leading zeros, or a 0.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
    let value = text.parse::<u64>().ok().filter(|_| digits)?;
    (value.to_string() == text).then_some(value)
}

fn is_name(text: &str) -> bool {
    let fits =
        |b: u8| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b':' | b'-');
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}

/// The one base64 text of so many bytes: padded in the standard alphabet, bare in the other.
fn is_base64(text: &str, alphabet: &[u8], bytes: usize) -> bool {
    let chars = (bytes * 8).div_ceil(6);
    let padding = if alphabet == STANDARD { (3 - bytes % 3) % 3 } else { 0 };
    let (body, end) = text.as_bytes().split_at_checked(chars).unwrap_or_default();
    let value = |b: &u8| alphabet.iter().position(|a| a == b);
    // The bits of the last character that belong to no byte are 0.
    let spare = 1 << (chars * 6 - bytes * 8);
    body.len() == chars
        && end.len() == padding
        && end.iter().all(|b| *b == b'=')
        && body.iter().all(|b| value(b).is_some())
        && body.last().and_then(value).is_some_and(|last| last % spare == 0)
}
