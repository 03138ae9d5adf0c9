//! Which connections the gateway takes, and how many at once. It rejects who may never ask before
//! that costs a handshake or a slot.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::Edge;
use super::conn_rejected::ConnRejected;
use super::nets::customer;

/// Connections at once.
const MAX_CONNECTIONS: usize = 512;
/// Of these from one address, IPv6 by /64; a controller uses a handful.
const MAX_PER_ADDRESS: usize = 64;

/// Hears of each connection that was rejected, and from where.
pub(crate) type OnRejected = Arc<dyn Fn(ConnRejected, IpAddr) + Send + Sync>;

/// Takes connections, and hands those it takes to the next acceptor.
#[derive(Clone)]
pub(crate) struct ConnLimit<A> {
    next: A,
    edge: Arc<Edge>,
    on_rejected: OnRejected,
    slots: Arc<Slots>,
}

impl<A> ConnLimit<A> {
    pub(crate) fn new(next: A, edge: Edge, on_rejected: OnRejected) -> Self {
        Self { next, edge: Arc::new(edge), on_rejected, slots: Arc::default() }
    }

    fn enter(&self, peer: IpAddr) -> Result<Slot, ConnRejected> {
        if !self.edge.may_connect(peer) {
            return Err(ConnRejected::Address);
        }
        // Behind a proxy, and on loopback, one address is many callers.
        let many = peer.is_loopback() || self.edge.trusted_proxies.contains(peer);
        let most = if many { MAX_CONNECTIONS } else { MAX_PER_ADDRESS };
        Slots::take(&self.slots, peer, most).ok_or(ConnRejected::Full)
    }
}

impl<A, S> Accept<TcpStream, S> for ConnLimit<A>
where
    A: Accept<TcpStream, S>,
    A::Future: Send + 'static,
    A::Stream: Send + 'static,
    A::Service: Send + 'static,
{
    type Stream = LimitedConn<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Ok(peer) = stream.peer_addr().map(|peer| peer.ip().to_canonical()) else {
            // It is gone already.
            return Box::pin(async { Err(io::ErrorKind::NotConnected.into()) });
        };
        let slot = match self.enter(peer) {
            Ok(slot) => slot,
            Err(why) => {
                (self.on_rejected)(why, peer);
                return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
            }
        };
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let (next, rejected) = (self.next.accept(stream, service), Arc::clone(&self.on_rejected));
        Box::pin(async move {
            let done = next.await;
            let (stream, service) =
                done.inspect_err(|_| rejected(ConnRejected::Handshake, peer))?;
            Ok((LimitedConn { stream, _slot: slot }, service))
        })
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
struct Slot {
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

/// A connection that holds its slot.
pub(crate) struct LimitedConn<T> {
    stream: T,
    _slot: Slot,
}

impl<T: AsyncRead + Unpin> AsyncRead for LimitedConn<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for LimitedConn<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
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
