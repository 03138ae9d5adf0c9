//! The surroundings of the loop: a clock over tokio's paused time, a model of Discord, a panel.

use super::clock::TestClock;
use super::test_panels::TestPanels;
use crate::catalog::Catalog;
use crate::controller::{Cadence, Controller, LookNow, LoopStats, Parts, WitnessedClock};
use crate::intent::{FreshIds, NewCredentials};
use crate::model::*;
use crate::ports::*;
use crate::store::MemoryStore;
use crate::view::sample::{FRONT, account_id, catalog, order_id};
use crate::view::{FrontProfile, Message, Pages};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

#[derive(Default)]
pub(super) struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fresh_ids(&self, now: UnixMs) -> FreshIds {
        let n = u128::from(self.0.fetch_add(1, Ordering::SeqCst));
        FreshIds {
            order: order_id(n),
            account: account_id(n),
            customer: CustomerId::new(ulid::Ulid((1 << 98) + n)),
            credentials: NewCredentials {
                uuid: uuid::Uuid::from_u128(n),
                sub_id: "sub0000000000001".to_owned(),
                secret: "s".repeat(43),
                subscription_token: "t".repeat(43),
            },
            audit: ulid::Ulid::from_parts(now.0, n).to_string().to_ascii_lowercase(),
        }
    }
    fn ulid(&self, now: UnixMs) -> String {
        self.fresh_ids(now).audit
    }
    fn fraction(&self) -> f64 {
        0.5
    }
}

#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) id: u64,
    pub(super) nonce: String,
    pub(super) text: String,
}

/// Discord, as far as the loop sees it.
#[derive(Default)]
pub(super) struct Discord {
    pub(super) channels: BTreeMap<u64, Vec<Shown>>,
    pub(super) threads: BTreeMap<String, (u64, BTreeSet<u64>)>,
    /// Threads that were closed, as often as that was asked.
    pub(super) closed: Vec<u64>,
    pub(super) gone: BTreeSet<u64>,
    pub(super) refused: BTreeSet<u64>,
    pub(super) dms_closed: bool,
    /// So many posts are kept and their answers lost.
    pub(super) lose_answers: u32,
    /// So many look-ups are put off.
    pub(super) put_off: u32,
    pub(super) posts: u32,
    /// The roles that posts have called, with where.
    pub(super) called: Vec<(u64, Vec<u64>)>,
    /// Edits by channel.
    pub(super) edits: BTreeMap<u64, u32>,
    /// Calls of any kind by channel.
    pub(super) calls: BTreeMap<u64, u32>,
    /// Threads that are put away, and how often any was.
    pub(super) away: BTreeSet<u64>,
    pub(super) put_away: u32,
    /// So many of the next are not answered.
    pub(super) keeps_threads: u32,
    /// Orders of which pictures were deleted, and those of which they cannot be.
    pub(super) deleted: Vec<OrderId>,
    pub(super) keeps_files: BTreeSet<OrderId>,
    /// How long it takes to open a thread.
    pub(super) thread_takes: Duration,
    last: u64,
}

fn failed<T>(class: ChatClass) -> Result<T, ChatError> {
    Err(ChatError { class, code: ChatCode::Refused, detail: String::new(), retry_after_ms: None })
}

impl Discord {
    /// A message that an earlier process posted.
    pub(super) fn has(&mut self, channel: u64, nonce: &str, text: String) {
        let shown = Shown { id: self.new_id(), nonce: nonce.to_owned(), text };
        self.channels.entry(channel).or_default().push(shown);
    }
    /// How many edits were asked for there.
    pub(super) fn edits_in(&self, channel: u64) -> u32 {
        self.edits.get(&channel).copied().unwrap_or(0)
    }
    fn new_id(&mut self) -> u64 {
        self.last += 1;
        1_000 + self.last
    }
    fn channel(&mut self, place: Place) -> Result<u64, ChatError> {
        if let Place::Channel(id) = place {
            *self.calls.entry(id).or_default() += 1;
        }
        match place {
            Place::Direct(_) if self.dms_closed => failed(ChatClass::Closed),
            Place::Direct(Identity::Discord(id)) => Ok(id),
            Place::Channel(id) if self.gone.contains(&id) => failed(ChatClass::ChannelGone),
            Place::Channel(id) if self.refused.contains(&id) => failed(ChatClass::Refused),
            Place::Channel(id) => Ok(id),
        }
    }
    fn at(&mut self, at: &Posted) -> Result<&mut Shown, ChatError> {
        let channel = self.channel(Place::Channel(at.channel))?;
        let messages = self.channels.entry(channel).or_default();
        match messages.iter_mut().find(|m| m.id == at.message) {
            Some(message) => Ok(message),
            None => failed(ChatClass::MessageGone),
        }
    }
}

/// The connection to it; edits can be held up.
#[derive(Default)]
pub(super) struct TestChat {
    pub(super) discord: Mutex<Discord>,
    pub(super) hold_edits: watch::Sender<bool>,
}

