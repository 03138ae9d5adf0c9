//! The whole cluster: two panels behind their gateways, Discord, the store, and the controller's
//! process, which may die and be started again.

use super::cadences::Cadences;
use super::chat::Discord;
use super::counts::Counts;
use super::folder::Folder;
use super::life::{Ground, Life};
use super::monitors::{Knows, Monitors};
use super::mutation::Mutation;
use super::process::Process;
use super::rng::Rng;
pub use super::setting::Setting;
use super::setting::{awake, jobs_of, misread, model};
use super::time::{Party, Time, pass_seconds};
use super::trace::Trace;
use super::wire::{Gate, Net};
use axum::Router;
use futures::FutureExt as _;
use nebulalinks::catalog::Catalog;
use nebulalinks::controller::{Cadence, Failure};
use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::ports::{Hint, IntentHandler as _, Store as _};
use nebulalinks::store::{MemoryStore, StoreIntentHandler};
use nebulalinks_model_panel::{
    Actor, Backup as PanelBackup, ClientSnapshot, ModelPanel, XrayState,
};
use nebulalinks_testkit::shop;
use nebulalinks_testkit::world::{NOON, email};
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A commit is durable this long after it was applied.
const COMMIT: Duration = Duration::from_millis(4);

/// The system, and everything around it.
pub struct Cluster {
    /// The true time, and how far each clock is off it.
    pub time: Arc<Time>,
    pub(super) counts: Arc<Counts>,
    pub(super) trace: Arc<Trace>,
    /// How much of each panel's journal was noted.
    journals: Mutex<BTreeMap<ServerId, usize>>,
    /// What must hold after every effect.
    pub monitors: Arc<Monitors>,
    /// The way to the gateways.
    pub net: Arc<Net>,
    pub(super) discord: Arc<Discord>,
    /// Each server's panel.
    pub panels: BTreeMap<ServerId, ModelPanel>,
    pub(super) catalog: Arc<Catalog>,
    /// The controller's process that lives now, or died last.
    pub process: Arc<Process>,
    seed: u64,
    was_off: AtomicBool,
    lives: u64,
    pub(super) mutation: Mutation,
    feed: watch::Receiver<Arc<Catalog>>,
    folder: Option<Arc<Folder>>,
    files: watch::Sender<Arc<Catalog>>,
    cadence: Cadences,
    pub(super) store: Arc<MemoryStore>,
    intents: Arc<StoreIntentHandler>,
    hints: mpsc::UnboundedSender<Hint>,
    /// Where customers' apps ask.
    pub(super) web: Router,
    task: JoinHandle<Result<(), Failure>>,
}

impl Cluster {
    /// A cluster of the ordinary kind, without trouble yet.
    pub async fn new(seed: u64, mutation: Mutation) -> Self {
        Self::with(seed, mutation, &Setting::default()).await
    }

