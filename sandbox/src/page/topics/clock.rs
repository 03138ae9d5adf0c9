//! The time of the sandbox, and what falls due next.

use super::super::person::Person;
use super::super::world::World;
use super::accounts::named;
use serde_json::{Value, json};

/// How many things that fall due are shown.
const MOST: usize = 12;

/// By how much the sandbox's clock is ahead of this machine's, and what falls due. The time itself is
/// the browser's and this.
pub(super) async fn state(world: &World, _: Person) -> Value {
    let system = world.system();
    let due = world.beside().ask(&format!("/v1/due?limit={MOST}")).await;
    let mut due = due.unwrap_or_else(|| json!([]));
    for row in due.as_array_mut().into_iter().flatten() {
        named(row, |id| system.emulator.name_of(id));
    }
    json!({
        "ahead_ms": system.clock.ahead_ms(),
        "moving": world.beside().is_moving(),
        "story": world.telling().goes_on(),
        "due": due,
    })
}
