//! Which connections are taken, and how many at once. Who may never ask is turned away before it
//! costs a handshake or holds a place.

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

use super::nets::customer;
use super::turned_away::TurnedAway;
use crate::inner::Inner;

/// Connections at once.
const MAX_CONNECTIONS: usize = 512;
/// Of these from one address, IPv6 by /64; a controller uses a handful.
const MAX_PER_ADDRESS: usize = 64;

/// Takes connections, and hands those it takes to the next acceptor.
#[derive(Clone)]
pub(crate) struct Door<A> {
    next: A,
    inner: Arc<Inner>,
    places: Arc<Places>,
}

impl<A> Door<A> {
    pub(crate) fn new(next: A, inner: Arc<Inner>) -> Self {
        Self { next, inner, places: Arc::default() }
    }

    fn enter(&self, peer: IpAddr) -> Result<Place, TurnedAway> {
        let edge = &self.inner.edge;
        if !edge.may_connect(peer) {
            return Err(TurnedAway::Address);
        }
        // Behind a proxy, and on loopback, one address is many callers.
        let many = peer.is_loopback() || edge.trusted_proxies.contains(peer);
        let most = if many { MAX_CONNECTIONS } else { MAX_PER_ADDRESS };
        Places::take(&self.places, peer, most).ok_or(TurnedAway::Full)
    }
}

impl<A, S> Accept<TcpStream, S> for Door<A>
where
    A: Accept<TcpStream, S>,
    A::Future: Send + 'static,
    A::Stream: Send + 'static,
    A::Service: Send + 'static,
{
    type Stream = Held<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Ok(peer) = stream.peer_addr().map(|peer| peer.ip().to_canonical()) else {
            // It is gone already.
            return Box::pin(async { Err(io::ErrorKind::NotConnected.into()) });
        };
        let place = match self.enter(peer) {
            Ok(place) => place,
            Err(why) => {
                self.inner.turned_away(why, peer);
                return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
            }
        };
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let (next, inner) = (self.next.accept(stream, service), Arc::clone(&self.inner));
        Box::pin(async move {
            let done = next.await;
            let (stream, service) =
                done.inspect_err(|_| inner.turned_away(TurnedAway::Handshake, peer))?;
            Ok((Held { stream, _place: place }, service))
        })
    }
}

/// Places taken, by address, IPv6 by /64.
#[derive(Default)]
struct Places {
    taken: Mutex<(usize, BTreeMap<IpAddr, usize>)>,
}

impl Places {
    fn take(places: &Arc<Self>, peer: IpAddr, most: usize) -> Option<Place> {
        let peer = customer(peer);
        let mut taken = places.taken.lock().unwrap_or_else(PoisonError::into_inner);
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
        Some(Place { places: Arc::clone(places), peer })
    }
}

/// A place, given back when it is dropped.
struct Place {
    places: Arc<Places>,
    peer: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
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

/// A connection that holds its place.
pub(crate) struct Held<T> {
    stream: T,
    _place: Place,
}

impl<T: AsyncRead + Unpin> AsyncRead for Held<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Held<T> {
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
    fn places_are_bounded_per_address_and_in_all_and_are_given_back() {
        let places = Arc::new(Places::default());
        let at = |n: u16| IpAddr::from([203, 0, (n >> 8) as u8, (n & 255) as u8]);
        let crowd: Vec<Place> =
            (0..100).filter_map(|_| Places::take(&places, at(1), MAX_PER_ADDRESS)).collect();
        assert_eq!(crowd.len(), MAX_PER_ADDRESS);
        let others: Vec<Place> =
            (2..2_000).filter_map(|n| Places::take(&places, at(n), MAX_PER_ADDRESS)).collect();
        assert_eq!(crowd.len() + others.len(), MAX_CONNECTIONS);
        drop((crowd, others));
        let taken = places.taken.lock().unwrap();
        assert_eq!((taken.0, taken.1.len()), (0, 0));
    }

    #[test]
    fn the_addresses_of_one_64_share_their_places() {
        let places = Arc::new(Places::default());
        let at = |network: u128, n: u128| {
            IpAddr::from(std::net::Ipv6Addr::from((0x2001_0db8 << 96) | (network << 64) | n))
        };
        let take = |address| Places::take(&places, address, MAX_PER_ADDRESS);
        let crowd: Vec<Place> = (0..2_000).filter_map(|n| take(at(1, n))).collect();
        assert_eq!(crowd.len(), MAX_PER_ADDRESS);
        let neighbour = take(at(2, 1));
        assert!(neighbour.is_some());
        drop((crowd, neighbour));
        let taken = places.taken.lock().unwrap();
        assert_eq!((taken.0, taken.1.len()), (0, 0));
    }
}