    /// A cluster of this kind.
    pub async fn with(seed: u64, mutation: Mutation, setting: &Setting) -> Self {
        let time = Arc::new(Time::new(NOON));
        let trace = Arc::new(Trace::new(Arc::clone(&time), setting.traced));
        let counts = Arc::new(Counts::new(Arc::clone(&trace)));
        let catalog = setting.catalog();
        let panels: BTreeMap<_, _> = catalog
            .servers
            .keys()
            .enumerate()
            .map(|(n, id)| (id.clone(), model(setting, n, id, seed, &time)))
            .collect();
        let cadence = Cadences::default();
        cadence.set(awake(mutation));
        for panel in panels.values() {
            tokio::spawn(jobs_of(panel.clone(), cadence.follow()));
        }
        let review = catalog.shop.channels.review;
        let catalog = Arc::new(catalog);
        let (files, feed) = watch::channel(Arc::new(misread(mutation, &catalog)));
        let monitors = Arc::new(Monitors::new(
            panels.clone(),
            Arc::clone(&time),
            Arc::clone(&catalog),
            Arc::clone(&trace),
        ));
        let gate = |(n, id): (usize, &ServerId)| {
            let [answers, entropy] = [20, 40].map(|first| Rng::new(seed, first + n as u64));
            (id.clone(), Gate::open(id, answers, entropy, &monitors))
        };
        let gates = catalog.servers.keys().enumerate().map(gate).collect();
        let net = Arc::new(Net::new(
            gates,
            Arc::clone(&time),
            Rng::new(seed, 1),
            Arc::clone(&counts),
            Arc::clone(&monitors),
            mutation,
        ));
        let discord = Arc::new(Discord::new(
            Rng::new(seed, 2),
            Arc::clone(&time),
            Arc::clone(&counts),
            mutation,
            review,
        ));
        let process = Arc::new(Process::new(Arc::clone(&time), Arc::clone(&counts)));
        let first = MemoryStore::with_commit_delay(COMMIT);
        let folder = setting.files.then(|| {
            let setting = setting.clone();
            let adjust = Box::new(move |catalog| setting.adjusted(catalog));
            Arc::new(Folder::new(shop::files(), adjust, mutation))
        });
        let life = Life::start(&Ground {
            store: first,
            process: &process,
            truth: &time,
            net: &net,
            discord: &discord,
            monitors: &monitors,
            feed: &feed,
            folder: folder.as_ref(),
            cadence: &cadence,
            entropy: Rng::new(seed, 100),
            mutation,
        })
        .await;
        Self {
            time,
            counts,
            trace,
            journals: Mutex::default(),
            monitors,
            net,
            discord,
            panels,
            catalog,
            process,
            seed,
            was_off: AtomicBool::new(false),
            lives: 1,
            mutation,
            feed,
            folder,
            files,
            cadence,
            store: life.store,
            intents: life.intents,
            hints: life.hints,
            web: life.web,
            task: life.task,
        }
    }

    /// The true time.
    pub fn now(&self) -> UnixMs {
        self.time.now()
    }

    /// Nothing happens for a while that the loop is not told: it looks again every 6 h.
    pub(super) fn rest(&self) {
        self.cadence.set(Cadence::quiet());
    }

    /// The loop looks again as often as a shop's does.
    pub(super) fn wake(&self) {
        self.cadence.set(awake(self.mutation));
    }

