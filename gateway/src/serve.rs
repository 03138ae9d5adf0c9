//! A gateway on its listeners, until it is asked to stop.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use prometheus::Registry;
use tokio_util::sync::CancellationToken;

use crate::app_state::{AppState, Parts, open};
use crate::claim::StateFolder;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::connections::Connections;
use crate::edge::conn_limit::{ConnLimit, OnRejected};
use crate::edge::tls::Tls;
use crate::edge::{Edge, Names};
use crate::entropy::{Entropy, SystemEntropy};
use crate::hooks::{Hook, no_hook};
use crate::router::{metrics_router, service};
use crate::start_error::StartError;

/// How often the files of keys and certificate are read again.
const RELOAD: Duration = Duration::from_secs(10);
/// What tests and the sandbox may replace.
#[derive(Clone)]
pub struct Env {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What happens at crash points.
    pub hook: Hook,
    /// Where random bytes come from.
    pub entropy: Arc<dyn Entropy>,
    /// How often the files of keys and certificate are read again.
    pub reload: Duration,
}

impl Default for Env {
    fn default() -> Self {
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        Self { clock, hook: no_hook(), entropy, reload: RELOAD }
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
/// See [`StartError`].
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
            panel_transport: None,
            keys: config.keys.clone(),
            claim: Arc::new(StateFolder::at(config.state.clone())),
            window_s: config.window_s,
            edge: config.edge.clone(),
            clock: env.clock,
            hook: env.hook,
            entropy: env.entropy,
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
    /// A listener cannot be used.
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
                // From anywhere, but no more at once than requests may hold.
                let limit = ConnLimit::new(Edge::default(), Arc::new(|_, _| ()));
                let scrapes = Connections::of_scrapes(limit, app);
                Some(tokio::spawn(scrapes.serve(listener, stop.clone())))
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
        let token = stop.clone();
        let ending = tokio::spawn(async move {
            token.run_until_cancelled(shutdown).await;
            token.cancel();
        });
        let app = service(Arc::clone(&self.state));
        let (edge, state) = (self.state.edge.clone(), self.state);
        let on_rejected: OnRejected = Arc::new(move |why, peer| state.rejected(why, peer));
        let limit = ConnLimit::new(edge, on_rejected);
        Connections::new(limit, self.tls, app).serve(listener, stop).await;
        // All end on the token; what they return changes nothing any more.
        let _ = tokio::join!(reload, ending);
        if let Some(task) = metrics {
            // A scrape that hangs is nobody's loss.
            let _ = tokio::time::timeout(Duration::from_millis(200), task).await;
        }
        Ok(())
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
