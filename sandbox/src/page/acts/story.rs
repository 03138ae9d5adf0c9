//! How fast the story goes.

use super::super::refused::Refused;
use super::super::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

/// What somebody wants of the story.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Act {
    /// It stops before the next step.
    #[serde(rename = "story.pause")]
    Pause,
    /// It goes on by itself.
    #[serde(rename = "story.play")]
    Play,
    /// One step.
    #[serde(rename = "story.next")]
    Next,
    /// To its end at once.
    #[serde(rename = "story.skip")]
    Skip,
}

/// Tells whoever tells the story.
pub(in crate::page) fn act(world: &World, asked: &Act) -> Result<Value, Refused> {
    let telling = world.telling();
    match asked {
        Act::Pause => telling.hold(true),
        Act::Play => telling.hold(false),
        Act::Next => telling.next(),
        Act::Skip => telling.skip(),
    }
    Ok(json!({}))
}
