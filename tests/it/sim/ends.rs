//! What ends is cut in time and costs few lists: the production controller in virtual time, and panels
//! that leave cutting to us and count what they are asked.

use super::newcomers::{Shop, TERM};
use super::races::TestPanels;
use nebulalinks::controller::Cadence;
use nebulalinks::model::*;
use nebulalinks::ports::Clock as _;
use nebulalinks_testkit::world::email;
use std::collections::BTreeMap;
use std::time::Duration;

/// In ms, between two sales and so between two ends.
const BETWEEN: u64 = 40;

impl Shop {
    fn is_on(&self, account: AccountId) -> bool {
        let panels = self.panels.panels.lock().unwrap();
        panels[&self.server].clients[&email(account)].enable
    }

    /// So many are sold, one after the other, and come to their ends. Answers how long after its end
    /// each was off, and how often the server was listed meanwhile.
    async fn ends_of(&self, many: u64) -> (Vec<DurationMs>, u32) {
        let mut ends = BTreeMap::new();
        for n in 0..many {
            let end = self.clock.now() + TERM;
            ends.insert(self.sell(n).await, end);
            Self::pass(BETWEEN).await;
        }
        Self::pass(TERM.0 - BETWEEN * many - 1_000).await;
        assert!(ends.keys().all(|account| self.is_served(*account) && self.is_on(*account)));
        let (lists, mut late) = (self.lists(), Vec::new());
        for _ in 0..500 {
            Self::pass(10).await;
            let now = self.clock.now();
            let off: Vec<AccountId> = ends.keys().copied().filter(|id| !self.is_on(*id)).collect();
            late.extend(off.iter().filter_map(|id| Some(now.since(ends.remove(id)?))));
        }
        (late, self.lists() - lists)
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_costs_its_server_one_list() {
    let shop = Shop::open(Cadence::quiet(), |_| {}).await;
    let (late, lists) = shop.ends_of(1).await;
    assert_eq!(lists, 1);
    assert!(late.len() == 1 && late.iter().all(|late| late.0 <= 100), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn ends_one_after_the_other_share_lists_and_each_is_cut_within_a_second() {
    let shop = Shop::open(Cadence::quiet(), |_| {}).await;
    let (late, lists) = shop.ends_of(50).await;
    assert!(late.len() == 50 && late.iter().all(|late| late.0 <= 1_000), "{late:?}");
    // Two seconds, with at least 400 ms from one to the next.
    assert!((2..=7).contains(&lists), "{lists} lists");
}

#[tokio::test(start_paused = true)]
async fn a_panel_of_slow_lists_makes_no_end_late() {
    let slow = |panels: &mut TestPanels| panels.list_takes = Duration::from_millis(650);
    let shop = Shop::open(Cadence::quiet(), slow).await;
    let (late, lists) = shop.ends_of(50).await;
    // Each list takes a third of the two seconds, and begins a moment after the last one's pass.
    assert!((2..=4).contains(&lists), "{lists} lists");
    assert!(late.len() == 50 && late.iter().all(|late| late.0 <= 1_000), "{late:?}");
}
