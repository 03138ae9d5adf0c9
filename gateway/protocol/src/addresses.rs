//! From where a client is connected.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// `GET /v1/clients/{email}/addresses`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressesAnswer {
    /// The gateway's clock, in ms since 1970.
    pub clock_ms: u64,
    /// From where the client was connected lately, as the panel counts its devices: at most 100, in the panel's
    /// order. None where it knows of nothing, or keeps no such list.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub addresses: Vec<IpAddr>,
}

// Where somebody is belongs into no log.
impl fmt::Debug for AddressesAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressesAnswer({} redacted)", self.addresses.len())
    }
}