impl TestChat {
    pub(super) fn lock(&self) -> MutexGuard<'_, Discord> {
        self.discord.lock().unwrap()
    }
}

#[async_trait]
impl Chat for TestChat {
    fn front(&self) -> &'static FrontProfile {
        &FRONT
    }
    async fn post(&self, to: Place, message: &Message, nonce: &str) -> Result<Posted, ChatError> {
        let mut discord = self.lock();
        let channel = discord.channel(to)?;
        discord.posts += 1;
        discord.away.remove(&channel);
        if !message.calls_roles.is_empty() {
            discord.called.push((channel, message.calls_roles.clone()));
        }
        let id = discord.new_id();
        let shown = Shown { id, nonce: nonce.to_owned(), text: message.plain() };
        discord.channels.entry(channel).or_default().push(shown);
        if discord.lose_answers > 0 {
            discord.lose_answers -= 1;
            return failed(ChatClass::Unknown);
        }
        Ok(Posted { channel, message: id })
    }
    async fn edit(&self, at: &Posted, message: &Message) -> Result<(), ChatError> {
        *self.lock().edits.entry(at.channel).or_default() += 1;
        self.lock().at(at)?.text = message.plain();
        self.lock().away.remove(&at.channel);
        let mut held = self.hold_edits.subscribe();
        held.wait_for(|held| !held).await.unwrap();
        Ok(())
    }
    async fn check_exists(&self, at: &Posted) -> Result<(), ChatError> {
        self.lock().at(at).map(|_| ())
    }
    async fn find(&self, place: Place, nonce: &str) -> Result<Option<Posted>, ChatError> {
        let mut discord = self.lock();
        let channel = discord.channel(place)?;
        if discord.put_off > 0 {
            discord.put_off -= 1;
            return failed(ChatClass::Later);
        }
        let messages = discord.channels.entry(channel).or_default();
        let found = messages.iter().find(|m| m.nonce == nonce);
        Ok(found.map(|m| Posted { channel, message: m.id }))
    }
    async fn open(
        &self,
        space: Space<'_>,
        name: &str,
        member: Identity,
    ) -> Result<Opened, ChatError> {
        let Identity::Discord(user) = member;
        let parent = match space {
            Space::ThreadBelow(parent) => parent,
            Space::ChannelIn(categories) => categories[0],
        };
        let takes = self.lock().thread_takes;
        tokio::time::sleep(takes).await;
        let mut discord = self.lock();
        discord.channel(Place::Channel(parent))?;
        let known = discord.threads.get(name).map(|(id, _)| *id);
        let id = known.unwrap_or_else(|| discord.new_id());
        discord.threads.entry(name.to_owned()).or_insert((id, BTreeSet::new())).1.insert(user);
        Ok(Opened { thread: id, new: known.is_none() })
    }
    async fn close_thread(&self, thread: u64) -> Result<(), ChatError> {
        let mut discord = self.lock();
        discord.channel(Place::Channel(thread))?;
        discord.closed.push(thread);
        Ok(())
    }
    async fn open_again(&self, thread: u64) -> Result<bool, ChatError> {
        let mut discord = self.lock();
        discord.channel(Place::Channel(thread))?;
        let before = discord.closed.len();
        discord.closed.retain(|closed| *closed != thread);
        Ok(discord.closed.len() < before)
    }
    async fn put_away(&self, thread: u64) -> Result<(), ChatError> {
        let mut discord = self.lock();
        discord.put_away += 1;
        if discord.keeps_threads > 0 {
            discord.keeps_threads -= 1;
            return failed(ChatClass::Later);
        }
        let channel = discord.channel(Place::Channel(thread))?;
        discord.away.insert(channel);
        Ok(())
    }
    async fn delete_thread(&self, thread: u64) -> Result<(), ChatError> {
        let mut discord = self.lock();
        discord.put_away += 1;
        if discord.keeps_threads > 0 {
            discord.keeps_threads -= 1;
            return failed(ChatClass::Later);
        }
        discord.channel(Place::Channel(thread))?;
        discord.threads.retain(|_, (id, _)| *id != thread);
        discord.gone.insert(thread);
        discord.away.insert(thread);
        discord.channels.remove(&thread);
        Ok(())
    }
    async fn delete_proofs(&self, order: OrderId) -> std::io::Result<u64> {
        let mut discord = self.lock();
        if discord.keeps_files.contains(&order) {
            return Err(std::io::Error::other("the disk is away"));
        }
        discord.deleted.push(order);
        Ok(1)
    }
}

/// Discord tells the time: at the start, and then every few seconds.
fn tell_the_time(clock: &Arc<TestClock>, time: &Arc<WitnessedClock>, discord: &Arc<AtomicBool>) {
    let (clock, time, discord) = (Arc::clone(clock), Arc::clone(time), Arc::clone(discord));
    let tell = move || {
        if discord.load(Ordering::SeqCst) {
            time.heard(Witness::Discord, clock.truth(), clock.moment().monotonic);
        }
    };
    tell();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            tell();
        }
    });
}

