//! The whole town: two panels behind their gateways, Discord, the store, and the controller's
//! process, which may die and be started again.

use super::bug::Bug;
use super::chance::Chance;
use super::chat::{Connection, Discord};
use super::counts::Counts;
use super::doubles::{WatchedPanels, WatchedStore};
use super::eyes::Eyes;
use super::time::{Process, Time, pass_seconds};
use super::wire::{Gate, Net, Wire};
use crate::support::shop;
use crate::support::world::NOON;
use futures::FutureExt as _;
use nebulalinks::catalog::Catalog;
use nebulalinks::controller::{Controller, Failure, Parts, WitnessedClock};
use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::panel::{HttpPanels, KeyRing};
use nebulalinks::ports::{Clock as _, Desk as _, Hint, Store, Timekeeper};
use nebulalinks::store::{MemoryStore, StoreDesk};
use nebulalinks_protocol::MasterKey;
use nebulalinks_sandbox::panel::{ModelPanel, PanelConfig, PanelVersion};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A term's length here: short, so that ends come within a run.
pub(super) const TERM: DurationMs = DurationMs(25 * MINUTE_MS);
/// A commit is durable this long after it was applied.
const COMMIT: Duration = Duration::from_millis(4);

pub(super) struct Town {
    pub(super) time: Arc<Time>,
    pub(super) counts: Arc<Counts>,
    pub(super) eyes: Arc<Eyes>,
    pub(super) net: Arc<Net>,
    pub(super) discord: Arc<Discord>,
    pub(super) panels: BTreeMap<ServerId, ModelPanel>,
    pub(super) catalog: Arc<Catalog>,
    pub(super) process: Arc<Process>,
    seed: u64,
    lives: u64,
    bug: Bug,
    feed: watch::Receiver<Arc<Catalog>>,
    _files: watch::Sender<Arc<Catalog>>,
    store: Arc<MemoryStore>,
    desk: Arc<StoreDesk>,
    hints: mpsc::UnboundedSender<Hint>,
    task: JoinHandle<Result<(), Failure>>,
}

impl Town {
    pub(super) async fn new(seed: u64, bug: Bug) -> Self {
        let time = Arc::new(Time::new(NOON));
        let counts = Arc::new(Counts::default());
        let mut catalog = shop::with_length(shop::catalog(), TERM);
        catalog.shop.orders.pay_within = DurationMs(15 * MINUTE_MS);
        let mut gates = BTreeMap::new();
        let mut panels = BTreeMap::new();
        for (n, server) in catalog.servers.values_mut().enumerate() {
            server.gateway = format!("http://{}.test", server.id);
            let panel = model(n, server.id.as_str(), seed, &time);
            panels.insert(server.id.clone(), panel.clone());
            gates.insert(server.id.clone(), Gate::open(&panel).await);
        }
        let review = catalog.shop.channels.review;
        let catalog = Arc::new(catalog);
        let (files, feed) = watch::channel(Arc::clone(&catalog));
        let eyes = Arc::new(Eyes::new(panels.clone()));
        let net = Arc::new(Net::new(
            gates,
            Arc::clone(&time),
            Chance::new(seed, 1),
            Arc::clone(&counts),
            Arc::clone(&eyes),
            bug,
        ));
        let discord =
            Arc::new(Discord::new(Chance::new(seed, 2), Arc::clone(&counts), bug, review));
        let process = Arc::new(Process::new(Arc::clone(&time), Arc::clone(&counts)));
        let first = MemoryStore::with_commit_delay(COMMIT);
        let life = Life::start(&Ground {
            store: first,
            process: &process,
            net: &net,
            discord: &discord,
            eyes: &eyes,
            feed: &feed,
            entropy: Chance::new(seed, 100),
            bug,
        });
        Self {
            time,
            counts,
            eyes,
            net,
            discord,
            panels,
            catalog,
            process,
            seed,
            lives: 1,
            bug,
            feed,
            _files: files,
            store: life.store,
            desk: life.desk,
            hints: life.hints,
            task: life.task,
        }
    }

