//! Who is close to the cap is read alone between two lists: the production controller in virtual
//! time, and a panel that leaves cutting to us.

use super::races::{TestClock, TestPanels, start, stored};
use nebulalinks::model::*;
use nebulalinks::ports::{Clock as _, Store as _};
use nebulalinks_simulation::time::Time;
use nebulalinks_testkit::shop;
use nebulalinks_testkit::world::{World, email};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const MIB: u64 = 1 << 20;
/// What everybody has, and what flows in a second.
const ALLOWANCE: u64 = 3_000 * MIB;
const PER_SECOND: u64 = 10 * MIB;

struct Near {
    panels: Arc<TestPanels>,
    clock: Arc<TestClock>,
    store: Arc<nebulalinks::store::MemoryStore>,
    accounts: Vec<AccountId>,
    server: ServerId,
    stop: CancellationToken,
}

impl Near {
    /// So many accounts with an allowance each, on one server.
    fn with(accounts: u64) -> Self {
        let mut catalog = shop::catalog_with_room(1_000, 0);
        for plan in &mut catalog.plans {
            plan.traffic = Quota::Bytes(Bytes(ALLOWANCE));
        }
        // A line that explains whatever is used here.
        catalog.servers.values_mut().for_each(|s| s.line_bits_per_second = 100_000_000_000);
        let world = World::settled(catalog, accounts, "basic-30");
        let clock = Arc::new(TestClock(Time::new(world.now)));
        let panels = Arc::new(TestPanels::new(world.panels.clone(), &clock));
        let store = Arc::new(stored(&world));
        let stop = start(store.clone(), panels.clone(), clock.clone(), world.catalog.clone());
        let ids: Vec<AccountId> = world.snapshot.accounts().map(|a| a.id).collect();
        let server = world.server_of(ids[0]);
        Self { panels, clock, store, accounts: ids, server, stop }
    }

    /// For so many seconds these use the service, as far as they are on; the panel has no rule of
    /// its own. Answers when each was first seen off, after using up what there was.
    async fn use_for(&self, seconds: u64, who: &[AccountId]) -> Vec<(AccountId, DurationMs)> {
        let (mut used_up, mut late) = (std::collections::BTreeMap::new(), Vec::new());
        for _ in 0..seconds {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = self.clock.now();
            let mut panels = self.panels.panels.lock().unwrap();
            let panel = panels.get_mut(&self.server).unwrap();
            for id in who {
                let client = panel.clients.get_mut(&email(*id)).unwrap();
                if client.enable {
                    client.counter = client.counter + Bytes(PER_SECOND);
                    if client.counter >= Bytes(ALLOWANCE) {
                        used_up.entry(*id).or_insert(now);
                    }
                } else if let Some(since) = used_up.remove(id) {
                    late.push((*id, now.since(since)));
                }
            }
        }
        late
    }

    fn looks(&self) -> Vec<Vec<String>> {
        self.panels.looks.lock().unwrap().clone()
    }
}

impl Drop for Near {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_near_the_cap_is_cut_within_ten_seconds_of_using_it_up() {
    // Three at a different time of the list's minute each.
    for head_start in [0, 17, 40] {
        let near = Near::with(3);
        let one = [near.accounts[1]];
        near.use_for(5 + head_start, &[]).await;
        let late = near.use_for(360, &one).await;
        let [(cut, lag)] = &late[..] else { panic!("{late:?}") };
        assert_eq!(*cut, one[0]);
        assert!(*lag <= DurationMs(12 * SECOND_MS), "{} ms late", lag.0);
        let used = near.store.snapshot().used(one[0]);
        assert!(used.0 - ALLOWANCE <= 12 * PER_SECOND, "and so much is forgiven");
        let looks = near.looks();
        assert!(looks.iter().all(|asked| *asked == [email(one[0])]), "nobody else is asked for");
        assert!((3..=16).contains(&looks.len()), "{} looks", looks.len());
        let lists = *near.panels.lists.lock().unwrap();
        assert!(lists <= 16, "{lists} lists in seven minutes of two servers");
    }
}

#[tokio::test(start_paused = true)]
async fn while_nobody_is_near_nobody_is_read_alone() {
    let near = Near::with(3);
    near.use_for(5, &[]).await;
    // In three minutes not half of it.
    near.use_for(120, &near.accounts).await;
    near.use_for(120, &[]).await;
    assert_eq!(near.looks().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_stops_using_it_is_read_alone_no_more() {
    let near = Near::with(1);
    near.use_for(5, &[]).await;
    near.use_for(260, &near.accounts).await;
    assert!(!near.looks().is_empty());
    near.use_for(130, &[]).await;
    let before = near.looks().len();
    near.use_for(120, &[]).await;
    assert_eq!(near.looks().len(), before);
}

#[tokio::test(start_paused = true)]
async fn of_many_who_are_near_twenty_are_read_alone_and_all_are_cut_by_the_list() {
    let near = Near::with(50);
    near.use_for(5, &[]).await;
    let late = near.use_for(380, &near.accounts).await;
    assert_eq!(late.len(), 50);
    assert!(late.iter().all(|(_, lag)| *lag <= DurationMs(67 * SECOND_MS)), "{late:?}");
    let looks = near.looks();
    assert!(!looks.is_empty() && looks.iter().all(|asked| asked.len() <= 20));
    assert!(looks.iter().any(|asked| asked.len() == 20));
}
