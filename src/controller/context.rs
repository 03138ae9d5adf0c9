//! What every run needs: the ports, the newest catalog, and a few things that need not survive.

use super::archivable::Archivable;
use super::cadence::Cadence;
use super::claims::Claims;
use super::close_to_cap::CloseToCap;
use super::cooldowns::Cooldowns;
use super::counters::LastCounters;
use super::error::Failure;
use super::keys::WorkKey;
use super::lock::{Locked, ServerLocks};
use super::loop_stats::LoopStats;
use super::newcomers::Newcomers;
use super::recent_passes::RecentPasses;
use super::surface_checks::SurfaceChecks;
use super::undeleted::Undeleted;
use super::waits;
use super::xray::Steadiness;
use crate::alerts::Times;
use crate::catalog::{Catalog, Server};
use crate::model::{Edits, Revision, Snapshot, TimeReading, UnixMs};
use crate::ports::{Chat, Clock, Endpoint, Entropy, PanelApi, ReasonSource, Store, Timekeeper};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// What the controller is built from.
pub struct Parts {
    /// The records that the loop reads and writes.
    pub store: Arc<dyn Store>,
    /// The panels, through their gateways.
    pub panels: Arc<dyn PanelApi>,
    /// Discord; without it the loop runs, and customers and staff see nothing.
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
    /// How often the loop looks again. A change is acted on at once.
    pub cadence: watch::Receiver<Cadence>,
    /// Who knows of trouble that no record tells.
    pub reasons: Vec<ReasonSource>,
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
    cadence: watch::Receiver<Cadence>,
    pub(super) reasons: Vec<ReasonSource>,
    /// For how long what needs a person has been so.
    pub(super) alert_times: Locked<Times>,
    /// This process: a ULID, so that a later start sorts after an earlier one.
    pub(super) process: String,
    pub(super) stats: Arc<LoopStats>,
    /// What the last passes over each server came to.
    pub(super) recent: Arc<RecentPasses>,
    /// The claims that are held.
    pub(super) claims: Claims,
    /// Clients that nothing is written to for a while.
    pub(super) cooldowns: Cooldowns,
    /// When Discord was last asked about each surface.
    pub(super) surface_checks: SurfaceChecks,
    /// The orders that may leave memory.
    pub(super) archivable: Archivable,
    /// The orders whose pictures could not be deleted.
    pub(super) undeleted: Undeleted,
    /// Held while a server is observed and changed: one run at a time does both.
    pub(super) passes: ServerLocks,
    /// Where Xray was last seen down.
    pub(super) xray: Steadiness,
    /// What panels counted when they were last asked.
    pub(super) counters: LastCounters,
    /// Who is close to the cap.
    pub(super) close_to_cap: CloseToCap,
    /// Who was never on the server's panel.
    pub(super) newcomers: Newcomers,
    queue: mpsc::UnboundedSender<(WorkKey, UnixMs)>,
}

impl Context {
    pub(super) fn new(
        parts: Parts,
        process: String,
    ) -> (Self, mpsc::UnboundedReceiver<(WorkKey, UnixMs)>) {
        let Parts {
            store,
            panels,
            chat,
            catalog,
            clock,
            time,
            entropy,
            take_over,
            cadence,
            reasons,
        } = parts;
        let (queue, enqueued) = mpsc::unbounded_channel();
        let context = Self {
            store,
            panels,
            chat,
            catalog,
            clock,
            timekeeper: time,
            entropy,
            take_over,
            cadence,
            reasons,
            alert_times: Locked::default(),
            process,
            stats: Arc::new(LoopStats::default()),
            recent: Arc::new(RecentPasses::default()),
            claims: Claims::default(),
            cooldowns: Cooldowns::default(),
            surface_checks: SurfaceChecks::default(),
            archivable: Archivable::default(),
            undeleted: Undeleted::default(),
            passes: ServerLocks::default(),
            xray: Steadiness::default(),
            counters: LastCounters::default(),
            close_to_cap: CloseToCap::default(),
            newcomers: Newcomers::default(),
            queue,
        };
        (context, enqueued)
    }

    /// The newest valid catalog, with what is retained merged in.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.borrow())
    }

    pub(super) fn catalog_feed(&self) -> watch::Receiver<Arc<Catalog>> {
        self.catalog.clone()
    }

    /// How often the loop looks again now.
    pub(super) fn cadence(&self) -> Cadence {
        *self.cadence.borrow()
    }

    pub(super) fn cadence_feed(&self) -> watch::Receiver<Cadence> {
        self.cadence.clone()
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

    /// Puts a key into the queue, due at a moment.
    pub(super) fn enqueue(&self, key: WorkKey, at: UnixMs) {
        // In doubt the time stands still, and the queue goes on by the wall clock.
        let at = if self.time().in_doubt() { self.wall() } else { at };
        // The runner is gone only when everything ends.
        let _ = self.queue.send((key, at));
    }

    pub(super) async fn commit(&self, mut edits: Edits) -> Result<Revision, Failure> {
        if edits.is_empty() {
            return Ok(self.store.snapshot().revision());
        }
        self.note_interrupted(&mut edits);
        let over = waits::ended_by(&self.snapshot(), &edits);
        let revision = self.store.txn(edits).await?;
        over.iter().for_each(|wait| self.stats.waited(wait));
        Ok(revision)
    }

    pub(super) fn endpoint(catalog: &Catalog, server: &Server) -> Endpoint {
        Endpoint {
            server: server.id.clone(),
            gateway: server.gateway.clone(),
            keys: server.keys.clone(),
            shop: catalog.shop.id.clone(),
        }
    }
}