    pub(super) fn now(&self) -> UnixMs {
        self.time.now()
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.store.snapshot()
    }

    pub(super) fn hint(&self, hint: Hint) {
        // Nobody hears it while the process is dead.
        let _ = self.hints.send(hint);
    }

    /// Starts the process anew, if it is dead, from what it left on the disk.
    pub(super) async fn revive(&mut self) {
        if self.process.is_alive() {
            if self.task.is_finished() {
                self.eyes.breach("loop", "the controller ended by itself");
                self.process.kill();
            } else {
                return;
            }
        }
        let left = self.process.left_behind();
        self.live_on(left).await;
        self.eyes.check_told(&self.snapshot());
    }

    /// What a backup holds that is taken now.
    pub(super) fn backup(&self) -> MemoryStore {
        self.store.backup()
    }

    /// The process ends, and the next one starts with another store than it left.
    pub(super) async fn restore(&mut self, store: MemoryStore) {
        self.process.kill();
        self.live_on(store).await;
    }

    /// A second controller, over a copy of the store, on the same gateways.
    pub(super) fn copied(&self, store: MemoryStore) -> Copied {
        let process = Arc::new(Process::new(Arc::clone(&self.time), Arc::clone(&self.counts)));
        let life = Life::start(&Ground {
            store,
            process: &process,
            net: &self.net,
            discord: &self.discord,
            eyes: &self.eyes,
            feed: &self.feed,
            entropy: Chance::new(self.seed, 50),
            bug: self.bug,
        });
        Copied { process, life }
    }

    /// Commits a record, whatever stands there.
    pub(super) async fn put(&self, record: impl Into<Record>) {
        let mut edits = Edits::new();
        edits.put(record);
        self.store.txn(edits).await.unwrap();
    }

    async fn live_on(&mut self, store: MemoryStore) {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.lives += 1;
        self.process = Arc::new(Process::new(Arc::clone(&self.time), Arc::clone(&self.counts)));
        let life = Life::start(&Ground {
            store,
            process: &self.process,
            net: &self.net,
            discord: &self.discord,
            eyes: &self.eyes,
            feed: &self.feed,
            entropy: Chance::new(self.seed, 100 + self.lives),
            bug: self.bug,
        });
        (self.store, self.desk) = (life.store, life.desk);
        (self.hints, self.task) = (life.hints, life.task);
    }

    /// Asks the desk of the process that lives now.
    pub(super) async fn submit(&self, intent: Intent) -> Option<Result<Reply, Rejection>> {
        let desk = Arc::clone(&self.desk);
        let asked = AssertUnwindSafe(desk.submit(intent)).catch_unwind();
        let answer = tokio::time::timeout(Duration::from_secs(30), asked).await.ok()?.ok()?;
        if let Ok(reply) = &answer {
            self.eyes.told(reply);
        }
        Some(answer)
    }

    /// Every trouble ends, and the process lives.
    pub(super) async fn heal(&mut self) {
        self.net.troubled.store(false, Ordering::SeqCst);
        self.discord.troubled.store(false, Ordering::SeqCst);
        self.discord.permit();
        for (id, panel) in &self.panels {
            panel.faults().clear();
            self.net.start_gateway(id);
        }
        // A crash that was already due comes now.
        if self.process.is_alive() {
            self.process.kill();
        }
        pass_seconds(1).await;
        self.revive().await;
    }

