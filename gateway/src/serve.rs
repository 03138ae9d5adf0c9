//! A gateway on its listeners, until it is asked to stop.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::accept::DefaultAcceptor;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use prometheus::Registry;
use tokio_util::sync::CancellationToken;

use crate::app_state::{AppState, Parts, open};
use crate::claim::StateFolder;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::edge::Names;
use crate::edge::conn_limit::{ConnLimit, OnRejected};
use crate::edge::tls::Tls;
use crate::hooks::{Hook, no_hook};
use crate::router::{metrics_router, service};
use crate::start_error::StartError;

/// How long requests under way may take to end. A write that is cut off is found and mended by the
/// next pass; a caller that says nothing must not keep the gateway from ending.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// How often the files of keys and certificate are read again.
const RELOAD: Duration = Duration::from_secs(10);
/// How long a connection may take to send a request's head, from its start or from the last
/// answer. No multiple of the controller's pace (10, 30 and 60 s): an idle connection that ends
/// just as it is used again would look like a lost write.
const HEAD_TIME: Duration = Duration::from_secs(17);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The most of a request's head, in bytes; ours are under 1 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// What tests and the sandbox may replace.
#[derive(Clone)]
pub struct Env {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What happens at crash points.
    pub hook: Hook,
    /// How often the files of keys and certificate are read again.
    pub reload: Duration,
}

impl Default for Env {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), hook: no_hook(), reload: RELOAD }
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Env")
    }
}

/// Serves until `shutdown` is done, then lets requests under way end, for up to 5 s.
///
/// # Errors
/// See [`StartError`]; it also ends when a listener fails.
pub async fn serve(
    config: Config,
    env: Env,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    config.check()?;
    let listener = bind(config.listen)?;
    let metrics = config.metrics_listen.map(bind).transpose()?;
    Gateway::open(&config, env)?.run(listener, metrics, shutdown).await
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|e| StartError::Listen(address, e))
}

/// A gateway whose files were read and can be used.
pub struct Gateway {
    server: String,
    state: Arc<AppState>,
    registry: Registry,
    tls: Option<Arc<Tls>>,
    reload: Duration,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Reads everything once: configuration, keys, certificate, claim.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn open(config: &Config, env: Env) -> Result<Self, StartError> {
        config.check()?;
        let registry = Registry::new();
        let state = open(Parts {
            panel: config.panel.clone(),
            keys: config.keys.clone(),
            claim: Arc::new(StateFolder::at(config.state.clone())),
            window_s: config.window_s,
            edge: config.edge.clone(),
            clock: env.clock,
            hook: env.hook,
            registry: registry.clone(),
        })?;
        let tls = match &config.tls {
            Some(files) => Some(Arc::new(Tls::open(files.clone(), state.metrics.clone())?)),
            None => None,
        };
        let (server, reload) = (config.server.clone(), env.reload);
        Ok(Self { server, state, registry, tls, reload })
    }

    /// Serves on a listener until `shutdown` is done, then lets requests under way end, for up to
    /// 5 s. Metrics are shown on a listener of their own.
    ///
    /// # Errors
    /// A listener fails.
    pub async fn run(
        self,
        listener: TcpListener,
        metrics: Option<TcpListener>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), StartError> {
        let stop = CancellationToken::new();
        let (listener, address) = usable(listener)?;
        let metrics = match metrics {
            Some(listener) => {
                let (listener, _) = usable(listener)?;
                let app = metrics_router(self.registry);
                let stop = stop.clone().cancelled_owned();
                Some(tokio::spawn(async move {
                    axum::serve(listener, app).with_graceful_shutdown(stop).await
                }))
            }
            None => None,
        };
        let (state, tls) = (Arc::clone(&self.state), self.tls.clone());
        let names = names(&state, address, tls.as_deref());
        tracing::info!(
            server = %self.server, listen = %address, tls = self.tls.is_some(), %names,
            "the gateway listens"
        );
        state.is_called(names);
        let reload = tokio::spawn(reload(self.reload, state, address, tls, stop.clone()));
        let handle = Handle::<SocketAddr>::new();
        let (let_go, token) = (handle.clone(), stop.clone());
        let ending = tokio::spawn(async move {
            token.run_until_cancelled(shutdown).await;
            token.cancel();
            let_go.graceful_shutdown(Some(LAST_ANSWERS));
        });
        let mut server = Server::from_listener(listener).handle(handle);
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(MAX_HEAD_BYTES);
        let app = service(Arc::clone(&self.state));
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let (edge, state) = (self.state.edge.clone(), self.state);
        let on_rejected: OnRejected = Arc::new(move |why, peer| state.rejected(why, peer));
        let served = match &self.tls {
            Some(tls) => {
                let acceptor = RustlsAcceptor::new(tls.in_force.clone());
                let acceptor = acceptor.handshake_timeout(HANDSHAKE_TIME);
                let acceptor = ConnLimit::new(acceptor, edge, on_rejected);
                server.acceptor(acceptor).http1_only().serve(app).await
            }
            None => {
                let acceptor = ConnLimit::new(DefaultAcceptor::new(), edge, on_rejected);
                server.acceptor(acceptor).http1_only().serve(app).await
            }
        };
        stop.cancel();
        // All end on the token; what they return changes nothing any more.
        let _ = tokio::join!(reload, ending);
        if let Some(task) = metrics {
            // A scrape that hangs is nobody's loss.
            let _ = tokio::time::timeout(Duration::from_millis(200), task).await;
        }
        served.map_err(|e| StartError::Listen(address, e))
    }
}

fn usable(listener: TcpListener) -> Result<(tokio::net::TcpListener, SocketAddr), StartError> {
    let made = listener
        .set_nonblocking(true)
        .and_then(|()| listener.local_addr())
        .and_then(|address| Ok((tokio::net::TcpListener::from_std(listener)?, address)));
    made.map_err(|e| StartError::Other(format!("a listener cannot be used: {e}")))
}

/// The names that callers may use for us: those of the options or those of the certificate, and where
/// we listen.
fn names(state: &AppState, listen: SocketAddr, tls: Option<&Tls>) -> Names {
    let told = &state.edge.own;
    let certificate = tls.filter(|_| told.is_empty()).map(Tls::names).unwrap_or_default();
    Names::join([told.clone(), Names::derived(listen, &certificate)])
}

async fn reload(
    every: Duration,
    state: Arc<AppState>,
    listen: SocketAddr,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
) {
    while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
        state.keys.reload();
        if let Some(tls) = &tls {
            tls.reload();
            state.is_called(names(&state, listen, Some(tls.as_ref())));
        }
    }
}
