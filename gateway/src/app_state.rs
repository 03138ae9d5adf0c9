//! A gateway's parts put together, and what all its requests share.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use nebulalinks_protocol::Refusal;
use prometheus::Registry;
use tokio::sync::Semaphore;

use crate::claim::{ClaimDisk, Claims};
use crate::clock::Clock;
use crate::coalesce::Coalesced;
use crate::config::{KeySource, PanelTarget};
use crate::edge::conn_rejected::ConnRejected;
use crate::edge::limits::Limits;
use crate::edge::{Edge, Names};
use crate::entropy::Entropy;
use crate::failure::Failure;
use crate::hooks::Hook;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::nonces::Nonces;
use crate::panel::adapter::{Contents, PanelAdapter};
use crate::panel::connect::Connection;
use crate::panel::transport::PanelTransport;
use crate::start_error::StartError;

/// What a gateway is made of.
pub struct Parts {
    /// The panel beside it.
    pub panel: PanelTarget,
    /// Who carries requests to the panel; HTTP to its address when `None`.
    pub panel_transport: Option<Arc<dyn PanelTransport>>,
    /// Where the keys of its callers are.
    pub keys: KeySource,
    /// Where the claim is kept.
    pub claim: Arc<dyn ClaimDisk>,
    /// How far a request's time may be from the clock's, in seconds.
    pub window_s: u64,
    /// From where, and how often.
    pub edge: Edge,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What happens at crash points.
    pub hook: Hook,
    /// Where random bytes come from.
    pub entropy: Arc<dyn Entropy>,
    /// Where the metrics go.
    pub registry: Registry,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("panel", &self.panel.url.host_str()).finish_non_exhaustive()
    }
}

/// What all requests share.
pub(crate) struct AppState {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hook: Hook,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Nothing counts that was signed before this, in ms since 1970: the start, or a window past the
    /// earliest that the clock has shown since.
    pub(crate) boot_ms: AtomicU64,
    pub(crate) window_s: u64,
    pub(crate) keys: Keys,
    pub(crate) nonces: Nonces,
    pub(crate) edge: Edge,
    /// Our names; `None` without a listener, and then every host is ours.
    own: RwLock<Option<Names>>,
    pub(crate) per_address: Limits<IpAddr>,
    pub(crate) per_key: Limits<String>,
    /// How often the log says the same: a flood must not fill the disk.
    said: Limits<&'static str>,
    pub(crate) claims: Arc<Claims>,
    pub(crate) panel: Box<dyn PanelAdapter>,
    /// Lists as they go over the wire.
    pub(crate) lists: Coalesced<(Bytes, Result<(), Failure>)>,
    /// Lists that one client is looked up in.
    pub(crate) lookups: Coalesced<Arc<Contents>>,
    /// Who looks a client up by calls about it alone; all others share the next list.
    pub(crate) looked_up_alone: Semaphore,
    /// One writer at a time.
    pub(crate) writer: tokio::sync::Mutex<()>,
    pub(crate) metrics: Metrics,
}

/// Clients that are looked up by calls about them alone at once.
const LOOKED_UP_ALONE: usize = 4;
/// How many lines a minute the log has for one reason; all are counted.
const LINES_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

impl AppState {
    /// From now on these are our names.
    pub(crate) fn is_called(&self, names: Names) {
        *self.own.write().unwrap_or_else(PoisonError::into_inner) = Some(names);
    }

    /// Our names, when a request that was signed for this host is not for us.
    pub(crate) fn not_ours(&self, authority: &str) -> Option<Names> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.as_ref().filter(|names| !names.contain(authority)).cloned()
    }

    /// Counts a refused request, and says so while that is news.
    pub(crate) fn refused(&self, verb: &str, refusal: Refusal, peer: Option<IpAddr>) {
        self.metrics.refusals.with_label_values(&[refusal.as_str()]).inc();
        if self.said.take(&refusal.as_str()).is_ok() {
            let from = peer.map(tracing::field::display);
            tracing::warn!(verb, reason = refusal.as_str(), from, "a request was refused");
        }
    }

    /// Counts a rejected connection, and says so while that is news.
    pub(crate) fn rejected(&self, why: ConnRejected, peer: IpAddr) {
        self.metrics.connections_rejected.with_label_values(&[why.as_str()]).inc();
        if self.said.take(&why.as_str()).is_ok() {
            tracing::warn!(reason = why.as_str(), from = %peer, "a connection was closed");
        }
    }
}

/// The panel, not yet asked.
pub(crate) fn connect(
    target: &PanelTarget,
    over: Option<Arc<dyn PanelTransport>>,
    clock: Arc<dyn Clock>,
    hook: Hook,
    entropy: Arc<dyn Entropy>,
    metrics: Metrics,
) -> Result<Box<dyn PanelAdapter>, StartError> {
    let panel = Connection::new(target, over, clock, hook, entropy, metrics)
        .map_err(|e| StartError::Other(format!("HTTP client: {e}")))?;
    Ok(Box::new(panel))
}

pub(crate) fn open(parts: Parts) -> Result<Arc<AppState>, StartError> {
    let metrics = Metrics::register(&parts.registry)
        .map_err(|e| StartError::Other(format!("metrics: {e}")))?;
    for reason in ConnRejected::ALL {
        metrics.connections_rejected.with_label_values(&[reason.as_str()]);
    }
    let claims = Claims::open_on(
        Arc::clone(&parts.claim),
        Arc::clone(&parts.clock),
        Arc::clone(&parts.hook),
    )
    .map_err(|e| StartError::State {
        folder: parts.claim.place().to_owned(),
        why: e.to_string(),
    })?;
    let (clock, entropy) = (Arc::clone(&parts.clock), Arc::clone(&parts.entropy));
    let (over, hook) = (parts.panel_transport, Arc::clone(&parts.hook));
    let panel = connect(&parts.panel, over, clock, hook, entropy, metrics.clone())?;
    Ok(Arc::new(AppState {
        boot_ms: AtomicU64::new(parts.clock.now_ms()),
        window_s: parts.window_s,
        keys: Keys::open(&parts.keys)?,
        nonces: Nonces::default(),
        per_address: Limits::per_address(parts.edge.rate_per_minute, Arc::clone(&parts.clock)),
        per_key: Limits::per_key(parts.edge.rate_per_minute, Arc::clone(&parts.clock)),
        said: Limits::new(LINES_PER_MINUTE, Arc::clone(&parts.clock)),
        own: RwLock::new(None),
        edge: parts.edge,
        claims: Arc::new(claims),
        panel,
        lists: Coalesced::default(),
        lookups: Coalesced::default(),
        looked_up_alone: Semaphore::new(LOOKED_UP_ALONE),
        writer: tokio::sync::Mutex::new(()),
        metrics,
        clock: parts.clock,
        hook: parts.hook,
        entropy: parts.entropy,
    }))
}
