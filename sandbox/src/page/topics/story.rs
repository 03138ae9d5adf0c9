//! The story that plays.

use super::super::world::World;
use serde_json::{Value, json};

/// What is told now; null when nothing is.
pub(super) async fn state(world: &World) -> Value {
    json!(world.telling().told())
}
