//! What a sender does: digest, parameters, signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::{
    REQUEST_LABEL, RESPONSE_LABEL, RequestBinding, Stamp, content_digest, mac, normal_authority,
    request_base, request_params, response_base, response_params,
};
use crate::headers::media_type;
use crate::keys::Key;

/// What of a request is signed.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// `GET`, `PUT` …
    pub method: &'a str,
    /// The value of `Host`.
    pub authority: &'a str,
    /// The path as sent, percent-encoded.
    pub path: &'a str,
    /// The query as sent, without its `?`.
    pub query: Option<&'a str>,
    /// The bytes of the body.
    pub body: &'a [u8],
}

impl std::fmt::Debug for RequestParts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestParts")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The headers that a signature adds. `Content-Type` must be `application/json`, or for an answer
/// [`media_type`] of its status, and `Content-Length` must be sent, also when it is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `Content-Digest`.
    pub content_digest: String,
    /// `Signature-Input`.
    pub signature_input: String,
    /// `Signature`.
    pub signature: String,
}

impl SignedHeaders {
    /// What an answer to this request must be bound to.
    #[must_use]
    pub fn binding<'a>(&'a self, method: &'a str, path: &'a str) -> RequestBinding<'a> {
        let signature = self
            .signature
            .strip_prefix("gw=:")
            .and_then(|s| s.strip_suffix(':'))
            .unwrap_or_default();
        RequestBinding { method, path, signature }
    }
}

/// Signs a request.
#[must_use]
pub fn sign_request(key: &Key, parts: &RequestParts<'_>, stamp: &Stamp<'_>) -> SignedHeaders {
    let digest = content_digest(parts.body);
    let params = request_params(stamp);
    let authority = normal_authority(parts.authority);
    let base = request_base(parts.method, &authority, parts.path, parts.query, &digest, &params);
    headers(REQUEST_LABEL, key, &base, digest, &params)
}

/// Signs an answer, bound to the request it answers. `created` is in seconds since 1970.
#[must_use]
pub fn sign_response(
    key: &Key,
    status: u16,
    body: &[u8],
    request: &RequestBinding<'_>,
    created: u64,
    keyid: &str,
) -> SignedHeaders {
    let digest = content_digest(body);
    let params = response_params(created, keyid);
    let base = response_base(status, media_type(status), &digest, request, &params);
    headers(RESPONSE_LABEL, key, &base, digest, &params)
}

fn headers(
    label: &str,
    key: &Key,
    base: &str,
    content_digest: String,
    params: &str,
) -> SignedHeaders {
    let signature = STANDARD.encode(mac(key.expose(), base));
    SignedHeaders {
        content_digest,
        signature_input: format!("{label}={params}"),
        signature: format!("{label}=:{signature}:"),
    }
}
