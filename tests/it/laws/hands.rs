//! What people do to clients behind the planner's back, drawn at random.

use nebulalinks::model::*;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;
use std::num::NonZeroU64;

/// What somebody did to one client.
#[derive(Debug, Clone)]
pub(super) enum Hand {
    Disable,
    Delete,
    End(u64),
    Cap(u64),
    IpLimit(u32),
    Comment,
    SubId,
    Uuid(u128),
    Inbounds,
    Inconsistent,
    Unlimited,
    Traffic(u64),
    Renew,
    Forget,
}

/// Any of them.
pub(super) fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![
        Just(Hand::Disable),
        Just(Hand::Delete),
        (1..200 * DAY_MS).prop_map(Hand::End),
        (1..1_u64 << 40).prop_map(Hand::Cap),
        (0..9_u32).prop_map(Hand::IpLimit),
        Just(Hand::Comment),
        Just(Hand::SubId),
        (1..9_u128).prop_map(Hand::Uuid),
        Just(Hand::Inbounds),
        Just(Hand::Inconsistent),
        Just(Hand::Unlimited),
        (1..60_u64 << 30).prop_map(Hand::Traffic),
        Just(Hand::Renew),
        Just(Hand::Forget),
    ]
}

/// Does it to the n-th account's client, or to its records.
pub(super) fn do_it(world: &mut World, n: usize, hand: &Hand) {
    let account = world.account(n);
    let server = world.server_of(account);
    let now = world.now;
    match hand {
        Hand::Renew => {
            let family = world.snapshot.account(account).unwrap().family.clone();
            return world.renew(n as u64, &format!("{family}-30"), account);
        }
        Hand::Traffic(bytes) => {
            return world.panels.get_mut(&server).unwrap().traffic(&email(account), *bytes);
        }
        Hand::Delete => {
            world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
            return;
        }
        Hand::Forget => {
            let mut edits = Edits::new();
            edits.delete(Key::BindingStatus(account, server));
            assert!(world.commit(&edits));
            return;
        }
        _ => {}
    }
    let panel = world.panels.get_mut(&server).unwrap();
    let Some(client) = panel.clients.get_mut(&email(account)) else { return };
    match hand {
        Hand::Disable => client.enable = false,
        Hand::End(after) => client.end = Some(End::at(now + DurationMs(*after))),
        Hand::Cap(cap) => client.cap = Cap::Bytes(NonZeroU64::new(*cap).unwrap()),
        Hand::IpLimit(limit) => client.ip_limit = *limit,
        Hand::Comment => client.comment = "by hand".into(),
        Hand::SubId => client.sub_id = "by-hand".into(),
        Hand::Uuid(uuid) => client.uuid = Some(uuid::Uuid::from_u128(*uuid)),
        Hand::Inbounds => client.inbounds = vec![7],
        Hand::Inconsistent => client.consistent = false,
        Hand::Unlimited => (client.end, client.cap) = (Some(End::Never), Cap::Unlimited),
        Hand::Renew | Hand::Traffic(_) | Hand::Delete | Hand::Forget => {}
    }
}
