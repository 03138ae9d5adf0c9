//! Whoever is not ours by mark *and* record is never in a plan, and stays as found.

use super::*;
use std::collections::BTreeMap;

/// Names that resemble ours.
fn strangers(world: &World) -> Vec<String> {
    let ours = email(world.account(0));
    let nobody = AccountId::new(ulid::Ulid(77));
    vec![
        "friend".to_owned(),
        ours.to_uppercase(),
        format!("{ours}-2"),
        format!("{ours}x"),
        ours.replace("main", "shop2"),
        ours.split_at(ours.len() - 1).0.to_owned(),
        // Our mark, and no record.
        email(nobody),
    ]
}

/// Puts them on every panel, with all that one of ours could have.
fn move_in(world: &mut World) {
    let names = strangers(world);
    let model = world.client(world.account(0)).clone();
    let now = world.now;
    for panel in world.panels.values_mut() {
        for (n, name) in names.iter().enumerate() {
            panel.add_foreign(name, now);
            let client = panel.clients.get_mut(name).unwrap();
            client.comment = model.comment.clone();
            if n % 2 == 0 {
                client.uuid = model.uuid;
                client.sub_id.clone_from(&model.sub_id);
            }
            (client.enable, client.end) = (n % 3 == 0, Some(End::at(now + DurationMs(n as u64))));
        }
    }
}

fn theirs(world: &World) -> BTreeMap<(ServerId, String), ObservedClient> {
    let names = strangers(world);
    let all = world.panels.iter().flat_map(|(id, panel)| {
        let mine = panel.clients.iter().filter(|(name, _)| names.contains(name));
        mine.map(|(name, client)| ((id.clone(), name.clone()), client.clone()))
    });
    all.collect()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn foreign_clients_and_orphans_are_in_no_plan_and_stay_as_found(acts in acts(20)) {
        let mut world = world();
        move_in(&mut world);
        for act in &acts {
            let before = theirs(&world);
            happen(&mut world, act);
            // A panel's own rule and its identity are not our writes.
            if matches!(act, Act::Round | Act::LostAnswer(_)) {
                prop_assert_eq!(theirs(&world), before);
            }
        }
        for server in servers(&world) {
            let pass = world.plan_guarded(&server);
            let recorded: Vec<String> = ids(&world).into_iter().map(email).collect();
            for change in &pass.guarded.proposal.changes.changes {
                prop_assert!(recorded.contains(&change.want.email), "{}", change.want.email);
            }
            let orphan = AccountId::new(ulid::Ulid(77));
            prop_assert!(pass.guarded.proposal.orphans.contains(&orphan), "it is told");
        }
        let before = theirs(&world);
        world.round();
        prop_assert_eq!(theirs(&world), before);
    }
}
