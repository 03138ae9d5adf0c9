//! Races that a seed would seldom meet, brought about on purpose: the production controller over
//! the memory store, and a panel that answers as the test asks.

use async_trait::async_trait;
use nebulalinks::controller::{Cadence, Controller, Parts};
use nebulalinks::model::*;
use nebulalinks::ports::*;
use nebulalinks::store::MemoryStore;
use nebulalinks_testkit::panel::PurePanel;
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop;
use nebulalinks_testkit::store::{CommitHook, HookedStore, commit_now};
use nebulalinks_testkit::time::Believing;
use nebulalinks_testkit::world::{NOON, World, email};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use nebulalinks_simulation::rng::Rng;
use nebulalinks_simulation::time::Time;

pub(super) struct TestClock(pub(super) Time);

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        self.0.now()
    }
    fn moment(&self) -> Moment {
        self.0.moment()
    }
    async fn sleep_until(&self, moment: UnixMs) {
        self.0.until(moment).await;
    }
    fn crash_point(&self, _: &'static str) {}
}

/// A panel and its gateway's claim, in memory.
pub(super) struct TestPanels {
    pub(super) panels: Mutex<BTreeMap<ServerId, PurePanel>>,
    clock: Arc<TestClock>,
    highest: Mutex<u64>,
    claims: Mutex<u32>,
    /// Whether each claim was to take over.
    take_overs: Mutex<Vec<bool>>,
    /// The first claim takes this long to arrive.
    first_claim: Duration,
    disables: Mutex<u32>,
    /// What reached a panel, and when.
    pub(super) written: Mutex<Vec<(UnixMs, DesiredClient)>>,
    /// What becomes of the first write; each other one is done and answered at once.
    pub(super) first_write: Mutex<Option<OnItsWay>>,
    /// When batches came, and of how many writes.
    batches: Mutex<Vec<(UnixMs, usize)>>,
    /// So many batches are not done, and their answers are lost.
    lose: Mutex<u32>,
    /// Every list fails, each time for another reason.
    failing: bool,
    pub(super) lists: Mutex<u32>,
    /// How long one takes.
    pub(super) list_takes: Duration,
    /// What is odd about each look.
    pub(super) odd_look: Option<fn(&mut Observation)>,
    /// Whom each look asked for.
    pub(super) looks: Mutex<Vec<Vec<String>>>,
}

impl TestPanels {
    pub(super) fn new(panels: BTreeMap<ServerId, PurePanel>, clock: &Arc<TestClock>) -> Self {
        Self {
            panels: Mutex::new(panels),
            clock: Arc::clone(clock),
            highest: Mutex::new(0),
            claims: Mutex::new(0),
            take_overs: Mutex::new(Vec::new()),
            first_claim: Duration::ZERO,
            disables: Mutex::new(0),
            written: Mutex::new(Vec::new()),
            first_write: Mutex::new(None),
            batches: Mutex::new(Vec::new()),
            lose: Mutex::new(0),
            failing: false,
            lists: Mutex::new(0),
            list_takes: Duration::from_millis(5),
            odd_look: None,
            looks: Mutex::new(Vec::new()),
        }
    }
}

/// How long a write is on its way to the panel, and its answer on the way back.
#[derive(Clone, Copy)]
pub(super) struct OnItsWay {
    pub(super) there: Duration,
    pub(super) back: Duration,
    /// Nobody hears the answer.
    pub(super) lost: bool,
}

