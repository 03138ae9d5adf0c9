//! The runner: takes keys when they fall due, bounded per lane, and hears hints.

use super::backoff::Backoffs;
use super::context::{Context, Parts};
use super::error::{Failure, FailureCode};
use super::keys::{Lane, WorkKey, everything, touched_by};
use super::lock::Locked;
use super::look_now::{self, Asked, Awaited, LookNow};
use super::loop_stats::LoopStats;
use super::queue::Queue;
use super::recent_passes::RecentPasses;
use super::{account, archive, claim, clock, drain, first_look, near, server, surface, waits};
use crate::model::{
    ClockDoubt, DurationMs, Edits, Key, SECOND_MS, SurfaceKey, TimeReading, UnixMs,
};
use crate::ports::Hint;
use futures::FutureExt as _;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// In doubt nothing is looked at again sooner than this: what was due goes on being due.
const IN_DOUBT: DurationMs = DurationMs(5 * SECOND_MS);
/// Less than this is a correction, not a step.
const STEP: DurationMs = DurationMs(SECOND_MS);

/// The loop over one queue of keys.
pub struct Controller {
    ctx: Arc<Context>,
    enqueued: mpsc::UnboundedReceiver<(WorkKey, UnixMs)>,
    hints: mpsc::UnboundedReceiver<Hint>,
    look_now: LookNow,
    asked: mpsc::UnboundedReceiver<Asked>,
    awaited: Awaited,
    /// Others look at it; only the loop changes it.
    queue: Arc<Locked<Queue>>,
    backoffs: Backoffs,
}

type Ran = (WorkKey, Result<Option<UnixMs>, Failure>);

impl Controller {
    /// The loop over its parts, and the end to send hints to.
    #[must_use]
    pub fn new(parts: Parts) -> (Self, mpsc::UnboundedSender<Hint>) {
        let process = parts.entropy.ulid(parts.clock.now());
        let (ctx, enqueued) = Context::new(parts, process);
        let (sender, hints) = mpsc::unbounded_channel();
        let (look_now, asked) = LookNow::new();
        let controller = Self {
            ctx: Arc::new(ctx),
            enqueued,
            hints,
            look_now,
            asked,
            awaited: Awaited::default(),
            queue: Arc::default(),
            backoffs: Backoffs::default(),
        };
        (controller, sender)
    }

    /// What the loop counts.
    #[must_use]
    pub fn stats(&self) -> Arc<LoopStats> {
        Arc::clone(&self.ctx.stats)
    }

    /// What the last passes over each server came to.
    #[must_use]
    pub fn recent_passes(&self) -> Arc<RecentPasses> {
        Arc::clone(&self.ctx.recent)
    }

    /// Where somebody asks for a look now.
    #[must_use]
    pub fn look_now(&self) -> LookNow {
        self.look_now.clone()
    }

    /// What the loop takes up next of accounts and orders, so many of each at most, the soonest first.
    #[must_use]
    pub fn ahead(&self) -> Arc<dyn Fn(usize) -> Vec<(UnixMs, WorkKey)> + Send + Sync> {
        let queue = Arc::clone(&self.queue);
        Arc::new(move |most| {
            let queue = queue.lock();
            let lanes = [Lane::Records, Lane::Threads];
            let mut all: Vec<_> =
                lanes.into_iter().flat_map(|lane| queue.soonest(lane).take(most)).collect();
            drop(queue);
            all.sort();
            all
        })
    }

