//! A model panel on a real port: it can be stopped and started again there, refuse connections,
//! and cut one off in mid-call.

use super::control::ModelPanel;
use super::sessions::Limiter;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A running panel process. Dropping it kills the process; the panel's state lives on in the
/// [`ModelPanel`].
pub struct PanelServer {
    addr: SocketAddr,
    stop: CancellationToken,
    kill: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl PanelServer {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Ends the process after the calls in flight; the port is free when this returns.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take() {
            // A panic in there has been reported by the runtime.
            let _ = serving.await;
        }
    }

    /// Ends the process at once, calls in flight or not; the port is free when this returns.
    pub async fn kill(self) {
        self.kill.cancel();
        self.stop().await;
    }
}

impl Drop for PanelServer {
    fn drop(&mut self) {
        self.kill.cancel();
        self.stop.cancel();
    }
}

impl ModelPanel {
    /// Starts the panel process on this address, port 0 for any, with its poll.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn serve(&self, addr: SocketAddr) -> io::Result<PanelServer> {
        let socket = TcpListener::bind(addr).await?;
        let addr = socket.local_addr()?;
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        // A new process remembers no failed logins.
        self.live().limiter = Limiter::default();
        let listener = PanelListener {
            socket: Some(socket),
            addr,
            down: self.faults().down(),
            connections: kill.child_token(),
            kill: kill.clone(),
        };
        let service = self.router().into_make_service_with_connect_info::<KillSwitch>();
        let ending = stop.clone().cancelled_owned();
        let poll = tokio::spawn(self.clone().poll_until(stop.clone()));
        let serving = tokio::spawn(async move {
            // It ends only when told to, and never with an error.
            let _ = axum::serve(listener, service).with_graceful_shutdown(ending).await;
            let _ = poll.await;
        });
        Ok(PanelServer { addr, stop, kill, serving: Some(serving) })
    }

    pub(crate) async fn poll_until(self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(self.inner.config.tick);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => self.poll_if_due(),
            }
        }
    }
}

/// Ends one connection without another byte.
#[derive(Clone, Debug)]
pub(crate) struct KillSwitch(CancellationToken);

impl KillSwitch {
    /// Of a connection that ends with this one at the latest.
    pub(crate) fn within(whole: &CancellationToken) -> Self {
        Self(whole.child_token())
    }

    pub(crate) fn pull(&self) {
        self.0.cancel();
    }

    pub(crate) async fn pulled(&self) {
        self.0.cancelled().await;
    }

    pub(crate) fn is_pulled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl Connected<IncomingStream<'_, PanelListener>> for KillSwitch {
    fn connect_info(stream: IncomingStream<'_, PanelListener>) -> Self {
        stream.remote_addr().clone()
    }
}

struct PanelListener {
    socket: Option<TcpListener>,
    addr: SocketAddr,
    down: watch::Receiver<bool>,
    connections: CancellationToken,
    kill: CancellationToken,
}

impl Listener for PanelListener {
    type Io = Killable;
    type Addr = KillSwitch;

    async fn accept(&mut self) -> (Killable, KillSwitch) {
        loop {
            if *self.down.borrow_and_update() {
                self.socket = None;
                self.connections.cancel();
                self.connections = self.kill.child_token();
                if self.down.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
                continue;
            }
            let Some(socket) = &self.socket else {
                self.socket = TcpListener::bind(self.addr).await.ok();
                if self.socket.is_none() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                continue;
            };
            tokio::select! {
                _ = self.down.changed() => {}
                accepted = socket.accept() => if let Ok((stream, _)) = accepted {
                    let token = self.connections.child_token();
                    let dead = Box::pin(token.clone().cancelled_owned());
                    return (Killable { stream, dead, token: token.clone() }, KillSwitch(token));
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<KillSwitch> {
        Ok(KillSwitch(self.connections.clone()))
    }
}

/// A connection that fails as soon as its switch is pulled.
struct Killable {
    stream: TcpStream,
    dead: Pin<Box<WaitForCancellationFutureOwned>>,
    token: CancellationToken,
}

impl Killable {
    fn check(&self) -> io::Result<()> {
        if self.token.is_cancelled() { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Killable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Polled for its waker: an idle connection must wake up to end.
        if self.token.is_cancelled() || self.dead.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Killable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
