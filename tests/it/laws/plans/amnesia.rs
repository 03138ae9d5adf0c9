//! A store, or a panel, that comes back from an old backup: nothing is shortened, disabled, deleted.

use super::*;
use nebulalinks::planner::{Counters, Waiting};
use std::collections::BTreeMap;

/// The records of a moment, as a backup holds them.
struct Backup {
    snapshot: Snapshot,
    outside: BTreeMap<Key, Versioned<Record>>,
}

impl Backup {
    fn of(world: &World) -> Self {
        Self { snapshot: world.snapshot.clone(), outside: world.outside.clone() }
    }

    /// The store starts from it, and a gateway says that it has seen more.
    fn restore(self, world: &mut World) {
        let seen = world.snapshot.revision();
        let Self { snapshot, outside } = self;
        (world.snapshot, world.outside) = (snapshot, outside);
        world.counters.clear();
        world.put(Amnesia {
            ours: world.snapshot.revision(),
            seen,
            server: Some(servers(world)[0].clone()),
            since: world.now,
            lacking: Vec::new(),
            resolved_at: None,
        });
    }
}

/// An operator says that each panel is the right one.
fn accept_panels(world: &mut World) {
    let panels: Vec<(ServerId, String)> =
        world.panels.iter().map(|(id, panel)| (id.clone(), panel.identity.clone())).collect();
    for (server, panel) in panels {
        world.put(ServerHome { server, panel, since: world.now });
    }
}

/// Nobody has less than before.
fn nobody_lost(
    before: &BTreeMap<String, ObservedClient>,
    after: &BTreeMap<String, ObservedClient>,
) -> Result<(), TestCaseError> {
    for (name, had) in before {
        let Some(has) = after.get(name) else {
            return Err(TestCaseError::fail(format!("{name} was deleted")));
        };
        prop_assert!(has.enable || !had.enable, "{} was switched off", name);
        let end = |c: &ObservedClient| c.end.unwrap_or(End::Never);
        // An end that panels cannot say is no end that was had.
        prop_assert!(had.end.is_none() || !end(has).is_before(end(had)), "{} is shorter", name);
        prop_assert!(!has.cap.is_below(had.cap), "{} may use less", name);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn a_store_from_an_old_backup_shortens_disables_and_deletes_nothing(
        before in acts(10), lost in acts(12), later in proptest::collection::vec(
            prop_oneof![Just(40 * SECOND_MS), 1..2 * HOUR_MS, 1..60 * DAY_MS], 1..6),
    ) {
        let mut world = world();
        for act in &before {
            happen(&mut world, act);
        }
        let backup = Backup::of(&world);
        for act in &lost {
            happen(&mut world, act);
        }
        backup.restore(&mut world);
        for wait in later {
            let clients = |world: &World| -> Vec<_> {
                world.panels.values().map(|p| p.clients.clone()).collect()
            };
            let had = clients(&world);
            world.round();
            for (had, has) in had.iter().zip(&clients(&world)) {
                nobody_lost(had, has)?;
            }
            world.wait(DurationMs(wait));
        }
    }

    #[test]
    fn a_panel_from_an_old_backup_is_brought_back_to_the_records(
        before in acts(10), lost in acts(12),
    ) {
        let mut world = world();
        for act in &before {
            happen(&mut world, act);
        }
        let old = world.panels.clone();
        for act in &lost {
            happen(&mut world, act);
        }
        for account in ids(&world) {
            world.bind(account);
        }
        settle_down(&mut world);
        let entitled = |world: &World| -> Vec<_> {
            ids(world).into_iter().map(|id| (world.entitlement(id).ends_at, world.snapshot.used(id)))
                .collect()
        };
        let due = entitled(&world);
        world.panels = old;
        accept_panels(&mut world);
        if lost.len() % 2 == 0 {
            // The controller was started again as well.
            world.counters = BTreeMap::<ServerId, Counters>::new();
        }
        settle_down(&mut world);
        assert_as_recorded(&world)?;
        for ((end, used), (before, was_used)) in entitled(&world).into_iter().zip(due) {
            prop_assert!(end >= before, "an end fell");
            prop_assert!(used >= was_used, "usage fell");
        }
    }
}

#[test]
fn who_is_off_by_an_old_store_keeps_the_end_that_the_panel_has() {
    let mut world = world();
    happen(&mut world, &Act::Suspend(2, true));
    let backup = Backup::of(&world);
    for act in [Act::Hand(2, Hand::Renew), Act::Round, Act::Hand(2, Hand::SubId)] {
        happen(&mut world, &act);
    }
    let renewed = Some(End::at(world.entitlement(world.account(2)).ends_at));
    backup.restore(&mut world);
    let account = world.account(2);
    world.round();
    assert_eq!(world.client(account).end, renewed);
    let server = world.server_of(account);
    let report = world.plan_guarded(&server).guarded.proposal.report;
    assert!(report.of(account).any(|w| w == Waiting::Amnesia), "and it is told why");
}
