//! One life of the controller: its process, and all that it is put together from.

use super::cadences::Cadences;
use super::chat::{Connection, Discord};
use super::folder::Folder;
use super::instrumented::{InstrumentedPanels, WatchCommits};
use super::instrumented_time::InstrumentedTime;
use super::monitors::Monitors;
use super::mutation::Mutation;
use super::process::Process;
use super::rng::Rng;
use super::time::{Time, pass_seconds};
use super::web::web;
use super::wire::{Net, Wire};
use axum::Router;
use nebulalinks::catalog::Catalog;
use nebulalinks::controller::{Cadence, Controller, Failure, Parts, WitnessedClock};
use nebulalinks::model::*;
use nebulalinks::panel::{HttpPanels, KeyRing};
use nebulalinks::ports::{Clock as _, Hint, Store, Timekeeper};
use nebulalinks::store::{MemoryStore, StoreIntentHandler};
use nebulalinks_protocol::MasterKey;
use nebulalinks_testkit::store::HookedStore;
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What a life of the controller stands on.
pub(super) struct Ground<'a> {
    pub(super) store: MemoryStore,
    pub(super) process: &'a Arc<Process>,
    pub(super) truth: &'a Arc<Time>,
    pub(super) net: &'a Arc<Net>,
    pub(super) discord: &'a Arc<Discord>,
    pub(super) monitors: &'a Arc<Monitors>,
    pub(super) feed: &'a watch::Receiver<Arc<Catalog>>,
    /// Where the catalog is read from, if it is.
    pub(super) folder: Option<&'a Arc<Folder>>,
    pub(super) cadence: &'a Cadences,
    pub(super) entropy: Rng,
    pub(super) mutation: Mutation,
}

pub(super) struct Life {
    pub(super) store: Arc<MemoryStore>,
    pub(super) intents: Arc<StoreIntentHandler>,
    pub(super) hints: mpsc::UnboundedSender<Hint>,
    pub(super) web: Router,
    pub(super) task: JoinHandle<Result<(), Failure>>,
}

impl Life {
    pub(super) async fn start(ground: &Ground<'_>) -> Self {
        let (process, monitors) = (Arc::clone(ground.process), Arc::clone(ground.monitors));
        let hook = Arc::clone(&process);
        // The heir of the disk, with crash points of its own.
        let store =
            Arc::new(ground.store.crash().with_crash_point(Arc::new(move |p| hook.pass(p))));
        process.owns(Arc::clone(&store));
        let watched: Arc<dyn Store> = Arc::new(HookedStore {
            inner: Arc::clone(&store),
            hook: WatchCommits {
                monitors: Arc::clone(&monitors),
                mutation: ground.mutation,
                process: Arc::clone(&process),
            },
        });
        let feed = match ground.folder {
            Some(folder) => folder.follow(&process, Arc::clone(&watched), &monitors).await,
            None => ground.feed.clone(),
        };
        let time: Arc<dyn Timekeeper> = Arc::new(InstrumentedTime {
            inner: WitnessedClock::new(process.clone(), Arc::clone(&watched), feed.clone()),
            process: Arc::clone(&process),
            mutation: ground.mutation,
            doubt: Mutex::default(),
        });
        tell_the_time(&process, ground.truth, &time, ground.cadence.follow());
        let wire = Arc::new(Wire { net: Arc::clone(ground.net), process: Arc::clone(&process) });
        let panels = Arc::new(InstrumentedPanels {
            inner: HttpPanels::over(key_ring(), process.clone(), wire).telling(Arc::clone(&time)),
            process: Arc::clone(&process),
            store: Arc::clone(&store),
            monitors,
            mutation: ground.mutation,
            clock: Arc::clone(&process),
            memory: Mutex::default(),
            lane: Semaphore::new(4),
        });
        let chat =
            Connection { discord: Arc::clone(ground.discord), process: Arc::clone(&process) };
        let entropy = Arc::new(ground.entropy.child());
        let intents = StoreIntentHandler::new(
            Arc::clone(&watched),
            feed.clone(),
            process.clone(),
            entropy.clone(),
            Arc::clone(&time),
        );
        let web = web(&store, &process, &time, &feed, ground.mutation);
        let (controller, hints) = Controller::new(Parts {
            store: watched,
            panels,
            chat: Some(Arc::new(chat)),
            catalog: feed.clone(),
            clock: process,
            time,
            entropy,
            take_over: false,
            cadence: ground.cadence.follow(),
            reasons: Vec::new(),
        });
        let task = tokio::spawn(controller.run(CancellationToken::new()));
        Self { store, intents: Arc::new(intents), hints, web, task }
    }
}

/// The keys of all gateways.
pub(super) fn key_ring() -> KeyRing {
    KeyRing::new(Box::new(|_| None), None, Some(MasterKey::new([7; 32])))
}

/// Discord tells the time while the process lives: at its start, and then now and then.
fn tell_the_time(
    process: &Arc<Process>,
    truth: &Arc<Time>,
    time: &Arc<dyn Timekeeper>,
    mut cadence: watch::Receiver<Cadence>,
) {
    let (process, truth, time) = (Arc::clone(process), Arc::clone(truth), Arc::clone(time));
    time.expect_discord();
    let tell = move || {
        if !truth.is_silent() {
            time.heard(Witness::Discord, truth.now(), process.moment().monotonic);
        }
        // In doubt it is asked more often.
        process.is_alive().then(|| if time.reading().in_doubt() { 5 } else { 20 })
    };
    tell();
    tokio::spawn(async move {
        while let Some(seconds) = tell() {
            // What Discord said is believed for an hour.
            let rests = *cadence.borrow_and_update() != Cadence::default();
            let seconds = if rests && seconds > 5 { 50 * 60 } else { seconds };
            tokio::select! {
                biased;
                changed = cadence.changed() => if changed.is_err() { return },
                () = pass_seconds(seconds) => {}
            }
        }
    });
}