#[async_trait]
impl PanelApi for TestPanels {
    async fn claim(&self, _: &Endpoint, claim: &Claim) -> Result<Claimed, PanelError> {
        let first = {
            let mut claims = self.claims.lock().unwrap();
            *claims += 1;
            *claims == 1
        };
        self.take_overs.lock().unwrap().push(claim.take_over);
        if first {
            tokio::time::sleep(self.first_claim).await;
        }
        // As a gateway that has no hash of ours: it goes by the number.
        let mut highest = self.highest.lock().unwrap();
        let before = *highest;
        *highest = before.max(claim.at.revision);
        let lower = claim.at.revision < before;
        let unshown = lower.then_some(HistoryPoint { revision: before, lineage: None });
        let unshown = unshown.into_iter().collect();
        Ok(Claimed { fence: 1, clock: self.clock.now(), unshown })
    }
    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError> {
        tokio::time::sleep(self.list_takes).await;
        let lists = {
            let mut lists = self.lists.lock().unwrap();
            *lists += 1;
            *lists
        };
        if self.failing {
            return Err(PanelError {
                class: ErrorClass::Unreachable,
                code: if lists % 2 == 0 { PanelCode::Lost } else { PanelCode::Unreachable },
                detail: String::new(),
                retry_after_ms: None,
                unshown: Vec::new(),
            });
        }
        Ok(self.panels.lock().unwrap()[&to.server].observe(self.clock.now()))
    }
    async fn observe(&self, to: &Endpoint, emails: &[String]) -> Result<Observation, PanelError> {
        self.looks.lock().unwrap().push(emails.to_vec());
        let mut seen = self.panels.lock().unwrap()[&to.server].observe(self.clock.now());
        seen.ours.retain(|_, client| emails.contains(&client.email));
        seen.inbounds.clear();
        seen.coverage = Coverage::Only(emails.to_vec());
        self.odd_look.into_iter().for_each(|odd| odd(&mut seen));
        Ok(seen)
    }
    async fn put(
        &self,
        to: &Endpoint,
        _: WriteToken<'_>,
        _: Precondition,
        client: &DesiredClient,
    ) -> Result<Written, PanelError> {
        let way = self.first_write.lock().unwrap().take();
        tokio::time::sleep(way.map_or(Duration::ZERO, |way| way.there)).await;
        if !client.enable {
            *self.disables.lock().unwrap() += 1;
        }
        self.written.lock().unwrap().push((self.clock.now(), client.clone()));
        let written = {
            let mut panels = self.panels.lock().unwrap();
            let panel = panels.get_mut(&to.server).unwrap();
            let client = panel.put(client, self.clock.now());
            Written { client: Some(client), panel: panel.observe(NOON).panel }
        };
        tokio::time::sleep(way.map_or(Duration::ZERO, |way| way.back)).await;
        if way.is_some_and(|way| way.lost) { Err(lost()) } else { Ok(written) }
    }
    async fn addresses(&self, _: &Endpoint, _: &str) -> Result<Vec<IpAddr>, PanelError> {
        Ok(Vec::new())
    }

    async fn restart_xray(&self, _: &Endpoint, _: WriteToken<'_>) -> Result<(), PanelError> {
        unreachable!("no session outlives its cut-off here")
    }
    async fn delete(
        &self,
        _: &Endpoint,
        _: WriteToken<'_>,
        _: &str,
        _: uuid::Uuid,
    ) -> Result<Written, PanelError> {
        unreachable!("nothing here is deleted")
    }
    async fn batch(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
        self.batches.lock().unwrap().push((self.clock.now(), writes.len()));
        let is_lost = {
            let mut lose = self.lose.lock().unwrap();
            let lost = *lose > 0;
            *lose = lose.saturating_sub(1);
            lost
        };
        let mut results = Vec::new();
        for write in writes {
            let Write::Put { before, client } = write else { unreachable!("nothing is deleted") };
            let result =
                if is_lost { Err(lost()) } else { self.put(to, token, *before, client).await };
            results.push(result);
        }
        results
    }
}

fn lost() -> PanelError {
    PanelError {
        class: ErrorClass::UnknownOutcome,
        code: PanelCode::Lost,
        detail: String::new(),
        retry_after_ms: None,
        unshown: Vec::new(),
    }
}

/// Commits something of somebody else's just before the controller notes that it does something.
pub(super) struct Overtaken {
    verb: &'static str,
    edits: Mutex<Option<Edits>>,
}

impl Overtaken {
    pub(super) const fn by(edits: Edits, verb: &'static str) -> Self {
        Self { verb, edits: Mutex::new(Some(edits)) }
    }
    pub(super) fn came(&self) -> bool {
        self.edits.lock().unwrap().is_none()
    }
}

#[async_trait]
impl CommitHook for Overtaken {
    async fn commit(&self, store: &Arc<MemoryStore>, edits: Edits) -> Result<Revision, StoreError> {
        let is_it = edits.puts.values().any(
            |r| matches!(r, Record::Audit(a) if a.verb == self.verb && a.outcome == Outcome::Started),
        );
        let other = if is_it { self.edits.lock().unwrap().take() } else { None };
        if let Some(other) = other {
            store.txn(other).await?;
        }
        store.txn(edits).await
    }
}

