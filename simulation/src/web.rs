//! Customers' end of the controller, in this process: the shipped router over the records of one life.

use super::mutation::Mutation;
use super::process::Process;
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use nebulalinks::catalog::Catalog;
use nebulalinks::model::*;
use nebulalinks::ports::{Clock as _, Store, StoreError, Timekeeper};
use nebulalinks::store::MemoryStore;
use nebulalinks::web::{SubscriptionStats, Web};
use nebulalinks_protocol::callers::Nets;
use nebulalinks_testkit::store::{CommitHook, HookedStore};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tower::ServiceExt as _;

/// What the mutation takes for the present is at most so old.
const OLD: DurationMs = DurationMs(10 * MINUTE_MS);

/// The public listener of one life of the controller, without its socket.
pub(super) fn web(
    store: &Arc<MemoryStore>,
    process: &Arc<Process>,
    time: &Arc<dyn Timekeeper>,
    catalog: &watch::Receiver<Arc<Catalog>>,
    mutation: Mutation,
) -> Router {
    let records: Arc<dyn Store> = match mutation {
        Mutation::ServesOldServers => Arc::new(HookedStore {
            inner: Arc::clone(store),
            hook: OldRecords { process: Arc::clone(process), kept: Mutex::default() },
        }),
        _ => Arc::clone(store) as _,
    };
    let stats = Arc::new(SubscriptionStats::default());
    Web::new(records, Arc::clone(time), catalog.clone(), stats, Nets::default()).router()
}

/// A planted mutation: records of a while ago.
struct OldRecords {
    process: Arc<Process>,
    kept: Mutex<Option<(UnixMs, Arc<Snapshot>)>>,
}

#[async_trait]
impl CommitHook for OldRecords {
    async fn commit(&self, store: &Arc<MemoryStore>, edits: Edits) -> Result<Revision, StoreError> {
        store.txn(edits).await
    }

    fn snapshot(&self, store: &Arc<MemoryStore>) -> Arc<Snapshot> {
        let now = self.process.now();
        let mut kept = self.kept.lock().unwrap();
        let fresh = kept.take().filter(|(at, _)| now.since(*at) < OLD);
        let (_, snapshot) = kept.insert(fresh.unwrap_or_else(|| (now, store.snapshot())));
        Arc::clone(snapshot)
    }
}

/// What an address answered.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Answered {
    /// What `/sub/…` answers to somebody who asks from the n-th address.
    pub(super) async fn at(web: &Router, end: &str, n: u32) -> Self {
        let request = Request::get(format!("/sub/{end}?format=links")).body(Body::empty());
        let mut request = request.unwrap();
        let from = SocketAddr::new(IpAddr::from(n.to_be_bytes()), 4711);
        request.extensions_mut().insert(ConnectInfo(from));
        let response = web.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Self { status, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}
