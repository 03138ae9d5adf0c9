//! Whom a server has never served is made from a look at that client alone: the production controller
//! in virtual time, and panels that count what they are asked.

use super::races::{OnItsWay, TestClock, TestPanels, start_so, stored};
use nebulalinks::controller::Cadence;
use nebulalinks::model::*;
use nebulalinks::ports::{Clock as _, Store as _};
use nebulalinks_simulation::time::Time;
use nebulalinks_testkit::world::{World, email};
use nebulalinks_testkit::{people, shop, sold};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What everybody is sold.
pub(super) const TERM: DurationMs = DurationMs(2 * HOUR_MS);

pub(super) struct Shop {
    pub(super) panels: Arc<TestPanels>,
    pub(super) clock: Arc<TestClock>,
    store: Arc<nebulalinks::store::MemoryStore>,
    pub(super) server: ServerId,
    stop: CancellationToken,
}

impl Shop {
    /// Three accounts that are served, and a loop that has looked at everything.
    pub(super) async fn open(cadence: Cadence, change: impl FnOnce(&mut TestPanels)) -> Self {
        let world = World::settled(shop::catalog_with_room(1_000, 0), 3, "basic-30");
        let clock = Arc::new(TestClock(Time::new(world.now)));
        let mut panels = TestPanels::new(world.panels.clone(), &clock);
        change(&mut panels);
        let panels = Arc::new(panels);
        let store = Arc::new(stored(&world));
        let parts = (store.clone(), panels.clone(), clock.clone(), world.catalog.clone());
        let stop = start_so(parts.0, parts.1, parts.2, parts.3, (false, cadence));
        let first = world.snapshot.accounts().map(|a| a.id).next().unwrap();
        let server = world.server_of(first);
        let shop = Self { panels, clock, store, server, stop };
        Self::pass(5_000).await;
        shop
    }

    pub(super) async fn pass(ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// The n-th sale, bound to the server, of 2 h.
    pub(super) async fn sell(&self, n: u64) -> AccountId {
        let ids = people::fresh_ids(500 + n);
        let account = ids.account;
        let mut edits = Edits::new();
        let sale = sold::Sale {
            customer: Identity::Discord(9_000 + n),
            customer_name: format!("customer-{n}"),
            family: "basic".parse().unwrap(),
            server: self.server.clone(),
            at: self.clock.now(),
        };
        sale.put_into(&mut edits, ids);
        for record in edits.puts.values_mut() {
            if let Record::Term(term) = record {
                term.length = TERM;
            }
        }
        self.store.txn(edits).await.unwrap();
        account
    }

    pub(super) fn is_served(&self, account: AccountId) -> bool {
        let snapshot = self.store.snapshot();
        snapshot.binding_status(account, &self.server).is_some_and(|s| s.applied.is_some())
    }

    pub(super) fn lists(&self) -> u32 {
        *self.panels.lists.lock().unwrap()
    }

    fn looks(&self) -> Vec<Vec<String>> {
        self.panels.looks.lock().unwrap().clone()
    }

    fn created(&self, account: AccountId) -> u32 {
        let panels = self.panels.panels.lock().unwrap();
        panels[&self.server].created.get(&email(account)).copied().unwrap_or_default()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_account_is_made_from_a_look_at_it_alone() {
    let shop = Shop::open(Cadence::quiet(), |_| {}).await;
    let lists = shop.lists();
    let away = Duration::from_millis(40);
    let way = OnItsWay { there: away, back: away, lost: false };
    *shop.panels.first_write.lock().unwrap() = Some(way);
    let account = shop.sell(1).await;
    Shop::pass(100).await;
    assert!(shop.is_served(account));
    assert_eq!(shop.looks(), [vec![email(account)]]);
    Shop::pass(60_000).await;
    assert_eq!((shop.lists(), shop.created(account)), (lists, 1), "nothing else was due");
}

#[tokio::test(start_paused = true)]
async fn what_is_sold_every_second_puts_off_no_list_and_an_end_is_met_without_one() {
    let shop = Shop::open(Cadence::default(), |_| {}).await;
    let lists = shop.lists();
    for n in 0..120 {
        let account = shop.sell(n).await;
        Shop::pass(1_000).await;
        assert!(shop.is_served(account), "{n}");
    }
    // Of two servers, each listed once a minute.
    assert!((3..=5).contains(&(shop.lists() - lists)), "{} lists", shop.lists() - lists);
    let quiet = Shop::open(Cadence::quiet(), |_| {}).await;
    let account = quiet.sell(1).await;
    Shop::pass(TERM.0 - 1_000).await;
    let is_on = || {
        let panels = quiet.panels.panels.lock().unwrap();
        panels[&quiet.server].clients[&email(account)].enable
    };
    assert!(is_on());
    Shop::pass(4_000).await;
    assert!(!is_on(), "the end was due, though the next list was hours away");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_is_left_to_the_list() {
    let shop = Shop::open(Cadence::quiet(), |_| {}).await;
    let lists = shop.lists();
    let ids = people::fresh_ids(501);
    {
        let mut panels = shop.panels.panels.lock().unwrap();
        let panel = panels.get_mut(&shop.server).unwrap();
        let (_, other) = panel.clients.iter().next().unwrap();
        let taken = ObservedClient { email: email(ids.account), enable: false, ..other.clone() };
        panel.clients.insert(email(ids.account), taken);
    }
    let account = shop.sell(1).await;
    Shop::pass(10_000).await;
    assert_eq!(shop.looks(), [vec![email(account)]]);
    assert!(shop.lists() > lists);
    assert_eq!(shop.created(account), 0, "what is there is brought to what is asked");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_says_too_little_is_followed_by_the_list_at_once() {
    type Odd = fn(&mut Observation);
    let odd: [Odd; 4] = [
        |seen| seen.panel.xray = XrayState::Error,
        |seen| seen.panel.identity = "another".into(),
        |seen| seen.coverage = Coverage::Only(Vec::new()),
        |seen| seen.gateway_clock = UnixMs(0),
    ];
    for (n, odd) in odd.into_iter().enumerate() {
        let shop = Shop::open(Cadence::quiet(), |panels| panels.odd_look = Some(odd)).await;
        let lists = shop.lists();
        let account = shop.sell(1).await;
        Shop::pass(100).await;
        let is_listed = shop.lists() > lists;
        assert_eq!(is_listed, n < 3, "{n}: a look's own clock says nothing");
        assert!(shop.is_served(account), "{n}");
        assert_eq!(shop.created(account), 1, "{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_are_new_at_once_are_made_from_one_list() {
    let shop = Shop::open(Cadence::quiet(), |_| {}).await;
    let lists = shop.lists();
    let mut accounts = Vec::new();
    for n in 0..60 {
        accounts.push(shop.sell(n).await);
    }
    Shop::pass(5_000).await;
    assert!(accounts.iter().all(|account| shop.is_served(*account)));
    assert!(accounts.iter().all(|account| shop.created(*account) == 1));
    assert!(shop.lists() - lists <= 2, "{}", shop.lists() - lists);
    assert!(shop.looks().iter().all(|asked| asked.len() <= 20));
}