/// A store with the records of a world.
pub(super) fn stored(world: &World) -> MemoryStore {
    let store = MemoryStore::new();
    let mut edits = Edits::new();
    let accounts: Vec<AccountId> = world.snapshot.accounts().map(|a| a.id).collect();
    for id in accounts {
        edits.put(world.snapshot.account(id).unwrap().clone());
        world.snapshot.runs(id).for_each(|r| edits.put(r.clone()));
        world.snapshot.terms(id).for_each(|t| edits.put(t.clone()));
        world.snapshot.bindings(id).for_each(|b| edits.put(b.clone()));
        world.snapshot.ledgers(id).for_each(|l| edits.put(l.clone()));
        let server = world.server_of(id);
        if let Some(status) = world.snapshot.binding_status(id, &server) {
            edits.put(Served { account: id, run: 0, at: NOON });
            edits.put(status.clone());
        }
    }
    commit_now(&store, edits);
    store
}

pub(super) fn start(
    store: Arc<dyn Store>,
    panels: Arc<TestPanels>,
    clock: Arc<TestClock>,
    catalog: nebulalinks::catalog::Catalog,
) -> CancellationToken {
    start_so(store, panels, clock, catalog, (false, Cadence::default()))
}

pub(super) fn start_so(
    store: Arc<dyn Store>,
    panels: Arc<TestPanels>,
    clock: Arc<TestClock>,
    catalog: nebulalinks::catalog::Catalog,
    (take_over, cadence): (bool, Cadence),
) -> CancellationToken {
    let (files, feed) = watch::channel(Arc::new(catalog));
    let (controller, _hints) = Controller::new(Parts {
        store,
        panels,
        chat: None,
        catalog: feed,
        time: Believing::of(clock.clone()),
        clock,
        entropy: Arc::new(Rng::new(0, 0)),
        take_over,
        cadence: watch::channel(cadence).1,
        reasons: Vec::new(),
    });
    let stop = CancellationToken::new();
    let until = stop.clone();
    tokio::spawn(async move {
        let _files = files;
        let _hints = _hints;
        controller.run(until).await
    });
    stop
}

