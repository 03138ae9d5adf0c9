//! A decision that takes something away, while a write that gives is about to be sent or on its
//! way: the production controller in virtual time, which looks again by itself only every 6 h.

use super::races::{OnItsWay, Overtaken, TestClock, TestPanels, start_so, stored};
use nebulalinks::controller::Cadence;
use nebulalinks::model::*;
use nebulalinks::ports::{Clock as _, Store};
use nebulalinks_simulation::time::Time;
use nebulalinks_testkit::shop;
use nebulalinks_testkit::store::{HookedStore, commit_now};
use nebulalinks_testkit::world::{World, email};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A second of ours, and what a commit and a list take beside it.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What is about to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gift {
    Create,
    Enable,
    Extend,
}

const GIFTS: [Gift; 3] = [Gift::Create, Gift::Enable, Gift::Extend];

impl Gift {
    const fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Enable => "enable",
            Self::Extend => "extend",
        }
    }

    /// So many accounts that are to get it.
    fn world(self, accounts: u64) -> World {
        let mut catalog = shop::catalog_with_room(10, 0);
        catalog.servers.remove(&shop::server("ams-1"));
        if self == Self::Create {
            let mut world = World::empty(catalog);
            for n in 0..accounts {
                world.sell(n, "basic-30");
            }
            return world;
        }
        let mut world = World::settled(catalog, accounts, "basic-30");
        if self == Self::Extend {
            (0..accounts).for_each(|n| world.renew(n, "basic-30", world.account(n as usize)));
        }
        if self == Self::Enable {
            for panel in world.panels.values_mut() {
                panel.clients.values_mut().for_each(|client| client.enable = false);
            }
        }
        world
    }

    /// What takes it back.
    fn taken_back(self, world: &World, account: AccountId) -> Edits {
        let mut edits = Edits::new();
        let mut record = world.snapshot.account(account).unwrap().clone();
        if self == Self::Enable {
            let suspension = Suspension { reason: "abuse".to_owned(), since: world.now };
            record.suspension = Some(Box::new(suspension));
        } else {
            let term = world.snapshot.terms(account).map(|term| term.seq).max().unwrap();
            let reason = "the money went back".to_owned();
            edits.put(Reversal { account, term, at: world.now, reason });
        }
        edits.put(record);
        edits
    }
}

impl Gift {
    /// What a minute writes to the panels when it is taken back from the account just before the note
    /// of what is to be sent.
    async fn taken_back_before_its_note(
        self,
        world: &World,
        account: AccountId,
    ) -> Vec<(UnixMs, DesiredClient)> {
        let clock = Arc::new(TestClock(Time::new(world.now)));
        let panels = Arc::new(TestPanels::new(world.panels.clone(), &clock));
        let hook = Overtaken::by(self.taken_back(world, account), self.verb());
        let store = Arc::new(HookedStore { inner: Arc::new(stored(world)), hook });
        let stop = run(store.clone(), &panels, &clock, world);
        tokio::time::sleep(Duration::from_secs(60)).await;
        stop.cancel();
        assert!(store.hook.came(), "{self:?}: it came in between");
        panels.written.lock().unwrap().clone()
    }
}

/// Whether the panel gives an account nothing beyond its records.
fn is_in_bounds(panels: &TestPanels, snapshot: &Snapshot, account: AccountId, now: UnixMs) -> bool {
    let panels = panels.panels.lock().unwrap();
    let Some(client) = panels[&shop::server("fra-1")].clients.get(&email(account)) else {
        return true;
    };
    let entitlement = Entitlement::of(snapshot, account).unwrap();
    let on = !entitlement.suspended && now < entitlement.ends_at;
    // Who is off is let be, whatever the end says.
    !client.enable
        || (on && client.end.is_some_and(|end| !End::at(entitlement.ends_at).is_before(end)))
}

fn run(
    store: Arc<dyn Store>,
    panels: &Arc<TestPanels>,
    clock: &Arc<TestClock>,
    world: &World,
) -> CancellationToken {
    start_so(store, panels.clone(), clock.clone(), world.catalog.clone(), (false, Cadence::quiet()))
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_before_the_note_of_a_gift_is_not_given() {
    for gift in GIFTS {
        let world = gift.world(1);
        let account = world.account(0);
        let written = gift.taken_back_before_its_note(&world, account).await;
        assert_eq!(written, [], "{gift:?} was sent though it was taken back");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_of_one_holds_up_no_other_gift_of_the_batch() {
    for gift in GIFTS {
        let world = gift.world(4);
        let account = world.account(1);
        let written = gift.taken_back_before_its_note(&world, account).await;
        for n in 0..4 {
            let name = email(world.account(n));
            let times = written.iter().filter(|(_, client)| client.email == name).count();
            assert_eq!(times, usize::from(world.account(n) != account), "{gift:?}: {name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_while_it_is_on_its_way_is_taken_from_the_panel_at_once() {
    let seconds = Duration::from_secs;
    // Before it arrives there, and after that; the third answer never comes, and nothing may be
    // written before the write can no longer start.
    let ways = [
        (OnItsWay { there: seconds(15), back: seconds(5), lost: false }, seconds(0)),
        (OnItsWay { there: seconds(1), back: seconds(19), lost: false }, seconds(0)),
        (OnItsWay { there: seconds(1), back: seconds(19), lost: true }, seconds(72)),
    ];
    for gift in GIFTS {
        for (n, (way, cooldown)) in ways.into_iter().enumerate() {
            let world = gift.world(1);
            let account = world.account(0);
            let clock = Arc::new(TestClock(Time::new(world.now)));
            let panels = Arc::new(TestPanels::new(world.panels.clone(), &clock));
            *panels.first_write.lock().unwrap() = Some(way);
            let store = Arc::new(stored(&world));
            let stop = run(store.clone(), &panels, &clock, &world);
            tokio::time::sleep(seconds(10)).await;
            assert!(panels.first_write.lock().unwrap().is_none(), "{gift:?} {n}: it is on its way");
            commit_now(&store, gift.taken_back(&world, account));
            tokio::time::sleep(seconds(10) + cooldown + AT_ONCE).await;
            stop.cancel();
            let written = panels.written.lock().unwrap().clone();
            let (now, snapshot) = (clock.now(), store.snapshot());
            assert!(written.len() >= 2, "{gift:?} {n}: {written:?}");
            assert!(is_in_bounds(&panels, &snapshot, account, now), "{gift:?} {n}: {written:?}");
        }
    }
}
