//! From where customers are connected, as their servers tell it when they ask. Nothing of it is kept.

use crate::model::ServerId;
use std::fmt;
use std::net::IpAddr;

/// From where an account was connected lately to one of its servers.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectedFrom {
    /// Which.
    pub server: ServerId,
    /// The addresses, in the server's order; `None` where it did not say in time.
    pub addresses: Option<Vec<IpAddr>>,
}

impl fmt::Debug for ConnectedFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.addresses.as_ref().map(Vec::len);
        write!(f, "ConnectedFrom({}, {count:?} redacted)", self.server)
    }
}
