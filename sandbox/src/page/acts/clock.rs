//! Time passes, as scenarios let it pass: from one due moment to the next.

use super::super::lines::PAST;
use super::super::refused::Refused;
use super::super::world::World;
use crate::scenario::{Command, perform_in};
use serde::Deserialize;
use serde_json::{Value, json};

/// How time passes.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Act {
    /// By so many ms.
    #[serde(rename = "clock.wait")]
    Wait { ms: u64 },
    /// Until a moment, ms since 1970.
    #[serde(rename = "clock.until")]
    Until { at_ms: u64 },
}

/// The longest at once: ten years.
const LONGEST: u64 = 3_653 * 86_400_000;

/// Does it; not while a story goes on, which moves the clock itself.
pub(in crate::page) async fn act(world: &World, asked: Act) -> Result<Value, Refused> {
    if world.telling().goes_on() {
        return Err(Refused {
            message: "The story moves the clock.".to_owned(),
            help: Some("Move it when the story is over, or skip that to its end.".to_owned()),
        });
    }
    let system = world.system();
    let pass = async {
        let length = match asked {
            Act::Wait { ms } => ms,
            Act::Until { at_ms } => {
                at_ms.saturating_add(PAST).saturating_sub(system.clock.now_ms())
            }
        };
        if length > LONGEST {
            return Err(Refused::because("at most ten years at once"));
        }
        Ok(perform_in(system, &Command::Wait(length)).await?)
    };
    world.nudge();
    world.beside().moving(pass).await?;
    Ok(json!({}))
}
