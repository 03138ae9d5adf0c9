//! The last passes of the loop over each server, and how the servers stand.

use super::super::person::Person;
use super::super::world::World;
use serde_json::{Value, json};

/// The passes, the newest first, and what the controller says of the servers.
pub(super) async fn state(world: &World, _: Person) -> Value {
    let beside = world.beside();
    let (passes, servers) =
        futures::future::join(beside.ask("/v1/passes"), beside.ask("/v1/servers")).await;
    json!({
        "answered": passes.is_some(),
        "passes": passes.unwrap_or_else(|| json!([])),
        "servers": servers.unwrap_or_else(|| json!([])),
    })
}
