//! Which connections the gateway takes, and how many at once. It rejects who may never ask before
//! that costs a handshake or a slot.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use super::Edge;
use super::conn_rejected::ConnRejected;
use nebulalinks_protocol::callers::customer;

/// Connections at once.
const MAX_CONNECTIONS: usize = 512;
/// Of these from one address, IPv6 by /64; a controller uses a handful.
const MAX_PER_ADDRESS: usize = 64;

/// Hears of each connection that was rejected, and from where.
pub(crate) type OnRejected = Arc<dyn Fn(ConnRejected, IpAddr) + Send + Sync>;

/// Decides about connections, and counts those that are open.
pub(crate) struct ConnLimit {
    edge: Edge,
    on_rejected: OnRejected,
    slots: Arc<Slots>,
}

impl ConnLimit {
    pub(crate) fn new(edge: Edge, on_rejected: OnRejected) -> Self {
        Self { edge, on_rejected, slots: Arc::default() }
    }

    /// A slot for a new connection, to be dropped at its end; nothing when it is rejected.
    pub(crate) fn enter(&self, peer: SocketAddr) -> Option<Slot> {
        let peer = peer.ip().to_canonical();
        let taken = self.slot(peer);
        taken.inspect_err(|why| (self.on_rejected)(*why, peer)).ok()
    }

    /// A connection that was taken came to no handshake.
    pub(crate) fn no_handshake(&self, peer: SocketAddr) {
        (self.on_rejected)(ConnRejected::Handshake, peer.ip().to_canonical());
    }

    fn slot(&self, peer: IpAddr) -> Result<Slot, ConnRejected> {
        if !self.edge.may_connect(peer) {
            return Err(ConnRejected::Address);
        }
        // Behind a proxy, and on loopback, one address is many callers.
        let many = peer.is_loopback() || self.edge.trusted_proxies.contains(peer);
        let most = if many { MAX_CONNECTIONS } else { MAX_PER_ADDRESS };
        Slots::take(&self.slots, peer, most).ok_or(ConnRejected::Full)
    }
}

/// The slots in use, by address, IPv6 by /64.
#[derive(Default)]
struct Slots {
    taken: Mutex<(usize, BTreeMap<IpAddr, usize>)>,
}

impl Slots {
    fn take(slots: &Arc<Self>, peer: IpAddr, most: usize) -> Option<Slot> {
        let peer = customer(peer);
        let mut taken = slots.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *taken;
        let here = by_address.entry(peer).or_insert(0);
        if *all >= MAX_CONNECTIONS || *here >= most {
            if *here == 0 {
                by_address.remove(&peer);
            }
            return None;
        }
        *here += 1;
        *all += 1;
        drop(taken);
        Some(Slot { slots: Arc::clone(slots), peer })
    }
}

/// A slot, given back when it is dropped.
pub(crate) struct Slot {
    slots: Arc<Slots>,
    peer: IpAddr,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *taken;
        *all = all.saturating_sub(1);
        if let Some(here) = by_address.get_mut(&self.peer) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                by_address.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_bounded_per_address_and_in_all_and_are_given_back() {
        let slots = Arc::new(Slots::default());
        let at = |n: u16| IpAddr::from([203, 0, (n >> 8) as u8, (n & 255) as u8]);
        let crowd: Vec<Slot> =
            (0..100).filter_map(|_| Slots::take(&slots, at(1), MAX_PER_ADDRESS)).collect();
        assert_eq!(crowd.len(), MAX_PER_ADDRESS);
        let others: Vec<Slot> =
            (2..2_000).filter_map(|n| Slots::take(&slots, at(n), MAX_PER_ADDRESS)).collect();
        assert_eq!(crowd.len() + others.len(), MAX_CONNECTIONS);
        drop((crowd, others));
        let taken = slots.taken.lock().unwrap();
        assert_eq!((taken.0, taken.1.len()), (0, 0));
    }

    #[test]
    fn the_addresses_of_one_64_share_their_slots() {
        let slots = Arc::new(Slots::default());
        let at = |network: u128, n: u128| {
            IpAddr::from(std::net::Ipv6Addr::from((0x2001_0db8 << 96) | (network << 64) | n))
        };
        let take = |address| Slots::take(&slots, address, MAX_PER_ADDRESS);
        let crowd: Vec<Slot> = (0..2_000).filter_map(|n| take(at(1, n))).collect();
        assert_eq!(crowd.len(), MAX_PER_ADDRESS);
        let neighbour = take(at(2, 1));
        assert!(neighbour.is_some());
        drop((crowd, neighbour));
        let taken = slots.taken.lock().unwrap();
        assert_eq!((taken.0, taken.1.len()), (0, 0));
    }
}