/// A renewal by one more of the same term, decided on what stands there and not committed yet.
fn renewal(world: &World, account: AccountId) -> Edits {
    let mut renewed = world.snapshot.account(account).unwrap().clone();
    let first = world.snapshot.terms(account).next().unwrap().clone();
    renewed.terms += 1;
    let mut edits = Edits::new();
    let order = people::fresh_ids(77).order;
    edits.put(Term { seq: 1, source: TermSource::Order(order), ..first });
    edits.put(renewed);
    edits
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_a_later_one_of_ours_overtook_is_no_amnesia() {
    let world = World::settled(shop::catalog_with_room(10, 0), 1, "basic-30");
    let store = Arc::new(stored(&world));
    let clock = Arc::new(TestClock(Time::new(world.now)));
    let mut panels = TestPanels::new(world.panels.clone(), &clock);
    panels.first_claim = Duration::from_millis(500);
    // Something to write, so that the server's run claims for itself meanwhile.
    for panel in panels.panels.get_mut().unwrap().values_mut() {
        panel.clients.values_mut().for_each(|c| c.enable = false);
    }
    let panels = Arc::new(panels);
    let stop = start(store.clone(), panels.clone(), clock, world.catalog.clone());
    tokio::time::sleep(Duration::from_secs(5)).await;
    stop.cancel();
    assert!(*panels.claims.lock().unwrap() >= 2, "both claimed");
    assert_eq!(store.snapshot().amnesia(), None);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_becomes_durable_before_the_note_of_a_cut_off_stops_it() {
    let mut world = World::settled(shop::catalog_with_room(10, 0), 1, "basic-30");
    let account = world.account(0);
    let end = world.entitlement(account).ends_at;
    let store = stored(&world);
    let renewal = renewal(&world, account);
    world.now = end;
    let clock = Arc::new(TestClock(Time::new(world.now)));
    let panels = Arc::new(TestPanels::new(world.panels.clone(), &clock));
    let hook = Overtaken::by(renewal, "disable");
    let store = Arc::new(HookedStore { inner: Arc::new(store), hook });
    let stop = start(store.clone(), panels.clone(), clock, world.catalog.clone());
    tokio::time::sleep(Duration::from_secs(10)).await;
    stop.cancel();
    assert!(store.hook.came(), "it came in between");
    assert_eq!(*panels.disables.lock().unwrap(), 0, "who has paid is not switched off");
    let panels = panels.panels.lock().unwrap();
    let client = &panels[&shop::server("fra-1")].clients[&email(account)];
    assert_eq!(client.end, Some(End::at(end + DurationMs(30 * DAY_MS))));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_stops_its_own_cut_off_and_not_the_others_of_the_batch() {
    let mut world = World::settled(shop::catalog_with_room(10, 0), 4, "basic-30");
    let account = world.account(1);
    let end = world.entitlement(account).ends_at;
    let store = stored(&world);
    let renewal = renewal(&world, account);
    world.now = end + DurationMs(MINUTE_MS);
    let clock = Arc::new(TestClock(Time::new(world.now)));
    let panels = Arc::new(TestPanels::new(world.panels.clone(), &clock));
    let hook = Overtaken::by(renewal, "disable");
    let store = Arc::new(HookedStore { inner: Arc::new(store), hook });
    let stop = start(store.clone(), panels.clone(), clock, world.catalog.clone());
    tokio::time::sleep(Duration::from_secs(10)).await;
    stop.cancel();
    assert!(store.hook.came(), "it came in between");
    let panels = panels.panels.lock().unwrap();
    for n in 0..4 {
        let id = world.account(n);
        let client = &panels[&world.server_of(id)].clients[&email(id)];
        assert_eq!(client.enable, id == account, "{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_of_a_batch_whose_answer_was_lost_is_written_before_it_can_no_longer_start() {
    let mut world = World::settled(shop::catalog_with_room(10, 0), 3, "basic-30");
    world.catalog.servers.remove(&shop::server("ams-1"));
    let store = Arc::new(stored(&world));
    let clock = Arc::new(TestClock(Time::new(world.now)));
    let mut panels = TestPanels::new(world.panels.clone(), &clock);
    *panels.lose.get_mut().unwrap() = 1;
    for panel in panels.panels.get_mut().unwrap().values_mut() {
        panel.clients.values_mut().for_each(|c| c.enable = false);
    }
    let panels = Arc::new(panels);
    let stop = start(store, panels.clone(), clock, world.catalog.clone());
    tokio::time::sleep(Duration::from_secs(200)).await;
    stop.cancel();
    let batches = panels.batches.lock().unwrap().clone();
    let [(lost, 3), (again, 3)] = batches.as_slice() else { panic!("{batches:?}") };
    assert!(again.since(*lost) >= DurationMs(72 * SECOND_MS), "{batches:?}");
    let panels = panels.panels.lock().unwrap();
    assert!(panels[&shop::server("fra-1")].clients.values().all(|c| c.enable));
}

#[tokio::test(start_paused = true)]
async fn who_takes_over_does_so_with_the_first_claim_only() {
    let mut world = World::settled(shop::catalog_with_room(10, 0), 1, "basic-30");
    world.catalog.servers.remove(&shop::server("ams-1"));
    let store = Arc::new(stored(&world));
    let clock = Arc::new(TestClock(Time::new(world.now)));
    let panels = Arc::new(TestPanels::new(world.panels.clone(), &clock));
    let stop =
        start_so(store, panels.clone(), clock, world.catalog.clone(), (true, Cadence::default()));
    tokio::time::sleep(Duration::from_secs(100)).await;
    stop.cancel();
    let asked = panels.take_overs.lock().unwrap().clone();
    assert!(asked.len() >= 3 && asked[0] && !asked[1..].contains(&true), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_each_time_for_another_reason_is_asked_at_its_own_pace() {
    let mut world = World::empty(shop::catalog_with_room(10, 0));
    world.catalog.servers.remove(&shop::server("ams-1"));
    let account = world.sell(0, "basic-30");
    let store = Arc::new(MemoryStore::new());
    let mut edits = Edits::new();
    edits.put(world.snapshot.account(account).unwrap().clone());
    world.snapshot.runs(account).for_each(|r| edits.put(r.clone()));
    world.snapshot.terms(account).for_each(|t| edits.put(t.clone()));
    world.snapshot.bindings(account).for_each(|b| edits.put(b.clone()));
    store.txn(edits).await.unwrap();
    let clock = Arc::new(TestClock(Time::new(world.now)));
    let mut panels = TestPanels::new(world.panels.clone(), &clock);
    panels.failing = true;
    let panels = Arc::new(panels);
    let stop = start(store, panels.clone(), clock, world.catalog.clone());
    tokio::time::sleep(Duration::from_secs(60)).await;
    stop.cancel();
    let lists = *panels.lists.lock().unwrap();
    assert!((4..20).contains(&lists), "{lists} lists in a minute");
}