    /// Runs until `shutdown`, or until the store is gone.
    ///
    /// # Errors
    /// When the store fails: the process must end and start again.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), Failure> {
        // Registered before anything is read, so that no change falls between.
        let mut changes = self.ctx.store.changes();
        let mut catalogs = self.ctx.catalog_feed();
        catalogs.mark_unchanged();
        let mut cadences = self.ctx.cadence_feed();
        cadences.mark_unchanged();
        let mut verdicts = self.ctx.timekeeper.changes();
        let mut running: JoinSet<Ran> = JoinSet::new();
        self.sweep();
        let mut next_sweep = self.ctx.wall() + self.ctx.cadence().sweep;
        let mut latest = self.ctx.wall();
        loop {
            let now = self.ctx.wall();
            if now + STEP < latest {
                // All deadlines lie too far in the future now.
                tracing::warn!(back_ms = latest.since(now).0, "the clock was set back");
                self.sweep();
                next_sweep = now + self.ctx.cadence().sweep;
            }
            latest = now;
            // A step of the wall clock is noticed here, if nowhere else.
            self.ctx.time();
            self.start_due(&mut running);
            let wake = self.wake_at(next_sweep);
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(ran) = running.join_next() => {
                    if let Ok((key, result)) = ran {
                        self.finish(&key, result)?;
                    }
                }
                change = changes.recv() => match change {
                    Ok(keys) => self.touched(&keys),
                    Err(broadcast::error::RecvError::Lagged(_)) => self.sweep(),
                    Err(broadcast::error::RecvError::Closed) => break,
                },
                Ok(()) = catalogs.changed() => {
                    catalogs.mark_unchanged();
                    self.sweep();
                }
                Ok(()) = verdicts.changed() => {
                    log_verdict(*verdicts.borrow_and_update());
                    // What waited for the doubt to end, and what shows that it ended.
                    self.sweep();
                }
                Ok(()) = cadences.changed() => {
                    self.sweep();
                    next_sweep = self.ctx.wall() + self.ctx.cadence().sweep;
                }
                Some((key, at)) = self.enqueued.recv() => self.queue.lock().add(key, at),
                Some(asked) = self.asked.recv() => self.look(&asked),
                Some(hint) = self.hints.recv() => self.heard(hint).await?,
                // A clock that is set back would let the wait below last as much longer.
                () = tokio::time::sleep(self.ctx.cadence().pulse.to_std()) => {}
                () = self.ctx.clock.sleep_until(wake) => {
                    if self.ctx.wall() >= next_sweep {
                        self.sweep();
                        next_sweep = self.ctx.wall() + self.ctx.cadence().sweep;
                    }
                }
            }
        }
        running.shutdown().await;
        Ok(())
    }

    fn wake_at(&self, next_sweep: UnixMs) -> UnixMs {
        // What is due and was not taken waits for a worker: the end of a run wakes us, or that a run
        // takes long.
        let now = self.ctx.wall();
        let queue = self.queue.lock();
        let next = [queue.next_after(now), queue.next_free(now)];
        next.into_iter().flatten().fold(next_sweep, UnixMs::min)
    }

    fn start_due(&mut self, running: &mut JoinSet<Ran>) {
        let now = self.ctx.wall();
        let backoffs = &self.backoffs;
        let take = || {
            let mut queue = self.queue.lock();
            let (key, due) = queue.take(now, |key| lane(key, backoffs))?;
            let waited = now.since(due);
            self.ctx.stats.queue(lane(&key, backoffs), queue.depth(), waited);
            Some(key)
        };
        while let Some(key) = take() {
            self.awaited.began(&key);
            let ctx = Arc::clone(&self.ctx);
            running.spawn(async move {
                // A defect in one key's run must not lose the key, nor end the others.
                let result = AssertUnwindSafe(run(&ctx, &key)).catch_unwind().await;
                (key, result.unwrap_or_else(|_| Err(panicked())))
            });
        }
    }

    fn finish(
        &mut self,
        key: &WorkKey,
        result: Result<Option<UnixMs>, Failure>,
    ) -> Result<(), Failure> {
        self.awaited.ended(key, result.as_ref().err());
        match result {
            Ok(next) => {
                self.ctx.stats.ran(key.kind(), "ok");
                self.backoffs.succeeded(key);
                let soonest = self.ctx.wall() + IN_DOUBT;
                let next =
                    next.map(|at| if self.ctx.time().in_doubt() { at.max(soonest) } else { at });
                self.queue.lock().done(key, next);
            }
            Err(failure) => {
                self.ctx.stats.ran(key.kind(), failure.code.as_str());
                if failure.fatal {
                    return Err(failure);
                }
                let first = !self.backoffs.is_failing(key);
                let delay = self.backoffs.failed(key, self.ctx.entropy.fraction());
                let not_before = DurationMs(failure.retry_after_ms.unwrap_or(0));
                let next = self.ctx.wall() + delay.max(not_before);
                // Logged at the first failure; what goes on failing is a condition and a metric.
                if failure.loud && first {
                    tracing::warn!(
                        work.key = %key,
                        error.code = failure.code.as_str(),
                        "could not finish, will try again: {}", failure.detail
                    );
                }
                self.queue.lock().done(key, Some(next));
            }
        }
        Ok(())
    }

    /// Puts everything there is into the queue.
    fn sweep(&mut self) {
        let snapshot = self.ctx.snapshot();
        let catalog = self.ctx.catalog();
        let now = self.ctx.wall();
        self.ctx.stats.keep_only(|id| catalog.served(id).is_some());
        for key in everything(&snapshot, catalog.servers.keys()) {
            self.queue.lock().add(key, now);
        }
    }

    /// Somebody asked for a look now, whatever was due when.
    fn look(&mut self, asked: &Asked) {
        let (snapshot, catalog) = (self.ctx.snapshot(), self.ctx.catalog());
        let (keys, waited) = look_now::keys_of(&asked.target, &snapshot, catalog.servers.keys());
        let now = self.ctx.wall();
        for key in waited {
            self.awaited.add(key, asked.done.clone());
        }
        for key in keys {
            self.queue.lock().add(key, now);
        }
    }

    fn touched(&mut self, keys: &[Key]) {
        let snapshot = self.ctx.snapshot();
        let now = self.ctx.wall();
        for wait in waits::ended_by_customers(&snapshot, keys) {
            self.ctx.stats.waited(&wait);
        }
        let work: BTreeSet<WorkKey> =
            keys.iter().flat_map(|key| touched_by(&snapshot, key)).collect();
        for key in work {
            self.queue.lock().add(key, now);
        }
    }

    /// A hint that cannot be stored is lost like any other; only a dead store ends the loop.
    async fn heard(&mut self, hint: Hint) -> Result<(), Failure> {
        match self.hint(hint).await {
            Err(failure) if !failure.fatal => {
                self.ctx.stats.ran("hint", failure.code.as_str());
                Ok(())
            }
            result => result,
        }
    }

    /// A surface that somebody deleted is posted anew.
    async fn hint(&mut self, hint: Hint) -> Result<(), Failure> {
        if hint == Hint::Missed {
            self.ctx.surface_checks.forget_all();
            self.sweep();
            return Ok(());
        }
        if hint == Hint::Panels {
            let now = self.ctx.wall();
            for key in SurfaceKey::OF_THE_SHOP {
                self.ctx.surface_checks.forget(key);
                self.queue.lock().add(WorkKey::Surface(key), now);
            }
            return Ok(());
        }
        let snapshot = self.ctx.snapshot();
        let mut edits = Edits::new();
        let mut keys = Vec::new();
        let gone = match hint {
            Hint::MessageGone { channel, message } => {
                snapshot.surfaces_of_message(channel, message)
            }
            Hint::ChannelGone { channel } => {
                let mut gone = snapshot.surfaces_in_channel(channel);
                // Deleted by us.
                gone.retain(|surface| !surface.is_deleted());
                gone
            }
            Hint::Missed | Hint::Panels => Vec::new(),
        };
        for surface in gone {
            let mut surface = surface.clone();
            if matches!(hint, Hint::ChannelGone { .. }) {
                surface.channel = None;
            }
            (surface.message, surface.shown) = (None, None);
            keys.push(surface.key);
            let key = Key::Surface(surface.key);
            let version = snapshot.version(&key);
            edits.expect(key, version);
            edits.put(surface);
        }
        match self.ctx.commit(edits).await {
            // A run has just written one of them: looking anew finds the deletion, too.
            Err(failure) if !failure.fatal => self.ctx.surface_checks.forget_all(),
            committed => drop(committed?),
        }
        let now = self.ctx.wall();
        for key in keys {
            self.queue.lock().add(WorkKey::Surface(key), now);
        }
        Ok(())
    }
}

