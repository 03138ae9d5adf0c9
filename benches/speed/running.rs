//! The controller as it ships, over the store as it ships, without Discord.

use nebulalinks::catalog::Catalog;
use nebulalinks::cli::Env;
use nebulalinks::controller::{Cadence, Controller, Parts, WitnessedClock};
use nebulalinks::model::{Edits, Snapshot};
use nebulalinks::panel::{HttpPanels, KeyRing, TlsOptions};
use nebulalinks::ports::{IntentHandler, PanelApi, Store, Timekeeper};
use nebulalinks::store::{OpenOptions, SledStore, StoreIntentHandler};
use nebulalinks_protocol::MasterKey;
use nebulalinks_testkit::time::Believing;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(300);

/// A store on disk, made for this run.
pub(crate) async fn store(folder: &Path) -> Arc<SledStore> {
    let mut options = OpenOptions::at(folder);
    options.ballast_mib = 0;
    options.max_operation = DEADLINE;
    SledStore::init(&options).unwrap();
    Arc::new(tokio::task::spawn_blocking(|| SledStore::open(options)).await.unwrap().unwrap())
}

/// A loop that runs until this is dropped.
pub(crate) struct Running {
    pub(crate) intents: Arc<dyn IntentHandler>,
    pub(crate) catalog: watch::Receiver<Arc<Catalog>>,
    pub(crate) time: Arc<dyn Timekeeper>,
    _stop: DropGuard,
}

impl Running {
    /// Over real gateways. The keys are those of the master key that the gateways' benchmark has.
    pub(crate) fn start(store: Arc<dyn Store>, catalog: Catalog) -> Self {
        let clock = Env::real().clock;
        let (_, catalog) = watch::channel(Arc::new(catalog));
        let time: Arc<dyn Timekeeper> =
            Arc::new(WitnessedClock::new(clock.clone(), store.clone(), catalog.clone()));
        let keys = KeyRing::new(Box::new(|_| None), None, Some(MasterKey::new([9; 32])));
        let panels = HttpPanels::new(keys, clock, &TlsOptions::default()).unwrap();
        let panels = panels.telling(time.clone());
        Self::run(store, Arc::new(panels), catalog, time)
    }

    /// Over panels in memory; the clock is believed.
    pub(crate) fn over(store: Arc<dyn Store>, panels: Arc<dyn PanelApi>, catalog: Catalog) -> Self {
        let (_, catalog) = watch::channel(Arc::new(catalog));
        Self::run(store, panels, catalog, Believing::of(Env::real().clock))
    }

    fn run(
        store: Arc<dyn Store>,
        panels: Arc<dyn PanelApi>,
        catalog: watch::Receiver<Arc<Catalog>>,
        time: Arc<dyn Timekeeper>,
    ) -> Self {
        let Env { clock, entropy, .. } = Env::real();
        let intents = Arc::new(StoreIntentHandler::new(
            store.clone(),
            catalog.clone(),
            clock.clone(),
            entropy.clone(),
            time.clone(),
        ));
        let (controller, _) = Controller::new(Parts {
            store,
            panels,
            chat: None,
            catalog: catalog.clone(),
            clock,
            time: time.clone(),
            entropy,
            take_over: false,
            cadence: watch::channel(Cadence::default()).1,
            reasons: Vec::new(),
        });
        let stop = CancellationToken::new();
        tokio::spawn(controller.run(stop.clone()));
        Self { intents, catalog, time, _stop: stop.drop_guard() }
    }
}

/// Waits until the records are so.
pub(crate) async fn until(store: &dyn Store, what: &str, holds: impl Fn(&Snapshot) -> bool) {
    let mut changes = store.changes();
    let waiting = async {
        while !holds(&store.snapshot()) {
            if let Err(broadcast::error::RecvError::Closed) = changes.recv().await {
                panic!("the store is closed");
            }
        }
    };
    tokio::time::timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("not so: {what}"));
}

/// Commits many records, a few hundred accounts at a time.
pub(crate) async fn put_all(store: &dyn Store, each: impl Iterator<Item = Edits>) {
    let mut all = Edits::new();
    for edits in each {
        edits.puts.into_values().for_each(|record| all.put(record));
        if all.puts.len() > 1_000 {
            store.txn(std::mem::take(&mut all)).await.unwrap();
        }
    }
    store.txn(all).await.unwrap();
}
