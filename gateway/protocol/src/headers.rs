//! Names of the profile's headers, and the strict reading of a header block.

use crate::Refusal;

/// `Content-Type`.
pub const CONTENT_TYPE: &str = "content-type";
/// `Content-Digest`.
pub const CONTENT_DIGEST: &str = "content-digest";
/// `Signature-Input`.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// `Signature`.
pub const SIGNATURE: &str = "signature";
/// The type of all requests and of every success.
pub const JSON: &str = "application/json";
/// The type of every answer that is not a success (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The type of an answer's body: its status decides.
#[must_use]
pub const fn media_type(status: u16) -> &'static str {
    if status / 100 == 2 { JSON } else { PROBLEM_JSON }
}

/// One header as received: its name in any case, and its bytes.
pub type Header<'a> = (&'a str, &'a [u8]);

/// The value of a header that must be there exactly once.
///
/// # Errors
/// [`Refusal::MissingHeader`], [`Refusal::DuplicateHeader`]; a value that is not printable ASCII
/// counts as missing.
pub fn exactly_one<'a>(headers: &[Header<'a>], name: &str) -> Result<&'a str, Refusal> {
    let mut found = headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
    let (_, value) = found.next().ok_or(Refusal::MissingHeader)?;
    if found.next().is_some() {
        return Err(Refusal::DuplicateHeader);
    }
    std::str::from_utf8(value)
        .ok()
        .filter(|v| v.bytes().all(|b| (0x20..0x7f).contains(&b)))
        .ok_or(Refusal::MissingHeader)
}