    /// What is durable.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.store.snapshot()
    }

    /// Something outside tells the controller what it saw.
    pub(super) fn hint(&self, hint: Hint) {
        // Nobody hears it while the process is dead.
        let _ = self.hints.send(hint);
    }

    /// Starts the process anew, if it is dead, from what it left on the disk.
    pub async fn revive(&mut self) {
        if self.process.is_alive() {
            if self.task.is_finished() {
                self.monitors.breach("loop", "the controller ended by itself");
                self.process.kill();
            } else {
                return;
            }
        }
        let left = self.process.left_behind();
        self.live_on(left).await;
        self.monitors.check_told(&self.snapshot());
    }

    /// A customer's traffic, if the client is on.
    pub fn traffic(&self, id: AccountId, panel: &ModelPanel, bytes: u64) -> bool {
        let name = email(id);
        let Some(before) = panel.client(&name).filter(ClientSnapshot::is_on) else { return false };
        let flowed = panel.add_traffic(&name, 0, i64::try_from(bytes).unwrap());
        if flowed {
            self.counts.met("traffic flowed");
            let place = (self.server_of(panel), id);
            self.monitors.flowed(&self.snapshot(), place, &before, bytes);
        }
        flowed
    }

    /// Somebody's clock is set wrong.
    pub fn set_off(&self, party: Party, ms: i64) {
        self.was_off.store(true, Ordering::SeqCst);
        self.counts.met(match party {
            Party::Controller => "the controller's clock was wrong",
            Party::Server(_) => "a server's clock was off",
        });
        self.time.set_off(party, ms);
    }

    /// Every machine is suspended for so long.
    pub fn sleeps(&self, ms: u64) {
        self.counts.met("every machine slept");
        self.time.step(ms);
    }

    /// A server serves nobody, or all again.
    pub fn set_useful(&self, server: &ServerId, xray: bool, inbound: bool) {
        let panel = &self.panels[server];
        panel.set_xray(if xray { XrayState::Running } else { XrayState::Stopped });
        let id = panel.inbound_named("vless-reality").unwrap();
        panel.set_inbound_enable(id, inbound);
        if !xray {
            self.counts.met("xray was down");
        }
        if !inbound {
            self.counts.met("an inbound was off");
        }
    }

    /// A panel's database comes back as it was.
    pub fn restore_panel(&self, server: &ServerId, backup: &PanelBackup) {
        let panel = self.panels[server].clone();
        for account in self.snapshot().accounts() {
            if panel.client(&email(account.id)).is_some() {
                self.falls(account.id, &panel);
            }
        }
        panel.restore(backup);
        self.monitors.came_back(&self.snapshot());
        self.monitors.counters_came_back(&self.snapshot(), server);
        self.counts.met("a panel came back from the past");
    }

    /// A client's counter is about to fall, by somebody's hand.
    pub fn counter_falls(&self, id: AccountId, panel: &ModelPanel) {
        self.monitors.set_back(id);
        self.falls(id, panel);
    }

    pub(super) fn falls(&self, id: AccountId, panel: &ModelPanel) {
        self.monitors.tampered(id, self.now());
        if let Some(client) = panel.client(&email(id)) {
            self.monitors.falls(&self.snapshot(), (self.server_of(panel), id), &client);
        }
    }

    pub(super) fn server_of(&self, panel: &ModelPanel) -> &ServerId {
        let mut all = self.panels.iter();
        all.find_map(|(server, other)| other.is(panel).then_some(server)).unwrap()
    }

    /// The store as a backup of this moment has it.
    pub fn backup(&self) -> MemoryStore {
        self.store.backup()
    }

    /// The process ends, and the next one starts with another store than it left. Those who know
    /// what was sold since hear of it from the caller.
    pub async fn restore(&mut self, store: MemoryStore, knows: Knows) {
        self.process.kill();
        // Of what it left nothing is read any more.
        self.monitors.check_no_line_is_lost(&self.process.left_behind());
        self.monitors.restored(&store.snapshot(), knows);
        self.live_on(store).await;
    }

    /// An operator says that the store is right without what it lacks, if it lacks anything.
    pub(super) async fn resolve_amnesia(&self) {
        let open = self.snapshot().amnesia().filter(|a| a.resolved_at.is_none()).cloned();
        let Some(amnesia) = open else { return };
        let resolved_at = Some(self.now());
        self.monitors.given_up();
        self.put(Amnesia { resolved_at, ..amnesia }).await;
    }

    /// A second controller, over a copy of the store, on the same gateways. It is looked at by
    /// itself: what it knows is another history.
    pub async fn copied(&self, store: MemoryStore) -> Copied {
        let process = Arc::new(Process::new(Arc::clone(&self.time), Arc::clone(&self.counts)));
        let (time, catalog) = (Arc::clone(&self.time), Arc::clone(&self.catalog));
        let monitors =
            Arc::new(Monitors::new(self.panels.clone(), time, catalog, Arc::clone(&self.trace)));
        monitors.restored(&store.snapshot(), Knows::OneSide);
        let life = Life::start(&Ground {
            store,
            process: &process,
            truth: &self.time,
            net: &self.net,
            discord: &self.discord,
            monitors: &monitors,
            feed: &self.feed,
            folder: None,
            cadence: &self.cadence,
            entropy: Rng::new(self.seed, 50),
            mutation: self.mutation,
        })
        .await;
        Copied { process, life, monitors }
    }

    /// An operator edits the files, well.
    pub(super) fn publish(&self, edit: impl FnOnce(&mut Catalog)) {
        self.files.send_modify(|catalog| edit(Arc::make_mut(catalog)));
    }

    /// Where operators edit the files.
    pub(super) fn folder(&self) -> &Folder {
        self.folder.as_deref().expect("a cluster with files")
    }

    pub(super) fn check_audit(&self) {
        self.monitors.check_audit(&self.store);
    }

    pub(super) fn check_books(&self) {
        self.monitors.check_books(&self.store);
    }

    /// Commits a record, whatever stands there.
    pub async fn put(&self, record: impl Into<Record>) {
        let mut edits = Edits::new();
        edits.put(record);
        self.commit(edits).await;
    }

    /// Commits what no process asked for. The monitors look at it as at any commit, but for its audit lines.
    pub async fn commit(&self, edits: Edits) {
        let number = self.monitors.about_to_apply(&edits);
        self.store.txn(edits).await.unwrap();
        self.monitors.committed(&self.snapshot(), number);
    }

    async fn live_on(&mut self, store: MemoryStore) {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.lives += 1;
        self.monitors.began();
        self.process = Arc::new(Process::new(Arc::clone(&self.time), Arc::clone(&self.counts)));
        let life = Life::start(&Ground {
            store,
            process: &self.process,
            truth: &self.time,
            net: &self.net,
            discord: &self.discord,
            monitors: &self.monitors,
            feed: &self.feed,
            folder: self.folder.as_ref(),
            cadence: &self.cadence,
            entropy: Rng::new(self.seed, 100 + self.lives),
            mutation: self.mutation,
        })
        .await;
        (self.store, self.intents) = (life.store, life.intents);
        (self.hints, self.web, self.task) = (life.hints, life.web, life.task);
    }

    /// Asks the handler of the process that lives now.
    pub async fn submit(&self, intent: Intent) -> Option<Result<Reply, Rejection>> {
        let intents = Arc::clone(&self.intents);
        self.monitors.asked(&intent);
        let asked = AssertUnwindSafe(intents.submit(intent.clone())).catch_unwind();
        let answer = tokio::time::timeout(Duration::from_secs(30), asked).await.ok()?.ok()?;
        self.monitors.answered(&intent, &answer);
        self.book_again(&intent, &answer).await;
        match &answer {
            Ok(reply) => self.monitors.told(reply),
            Err(rejection) => self.trace.note(|| format!("rejected: {rejection:?}")),
        }
        Some(answer)
    }

    /// Every trouble ends, and the process lives.
    pub async fn heal(&mut self) {
        self.net.troubled.store(false, Ordering::SeqCst);
        self.discord.troubled.store(false, Ordering::SeqCst);
        self.discord.permit();
        self.time.silence(false);
        self.time.set_off(Party::Controller, 0);
        for (id, panel) in &self.panels {
            panel.faults().clear();
            self.set_useful(id, true, true);
            self.time.set_off(Party::Server(id.clone()), 0);
            self.net.start_gateway(id);
        }
        // A process that started by a clock that was ahead, at a gateway that was too, holds the claim
        // against later ones until it was silent for two minutes.
        if self.was_off.swap(false, Ordering::SeqCst) {
            self.process.kill();
            pass_seconds(125).await;
        }
        // A crash that was already due comes now.
        if self.process.is_alive() {
            self.process.kill();
        }
        pass_seconds(1).await;
        self.revive().await;
    }

    /// From now on requests get lost, or Discord has its moods.
    pub(super) fn trouble(&self, lossy: bool, moody: bool) {
        self.net.troubled.store(lossy, Ordering::SeqCst);
        self.discord.troubled.store(moody, Ordering::SeqCst);
    }

    /// Notes what the panels hold, so that two runs of a seed are compared by all of it.
    pub(super) fn note_panels(&self) {
        for (server, panel) in &self.panels {
            self.trace.note(|| {
                let clients = panel.clients();
                let mut hasher = std::hash::DefaultHasher::new();
                format!("{clients:?}").hash(&mut hasher);
                format!("{server} holds {} clients #{:016x}", clients.len(), hasher.finish())
            });
        }
    }

    /// Notes what the panels' journals say of what was not asked through their API.
    pub(super) fn look_into_journals(&self) {
        if !self.trace.is_kept() {
            return;
        }
        let mut noted = self.journals.lock().unwrap();
        for (server, panel) in &self.panels {
            let from = noted.entry(server.clone()).or_default();
            let news = panel.journal_since(*from);
            for entry in news.iter().filter(|e| e.actor != Actor::Api) {
                self.trace.note(|| format!("{server}, {:?}: {:?}", entry.actor, entry.event));
            }
            *from += news.len();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A second controller.
pub struct Copied {
    process: Arc<Process>,
    life: Life,
    /// What must hold by its own history.
    pub monitors: Arc<Monitors>,
}

impl Copied {
    /// What is durable in its store.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.life.store.snapshot()
    }

    /// Its process ends.
    pub fn end(self) {
        self.process.kill();
        self.life.task.abort();
    }
}