fn panicked() -> Failure {
    Failure {
        code: FailureCode::Panicked,
        detail: "a defect; please report the lines above".to_owned(),
        retry_after_ms: None,
        fatal: false,
        loud: true,
    }
}

fn lane(key: &WorkKey, backoffs: &Backoffs) -> Lane {
    match key.lane() {
        Lane::Panels if backoffs.is_failing(key) => Lane::Slow,
        lane => lane,
    }
}

/// Logs that a doubt about the clock began, or ended.
fn log_verdict(time: TimeReading) {
    match time.verdict.doubt() {
        Some(reason) => tracing::error!(
            clock.doubt = reason.name(),
            "our clock is in doubt: no order, approval, notice or compensation, and nobody is cut \
             off: {}",
            reason.detail()
        ),
        None => tracing::info!(clock.vouched = time.verdict.is_vouched(), "our clock is believed"),
    }
}

async fn run(ctx: &Context, key: &WorkKey) -> Result<Option<UnixMs>, Failure> {
    // Until somebody has told the time nothing is decided by it: gateways are asked, and all else
    // is looked at when it is known.
    let asks_gateways = matches!(key, WorkKey::Claim(_) | WorkKey::Server(_) | WorkKey::Clock);
    if !asks_gateways && ctx.time().verdict.doubt() == Some(ClockDoubt::NoReference) {
        return Ok(None);
    }
    match key {
        WorkKey::Claim(id) => claim::run(ctx, id).await,
        WorkKey::Server(id) => server::run(ctx, id).await,
        WorkKey::Near(id) => near::run(ctx, id).await,
        WorkKey::New(id) => first_look::run(ctx, id).await,
        WorkKey::Account(id) => account::run(ctx, *id).await,
        WorkKey::Drain(id) => drain::run(ctx, id).await,
        // With their paths: a crate, or a part of the core, is called like them.
        WorkKey::Surface(SurfaceKey::Alerts) => super::alerts::run(ctx).await,
        WorkKey::Surface(SurfaceKey::Stats) => super::stats::run(ctx).await,
        WorkKey::Surface(key) => surface::run(ctx, *key).await,
        WorkKey::Notify(id) => super::notify::run(ctx, *id).await,
        WorkKey::Clock => clock::run(ctx).await,
        WorkKey::Broadcasts => super::broadcast::run(ctx).await,
        WorkKey::Archive => archive::run(ctx).await,
        WorkKey::Proofs => super::proofs::run(ctx).await,
        WorkKey::Forget(id) => super::forget::run(ctx, *id).await,
    }
}
