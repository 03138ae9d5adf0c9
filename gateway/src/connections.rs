//! Connections: which are taken, TLS where there is a certificate, then HTTP/1 until the gateway stops.
//! HTTP/2 is not spoken: signatures cover `Host`, which it does not have.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer as _;

use crate::edge::conn_limit::{ConnLimit, Slot};
use crate::edge::tls::Tls;

/// How long requests under way may take to end. A write that is cut off is found and mended by the
/// next pass; a caller that says nothing must not keep the gateway from ending.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// How long a connection may take to send a request's head, from its start or from the last
/// answer. No multiple of the controller's pace (10, 30 and 60 s): an idle connection that ends
/// just as it is used again would look like a lost write.
const HEAD_TIME: Duration = Duration::from_secs(17);
/// How long a connection for scrapes may last.
const SCRAPES: Duration = Duration::from_secs(25);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The most of a request's head, in bytes; ours are under 1 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// How long to wait when no connection can be taken: mostly for files, of which too many are open.
const BREATH: Duration = Duration::from_millis(50);

/// Serves an application on a listener.
pub(crate) struct Connections {
    limit: ConnLimit,
    tls: Option<Arc<Tls>>,
    app: Router,
    http: http1::Builder,
    /// How long a connection may last, whatever it does.
    life: Duration,
}

impl Connections {
    /// Connections of callers that sign: as long as they ask something.
    pub(crate) fn new(limit: ConnLimit, tls: Option<Arc<Tls>>, app: Router) -> Self {
        Self::lasting(Duration::MAX, limit, tls, app)
    }

    /// Connections of those who read numbers: nobody knows them, so that none lasts long, though its
    /// reader be slow.
    pub(crate) fn of_scrapes(limit: ConnLimit, app: Router) -> Self {
        Self::lasting(SCRAPES, limit, None, app)
    }

    fn lasting(life: Duration, limit: ConnLimit, tls: Option<Arc<Tls>>, app: Router) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(MAX_HEAD_BYTES);
        Self { limit, tls, app, http, life }
    }

    /// Serves until `stop`, then lets requests under way end, for up to 5 s.
    pub(crate) async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let connections = Arc::new(self);
        let (under_way, cut_off) = (TaskTracker::new(), CancellationToken::new());
        let mut failing = false;
        while let Some(taken) = stop.run_until_cancelled(listener.accept()).await {
            let (stream, peer) = match taken {
                Ok(taken) => taken,
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::error!(%error, "no connection can be taken, and nobody is answered");
                    }
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            };
            failing = false;
            let Some(slot) = connections.limit.enter(peer) else { continue };
            let (connections, stop) = (Arc::clone(&connections), stop.clone());
            let one = async move {
                let one = connections.one(stream, peer, slot, &stop);
                // Its time is over: what it still asks is asked again on another.
                let _ = tokio::time::timeout(connections.life, one).await;
            };
            under_way.spawn(cut_off.clone().run_until_cancelled_owned(one));
        }
        // Whoever comes now is refused, and does not hang in the listener's queue.
        drop(listener);
        under_way.close();
        if tokio::time::timeout(LAST_ANSWERS, under_way.wait()).await.is_err() {
            cut_off.cancel();
            under_way.wait().await;
        }
    }

    async fn one(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        _slot: Slot,
        stop: &CancellationToken,
    ) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else { return self.talk(stream, peer, stop).await };
        let handshake = TlsAcceptor::from(tls.in_force()).accept(stream);
        let handshake = tokio::time::timeout(HANDSHAKE_TIME, handshake);
        match stop.run_until_cancelled(handshake).await {
            Some(Ok(Ok(stream))) => self.talk(stream, peer, stop).await,
            Some(_) => self.limit.no_handshake(peer),
            None => {}
        }
    }

    /// Answers the requests of a connection until either side ends it.
    async fn talk<S>(&self, stream: S, peer: SocketAddr, stop: &CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let service = Extension(ConnectInfo(peer)).layer(self.app.clone());
        let service = TowerToHyperService::new(service);
        let mut talk = std::pin::pin!(self.http.serve_connection(TokioIo::new(stream), service));
        // How a connection ends is the caller's affair: what it asked is in the log and the metrics.
        if stop.run_until_cancelled(talk.as_mut()).await.is_none() {
            talk.as_mut().graceful_shutdown();
            let _ = talk.await;
        }
    }
}
