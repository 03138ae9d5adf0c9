//! What every run needs: the ports, the newest catalog, and a few things that need not survive.

use super::error::Failure;
use super::keys::WorkKey;
use super::numbers::Numbers;
use crate::catalog::{Catalog, Server};
use crate::model::{
    AccountId, Actor, Audit, Edits, Outcome, Revision, ServerId, Snapshot, SurfaceKey, UnixMs,
};
use crate::ports::{Chat, Clock, Endpoint, Entropy, PanelApi, Store};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};

/// What the controller is built from.
pub struct Parts {
    /// The records.
    pub store: Arc<dyn Store>,
    /// The panels.
    pub panels: Arc<dyn PanelApi>,
    /// Discord; without it the loop runs and nobody is told anything.
    pub chat: Option<Arc<dyn Chat>>,
    /// The newest valid catalog.
    pub catalog: watch::Receiver<Arc<Catalog>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub entropy: Arc<dyn Entropy>,
    /// Replace another store's controller at every gateway.
    pub take_over: bool,
}

/// What every run gets.
pub struct Context {
    pub(super) store: Arc<dyn Store>,
    pub(super) panels: Arc<dyn PanelApi>,
    pub(super) chat: Option<Arc<dyn Chat>>,
    catalog: watch::Receiver<Arc<Catalog>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) take_over: bool,
    /// This process: a ULID, so that a later start sorts after an earlier one.
    pub(super) process: String,
    pub(super) numbers: Arc<Numbers>,
    fences: Mutex<BTreeMap<ServerId, u64>>,
    claiming: Mutex<BTreeMap<ServerId, Arc<tokio::sync::Mutex<()>>>>,
    quiet: Mutex<BTreeMap<(ServerId, AccountId), UnixMs>>,
    /// When each surface was last seen to be there; nothing at a start.
    seen: Mutex<BTreeMap<SurfaceKey, UnixMs>>,
    asks: mpsc::UnboundedSender<(WorkKey, UnixMs)>,
}

impl Context {
    pub(super) fn new(
        parts: Parts,
        process: String,
    ) -> (Self, mpsc::UnboundedReceiver<(WorkKey, UnixMs)>) {
        let Parts { store, panels, chat, catalog, clock, entropy, take_over } = parts;
        let (asks, asked) = mpsc::unbounded_channel();
        let context = Self {
            store,
            panels,
            chat,
            catalog,
            clock,
            entropy,
            take_over,
            process,
            numbers: Arc::new(Numbers::default()),
            fences: Mutex::default(),
            claiming: Mutex::default(),
            quiet: Mutex::default(),
            seen: Mutex::default(),
            asks,
        };
        (context, asked)
    }

    /// The newest valid catalog, with what is retained merged in.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.borrow())
    }

    pub(super) fn catalog_feed(&self) -> watch::Receiver<Arc<Catalog>> {
        self.catalog.clone()
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.store.snapshot()
    }

    pub(super) fn now(&self) -> UnixMs {
        self.clock.now()
    }

    /// Held while a claim to a server is under way. Two at once could arrive in the other order,
    /// and the older revision of the two would look like a store that forgot.
    pub(super) fn claiming(&self, id: &ServerId) -> Arc<tokio::sync::Mutex<()>> {
        let mut claiming = self.claiming.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(claiming.entry(id.clone()).or_default())
    }

    /// Asks for a key at a moment.
    pub(super) fn ask(&self, key: WorkKey, at: UnixMs) {
        // The runner is gone only when everything ends.
        let _ = self.asks.send((key, at));
    }

    pub(super) async fn commit(&self, edits: Edits) -> Result<Revision, Failure> {
        if edits.is_empty() {
            return Ok(self.store.snapshot().revision());
        }
        Ok(self.store.txn(edits).await?)
    }

    pub(super) fn endpoint(catalog: &Catalog, server: &Server) -> Endpoint {
        Endpoint {
            server: server.id.clone(),
            gateway: server.gateway.clone(),
            keys: server.keys.clone(),
            shop: catalog.shop.id.clone(),
        }
    }

    pub(super) fn fence(&self, server: &ServerId) -> Option<u64> {
        self.fences.lock().unwrap_or_else(PoisonError::into_inner).get(server).copied()
    }

    pub(super) fn set_fence(&self, server: &ServerId, fence: Option<u64>) {
        let mut fences = self.fences.lock().unwrap_or_else(PoisonError::into_inner);
        match fence {
            Some(fence) => fences.insert(server.clone(), fence),
            None => fences.remove(server),
        };
    }

    /// A write's outcome is unknown: no second one before the first can no longer start.
    pub(super) fn keep_quiet(&self, server: &ServerId, account: AccountId, until: Option<UnixMs>) {
        let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        match until {
            Some(until) => quiet.insert((server.clone(), account), until),
            None => quiet.remove(&(server.clone(), account)),
        };
    }

    pub(super) fn quiet_until(&self, server: &ServerId, account: AccountId) -> Option<UnixMs> {
        let quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        quiet.get(&(server.clone(), account)).copied().filter(|until| *until > self.clock.now())
    }

    /// Discord took an edit or a post of this surface: it is there.
    pub(super) fn saw_surface(&self, key: SurfaceKey) {
        let now = self.clock.now();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key, now);
    }

    /// When this process last saw a surface.
    pub(super) fn surface_seen(&self, key: SurfaceKey) -> Option<UnixMs> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
    }

    /// An audit line of the loop's own.
    pub(super) fn audit(
        &self,
        verb: &str,
        subject: String,
        outcome: Outcome,
        now: UnixMs,
    ) -> Audit {
        Audit {
            id: self.entropy.draws(now).audit,
            actor: Actor::Controller,
            verb: verb.to_owned(),
            subject,
            outcome,
            catalog: self.catalog.borrow().revision.clone(),
            at: now,
        }
    }
}
