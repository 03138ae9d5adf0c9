//! Networks as operators write them: `203.0.113.7, 10.0.0.0/8, 2001:db8::/32`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

/// Networks. IPv4 addresses that came as IPv6 (`::ffff:203.0.113.7`) count as IPv4 on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nets(Vec<IpNet>);

/// Why a text is no list of networks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Not an address or a network.
    #[error("`{0}` is neither an address nor a network such as 203.0.113.7 or 10.0.0.0/8")]
    Form(String),
    /// A network whose address has bits beyond its length: a slip that would let too many in.
    #[error("`{0}` is an address with the length of a network: write {1}, or {2} for that alone")]
    HostBits(String, String, IpAddr),
}

impl Nets {
    /// Whether nothing is listed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    /// All networks of several lists.
    #[must_use]
    pub fn join(lists: impl IntoIterator<Item = Self>) -> Self {
        Self(lists.into_iter().flat_map(|nets| nets.0).collect())
    }
}

impl FromStr for Nets {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(net).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Nets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, net) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{net}")?;
        }
        Ok(())
    }
}

/// Who an address counts as: itself, and of IPv6 its /64, which is what one customer of a provider
/// gets.
#[must_use]
pub fn customer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let network = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
    }
}

fn net(item: &str) -> Result<IpNet, NetError> {
    let form = || NetError::Form(item.to_owned());
    let Ok(address) = item.parse::<IpAddr>() else {
        let net: IpNet = item.parse().map_err(|_| form())?;
        if net.trunc() != net {
            let whole = net.trunc().to_string();
            return Err(NetError::HostBits(item.to_owned(), whole, net.addr()));
        }
        return match (net, net.addr().to_canonical()) {
            (IpNet::V6(v6), IpAddr::V4(v4)) if v6.prefix_len() >= 96 => {
                Ipv4Net::new(v4, v6.prefix_len() - 96).map(IpNet::V4).map_err(|_| form())
            }
            _ => Ok(net),
        };
    };
    Ok(IpNet::from(address.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_a_list_however_it_is_spelled() {
        let nets: Nets =
            "203.0.113.7, 10.0.0.0/8,2001:db8::/32,::ffff:192.0.2.0/120".parse().unwrap();
        assert_eq!(nets.to_string(), "203.0.113.7/32, 10.0.0.0/8, 2001:db8::/32, 192.0.2.0/24");
        for inside in
            ["203.0.113.7", "::ffff:203.0.113.7", "10.255.0.1", "2001:db8::1", "192.0.2.9"]
        {
            assert!(nets.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in
            ["203.0.113.8", "11.0.0.0", "2001:db9::1", "::1", "127.0.0.1", "::203.0.113.7"]
        {
            assert!(!nets.contains(outside.parse().unwrap()), "{outside}");
        }
        assert!("".parse::<Nets>().unwrap().is_empty());
    }

    #[test]
    fn a_slip_is_told_and_never_widened() {
        let error = |text: &str| text.parse::<Nets>().unwrap_err().to_string();
        assert!(error("10.0.0.5/8").contains("write 10.0.0.0/8, or 10.0.0.5"));
        for text in ["10.0.0/8", "example.net", "10.0.0.0/33", "10.0.0.1-9", "::/129"] {
            assert!(error(text).contains(text), "{text}");
        }
    }
}
