//! A gateway on its listeners, until it is told to stop.

use std::future::{Future, IntoFuture as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nebulalinks_protocol::Panel;
use prometheus::Registry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError};
use crate::hooks::{Hook, no_hook};
use crate::metrics::metrics_router;
use crate::router::{Inner, Parts, open, service};

/// How long requests under way may take to end. A write that is cut off is found and mended by the
/// next pass; a caller that says nothing must not keep the gateway from ending.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// How often the key file is read again.
const RELOAD: Duration = Duration::from_secs(10);

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The state folder cannot be used.
    #[error(
        "the claim in {folder} cannot be used: {why}. It keeps replaced controllers out: repair \
         it, or remove it when no other controller runs"
    )]
    State {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        why: String,
    },
    /// The key file cannot be used.
    #[error("the key file {path} cannot be used: {why}")]
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// What the sandbox may replace.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Crash points.
    pub hook: Hook,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), hook: no_hook() }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Surroundings")
    }
}

/// Serves until `shutdown` is done, then lets requests under way end, for up to 5 s.
///
/// # Errors
/// See [`StartError`]; it also ends when a listener fails.
pub async fn serve(
    config: Config,
    surroundings: Surroundings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    config.check()?;
    let registry = Registry::new();
    let inner = open(Parts {
        panel: config.panel.clone(),
        keys: config.keys.clone(),
        state: config.state.clone(),
        window_s: config.window_s,
        clock: surroundings.clock,
        hook: surroundings.hook,
        registry: registry.clone(),
    })?;
    let stop = CancellationToken::new();
    let listener = bind(config.listen).await?;
    let metrics = match config.metrics_listen {
        Some(address) => {
            let listener = bind(address).await?;
            let stop = stop.clone();
            let app = metrics_router(registry);
            Some(tokio::spawn(async move {
                axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await
            }))
        }
        None => None,
    };
    let reload = tokio::spawn(reload_keys(Arc::clone(&inner), stop.clone()));
    tracing::info!(server = %config.server, listen = %config.listen, "the gateway listens");
    let app = service(inner).into_make_service_with_connect_info::<SocketAddr>();
    let token = stop.clone();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        token.cancel();
    });
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST_ANSWERS).await;
    };
    let served = tokio::select! {
        served = serving.into_future() => served,
        () = late => Ok(()),
    };
    stop.cancel();
    // Both end on the token; what they return changes nothing any more.
    let _ = reload.await;
    if let Some(task) = metrics {
        // A scrape that hangs is nobody's loss.
        let _ = tokio::time::timeout(Duration::from_millis(200), task).await;
    }
    served.map_err(|e| StartError::Listen(config.listen, e))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|e| StartError::Listen(address, e))
}

async fn reload_keys(inner: Arc<Inner>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(RELOAD)).await.is_some() {
        inner.keys.reload();
    }
}

/// Tries everything once: configuration, keys, state folder, panel, token, version, the list.
///
/// # Errors
/// What would keep the gateway from working.
pub async fn check(config: Config, surroundings: Surroundings) -> Result<Panel, StartError> {
    config.check()?;
    let inner = open(Parts {
        panel: config.panel.clone(),
        keys: config.keys.clone(),
        state: config.state.clone(),
        window_s: config.window_s,
        clock: surroundings.clock,
        hook: surroundings.hook,
        registry: Registry::new(),
    })?;
    let contents = inner.panel.list().await.map_err(|f| StartError::Other(f.detail))?;
    Ok(contents.panel)
}
