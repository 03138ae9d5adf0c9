//! What happens, appended.

use super::super::world::World;
use serde_json::Value;

/// What came after a number.
pub(super) async fn after(world: &World, number: u64) -> Vec<(u64, Value)> {
    world.beside().log().after(number)
}
