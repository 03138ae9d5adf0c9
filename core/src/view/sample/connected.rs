//! From where somebody was connected.

use crate::view::ConnectedFrom;
use std::net::IpAddr;

/// To one server from more addresses than fit, to another from none, and a third does not say.
pub fn connected() -> Vec<ConnectedFrom> {
    let address = |n: u8| IpAddr::from([192, 0, 2, n]);
    let several = (1..=26).map(address).collect();
    vec![
        connected_from("fra-1", Some(several)),
        connected_from("ams-1", Some(Vec::new())),
        connected_from("nowhere", None),
    ]
}

/// To one server.
pub fn connected_from(server: &str, addresses: Option<Vec<IpAddr>>) -> ConnectedFrom {
    ConnectedFrom { server: server.parse().unwrap(), addresses }
}
