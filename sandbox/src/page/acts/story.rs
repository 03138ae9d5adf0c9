//! How fast the story goes.

use super::super::refused::Refused;
use super::super::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

/// What somebody wants of the story.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Wish {
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
pub(in crate::page) fn act(world: &World, wish: &Wish) -> Result<Value, Refused> {
    let telling = world.telling();
    match wish {
        Wish::Pause => telling.hold(true),
        Wish::Play => telling.hold(false),
        Wish::Next => telling.next(),
        Wish::Skip => telling.skip(),
    }
    Ok(json!({}))
}
