//! A plan that was made of an older observation and older records, and is applied now by the rules of
//! executor and gateway, does nothing that is forbidden, and a few rounds put right what it did.

use super::*;
use nebulalinks::planner::Verb;

/// What an executor asks of the records, and a gateway of the panel, before a write.
fn may_be_sent(world: &World, server: &ServerId, change: &Change) -> bool {
    let id = change.account;
    let binding = Key::Binding(id, server.clone());
    let now = (world.snapshot.version(&Key::Account(id)), world.snapshot.version(&binding));
    let there = world.panels[server].clients.get(&change.want.email).and_then(|c| c.uuid);
    let exists = world.panels[server].clients.contains_key(&change.want.email);
    let as_expected = match change.before {
        Some(uuid) => there == Some(uuid),
        None => !exists,
    };
    let ended = change.want.enable && change.want.end.reached(world.now);
    (!change.is_destructive() || change.decided_on == now) && as_expected && !ended
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_stale_plan_takes_nothing_from_whom_it_may_not_and_is_put_right(
        before in acts(14), since in acts(8),
    ) {
        let mut world = world();
        for act in &before {
            happen(&mut world, act);
        }
        let mut plans = Vec::new();
        for server in servers(&world) {
            let pass = world.prepare(&server);
            plans.push((server, pass.sent().to_vec()));
        }
        for act in &since {
            happen(&mut world, act);
        }
        for (server, changes) in &plans {
            let others = world.panels[server].clients.clone();
            for change in changes {
                if !may_be_sent(&world, server, change) {
                    continue;
                }
                let id = change.account;
                let entitlement = world.entitlement(id);
                let takes = [Verb::Disable, Verb::Delete].iter().any(|v| change.verbs.contains(v));
                let moved = world.snapshot.binding(id, server)
                    .is_some_and(|b| matches!(b.disposition, Disposition::Tombstoned { .. }));
                let active = entitlement.standing(world.now) == Standing::Active;
                prop_assert!(!takes || !active || moved, "takes from an active one: {:?}", change);
                if change.verbs.contains(&Verb::Shorten) {
                    prop_assert_eq!(change.want.end, End::at(entitlement.ends_at));
                }
                world.carry_out(server, change);
                let account = world.snapshot.account(id).unwrap();
                if let Some(client) = world.panels[server].clients.get(&email(id)) {
                    // Those of its plan, where they were replaced since: the next round's.
                    let ours = [account.credentials.uuid, change.want.uuid];
                    prop_assert!(client.uuid.is_some_and(|uuid| ours.contains(&uuid)));
                }
            }
            // Nobody else's client was touched.
            let named: Vec<&str> = changes.iter().map(|c| c.want.email.as_str()).collect();
            for (name, client) in others.iter().filter(|(name, _)| !named.contains(&name.as_str())) {
                prop_assert_eq!(world.panels[server].clients.get(name), Some(client));
            }
        }
        settle_down(&mut world);
        assert_as_recorded(&world)?;
    }
}
