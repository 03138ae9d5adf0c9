//! What differs between wanted and seen, field by field, from a table on the panel's own numbers.

use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks::planner::Verb;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::num::NonZeroU64;

/// What is otherwise than wanted: nothing where nothing was drawn.
#[derive(Debug, Clone)]
struct Otherwise {
    flip: bool,
    /// Later or earlier by this, or `None` inside for never.
    end: Option<Option<i64>>,
    unsaid_end: bool,
    cap: Option<Option<i64>>,
    ip_limit: Option<u32>,
    comment: bool,
    sub_id: bool,
    uuid: bool,
    inbounds: Option<Vec<i64>>,
    inconsistent: bool,
}

fn otherwise() -> impl Strategy<Value = Otherwise> {
    let rarely = || proptest::bool::weighted(0.2);
    let shifted = || {
        let by = prop_oneof![Just(None), (-1_000_000_i64..1_000_000).prop_map(Some)];
        proptest::option::weighted(0.4, by)
    };
    let inbounds = proptest::option::weighted(0.3, proptest::collection::vec(0..3_i64, 0..3));
    let ip = proptest::option::weighted(0.3, 0..4_u32);
    (
        (any::<bool>(), shifted(), rarely(), shifted()),
        (ip, rarely(), rarely(), rarely()),
        (inbounds, rarely()),
    )
        .prop_map(
            |(
                (flip, end, unsaid_end, cap),
                (ip_limit, comment, sub_id, uuid),
                (inbounds, inconsistent),
            )| {
                Otherwise {
                    flip,
                    end,
                    unsaid_end,
                    cap,
                    ip_limit,
                    comment,
                    sub_id,
                    uuid,
                    inbounds,
                    inconsistent,
                }
            },
        )
}

/// As panels say it: 0 is without limit, which is the most.
fn most(n: u64) -> u64 {
    if n == 0 { u64::MAX } else { n }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn each_difference_has_its_verb_and_nothing_else_has(draw in otherwise(), ended: bool) {
        let mut world = World::settled(catalog(), 1, "basic-30");
        let account = world.account(0);
        let server = world.server_of(account);
        if ended {
            world.now = world.entitlement(account).ends_at;
        }
        let wanted = world.client(account).clone();
        let (Some(End::At(end)), Cap::Bytes(cap)) = (wanted.end, wanted.cap) else { panic!() };
        let shift = |n: NonZeroU64, by: Option<i64>| by.map_or(0, |by| n.get().checked_add_signed(by).unwrap());
        let end_seen = draw.end.map_or(end.get(), |by| shift(end, by));
        let cap_seen = draw.cap.map_or(cap.get(), |by| shift(cap, by));
        let client = world.client_mut(account);
        client.enable ^= draw.flip;
        let said = NonZeroU64::new(end_seen).map_or(End::Never, End::At);
        client.end = (!draw.unsaid_end).then_some(said);
        client.cap = NonZeroU64::new(cap_seen).map_or(Cap::Unlimited, Cap::Bytes);
        client.ip_limit = draw.ip_limit.unwrap_or(client.ip_limit);
        client.consistent = !draw.inconsistent;
        if draw.comment {
            client.comment.push('!');
        }
        if draw.sub_id {
            client.sub_id.push('!');
        }
        if draw.uuid {
            client.uuid = Some(uuid::Uuid::from_u128(5));
        }
        if let Some(inbounds) = &draw.inbounds {
            client.inbounds.clone_from(inbounds);
        }
        let seen = client.clone();
        let mut verbs = BTreeSet::new();
        let mut put = |verb, when| { if when { verbs.insert(verb); } };
        put(Verb::Update, draw.sub_id || draw.uuid);
        if ended {
            put(Verb::Disable, seen.enable);
        } else {
            put(Verb::Enable, !seen.enable);
            let (end, cap) = (most(end.get()), most(cap.get()));
            let (end_seen, cap_seen) = (most(end_seen), most(cap_seen));
            let said = !draw.unsaid_end;
            put(Verb::Extend, (said && end_seen < end) || cap_seen < cap);
            put(Verb::Shorten, (said && end_seen > end) || cap_seen > cap);
            let elsewhere = seen.inbounds.iter().copied().collect::<BTreeSet<_>>() != BTreeSet::from([1]);
            let ip = seen.ip_limit != wanted.ip_limit;
            put(Verb::Update, ip || draw.comment || draw.inconsistent || elsewhere || !said);
        }
        let proposal = world.plan(&server);
        let planned = proposal.changes.changes.first();
        let planned = planned.map_or_else(BTreeSet::new, |change| change.verbs.clone());
        prop_assert_eq!(planned, verbs);
        // What comes of it is what was wanted.
        world.catalog.shop.guard.destructive_floor = 9;
        world.pass(&server);
        let now = world.client(account);
        if ended {
            prop_assert!(!now.enable);
        } else {
            prop_assert_eq!(now, &ObservedClient { incarnation: now.incarnation.clone(), ..wanted });
        }
        prop_assert!(world.plan(&server).changes.is_empty());
    }
}
