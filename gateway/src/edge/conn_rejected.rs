//! Why the gateway closed a connection, for metrics and the log.

/// Why the gateway closed a connection before it could ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnRejected {
    /// It comes from outside the allow-list.
    Address,
    /// There are too many.
    Full,
    /// No TLS, no client certificate, or none in time.
    Handshake,
}

impl ConnRejected {
    pub(crate) const ALL: [Self; 3] = [Self::Address, Self::Full, Self::Handshake];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Full => "full",
            Self::Handshake => "handshake",
        }
    }
}
