//! What is counted of a panel's counters, against a plain list of what each row last showed.

use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;
use std::collections::BTreeMap;

const GIB: u64 = 1 << 30;

/// What happens to a counter between two lists.
#[derive(Debug, Clone)]
enum Event {
    Flow(u64),
    Zero,
    Rewind(u64),
    /// Back to a value it showed before, as a restored database.
    Restore(usize),
    /// More than the line carries in days.
    Leap(u64),
    NewRow,
    Identity(u8),
    Deleted,
    /// The controller forgets what it listed last.
    Restart,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        5 => (1..GIB).prop_map(Event::Flow),
        1 => Just(Event::Zero),
        1 => (1..GIB).prop_map(Event::Rewind),
        2 => any::<prop::sample::Index>().prop_map(|n| Event::Restore(n.index(64))),
        1 => (0..GIB).prop_map(|n| Event::Leap((40 << 40) + n)),
        1 => Just(Event::NewRow),
        2 => (0..3_u8).prop_map(Event::Identity),
        1 => Just(Event::Deleted),
        1 => Just(Event::Restart),
    ];
    proptest::collection::vec(event, 1..40)
}

/// What each row last showed, and what was counted in all.
#[derive(Default)]
struct Model {
    last: BTreeMap<(i64, i64), u64>,
    /// A leap that one list showed.
    suspect: Option<u64>,
    used: u64,
    disputed: u64,
}

impl Model {
    fn list(&mut self, row: (i64, i64), shows: u64) {
        let last = self.last.entry(row).or_default();
        *last = (*last).min(shows);
        // A leap that a second list confirms is not billed.
        if let Some(leap) = self.suspect.take().filter(|leap| *last < *leap && *leap <= shows) {
            self.disputed += leap - *last;
            *last = leap;
        }
        if shows - *last > 30 << 40 {
            self.suspect = Some(shows);
            return;
        }
        self.used += shows - *last;
        *last = shows;
    }
}

fn row(client: &ObservedClient) -> (i64, i64) {
    (client.incarnation.row, client.incarnation.created_at)
}

fn each_row_is_counted(events: Vec<Event>) -> Result<(), TestCaseError> {
    let mut world = World::settled(catalog(), 1, "pro-30");
    let account = world.account(0);
    let server = world.server_of(account);
    let (mut model, mut flowed) = (Model::default(), 0);
    let mut shown: BTreeMap<(i64, i64), Vec<u64>> = BTreeMap::new();
    for event in events {
        let now = world.now;
        let panel = world.panels.get_mut(&server).unwrap();
        let client = panel.clients.get_mut(&email(account));
        match (event, client) {
            (Event::Flow(bytes), Some(client)) if client.enable => {
                client.counter = client.counter + Bytes(bytes);
                flowed += bytes;
            }
            (Event::Zero, Some(client)) => client.counter = Bytes(0),
            (Event::Rewind(by), Some(client)) => client.counter = client.counter - Bytes(by),
            (Event::Restore(n), Some(client)) => {
                let all = shown.get(&row(client)).map_or(&[0][..], Vec::as_slice);
                // A backup is of before: not of a counter that has restarted since.
                let last = model.last.get(&row(client)).copied().unwrap_or(0);
                client.counter = client.counter.min(Bytes(all[n % all.len()].min(last)));
            }
            (Event::Leap(by), Some(client)) => client.counter = client.counter + Bytes(by),
            (Event::NewRow, Some(_)) => panel.new_row(&email(account), now),
            (Event::Identity(n), _) => panel.reidentify(&format!("guid-{n}")),
            (Event::Deleted, _) => {
                panel.clients.remove(&email(account));
            }
            (Event::Restart, _) => world.counters.clear(),
            _ => {}
        }
        // Ledgers are written at least so often.
        world.wait(DurationMs(16 * MINUTE_MS));
        let client = world.panels[&server].clients.get(&email(account));
        match client {
            Some(client) => {
                model.list(row(client), client.counter.0);
                shown.entry(row(client)).or_default().push(client.counter.0);
            }
            // Nothing confirms a leap of a client that is gone.
            None => model.suspect = None,
        }
        let before = world.snapshot.used(account);
        world.pass(&server);
        let used = world.snapshot.used(account);
        prop_assert_eq!(used, Bytes(model.used), "by a plain list");
        prop_assert!(used >= before && used.0 <= flowed);
        let disputed: Bytes = world.snapshot.ledgers(account).map(|l| l.disputed).sum();
        prop_assert_eq!(disputed, Bytes(model.disputed));
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn each_row_is_counted_from_what_it_last_showed_wherever_it_turns_up(events in events()) {
        each_row_is_counted(events)?;
    }
}

#[test]
fn a_leap_of_a_client_that_was_gone_in_between_is_in_doubt_anew() {
    let leap = || Event::Leap(40 << 40);
    each_row_is_counted(vec![leap(), Event::Deleted, Event::Flow(1), leap()]).unwrap();
}
