//! What every run needs: the ports, the newest catalog, and a few things that need not survive.

use super::counters::LastCounters;
use super::error::Failure;
use super::keys::WorkKey;
use super::near::Near;
use super::numbers::Numbers;
use super::xray::Steadiness;
use crate::catalog::{Catalog, Server};
use crate::model::{
    AccountId, Actor, Audit, DurationMs, Edits, Outcome, Revision, SECOND_MS, ServerId, Snapshot,
    SurfaceKey, TimeReading, UnixMs,
};
use crate::ports::{Chat, Clock, Endpoint, Entropy, PanelApi, Store, Timekeeper};
use std::collections::{BTreeMap, BTreeSet};
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
    /// The machine's clocks, for waiting.
    pub clock: Arc<dyn Clock>,
    /// The time by which facts are decided.
    pub time: Arc<dyn Timekeeper>,
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
    pub(super) timekeeper: Arc<dyn Timekeeper>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) take_over: bool,
    /// This process: a ULID, so that a later start sorts after an earlier one.
    pub(super) process: String,
    pub(super) numbers: Arc<Numbers>,
    fences: Mutex<BTreeMap<ServerId, u64>>,
    /// Where this process has held the claim at any time.
    held: Mutex<BTreeSet<ServerId>>,
    claiming: Mutex<BTreeMap<ServerId, Arc<tokio::sync::Mutex<()>>>>,
    quiet: Mutex<BTreeMap<(ServerId, AccountId), Quiet>>,
    tried: Mutex<BTreeMap<SurfaceKey, UnixMs>>,
    /// Where Xray was last seen down.
    pub(super) xray: Steadiness,
    /// What panels counted when they were last asked.
    pub(super) counters: LastCounters,
    /// Who is close to the cap.
    pub(super) near: Near,
    passing: Mutex<BTreeMap<ServerId, Arc<tokio::sync::Mutex<()>>>>,
    asks: mpsc::UnboundedSender<(WorkKey, UnixMs)>,
}

/// A client that is left alone for a while.
#[derive(Debug, Clone, Copy, Default)]
struct Quiet {
    until: UnixMs,
    /// How often in a row it could not be brought to what is asked.
    failures: u32,
}

/// The longest that a client which cannot be brought to what is asked is left alone.
const LONGEST_QUIET: DurationMs = DurationMs(60 * SECOND_MS);
/// After this much time without another failure it is as if there was none.
const FORGOTTEN_AFTER: DurationMs = DurationMs(300 * SECOND_MS);
/// Nothing is left alone for longer than this.
const MOST_QUIET: DurationMs = DurationMs(120 * SECOND_MS);

impl Context {
    pub(super) fn new(
        parts: Parts,
        process: String,
    ) -> (Self, mpsc::UnboundedReceiver<(WorkKey, UnixMs)>) {
        let Parts { store, panels, chat, catalog, clock, time, entropy, take_over } = parts;
        let (asks, asked) = mpsc::unbounded_channel();
        let context = Self {
            store,
            panels,
            chat,
            catalog,
            clock,
            timekeeper: time,
            entropy,
            take_over,
            process,
            numbers: Arc::new(Numbers::default()),
            fences: Mutex::default(),
            held: Mutex::default(),
            claiming: Mutex::default(),
            quiet: Mutex::default(),
            tried: Mutex::default(),
            xray: Steadiness::default(),
            counters: LastCounters::default(),
            near: Near::default(),
            passing: Mutex::default(),
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

    /// The time by which facts are decided: in doubt it stands still.
    pub(super) fn now(&self) -> UnixMs {
        self.time().now
    }

    /// The same, and whether it is believed.
    pub(super) fn time(&self) -> TimeReading {
        self.timekeeper.reading()
    }

    /// The wall clock, whether or not it is believed: for when to look again.
    pub(super) fn wall(&self) -> UnixMs {
        self.clock.now()
    }

    /// Held while a claim to a server is under way. Two at once could arrive in the other order,
    /// and the older revision of the two would look like a store that forgot.
    pub(super) fn claiming(&self, id: &ServerId) -> Arc<tokio::sync::Mutex<()>> {
        let mut claiming = self.claiming.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(claiming.entry(id.clone()).or_default())
    }

    /// Held while a server is observed and changed: one at a time does both.
    pub(super) fn passing(&self, id: &ServerId) -> Arc<tokio::sync::Mutex<()>> {
        let mut passing = self.passing.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(passing.entry(id.clone()).or_default())
    }

    /// Asks for a key at a moment.
    pub(super) fn ask(&self, key: WorkKey, at: UnixMs) {
        // In doubt the time stands still, and the queue goes on by the wall clock.
        let at = if self.time().in_doubt() { self.wall() } else { at };
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

    pub(super) fn has_held(&self, server: &ServerId) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).contains(server)
    }

    pub(super) fn set_fence(&self, server: &ServerId, fence: Option<u64>) {
        if fence.is_some() {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(server.clone());
        }
        let mut fences = self.fences.lock().unwrap_or_else(PoisonError::into_inner);
        match fence {
            Some(fence) => fences.insert(server.clone(), fence),
            None => fences.remove(server),
        };
    }

    /// A write's outcome is unknown: no second one before the first can no longer start. `None`:
    /// the client is as it was asked.
    pub(super) fn keep_quiet(&self, server: &ServerId, account: AccountId, until: Option<UnixMs>) {
        let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (server.clone(), account);
        match until {
            Some(until) => quiet.entry(key).or_default().until = until,
            None => {
                quiet.remove(&key);
            }
        }
    }

    /// A client that was refused is tried again after a second, then ever later: what cannot be
    /// done must not fill the log and the audit.
    pub(super) fn leave_alone(&self, server: &ServerId, account: AccountId) {
        let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        // What has not failed for a while is another matter.
        quiet.retain(|_, q| now.since(q.until) < FORGOTTEN_AFTER);
        let entry = quiet.entry((server.clone(), account)).or_default();
        let wait = DurationMs(SECOND_MS << entry.failures.min(6)).min(LONGEST_QUIET);
        entry.failures = entry.failures.saturating_add(1);
        entry.until = now + wait;
    }

    pub(super) fn quiet_until(&self, server: &ServerId, account: AccountId) -> Option<UnixMs> {
        let quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        let until = quiet.get(&(server.clone(), account)).map(|q| q.until)?;
        let now = self.clock.now();
        // A clock that stepped back must not make it longer than it was meant to be.
        (until > now && until.since(now) <= MOST_QUIET).then_some(until)
    }

    /// Discord was asked about a surface, successfully or not; `None`: nobody waits for it.
    pub(super) fn tried(&self, key: SurfaceKey, at: Option<UnixMs>) {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        match at {
            Some(at) => tried.insert(key, at),
            None => tried.remove(&key),
        };
    }

    /// When this process last asked Discord about a surface; nothing at a start.
    pub(super) fn tried_at(&self, key: SurfaceKey) -> Option<UnixMs> {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        // What lies in the future was before the clock was set back.
        tried.get(&key).copied().filter(|at| *at <= self.clock.now())
    }

    /// Anything may have happened in Discord: every surface is looked at anew.
    pub(super) fn forget_tries(&self) {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).clear();
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
            reason: None,
            catalog: self.catalog.borrow().revision.clone(),
            at: now,
        }
    }
}
