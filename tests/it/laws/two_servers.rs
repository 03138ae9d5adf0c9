//! A world of two servers, of which the accounts of one are to move to the other.

use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::model::*;
use nebulalinks_testkit::shop::{catalog_with_room, server};
use nebulalinks_testkit::world::{World, email};

pub(super) const A_DAY: DurationMs = DurationMs(DAY_MS + MINUTE_MS);

/// So many accounts on `fra-1`, and then so much room on `ams-1`.
pub(super) fn on_fra(accounts: u64, room: u32) -> (World, ServerId, ServerId) {
    let mut world = World::settled(catalog_with_room(1_000, 0), accounts, "basic-30");
    let (fra, ams) = (server("fra-1"), server("ams-1"));
    room_for(&mut world, &ams, room);
    (world, fra, ams)
}

pub(super) fn room_for(world: &mut World, server: &ServerId, room: u32) {
    world.catalog.servers.get_mut(server).unwrap().capacity = room;
}

pub(super) fn set(world: &mut World, server: &ServerId, lifecycle: ServerLifecycle) {
    world.catalog.servers.get_mut(server).unwrap().lifecycle = lifecycle;
}

/// Whether an account's client on a server is on; `None` when it is not there.
pub(super) fn client(world: &World, server: &ServerId, account: AccountId) -> Option<bool> {
    world.panels[server].clients.get(&email(account)).map(|client| client.enable)
}

pub(super) fn is_on(world: &World, server: &ServerId, account: AccountId) -> bool {
    client(world, server, account) == Some(true)
}
