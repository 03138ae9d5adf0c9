//! Answers: JSON or a problem (RFC 9457), dated by our clock, and signed once the request is proven.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use nebulalinks_protocol::{ErrorCode, Problem, headers, sign_response};
use serde::Serialize;

use crate::clock::http_date;
use crate::failure::Failure;
use crate::verify::Signer;

/// A body of an answer: one buffer, which is digested and sent as it is.
///
/// # Errors
/// [`ErrorCode::Internal`], for what has no JSON.
pub(crate) fn encoded(body: &impl Serialize) -> Result<Bytes, Failure> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|_| Failure::new(ErrorCode::Internal, "the answer has no JSON"))
}

/// A status and its JSON. Without `Debug`: bodies hold credentials.
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Bytes,
    retry_after_ms: Option<u64>,
    /// For the metric.
    pub(crate) code: &'static str,
}

impl Answer {
    /// 200 with a body.
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        encoded(body).map_or_else(|failure| Self::failed(failure, 0), Self::encoded)
    }

    /// The same, of a body that [`encoded`] has made.
    pub(crate) const fn encoded(body: Bytes) -> Self {
        Self { status: 200, body, retry_after_ms: None, code: "ok" }
    }

    /// A failure's status and problem.
    pub(crate) fn failed(failure: Failure, now_ms: u64) -> Self {
        let (code, retry_after_ms) = (failure.code, failure.retry_after_ms);
        let problem: Problem = failure.problem(now_ms);
        let body = serde_json::to_vec(&problem).unwrap_or_default().into();
        Self { status: code.status(), body, retry_after_ms, code: code.as_str() }
    }

    /// As a response, signed when there is a signer.
    pub(crate) fn into_response(self, signer: Option<&Signer>, now_ms: u64) -> Response<Body> {
        let mut response = Response::builder()
            .status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .header(CONTENT_TYPE, headers::media_type(self.status))
            .header(CONTENT_LENGTH, self.body.len())
            .header(DATE, http_date(now_ms));
        if let Some(wait_ms) = self.retry_after_ms {
            response = response.header(RETRY_AFTER, wait_ms.div_ceil(1000));
        }
        if let Some(signer) = signer {
            let keyid = signer.response.id();
            let signed = sign_response(
                &signer.response,
                self.status,
                &self.body,
                &signer.binding(),
                now_ms / 1000,
                keyid,
            );
            response = response
                .header(headers::CONTENT_DIGEST, signed.content_digest)
                .header(headers::SIGNATURE_INPUT, signed.signature_input)
                .header(headers::SIGNATURE, signed.signature);
        }
        // All parts above are ASCII, so the builder cannot fail.
        response.body(Body::from(self.body)).unwrap_or_default()
    }
}
