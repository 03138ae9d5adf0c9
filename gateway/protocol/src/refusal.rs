//! Why a signature was not accepted. For metrics and logs only; the wire says one thing for all.

use std::fmt;

/// Why a request or an answer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// A header of the profile is missing.
    MissingHeader,
    /// A header of the profile is there more than once.
    DuplicateHeader,
    /// `Content-Type` is not `application/json`, or for a failure `application/problem+json`.
    ContentType,
    /// `Content-Digest` is not one SHA-256.
    DigestForm,
    /// `Signature-Input` is not the profile's: list, order, label, tag or a parameter.
    InputForm,
    /// `Signature` is not one labelled 32-byte value.
    SignatureForm,
    /// The times contradict each other: it expires before it is created, or too late after.
    Lifetime,
    /// The host is missing or malformed.
    Authority,
    /// The method, path or query holds what no request line can: it would blur the base.
    Target,
    /// No such key.
    UnknownKey,
    /// The MAC is wrong.
    Mac,
    /// Created too long ago, or expired.
    Stale,
    /// Created too far in the future.
    Future,
    /// The body is not the one that was signed.
    Digest,
    /// The nonce was seen before.
    Replayed,
    /// Created before the verifier started.
    TooEarly,
    /// No `Content-Length`.
    LengthMissing,
    /// The body is larger than allowed, or not as long as it says.
    LengthWrong,
    /// Chunked or encoded.
    Encoded,
    /// Not HTTP/1.1.
    Version,
    /// It comes from outside the allow-list.
    Address,
    /// A trusted proxy names no caller, or not one that can be understood.
    Forwarded,
}

impl Refusal {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 22] = [
        Self::MissingHeader,
        Self::DuplicateHeader,
        Self::ContentType,
        Self::DigestForm,
        Self::InputForm,
        Self::SignatureForm,
        Self::Lifetime,
        Self::Authority,
        Self::Target,
        Self::UnknownKey,
        Self::Mac,
        Self::Stale,
        Self::Future,
        Self::Digest,
        Self::Replayed,
        Self::TooEarly,
        Self::LengthMissing,
        Self::LengthWrong,
        Self::Encoded,
        Self::Version,
        Self::Address,
        Self::Forwarded,
    ];

    /// The bounded word for metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingHeader => "missing_header",
            Self::DuplicateHeader => "duplicate_header",
            Self::ContentType => "content_type",
            Self::DigestForm => "digest_form",
            Self::InputForm => "input_form",
            Self::SignatureForm => "signature_form",
            Self::Lifetime => "lifetime",
            Self::Authority => "authority",
            Self::Target => "target",
            Self::UnknownKey => "unknown_key",
            Self::Mac => "mac",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::Digest => "digest",
            Self::Replayed => "replayed",
            Self::TooEarly => "too_early",
            Self::LengthMissing => "length_missing",
            Self::LengthWrong => "length_wrong",
            Self::Encoded => "encoded",
            Self::Version => "version",
            Self::Address => "address",
            Self::Forwarded => "forwarded",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for Refusal {}
