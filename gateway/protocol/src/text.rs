//! Bytes and names as text, as both sides write them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What the name of every client that this service writes begins with.
pub const CLIENT_MARK: &str = "nl-";

/// Whether a text can be a client's subscription key: 8 to 64 of `a-z A-Z 0-9 - _`, which stand for
/// themselves in an address.
#[must_use]
pub fn is_subscription_key(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// A text as one segment of a path or one value of a query: all but unreserved characters (RFC
/// 3986, section 2.3) percent-encoded, a space as `%20`.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEEP).to_string()
}