    pub(super) fn trouble(&self) {
        self.net.troubled.store(true, Ordering::SeqCst);
        self.discord.troubled.store(true, Ordering::SeqCst);
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The first panel is new and has the rule of its own; the other is old and has it switched off.
fn model(n: usize, name: &str, seed: u64, time: &Arc<Time>) -> ModelPanel {
    let time = Arc::clone(time);
    // Panels' clocks are a little off, each its own way.
    let off = i64::try_from(n).unwrap() * 1_500 - 700;
    let clock = Arc::new(move || i64::try_from(time.now().0).unwrap() + off);
    let mut config = PanelConfig::new(&format!("guid-{name}"), "token", clock);
    config.seed = seed;
    config.own_rule = n == 0;
    let version = if n == 0 { PanelVersion::Head } else { PanelVersion::V3_4_2 };
    let panel = ModelPanel::new(config.with_version(version));
    panel.add_foreign("friend-of-the-operator").unwrap();
    panel
}

/// Discord tells the time while the process lives: at its start, and then now and then.
fn tell_the_time(process: &Arc<Process>, time: &Arc<dyn Timekeeper>) {
    let (process, time) = (Arc::clone(process), Arc::clone(time));
    let tell = move || {
        let at = process.moment();
        time.heard(Witness::Discord, at.wall, at.monotonic);
        process.is_alive()
    };
    tell();
    tokio::spawn(async move {
        while tell() {
            pass_seconds(20).await;
        }
    });
}

/// What a life of the controller stands on.
struct Ground<'a> {
    store: MemoryStore,
    process: &'a Arc<Process>,
    net: &'a Arc<Net>,
    discord: &'a Arc<Discord>,
    eyes: &'a Arc<Eyes>,
    feed: &'a watch::Receiver<Arc<Catalog>>,
    entropy: Chance,
    bug: Bug,
}

/// A second controller.
pub(super) struct Copied {
    process: Arc<Process>,
    life: Life,
}

impl Copied {
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.life.store.snapshot()
    }

    pub(super) fn end(self) {
        self.process.kill();
        self.life.task.abort();
    }
}

struct Life {
    store: Arc<MemoryStore>,
    desk: Arc<StoreDesk>,
    hints: mpsc::UnboundedSender<Hint>,
    task: JoinHandle<Result<(), Failure>>,
}

impl Life {
    fn start(ground: &Ground<'_>) -> Self {
        let (process, eyes) = (Arc::clone(ground.process), Arc::clone(ground.eyes));
        let hook = Arc::clone(&process);
        // The heir of the disk, with crash points of its own.
        let store =
            Arc::new(ground.store.crash().with_crash_point(Arc::new(move |p| hook.pass(p))));
        process.owns(Arc::clone(&store));
        let watched: Arc<dyn Store> = Arc::new(WatchedStore {
            inner: Arc::clone(&store),
            eyes: Arc::clone(&eyes),
            bug: ground.bug,
        });
        let time: Arc<dyn Timekeeper> = Arc::new(WitnessedClock::new(
            process.clone(),
            Arc::clone(&watched),
            ground.feed.clone(),
        ));
        tell_the_time(&process, &time);
        let ring = KeyRing::new(Box::new(|_| None), None, Some(MasterKey::new([7; 32])));
        let wire = Arc::new(Wire { net: Arc::clone(ground.net), process: Arc::clone(&process) });
        let panels = Arc::new(WatchedPanels {
            inner: HttpPanels::over(ring, process.clone(), wire).telling(Arc::clone(&time)),
            process: Arc::clone(&process),
            store: Arc::clone(&store),
            eyes,
            bug: ground.bug,
            clock: Arc::clone(&process),
        });
        let chat =
            Connection { discord: Arc::clone(ground.discord), process: Arc::clone(&process) };
        let entropy = Arc::new(ground.entropy.child());
        let desk = StoreDesk::new(
            Arc::clone(&watched),
            ground.feed.clone(),
            process.clone(),
            entropy.clone(),
            Arc::clone(&time),
        );
        let (controller, hints) = Controller::new(Parts {
            store: watched,
            panels,
            chat: Some(Arc::new(chat)),
            catalog: ground.feed.clone(),
            clock: process,
            time,
            entropy,
            take_over: false,
        });
        let task = tokio::spawn(controller.run(CancellationToken::new()));
        Self { store, desk: Arc::new(desk), hints, task }
    }
}