/// A loop that runs until this is dropped.
pub(super) struct World {
    pub(super) store: Arc<MemoryStore>,
    pub(super) chat: Arc<TestChat>,
    pub(super) panels: Arc<TestPanels>,
    pub(super) clock: Arc<TestClock>,
    pub(super) time: Arc<WitnessedClock>,
    /// Whether Discord tells the time.
    pub(super) discord: Arc<AtomicBool>,
    pub(super) catalog: watch::Sender<Arc<Catalog>>,
    pub(super) hints: mpsc::UnboundedSender<Hint>,
    pub(super) stats: Arc<LoopStats>,
    pub(super) look_now: LookNow,
    /// What is wrong that no record tells.
    pub(super) troubles: Arc<Mutex<Vec<Reason>>>,
    _stop: DropGuard,
}

impl World {
    pub(super) async fn start(
        panel_answers: bool,
        records: impl IntoIterator<Item = Edits>,
    ) -> Self {
        Self::prepared(panel_answers, records, |_| {}).await
    }

    pub(super) async fn prepared(
        panel_answers: bool,
        records: impl IntoIterator<Item = Edits>,
        prepare: impl FnOnce(&mut Discord),
    ) -> Self {
        Self::where_discord(true, panel_answers, records, prepare).await
    }

    /// Nobody answers, and nobody tells the time.
    pub(super) async fn in_silence(records: impl IntoIterator<Item = Edits>) -> Self {
        Self::where_discord(false, false, records, |_| {}).await
    }

    async fn where_discord(
        tells_the_time: bool,
        panel_answers: bool,
        records: impl IntoIterator<Item = Edits>,
        prepare: impl FnOnce(&mut Discord),
    ) -> Self {
        let store = Arc::new(MemoryStore::new());
        store.txn(crate::view::sample::alice()).await.unwrap();
        for edits in records {
            store.txn(edits).await.unwrap();
        }
        let chat = Arc::new(TestChat::default());
        prepare(&mut chat.lock());
        let panels = Arc::new(TestPanels { answers: panel_answers, ..TestPanels::default() });
        let (clock, catalog) = (Arc::new(TestClock::new()), Arc::new(catalog()));
        Self::over(store, chat, panels, clock, catalog, tells_the_time)
    }

    /// The same with a loop that has just begun.
    pub(super) fn restarted(self) -> Self {
        let Self { store, chat, panels, clock, catalog, _stop, .. } = self;
        drop(_stop);
        let catalog = Arc::clone(&catalog.borrow());
        Self::over(store, chat, panels, clock, catalog, true)
    }

    fn over(
        store: Arc<MemoryStore>,
        chat: Arc<TestChat>,
        panels: Arc<TestPanels>,
        clock: Arc<TestClock>,
        catalog: Arc<Catalog>,
        tells_the_time: bool,
    ) -> Self {
        let (catalog, followed) = watch::channel(catalog);
        let time = Arc::new(WitnessedClock::new(clock.clone(), store.clone(), followed.clone()));
        let discord = Arc::new(AtomicBool::new(tells_the_time));
        tell_the_time(&clock, &time, &discord);
        let troubles = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&troubles);
        let (controller, hints) = Controller::new(Parts {
            store: store.clone(),
            panels: panels.clone(),
            chat: Some(chat.clone()),
            catalog: followed,
            clock: clock.clone(),
            time: time.clone(),
            entropy: Arc::new(Counted::default()),
            take_over: false,
            cadence: watch::channel(Cadence::default()).1,
            reasons: vec![Arc::new(move || told.lock().unwrap().clone())],
        });
        let (stats, look_now) = (controller.stats(), controller.look_now());
        let shutdown = CancellationToken::new();
        tokio::spawn(controller.run(shutdown.clone()));
        let _stop = shutdown.drop_guard();
        Self {
            store,
            chat,
            panels,
            clock,
            time,
            discord,
            catalog,
            hints,
            stats,
            look_now,
            troubles,
            _stop,
        }
    }

    /// Lets this much time go by.
    pub(super) async fn wait(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    pub(super) async fn put(&self, record: impl Into<Record>) {
        self.store.txn(crate::view::sample::put(record)).await.unwrap();
    }

    /// What alice has by DM.
    pub(super) fn alices_messages(&self) -> Vec<Shown> {
        self.messages(101)
    }

    pub(super) fn messages(&self, channel: u64) -> Vec<Shown> {
        self.chat.lock().channels.get(&channel).cloned().unwrap_or_default()
    }

    pub(super) fn thread(&self, order: OrderId) -> Option<(u64, BTreeSet<u64>)> {
        self.chat.lock().threads.get(&Pages::thread_name(order)).cloned()
    }
}
