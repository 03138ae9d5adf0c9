//! The signature base of RFC 9421, section 2.5, for the profile's two fixed component lists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::headers::JSON;

/// The components of a request, in their order.
pub(crate) const REQUEST_COMPONENTS: &str =
    r#"("@method" "@authority" "@path" "@query" "content-type" "content-digest")"#;
/// The components of an answer, in their order.
pub(crate) const RESPONSE_COMPONENTS: &str = r#"("@status" "content-type" "content-digest" "@method";req "@path";req "signature";req;key="gw")"#;
/// The label of a request's signature.
pub(crate) const REQUEST_LABEL: &str = "gw";
/// The label of an answer's signature.
pub(crate) const RESPONSE_LABEL: &str = "gwr";
/// The tag of a request's signature.
pub(crate) const REQUEST_TAG: &str = "nebulalinks-gw-v1";
/// The tag of an answer's signature.
pub(crate) const RESPONSE_TAG: &str = "nebulalinks-gw-v1-response";

/// `Content-Digest` of a body, also of an empty one.
#[must_use]
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// An authority as it is signed: lower case, without the default ports 80 and 443.
///
/// Both ports are left out whatever the scheme, because the verifier stands behind a proxy that
/// ends TLS and cannot know the scheme.
#[must_use]
pub fn normal_authority(host: &str) -> String {
    let lower = host.to_ascii_lowercase();
    let bare = lower.strip_suffix(":443").or_else(|| lower.strip_suffix(":80"));
    bare.unwrap_or(&lower).to_owned()
}

/// When, how often and by whom: the parameters of a request's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// When it is signed, in seconds since 1970.
    pub created: u64,
    /// When it stops to be valid, in seconds since 1970; at most 60 after `created`.
    pub expires: u64,
    /// 128 random bits, base64url without padding; never used twice.
    pub nonce: &'a str,
    /// The key's id.
    pub keyid: &'a str,
}

/// What an answer is bound to.
#[derive(Debug, Clone, Copy)]
pub struct RequestBinding<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's path, as sent.
    pub path: &'a str,
    /// The base64 text of the request's signature.
    pub signature: &'a str,
}

pub(crate) fn request_params(stamp: &Stamp<'_>) -> String {
    format!(
        r#"{REQUEST_COMPONENTS};created={};expires={};nonce="{}";alg="hmac-sha256";keyid="{}";tag="{REQUEST_TAG}""#,
        stamp.created, stamp.expires, stamp.nonce, stamp.keyid
    )
}

pub(crate) fn response_params(created: u64, keyid: &str) -> String {
    format!(
        r#"{RESPONSE_COMPONENTS};created={created};alg="hmac-sha256";keyid="{keyid}";tag="{RESPONSE_TAG}""#
    )
}

pub(crate) fn request_base(
    method: &str,
    authority: &str,
    path: &str,
    query: Option<&str>,
    digest: &str,
    params: &str,
) -> String {
    let query = query.unwrap_or_default();
    format!(
        "\"@method\": {method}\n\"@authority\": {authority}\n\"@path\": {path}\n\"@query\": ?{query}\n\
         \"content-type\": {JSON}\n\"content-digest\": {digest}\n\"@signature-params\": {params}"
    )
}

pub(crate) fn response_base(
    status: u16,
    media_type: &str,
    digest: &str,
    request: &RequestBinding<'_>,
    params: &str,
) -> String {
    let RequestBinding { method, path, signature } = request;
    format!(
        "\"@status\": {status}\n\"content-type\": {media_type}\n\"content-digest\": {digest}\n\
         \"@method\";req: {method}\n\"@path\";req: {path}\n\
         \"signature\";req;key=\"gw\": :{signature}:\n\"@signature-params\": {params}"
    )
}

/// HMAC-SHA256. Infallible in fact: HMAC takes keys of every length.
pub(crate) fn mac(key: &[u8], base: &str) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(base.as_bytes());
        mac.finalize().into_bytes().into()
    })
}
